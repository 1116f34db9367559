//! Bearer strings, and what of them may be stored.

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::Randomness;
use super::randomness::random_bytes;

/// A string whose holder is believed: a session cookie, a client secret, an access token.
///
/// It has no `Debug`, `Display` or serialisation, so it cannot slip into a log or a page by
/// accident; it is wiped when dropped. Only [`Secret::reveal`] gives it away, and that name is easy
/// to search for.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a string that somebody presented.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A new secret of 256 random bits: `prefix` and 43 characters of base64url.
    pub fn mint(prefix: &str, rng: &mut dyn Randomness) -> Self {
        let bytes = Zeroizing::new(random_bytes::<32>(rng));
        let mut text = String::with_capacity(prefix.len() + 43);
        text.push_str(prefix);
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        Self(Zeroizing::new(text))
    }

    /// The string itself, for the one place that hands it to its holder.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What a store may keep: the SHA-256 of the string. Enough for strings of 128 random bits and
    /// more; a password needs a slow hash instead.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// The SHA-256 of a [`Secret`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    fn of(bytes: &[u8]) -> Self {
        let computed = digest::digest(&digest::SHA256, bytes);
        let mut value = [0; 32];
        value.copy_from_slice(computed.as_ref());
        Self(value)
    }

    /// A digest that was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest as text, for a row that holds several: base64url, 43 characters.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The digest that [`Digest::to_text`] wrote; `None` for any other text.
    pub fn from_text(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// Whether `secret` is the string behind this digest. Takes the same time whatever the answer.
    pub fn is_of(&self, secret: &Secret) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &secret.digest().0).is_ok()
    }
}
