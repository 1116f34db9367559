//! Authorization codes: the bearer string, and the key under which the store knows it.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::randomness::random_bytes;
use super::{AuthorizationId, Randomness, Secret, Timestamp};

const TIME: usize = 6;
const RANDOM: usize = 32;
const HASH: usize = 16;

/// What the store knows a code by: the six bytes of its time and a truncated hash of the whole, so
/// that inserts are sequential, expiry is a range, and the table gives no code away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeKey([u8; TIME + HASH]);

impl CodeKey {
    /// What every code begins with.
    pub(crate) const PREFIX: &'static str = "hpc_";
    /// The length of a key, in bytes.
    pub const LENGTH: usize = TIME + HASH;

    /// A new code with its key.
    pub fn mint(rng: &mut dyn Randomness, now: Timestamp) -> (Secret, Self) {
        Self::derive(now, &random_bytes(rng))
    }

    /// The code of `seed`, 32 unguessable bytes, at `time`: the same for the same arguments, so that an
    /// answer sent twice cannot make two codes.
    pub fn derive(time: Timestamp, seed: &[u8; RANDOM]) -> (Secret, Self) {
        let mut bytes = Zeroizing::new([0; TIME + RANDOM]);
        bytes[..TIME].copy_from_slice(&Self::time_bytes(time));
        bytes[TIME..].copy_from_slice(seed);
        let text = format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        let key = Self::of_bytes(bytes.as_slice());
        (Secret::presented(text), key)
    }

    /// The key of a presented code; `None` for a text that is no code.
    pub fn of(code: &Secret) -> Option<Self> {
        let text = code.reveal().strip_prefix(Self::PREFIX)?;
        if text.len() > 64 {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        (bytes.len() == TIME + RANDOM).then(|| Self::of_bytes(&bytes))
    }

    /// The key of a code that carries its record sealed: whoever can make one has the sealing key, so nothing of
    /// it has to be hashed.
    pub(crate) fn of_sealed(issued_at: Timestamp, authorization: AuthorizationId) -> Self {
        let mut key = [0; TIME + HASH];
        key[..TIME].copy_from_slice(&Self::time_bytes(issued_at));
        key[TIME..].copy_from_slice(authorization.as_uuid().as_bytes());
        Self(key)
    }

    /// A key that was stored.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The six bytes that every key of a code made before `time` is below: the end of an expired range.
    pub fn time_bytes(time: Timestamp) -> [u8; TIME] {
        let mut bytes = [0; TIME];
        bytes.copy_from_slice(&time.millis().max(0).to_be_bytes()[8 - TIME..]);
        bytes
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let mut key = [0; TIME + HASH];
        key[..TIME].copy_from_slice(&bytes[..TIME]);
        let hash = digest::digest(&digest::SHA256, bytes);
        key[TIME..].copy_from_slice(&hash.as_ref()[..HASH]);
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_to_its_key_and_keys_sort_by_time() {
        let at = Timestamp::from_seconds;
        let (code, key) = CodeKey::derive(at(1_000), &[7; 32]);
        assert_eq!(CodeKey::of(&code), Some(key));
        assert!(key < CodeKey::derive(at(1_001), &[0; 32]).1);
        assert!(key.as_bytes()[..TIME] < CodeKey::time_bytes(at(1_001))[..]);
        assert!(code.reveal().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    }

    #[test]
    fn tk_05_other_strings_are_no_codes() {
        for text in ["", "hpc_", "hpa_AAAA", &"A".repeat(100_000), "hpc_!!!!"] {
            assert_eq!(CodeKey::of(&Secret::presented(text)), None);
        }
    }
}
