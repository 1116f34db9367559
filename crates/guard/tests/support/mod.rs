//! An accounts service in miniature: keys, a clock that stands still, and tokens of any kind.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{Arc, Mutex};

use hallpass_guard::{
    Checker, Claims, ClientId, KeySet, Revocations, ScopeSet, Secret, Standing, Timestamp,
    TokenSubject,
};
use hallpass_protocol::access_token::seal;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClaimSet, KeyPurpose, MasterKey, Randomness,
};

pub(crate) const AUDIENCE: &str = "https://accounts.example";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const LIFETIME: i64 = 3600;

/// Counts up, so that every test sees the same bytes.
pub(crate) struct Counted(pub(crate) u8);

impl Randomness for Counted {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
}

pub(crate) fn keys(seed: u8) -> Arc<KeySet> {
    let master = MasterKey::new(&[seed; 32]);
    let mut rng = Counted(seed);
    let stored = KeyPurpose::SYMMETRIC.map(|purpose| master.mint_key(purpose, &mut rng, NOW));
    Arc::new(KeySet::open(&master, &stored).unwrap())
}

pub(crate) fn ada() -> AccountId {
    AccountId::mint(&mut Counted(9), NOW)
}

pub(crate) fn client() -> ClientId {
    ClientId::mint(&mut Counted(5))
}

/// A token of Ada's that has just been issued.
pub(crate) fn claims(scopes: &str) -> Claims {
    Claims {
        client: client(),
        subject: TokenSubject::Account(ada()),
        authorization: AuthorizationId::mint(&mut Counted(7), NOW),
        consent: Some(AuthorizationId::mint(&mut Counted(8), NOW)),
        scopes: ScopeSet::parse(scopes).unwrap(),
        userinfo: ClaimSet::EMPTY,
        audience: AUDIENCE.to_owned(),
        issued_at: NOW,
        expires_at: Timestamp::from_seconds(NOW.seconds() + LIFETIME),
    }
}

pub(crate) fn sealed(claims: &Claims, keys: &KeySet) -> Secret {
    seal(claims, keys.active(claims.issued_at), &mut Counted(1))
}

/// A checker whose clock shows `seconds` after the tokens were issued.
pub(crate) fn checker_at(keys: Arc<KeySet>, seconds: i64) -> Checker {
    Checker::with_keys(keys, AUDIENCE, move || Timestamp::from_seconds(NOW.seconds() + seconds))
}

/// Says the same of every token, and writes down what it was asked.
pub(crate) struct Told {
    standing: Standing,
    asked: Mutex<Vec<(Claims, Timestamp)>>,
}

impl Told {
    pub(crate) fn that(standing: Standing) -> Arc<Self> {
        Arc::new(Self { standing, asked: Mutex::default() })
    }

    pub(crate) fn asked(&self) -> Vec<(Claims, Timestamp)> {
        self.asked.lock().unwrap().clone()
    }
}

impl Revocations for Told {
    fn judge(&self, claims: &Claims, now: Timestamp) -> Standing {
        self.asked.lock().unwrap().push((claims.clone(), now));
        self.standing
    }
}
