//! Client authentication (RFC 6749 §2.3): who calls an endpoint that is for clients only.
//!
//! Shared by every such endpoint, so it stands beside them and not inside one.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

use crate::model::{Client, ClientId, ClientStatus, ClientType, Digest, Secret};

/// The longest `Authorization` header that is looked at, in bytes.
const MAX_HEADER: usize = 4096;

/// What a caller presented, by the one method it used.
#[derive(Clone)]
pub struct ClientCredentials {
    /// Who it says it is.
    pub client: ClientId,
    /// What it knows; `None` if it presented nothing.
    pub secret: Option<Secret>,
    /// How it said so.
    pub method: Method,
}

/// How a client presents itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The `Authorization` header (`client_secret_basic`).
    Basic,
    /// The form (`client_secret_post`, or a bare `client_id`).
    Form,
}

/// Why a caller is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClientAuthError {
    /// More than one method, or two of them that name different clients: "The client MUST NOT use more than one
    /// authentication method in each request" (RFC 6749 §2.3).
    #[error("Use one method of client authentication")]
    TwoMethods,
    /// Nobody said who they are, or what they said cannot be read, or it is no client.
    #[error("Invalid client")]
    UnknownClient,
    /// The client is there, and did not prove that it is the caller.
    #[error("Invalid client secret")]
    WrongSecret,
}

impl ClientCredentials {
    /// Reads the credentials of a request: the value of its `Authorization` header, if there is one,
    /// and the fields of its form.
    ///
    /// # Errors
    /// [`ClientAuthError::TwoMethods`] or [`ClientAuthError::UnknownClient`].
    pub fn read(
        authorization: Option<&str>,
        client_id: Option<&str>,
        client_secret: Option<&str>,
    ) -> Result<Self, ClientAuthError> {
        let Some(header) = authorization else {
            let client = client_id.ok_or(ClientAuthError::UnknownClient)?;
            let client = ClientId::parse(client).map_err(|_| ClientAuthError::UnknownClient)?;
            let secret = client_secret.map(Secret::presented);
            return Ok(Self { client, secret, method: Method::Form });
        };
        let (client, secret) = read_basic(header).ok_or(ClientAuthError::UnknownClient)?;
        if client_secret.is_some() {
            return Err(ClientAuthError::TwoMethods);
        }
        if client_id.is_some_and(|named| named != client.as_str()) {
            return Err(ClientAuthError::TwoMethods);
        }
        Ok(Self { client, secret: Some(secret), method: Method::Basic })
    }

    /// Believes a caller that proves to be the client it names: a confidential one by its secret, a
    /// public one by nothing but its name. A public client has no secret, so one that presents any,
    /// even an empty one, is not that client.
    ///
    /// # Errors
    /// [`ClientAuthError::UnknownClient`] or [`ClientAuthError::WrongSecret`].
    pub fn prove<'a>(&self, known: Option<&'a Client>) -> Result<&'a Client, ClientAuthError> {
        let is_public = |client: &&Client| {
            client.id == self.client
                && client.status == ClientStatus::Active
                && client.client_type == ClientType::Public
        };
        match (known.filter(is_public), &self.secret) {
            (Some(client), None) => Ok(client),
            _ => self.prove_confidential(known),
        }
    }

    /// Believes a caller that proves to be the confidential client it names. `known` is what the
    /// store has under that name. The work is the same whether the client or the secret is wrong.
    ///
    /// # Errors
    /// [`ClientAuthError::UnknownClient`] or [`ClientAuthError::WrongSecret`].
    pub fn prove_confidential<'a>(
        &self,
        known: Option<&'a Client>,
    ) -> Result<&'a Client, ClientAuthError> {
        let nobody = Secret::presented("");
        let presented = self.secret.as_ref().unwrap_or(&nobody);
        let known = known
            .filter(|client| client.id == self.client && client.status == ClientStatus::Active);
        let secrets = match known.map(|client| &client.client_type) {
            Some(ClientType::Confidential { secrets }) => secrets.as_slice(),
            Some(ClientType::Public) | None => &[],
        };
        // Of no secret. With it the work is the same for a client that is not there.
        let decoy = [Digest::from_bytes([0; 32])];
        let candidates = if secrets.is_empty() { decoy.as_slice() } else { secrets };
        let right = candidates.iter().fold(false, |right, digest| right | digest.is_of(presented));
        let client = known.ok_or(ClientAuthError::UnknownClient)?;
        if right && !secrets.is_empty() && !presented.reveal().is_empty() {
            Ok(client)
        } else {
            Err(ClientAuthError::WrongSecret)
        }
    }
}

const TOLERANT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
static STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, TOLERANT);
static URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, TOLERANT);

/// RFC 7617 §2, with id and secret form-encoded inside (RFC 6749 §2.3.1). Published clients send
/// base64url and leave the padding out, so both are taken.
fn read_basic(header: &str) -> Option<(ClientId, Secret)> {
    if header.len() > MAX_HEADER {
        return None;
    }
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let is_url_safe =
        encoded.bytes().fold(false, |found, byte| found | matches!(byte, b'-' | b'_'));
    let base64 = if is_url_safe { &URL_SAFE } else { &STANDARD };
    let bytes = base64.decode(encoded.trim()).ok()?;
    let text = zeroize::Zeroizing::new(String::from_utf8(bytes).ok()?);
    let (id, secret) = text.split_once(':')?;
    let client = ClientId::parse(&form_decode(id)?).ok()?;
    Some((client, Secret::presented(form_decode(secret)?)))
}

/// Decodes once; a `%` that begins no escape stands for itself, because many clients do not encode.
fn form_decode(text: &str) -> Option<Cow<'_, str>> {
    // Most texts hold nothing to decode. All of it is looked at without stopping, many bytes at a time.
    let is_special = |byte: u8| matches!(byte, b'%' | b'+' | b'&') | !byte.is_ascii();
    if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return Some(Cow::Borrowed(text));
    }
    let pair = format!("v={}", text.replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    let value = pairs.next()?.1.into_owned();
    (!value.contains('\u{fffd}')).then_some(Cow::Owned(value))
}
