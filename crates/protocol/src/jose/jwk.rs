//! Public keys, and their form as JWKs (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json::{Object, Value};
use super::json_writer::ObjectWriter;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn is_verified(key: &str, message: &str, signature: &str) -> bool {
        let keys = PublicKeys::parse(&format!("{{\"keys\":[{key}]}}")).unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        keys.find("k").unwrap().has_signed(message.as_bytes(), &signature)
    }

    #[test]
    fn the_example_of_rfc_8037_verifies() {
        assert!(is_verified(
            r#"{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        ));
    }

    const P256: &str = r#"{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    #[test]
    fn the_examples_of_rfc_7515_verify() {
        let message = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
        assert!(is_verified(
            P256,
            &message,
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ));
        let message = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
        assert!(is_verified(
            r#"{"kty":"RSA","kid":"k","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#,
            &message,
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ));
    }

    #[test]
    fn jw_04_an_ecdsa_signature_of_zeros_in_der_or_of_another_length_is_none() {
        let verifies = |signature: &[u8]| is_verified(P256, "a.b", &encode(signature));
        let der = [&[0x30, 6, 2, 1, 1, 2, 1, 1][..], &[0; 56]].concat();
        for signature in [&[0; 64][..], &[0; 63], &[0; 65], &[0; 132], &der, &der[..8], &[]] {
            assert!(!verifies(signature));
        }
        let only_r = [[1; 32], [0; 32]].concat();
        assert!(!verifies(&only_r));
    }

    #[test]
    fn keys_that_nothing_here_can_use_are_passed_over_and_one_name_is_for_one_key() {
        let ed = r#"{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
        let set = |keys: &str| PublicKeys::parse(&format!("{{\"keys\":[{keys}]}}"));
        let usable = |more: &str| set(&format!("{ed}{more}}}")).unwrap().find("k").is_some();
        assert!(usable("") && usable(r#","alg":"EdDSA","use":"sig""#));
        assert!(!usable(r#","use":"enc""#) && !usable(r#","use":7"#));
        assert!(!usable(r#","alg":"HS256""#) && !usable(r#","alg":null"#));
        assert!(set(r#"{"kty":"oct","k":"AA","kid":"k"}"#).unwrap().find("k").is_none());
        assert!(set(&format!("{ed}}},{ed}}}")).is_none());
        assert!(set("1").is_none() && PublicKeys::parse("[]").is_none());
        let short =
            format!(r#"{{"kty":"RSA","kid":"k","e":"AQAB","n":"{}"}}"#, encode(&[255; 128]));
        assert!(set(&short).unwrap().find("k").is_none());
    }
}
