//! Access tokens: typed claims in, text out, and back.
//!
//! An opaque token is `hpa_` and the base64url of
//!
//! ```text
//! format 1 byte | key id 4 | nonce 12 | sealed record | tag 16
//! ```
//!
//! so nobody without the key can read, alter or make one, and opening it takes no read of a store. The
//! record itself is described in `record.rs`.
//!
//! For APIs that check offline there is the signed form ([`jwt`]), with the same claims.

pub mod jwt;
mod record;
mod revocation_list;

pub use revocation_list::RevocationList;

use thiserror::Error;

use crate::jose::Signers;
use crate::model::{
    AccountId, AuthorizationId, ClaimSet, ClientId, KeySet, Randomness, ScopeSet, SealingKey,
    Secret, Timestamp, TokenFormat,
};
use crate::sealed::Envelope;

/// What every opaque access token begins with, so that people and scanners recognise one.
pub const PREFIX: &str = "hpa_";

/// The longest text that is looked at; a token of 100 scopes of 40 letters is shorter.
pub const MAX_LENGTH: usize = 8192;

/// The format of a record that asks nothing of userinfo; 1 was the record before it named the consent.
const FORMAT: u8 = 2;
/// The format of one that does.
const FORMAT_WITH_USERINFO: u8 = 3;
const ENVELOPE: Envelope =
    Envelope { prefix: PREFIX, context: b"hallpass access token", max_length: MAX_LENGTH };

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The client it was issued to.
    pub client: ClientId,
    /// On whose behalf that client acts.
    pub subject: TokenSubject,
    /// The authorization it belongs to; when that ends, so does the token.
    pub authorization: AuthorizationId,
    /// The consent it rests on; when that is withdrawn, so is the token. None without a person.
    pub consent: Option<AuthorizationId>,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// What userinfo tells with it beyond what the scopes bring (OpenID Connect Core §5.5).
    pub userinfo: ClaimSet,
    /// The API it is for (`aud`).
    pub audience: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends, to the second.
    pub expires_at: Timestamp,
}

/// On whose behalf a client acts with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSubject {
    /// A person's.
    Account(AccountId),
    /// Its own (RFC 6749 §4.4): there is no user.
    Client,
}

/// Why a text is not a token that this key set sealed. There is only one reason to give: a reason
/// would help only whoever tries to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an access token of this installation")]
pub struct NotOurs;

impl Claims {
    /// Whether the token's time is over (RFC 6750 §3.1, `invalid_token`).
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

/// What new tokens are made with.
#[derive(Clone, Copy)]
pub struct TokenKeys<'a> {
    /// What seals them.
    pub sealing: &'a KeySet,
    /// What signs them.
    pub signing: &'a dyn Signers,
}

impl TokenKeys<'_> {
    /// Makes the token of `claims` in the form that its API wants.
    ///
    /// Where the key for that form is not there, the token is sealed: the API cannot read it and asks or
    /// refuses, so nothing is ever believed that was not signed.
    pub fn mint(
        &self,
        claims: &Claims,
        format: TokenFormat,
        issuer: &str,
        rng: &mut dyn Randomness,
    ) -> Secret {
        let signer = match format {
            TokenFormat::Opaque => None,
            TokenFormat::Jwt(algorithm) => self.signing.signer(algorithm, claims.issued_at),
        };
        match signer {
            Some(signer) => jwt::encode(claims, issuer, signer, rng),
            None => seal(claims, self.sealing.active(claims.issued_at), rng),
        }
    }
}

/// Seals `claims` into an opaque token: [`PREFIX`] and base64url.
pub fn seal(claims: &Claims, key: &SealingKey, rng: &mut dyn Randomness) -> Secret {
    let format = if claims.userinfo.is_empty() { FORMAT } else { FORMAT_WITH_USERINFO };
    ENVELOPE.seal(format, key, rng, |bytes| record::write(claims, bytes))
}

