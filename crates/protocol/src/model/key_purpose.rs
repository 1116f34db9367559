//! What keys are called, and what they are for.

use std::fmt;

use super::SignatureAlgorithm;

/// Names a key inside tokens and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u32);

impl KeyId {
    /// An id that was stored, or read from a token.
    pub const fn from_u32(id: u32) -> Self {
        Self(id)
    }

    /// The id that is written so: eight hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(text, 16).ok().filter(|_| is_one).map(Self)
    }

    /// The id to store.
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Sealing access tokens.
    AccessToken,
    /// Form tokens and signed return addresses.
    Form,
    /// Refresh tokens.
    RefreshToken,
    /// The subjects of clients that know people by subjects of their own. What it has made can never be made
    /// again by another key, so there is one for ever.
    PairwiseSubject,
    /// Signing with that algorithm.
    Sign(SignatureAlgorithm),
}

impl KeyPurpose {
    /// Those whose keys are 32 random bytes; an installation has a key for each.
    pub const SYMMETRIC: [Self; 4] =
        [Self::AccessToken, Self::Form, Self::RefreshToken, Self::PairwiseSubject];
    /// Those whose keys sign; an installation has a key for each.
    pub const SIGNING: [Self; 3] = [
        Self::Sign(SignatureAlgorithm::EdDsa),
        Self::Sign(SignatureAlgorithm::Es256),
        Self::Sign(SignatureAlgorithm::Rs256),
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::SYMMETRIC.into_iter().chain(Self::SIGNING)
    }

    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Form => "form",
            Self::RefreshToken => "refresh_token",
            Self::PairwiseSubject => "pairwise_subject",
            Self::Sign(SignatureAlgorithm::EdDsa) => "sign_ed25519",
            Self::Sign(SignatureAlgorithm::Es256) => "sign_es256",
            Self::Sign(SignatureAlgorithm::Rs256) => "sign_rs256",
        }
    }

    /// Whether one key for it may follow another. Where not, no key of it is ever made anew or removed.
    pub const fn is_rotated(self) -> bool {
        !matches!(self, Self::PairwiseSubject)
    }

    /// The purpose of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|purpose| purpose.as_str() == text)
    }
}
