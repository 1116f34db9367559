//! Signed texts (JOSE): compact JWS only (RFC 7515 §7.1), three algorithms, public keys as JWKs.
//!
//! Owns the encoding, its strict reading, and the verification. Does not own private keys: whoever has
//! one brings a [`Signer`]. Does not own what a payload means: see `access_token`.
//!
//! ```text
//! sign(typ, payload, signer)          header.payload.signature                jws
//! verify(text, typ, keys, max)        the payload, or one reason: not ours    jws
//! PublicKey, PublicKeys               JWKs in and out (RFC 7517)              jwk
//! Object                              JSON, read strictly                     json
//! ObjectWriter                        JSON, written                           json_writer
//! ```
//!
//! What the popular attacks on JWTs need is not there: the algorithm is the key's and never the
//! header's (RFC 8725 §3.1), keys are found in the given set and nowhere else, a header with `crit` is
//! refused, and an encrypted text (JWE) is no text of ours.

mod json;
mod json_writer;
mod jwk;
mod jws;

pub use json::{List, Object, Value};
pub use json_writer::ObjectWriter;
pub use jwk::{PublicKey, PublicKeys, PublicMaterial};
pub use jws::{NotSigned, claimed_key, sign, verify};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::{SignatureAlgorithm, Timestamp};

/// What tells this text of a published document from every other: its SHA-256, in base64url.
pub fn fingerprint(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Somebody who holds a private key.
pub trait Signer {
    /// What the key is called (`kid`).
    fn key_id(&self) -> String;

    /// What it signs with.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The signature of `message` in the form that RFC 7515 wants for the algorithm.
    fn sign(&self, message: &[u8]) -> Vec<u8>;
}

/// Somebody who holds private keys, at each moment at most one to sign with for each algorithm.
pub trait Signers: Sync {
    /// The one that signs with `algorithm` at `now`.
    fn signer(&self, algorithm: SignatureAlgorithm, now: Timestamp) -> Option<&dyn Signer>;

    /// What verifies whatever any of them has signed.
    fn public(&self) -> &PublicKeys;
}
