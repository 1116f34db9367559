//! Proof key for code exchange (RFC 7636), method S256 only.
//!
//! `plain` does not exist here: it proves nothing to whoever has seen the request (RFC 9700 §2.1.1).

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a client commits to when it asks (RFC 7636 §4.2): the hash of a verifier it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(Box<str>);

impl CodeChallenge {
    /// The length of a challenge: the base64url of a SHA-256.
    pub(crate) const LENGTH: usize = 43;

    /// Takes a challenge: 43 characters of base64url, the encoding of 32 bytes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hash = text.len() == Self::LENGTH && URL_SAFE_NO_PAD.decode(text).is_ok();
        is_hash.then(|| Self(text.into()))
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is what the challenge was made of (RFC 7636 §4.6). A verifier outside the
    /// grammar of §4.1 (43 to 128 of `A–Z a–z 0–9 - . _ ~`) never is.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(allowed) {
            return false;
        }
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        let expected = URL_SAFE_NO_PAD.encode(hash);
        constant_time::verify_slices_are_equal(expected.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_verifies() {
        let challenge = CodeChallenge::parse(CHALLENGE).expect("43 characters");
        assert!(challenge.is_met_by(VERIFIER));
    }

    #[test]
    fn pk_04_one_byte_changed_does_not() {
        let challenge = CodeChallenge::parse(CHALLENGE).expect("43 characters");
        assert!(!challenge.is_met_by(&VERIFIER.replace('d', "e")));
        assert!(!challenge.is_met_by(CHALLENGE));
    }

    #[test]
    fn pk_06_a_challenge_is_43_characters_of_base64url() {
        let padded = format!("{CHALLENGE}=");
        let standard = CHALLENGE.replace('-', "+");
        for text in ["", "abc", &CHALLENGE[1..], &padded, &standard, &"!".repeat(43)] {
            assert_eq!(CodeChallenge::parse(text), None, "{text}");
        }
    }

    #[test]
    fn pk_07_a_verifier_outside_the_grammar_never_fits() {
        let challenge = CodeChallenge::parse(CHALLENGE).expect("43 characters");
        for verifier in ["", &"a".repeat(42), &"a".repeat(129), &"é".repeat(30), &" ".repeat(50)] {
            assert!(!challenge.is_met_by(verifier));
        }
    }
}
