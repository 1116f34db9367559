//! The compact form (RFC 7515 §7.1): three parts in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use super::Signer;
use super::json::Object;
use super::json_writer::ObjectWriter;
use super::jwk::PublicKeys;

/// Why a text is not one that a given key has signed for a given purpose. There is only one reason to
/// give: a reason would help only whoever tries to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not signed by a known key for this purpose")]
pub struct NotSigned;

/// Signs `payload` as a text of the kind `typ`.
pub fn sign(typ: &str, payload: &[u8], signer: &(impl Signer + ?Sized)) -> String {
    let header = ObjectWriter::default()
        .text("alg", signer.algorithm().as_str())
        .text("typ", typ)
        .text("kid", &signer.key_id())
        .finish();
    let mut text = URL_SAFE_NO_PAD.encode(header);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut text);
    let signature = signer.sign(text.as_bytes());
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    text
}

/// The payload of a text of the kind `typ` that one of `keys` has signed. Texts longer than
/// `max_length` are not looked at.
///
/// The header chooses among the given keys by `kid` and has no other say: `alg` must be the key's,
/// `jwk`, `jku`, `x5u` and `x5c` mean nothing here (RFC 8725 §3.10).
///
/// Deviation from JW-04: an ES256 signature may have a high s. RFC 7518 §3.4 knows no such rule, every
/// common signer makes half of its signatures so, and nothing here takes a signature for a name.
///
/// # Errors
/// [`NotSigned`] for anything else, whatever is wrong with it.
pub fn verify(
    text: &str,
    typ: &str,
    keys: &PublicKeys,
    max_length: usize,
) -> Result<Vec<u8>, NotSigned> {
    if text.len() > max_length {
        return Err(NotSigned);
    }
    read(text, typ, keys).ok_or(NotSigned)
}

/// What the key is called that signed `text`, as the text itself says: nothing to believe.
pub fn claimed_key(text: &str, max_length: usize) -> Option<String> {
    let (header, _) = text.split_once('.').filter(|_| text.len() <= max_length)?;
    let header = Object::parse(&URL_SAFE_NO_PAD.decode(header).ok()?)?;
    header.text("kid").map(str::to_owned)
}

fn read(text: &str, typ: &str, keys: &PublicKeys) -> Option<Vec<u8>> {
    let (message, signature) = text.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    // A further dot is in no alphabet, so five parts fail here.
    let header = Object::parse(&URL_SAFE_NO_PAD.decode(header).ok()?)?;
    // RFC 7515 §4.1.11: with an extension that is not understood "the JWS is invalid"; none is. And
    // RFC 7797 §6: `b64` without `crit` may be read in two ways.
    if header.get("crit").is_some() || header.get("b64").is_some() {
        return None;
    }
    let key = keys.find(header.text("kid")?)?;
    let is_of_key = header.text("alg")? == key.algorithm().as_str();
    if !is_of_key || !is_typ(header.text("typ")?, typ) {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !key.has_signed(message.as_bytes(), &signature) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(payload).ok()
}

/// RFC 7515 §4.1.9: a media type, compared without case, of which `application/` may be left out.
fn is_typ(sent: &str, typ: &str) -> bool {
    const PREFIX: &str = "application/";
    let short = match sent.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => sent,
    };
    short.eq_ignore_ascii_case(typ)
}
