//! Texts that carry a record which only this installation can read: access tokens and codes.
//!
//! One is a prefix and the base64url of
//!
//! ```text
//! format 1 byte | key id 4 | nonce 12 | sealed record | tag 16
//! ```
//!
//! sealed with AES-256-GCM-SIV; what it is, its format and its key id are bound to it.

pub(crate) mod field;

use aws_lc_rs::aead::{Aad, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::model::{KeyId, KeySet, Randomness, SealingKey, Secret};

const KEY_ID: usize = 4;
const NONCE: usize = 12;
const HEAD: usize = 1 + KEY_ID + NONCE;
const TAG: usize = 16;

/// What surrounds the records of one kind.
pub(crate) struct Envelope {
    /// What the text begins with, so that people and scanners recognise one.
    pub(crate) prefix: &'static str,
    /// What the records are bound to, so that none passes for one of another kind.
    pub(crate) context: &'static [u8],
    /// The longest text that is looked at.
    pub(crate) max_length: usize,
}

impl Envelope {
    /// Seals the record that `write` adds to the bytes it gets.
    pub(crate) fn seal(
        &self,
        format: u8,
        key: &SealingKey,
        rng: &mut dyn Randomness,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Secret {
        let mut bytes = Zeroizing::new(Vec::with_capacity(320));
        bytes.push(format);
        bytes.extend_from_slice(&key.id().as_u32().to_be_bytes());
        let mut nonce = [0; NONCE];
        rng.fill(&mut nonce);
        bytes.extend_from_slice(&nonce);
        write(&mut bytes);
        let (head, sealed) = bytes.split_at_mut(HEAD);
        let tag = key
            .aead()
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Bound::to(self.context, head).aad(),
                sealed,
            )
            .unwrap_or_else(|_| unreachable!("a record is far below what AES-GCM-SIV can seal"));
        bytes.extend_from_slice(tag.as_ref());

        let mut text = String::with_capacity(self.prefix.len() + bytes.len().div_ceil(3) * 4);
        text.push_str(self.prefix);
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        Secret::presented(text)
    }

    /// Opens a text that somebody presented and reads its record, whose format is given. `None` for anything
    /// that no key of `keys` sealed, whatever is wrong with it, and for what cannot be read.
    pub(crate) fn open<T>(
        &self,
        text: &str,
        keys: &KeySet,
        read: impl FnOnce(u8, &[u8]) -> Option<T>,
    ) -> Option<T> {
        if text.len() > self.max_length {
            return None;
        }
        let text = text.strip_prefix(self.prefix)?;
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        if bytes.len() < HEAD + TAG {
            return None;
        }
        let (head, sealed) = bytes.split_at_mut(HEAD);
        let id = head[1..=KEY_ID].try_into().ok()?;
        let key = keys.sealing_key(KeyId::from_u32(u32::from_be_bytes(id)))?;
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + KEY_ID..]).ok()?;
        let bound = Bound::to(self.context, head);
        let record = key.aead().open_in_place(nonce, bound.aad(), sealed).ok()?;
        read(head[0], record)
    }
}

/// What a sealed record is bound to: what it is, its format and its key.
struct Bound {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl Bound {
    const MOST: usize = 64;

    fn to(context: &[u8], head: &[u8]) -> Self {
        let mut bytes = [0; Self::MOST];
        let length = context.len() + 1 + KEY_ID;
        bytes[..context.len()].copy_from_slice(context);
        bytes[context.len()..length].copy_from_slice(&head[..=KEY_ID]);
        Self { bytes, length }
    }

    fn aad(&self) -> Aad<&[u8]> {
        Aad::from(&self.bytes[..self.length])
    }
}
