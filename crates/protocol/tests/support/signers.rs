//! Private keys, one for each algorithm, made once for all stories; and somebody else who reads what they have
//! signed: a published library, so that our reader does not prove our writer.

use std::collections::HashSet;
use std::sync::LazyLock;

use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use hallpass_protocol::jose::{PublicKey, PublicKeys, PublicMaterial, Signer, Signers};
use hallpass_protocol::model::{SignatureAlgorithm, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Header, Validation, decode, decode_header};
use serde_json::Value;

use super::{CLIENT_ID, ISSUER};

/// See the module.
pub(crate) static SIGNERS: LazyLock<Ring> = LazyLock::new(Ring::make);

/// One key for each algorithm.
pub(crate) struct Ring {
    keys: [Key; 3],
    public: PublicKeys,
}

/// An installation without any key that signs.
#[derive(Default)]
pub(crate) struct Nobody(PublicKeys);

/// A private key.
pub(crate) enum Key {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Ring {
    fn make() -> Self {
        let keys = [
            Key::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap()),
            Key::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        ];
        let public = keys.iter().map(|key| PublicKey::new(key.key_id(), key.public()).unwrap());
        Self { public: public.collect(), keys }
    }

    /// The key of this algorithm.
    pub(crate) fn key(&self, algorithm: SignatureAlgorithm) -> &Key {
        self.keys.iter().find(|key| key.algorithm() == algorithm).unwrap()
    }
}

impl Signers for Ring {
    fn signer(&self, algorithm: SignatureAlgorithm, _: Timestamp) -> Option<&dyn Signer> {
        Some(self.key(algorithm))
    }

    fn public(&self) -> &PublicKeys {
        &self.public
    }
}

impl Signers for Nobody {
    fn signer(&self, _: SignatureAlgorithm, _: Timestamp) -> Option<&dyn Signer> {
        None
    }

    fn public(&self) -> &PublicKeys {
        &self.0
    }
}

impl Key {
    fn public(&self) -> PublicMaterial {
        match self {
            Self::Ed25519(pair) => {
                PublicMaterial::Ed25519(pair.public_key().as_ref().try_into().unwrap())
            }
            Self::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                PublicMaterial::P256 { x: x.try_into().unwrap(), y: y.try_into().unwrap() }
            }
            Self::Rsa(pair) => {
                // RFC 8017 A.1.1, of 2048 bits: a sequence of the modulus, after a zero, and of 65537.
                let der = pair.public_key().as_ref();
                assert_eq!(der.len(), 270);
                PublicMaterial::Rsa { n: der[9..265].to_vec(), e: der[267..].to_vec() }
            }
        }
    }
}

impl Signer for Key {
    fn key_id(&self) -> String {
        format!("the {} key", self.algorithm().as_str())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self {
            Self::Ed25519(_) => SignatureAlgorithm::EdDsa,
            Self::P256(_) => SignatureAlgorithm::Es256,
            Self::Rsa(_) => SignatureAlgorithm::Rs256,
        }
    }

    #[expect(
        clippy::disallowed_types,
        clippy::disallowed_methods,
        reason = "an ECDSA signature is not made without the system's randomness"
    )]
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = aws_lc_rs::rand::SystemRandom::new();
        match self {
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::P256(pair) => pair.sign(&rng, message).unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// An ID token for the app, or signed userinfo, as its library reads it.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) header: Header,
    pub(crate) claims: Value,
}

/// Reads what is signed for the app with the published keys. The library would look at the machine's clock, so what
/// the times say is for the story.
#[track_caller]
pub(crate) fn read(id_token: &str) -> Read {
    let keys: JwkSet = serde_json::from_str(&SIGNERS.public.to_json()).unwrap();
    let header = decode_header(id_token).unwrap();
    let key = keys.find(header.kid.as_ref().unwrap()).expect("a published key");
    let mut expected = Validation::new(header.alg);
    expected.set_issuer(&[ISSUER]);
    expected.set_audience(&[CLIENT_ID]);
    expected.required_spec_claims =
        ["iss", "sub", "aud"].map(str::to_owned).into_iter().collect::<HashSet<_>>();
    expected.validate_exp = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    Read { header, claims: decode::<Value>(id_token, &key, &expected).unwrap().claims }
}

impl Read {
    /// The claim of that name, if it is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claims[name].as_str()
    }
}