/// Opens a text that somebody presented as an access token. Whether its time is over is the
/// caller's question: see [`Claims::is_expired`].
///
/// # Errors
/// [`NotOurs`] for anything that no key of `keys` sealed, whatever is wrong with it.
pub fn open(token: &str, keys: &KeySet) -> Result<Claims, NotOurs> {
    let claims = ENVELOPE.open(token, keys, |format, bytes| match format {
        FORMAT => record::read(bytes, false),
        FORMAT_WITH_USERINFO => record::read(bytes, true),
        _ => None,
    });
    claims.ok_or(NotOurs)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::model::{KeyPurpose, MasterKey};

    struct Counted(u8);
    impl Randomness for Counted {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    fn keys(seed: u8) -> KeySet {
        let master = MasterKey::new(&[seed; 32]);
        let mut rng = Counted(seed);
        let at = Timestamp::from_seconds(0);
        let stored = KeyPurpose::SYMMETRIC.map(|purpose| master.mint_key(purpose, &mut rng, at));
        KeySet::open(&master, &stored).expect("their own master key")
    }

    fn claims() -> Claims {
        let mut rng = Counted(3);
        let at = Timestamp::from_seconds(1_000);
        Claims {
            client: ClientId::mint(&mut rng),
            subject: TokenSubject::Account(AccountId::mint(&mut rng, at)),
            authorization: AuthorizationId::mint(&mut rng, at),
            consent: Some(AuthorizationId::mint(&mut rng, at)),
            scopes: ScopeSet::parse("user-read-email user-read-private").expect("scopes"),
            userinfo: ClaimSet::EMPTY,
            audience: "https://accounts.example".to_owned(),
            issued_at: at,
            expires_at: Timestamp::from_seconds(4_600),
        }
    }

    #[test]
    fn what_was_sealed_is_what_is_opened() {
        let keys = keys(1);
        let own = Claims { subject: TokenSubject::Client, consent: None, ..claims() };
        let asking = Claims { userinfo: ClaimSet::of_scope("email"), ..claims() };
        for claims in [claims(), own, asking] {
            let token = seal(&claims, keys.active(claims.issued_at), &mut Counted(7));
            assert_eq!(open(token.reveal(), &keys), Ok(claims));
        }
    }

    #[test]
    fn a_token_holds_only_letters_digits_dash_and_underscore_and_shows_nothing() {
        let token = seal(&claims(), keys(1).active(claims().issued_at), &mut Counted(7));
        let text = token.reveal();
        assert!(text.starts_with("hpa_"));
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        let bytes = URL_SAFE_NO_PAD.decode(&text[4..]).expect("base64url");
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!shown.contains("user-read") && !shown.contains(claims().client.as_str()));
    }

    #[test]
    fn a_token_with_any_byte_changed_is_not_ours() {
        let keys = keys(1);
        let token = seal(&claims(), keys.active(claims().issued_at), &mut Counted(7));
        let good = token.reveal().as_bytes();
        for position in 0..good.len() {
            let mut bad = good.to_vec();
            bad[position] = if bad[position] == b'A' { b'B' } else { b'A' };
            let bad = String::from_utf8(bad).expect("ASCII");
            assert_eq!(open(&bad, &keys), Err(NotOurs), "position {position}");
        }
        for length in 0..good.len() {
            assert_eq!(open(&token.reveal()[..length], &keys), Err(NotOurs));
        }
    }

    /// A record without a consent, read as one with it, would be another token.
    #[test]
    fn a_token_of_an_earlier_format_is_not_ours() {
        let keys = keys(1);
        let token = seal(&claims(), keys.active(claims().issued_at), &mut Counted(7));
        let mut bytes = URL_SAFE_NO_PAD.decode(&token.reveal()[4..]).expect("base64url");
        for format in [0, 1, 3, 4, 255] {
            bytes[0] = format;
            let other = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bytes));
            assert_eq!(open(&other, &keys), Err(NotOurs), "format {format}");
        }
    }

    #[test]
    fn another_installations_token_is_not_ours() {
        let token = seal(&claims(), keys(1).active(claims().issued_at), &mut Counted(7));
        assert_eq!(open(token.reveal(), &keys(2)), Err(NotOurs));
    }

    #[test]
    fn a_token_ends_at_its_last_second() {
        let claims = claims();
        assert!(!claims.is_expired(Timestamp::from_millis(4_599_999)));
        assert!(claims.is_expired(Timestamp::from_seconds(4_600)));
    }
}
