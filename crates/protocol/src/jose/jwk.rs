//! Public keys, and their form as JWKs (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json::{Object, ObjectWriter, Value};
use crate::model::SignatureAlgorithm;

/// The longest text of a key set that is looked at: a dozen of the largest RSA keys.
const MAX_LENGTH: usize = 65_536;

/// What a public key is made of; numbers are big-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicMaterial {
    /// The point of an Ed25519 key.
    Ed25519([u8; 32]),
    /// The coordinates of a point on P-256.
    P256 {
        /// The first.
        x: [u8; 32],
        /// The second.
        y: [u8; 32],
    },
    /// An RSA key of 2048 bits or more.
    Rsa {
        /// The modulus, without leading zeros.
        n: Vec<u8>,
        /// The exponent, without leading zeros.
        e: Vec<u8>,
    },
}

/// A public key that verifies with one algorithm; the form is checked and made ready once.
#[derive(Clone)]
pub struct PublicKey {
    id: String,
    material: PublicMaterial,
    verifier: ParsedPublicKey,
}

impl PublicKey {
    /// The key called `id`; `None` if the material is no key.
    pub fn new(id: impl Into<String>, material: PublicMaterial) -> Option<Self> {
        let verifier = match &material {
            PublicMaterial::Ed25519(point) => ParsedPublicKey::new(&ED25519, point).ok()?,
            PublicMaterial::P256 { x, y } => {
                // SEC 1 §2.3.3: 4 stands for a point with both coordinates.
                let point = [[4].as_slice(), x, y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?
            }
            PublicMaterial::Rsa { n, e } if n.len() >= 256 && n[0] != 0 => {
                let components = RsaPublicKeyComponents { n, e };
                components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?
            }
            PublicMaterial::Rsa { .. } => return None,
        };
        Some(Self { id: id.into(), material, verifier })
    }

    /// What it is called (`kid`).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The one algorithm that it verifies with.
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        match self.material {
            PublicMaterial::Ed25519(_) => SignatureAlgorithm::EdDsa,
            PublicMaterial::P256 { .. } => SignatureAlgorithm::Es256,
            PublicMaterial::Rsa { .. } => SignatureAlgorithm::Rs256,
        }
    }

    /// Whether `signature` is this key's for `message`.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify_sig(message, signature).is_ok()
    }

    fn write(&self) -> ObjectWriter {
        let jwk = ObjectWriter::default();
        let jwk = match &self.material {
            PublicMaterial::Ed25519(point) => {
                jwk.text("kty", "OKP").text("crv", "Ed25519").text("x", &encode(point))
            }
            PublicMaterial::P256 { x, y } => jwk
                .text("kty", "EC")
                .text("crv", "P-256")
                .text("x", &encode(x))
                .text("y", &encode(y)),
            PublicMaterial::Rsa { n, e } => {
                jwk.text("kty", "RSA").text("n", &encode(n)).text("e", &encode(e))
            }
        };
        jwk.text("use", "sig").text("alg", self.algorithm().as_str()).text("kid", &self.id)
    }

    /// `None` for a key that is not for signatures, has no name, or is of another kind.
    fn read(jwk: &Object) -> Option<Self> {
        let is_for_signatures = jwk.get("use").is_none() || jwk.text("use") == Some("sig");
        let bytes = |name| URL_SAFE_NO_PAD.decode(jwk.text(name)?).ok();
        let number = |name| <[u8; 32]>::try_from(bytes(name)?).ok();
        let material = match (jwk.text("kty")?, jwk.text("crv")) {
            ("OKP", Some("Ed25519")) => PublicMaterial::Ed25519(number("x")?),
            ("EC", Some("P-256")) => PublicMaterial::P256 { x: number("x")?, y: number("y")? },
            ("RSA", None) => PublicMaterial::Rsa { n: bytes("n")?, e: bytes("e")? },
            _ => return None,
        };
        let key = Self::new(jwk.text("kid")?, material).filter(|_| is_for_signatures)?;
        let is_its_algorithm = match jwk.get("alg") {
            None => true,
            Some(_) => jwk.text("alg") == Some(key.algorithm().as_str()),
        };
        is_its_algorithm.then_some(key)
    }
}

/// The keys that somebody signs with.
#[derive(Clone, Default)]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Reads a JWK set. Keys that nothing here can use are passed over (RFC 7517 §5); `None` for a text
    /// that is no key set, or that gives one name to two keys.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let set = Object::parse(text.as_bytes())?;
        let mut keys = Self::default();
        for value in set.list("keys")? {
            let Value::Object(jwk) = value else { return None };
            let Some(key) = PublicKey::read(jwk) else { continue };
            if keys.find(&key.id).is_some() {
                return None;
            }
            keys.0.push(key);
        }
        Some(keys)
    }

    /// The text of the JWK set.
    pub fn to_json(&self) -> String {
        ObjectWriter::default().objects("keys", self.0.iter().map(PublicKey::write)).finish()
    }

    /// The key of that name.
    pub fn find(&self, id: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl FromIterator<PublicKey> for PublicKeys {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
