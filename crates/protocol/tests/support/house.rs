//! An installation whose keys sign, and an app that signs people in through it.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::access_token::TokenKeys;
use hallpass_protocol::authorize::Policy;
use hallpass_protocol::id_token::IdToken;
use hallpass_protocol::issuer::Issuer;
use hallpass_protocol::jose::{PublicKey, PublicKeys, PublicMaterial, Signer, Signers};
use hallpass_protocol::model::{
    Authentication, ClaimSet, Client, KeySet, OpenIdSettings, RequestedClaims, SignatureAlgorithm,
    SignedIn, Timestamp,
};

use super::{NOW, app, keys, policy, redirect_uri};

/// Where the app wants people when they have signed out.
pub(crate) const AFTERWARDS: &str = "https://example.com/signed-out";

/// See the module.
pub(crate) struct House {
    pub(crate) policy: Policy,
    keys: KeySet,
    key: Key,
    public: PublicKeys,
}

impl House {
    /// One whose keys grow from `seed`.
    pub(crate) fn of(seed: u8) -> Self {
        let key = Key(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap());
        let public = [key.public()].into_iter().collect();
        Self { policy: policy(), keys: keys(seed), key, public }
    }

    pub(crate) fn issuer(&self) -> Issuer<'_> {
        let keys = TokenKeys { sealing: &self.keys, signing: self };
        Issuer { policy: &self.policy, keys }
    }

    /// What `client` got when `signed_in` signed in through it.
    pub(crate) fn id_token(&self, client: &Client, signed_in: &SignedIn) -> String {
        let authentication = Authentication {
            session: signed_in.session.id,
            at: NOW,
            nonce: Some("a nonce".to_owned()),
            claims: RequestedClaims::default(),
        };
        let token = IdToken {
            client,
            account: signed_in.account.id,
            authentication: &authentication,
            code: None,
            access_token: None,
            claims: ClaimSet::EMPTY,
            person: None,
        };
        token.sign(&self.issuer(), NOW).unwrap()
    }

    /// A text with this header and payload, signed by the key of ID tokens.
    pub(crate) fn signed(&self, header: &str, payload: &str) -> String {
        let message = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Signers for House {
    fn signer(&self, algorithm: SignatureAlgorithm, _: Timestamp) -> Option<&dyn Signer> {
        (algorithm == SignatureAlgorithm::EdDsa).then_some(&self.key)
    }

    fn public(&self) -> &PublicKeys {
        &self.public
    }
}

struct Key(Ed25519KeyPair);

impl Key {
    fn public(&self) -> PublicKey {
        let point = self.0.public_key().as_ref().try_into().unwrap();
        PublicKey::new(self.key_id(), PublicMaterial::Ed25519(point)).unwrap()
    }
}

impl Signer for Key {
    fn key_id(&self) -> String {
        "00000007".to_owned()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EdDsa
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// The guide's app, with an address for when people have signed out.
pub(crate) fn openid_app() -> Client {
    let openid = OpenIdSettings {
        id_token_algorithm: SignatureAlgorithm::EdDsa,
        post_logout_redirect_uris: vec![redirect_uri(AFTERWARDS)],
        ..OpenIdSettings::default()
    };
    Client { openid, ..app() }
}

/// The two readable parts of a signed text.
pub(crate) fn read(token: &str) -> (String, String) {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}
