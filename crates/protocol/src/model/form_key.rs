//! What proves that a form or a link of ours came from a page of ours.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use super::randomness::random_bytes;
use super::{Randomness, Timestamp};

const NONCE: usize = 16;
const EXPIRY: usize = 8;
const TAG: usize = 32;

/// The key under which form tokens and signed return addresses are made (HMAC-SHA-256).
pub struct FormKey(hmac::Key);

/// What a form token is good for. A token made for one purpose is worthless for any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormPurpose {
    /// The consent page's answer.
    Consent,
    /// Signing in, before anybody is known.
    SignIn,
    /// Signing up.
    SignUp,
    /// Signing out.
    SignOut,
    /// A form of the dashboard or the account pages.
    Page,
    /// Where to go after signing in.
    ReturnAddress,
    /// The mark of a request whose person was sent to sign in.
    SentToSignIn,
}

impl FormPurpose {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Consent => b"consent",
            Self::SignIn => b"sign-in",
            Self::SignUp => b"sign-up",
            Self::SignOut => b"sign-out",
            Self::Page => b"page",
            Self::ReturnAddress => b"return",
            Self::SentToSignIn => b"sent",
        }
    }
}

/// A hidden value of a form, bound to a purpose, to a browser, and to whatever else the form is about.
///
/// It holds a nonce, an end date and a tag; nothing is stored for it, so two tabs and the Back button
/// do no harm, and any node can check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormToken(String);

/// Why a form token is not believed. The person is told the same in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FormTokenProblem {
    /// Not one of ours, or made for another browser, purpose or content.
    #[error("the form token was not made for this form and this browser")]
    Foreign,
    /// It was right once.
    #[error("the form token has expired")]
    Expired,
}

impl FormKey {
    /// The key of these 32 random bytes.
    pub fn new(material: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, material))
    }

    /// Makes a token for `purpose`, bound to `parts`, good until `expires_at`.
    pub fn mint(
        &self,
        purpose: FormPurpose,
        parts: &[&[u8]],
        rng: &mut dyn Randomness,
        expires_at: Timestamp,
    ) -> FormToken {
        let mut bytes = [0; NONCE + EXPIRY + TAG];
        bytes[..NONCE].copy_from_slice(&random_bytes::<NONCE>(rng));
        bytes[NONCE..NONCE + EXPIRY].copy_from_slice(&expires_at.millis().to_be_bytes());
        let tag = self.tag(purpose, &bytes[..NONCE + EXPIRY], parts);
        bytes[NONCE + EXPIRY..].copy_from_slice(tag.as_ref());
        FormToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// 32 bytes that only this key can make of `text`, for `purpose`.
    pub(crate) fn derive(&self, purpose: FormPurpose, text: &[u8]) -> [u8; TAG] {
        let tag = hmac::sign(&self.0, &message(purpose, b"derived", &[text]));
        let mut bytes = [0; TAG];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// Checks a token that came back, and tells when it ends.
    ///
    /// # Errors
    /// [`FormTokenProblem`]: nothing the form asks for may happen.
    pub fn verify(
        &self,
        token: &str,
        purpose: FormPurpose,
        parts: &[&[u8]],
        now: Timestamp,
    ) -> Result<Timestamp, FormTokenProblem> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| FormTokenProblem::Foreign)?;
        let (head, tag) =
            bytes.split_at_checked(NONCE + EXPIRY).ok_or(FormTokenProblem::Foreign)?;
        hmac::verify(&self.0, &message(purpose, head, parts), tag)
            .map_err(|_| FormTokenProblem::Foreign)?;
        let expiry = head[NONCE..].try_into().map_err(|_| FormTokenProblem::Foreign)?;
        let expires_at = Timestamp::from_millis(i64::from_be_bytes(expiry));
        if now >= expires_at {
            return Err(FormTokenProblem::Expired);
        }
        Ok(expires_at)
    }

    fn tag(&self, purpose: FormPurpose, head: &[u8], parts: &[&[u8]]) -> hmac::Tag {
        hmac::sign(&self.0, &message(purpose, head, parts))
    }
}

impl FormToken {
    /// How long a form may lie open.
    pub const LIFETIME: Duration = Duration::from_secs(60 * 60);

    /// The text for the hidden field.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Every part with its length before it, so that no two lists of parts give the same bytes.
fn message(purpose: FormPurpose, head: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::with_capacity(256);
    for part in [purpose.as_bytes(), head].iter().chain(parts) {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zero;
    impl Randomness for Zero {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const END: Timestamp = Timestamp::from_seconds(100);
    const BEFORE: Timestamp = Timestamp::from_seconds(99);

    #[test]
    fn a_token_opens_only_the_form_it_was_made_for() {
        let key = FormKey::new(&[7; 32]);
        let token = key.mint(FormPurpose::Consent, &[b"browser", b"query"], &mut Zero, END);
        let verify = |key: &FormKey, purpose, parts: &[&[u8]], now| {
            key.verify(token.as_str(), purpose, parts, now)
        };
        let foreign = Err(FormTokenProblem::Foreign);
        assert_eq!(verify(&key, FormPurpose::Consent, &[b"browser", b"query"], BEFORE), Ok(END));
        assert_eq!(verify(&key, FormPurpose::Page, &[b"browser", b"query"], BEFORE), foreign);
        assert_eq!(verify(&key, FormPurpose::Consent, &[b"browserq", b"uery"], BEFORE), foreign);
        assert_eq!(verify(&key, FormPurpose::Consent, &[b"other", b"query"], BEFORE), foreign);
        let other = FormKey::new(&[8; 32]);
        assert_eq!(verify(&other, FormPurpose::Consent, &[b"browser", b"query"], BEFORE), foreign);
        let expired = Err(FormTokenProblem::Expired);
        assert_eq!(verify(&key, FormPurpose::Consent, &[b"browser", b"query"], END), expired);
    }

    #[test]
    fn garbage_is_a_foreign_token() {
        let key = FormKey::new(&[7; 32]);
        for text in ["", "AAAA", "!!!", &"A".repeat(75), &"A".repeat(100_000)] {
            assert_eq!(
                key.verify(text, FormPurpose::Page, &[], BEFORE),
                Err(FormTokenProblem::Foreign)
            );
        }
    }
}
