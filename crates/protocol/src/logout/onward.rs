//! Where the browser goes when nobody is signed in any more.

use std::fmt::Write as _;

use url::{Host, Url};

use super::{LogoutQuery, LogoutRefusal};
use crate::model::{Client, Policy};

/// The longest `state`, in bytes after decoding.
pub const MAX_STATE: usize = 4096;

/// Where the browser goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onward {
    /// To our own page that says so.
    Page,
    /// To the client.
    Client(LogoutRedirect),
}

/// A complete URI to send the browser to: one that the client has registered for this, with the `state` that
/// it wants back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRedirect(String);

impl Onward {
    /// Proves that the browser may go where `query` wants it.
    ///
    /// > The OP MUST NOT perform post-logout redirection if the `post_logout_redirect_uri` value supplied does
    /// > not exactly match one of the previously registered `post_logout_redirect_uris` values.
    /// > (RP-Initiated Logout §3)
    pub(super) fn prove(
        query: &LogoutQuery,
        client: Option<&Client>,
        policy: &Policy,
    ) -> Result<Self, LogoutRefusal> {
        if query.state.as_ref().is_some_and(|state| state.len() > MAX_STATE) {
            return Err(LogoutRefusal::Unreadable);
        }
        let Some(sent) = &query.post_logout_redirect_uri else { return Ok(Self::Page) };
        let registered =
            client.into_iter().flat_map(|client| &client.openid.post_logout_redirect_uris);
        // Byte for byte, also where the port of a redirect URI would be free (RFC 8252 §7.3).
        let is_one = registered
            .filter(|uri| uri.is_permitted(policy.redirect_uris))
            .any(|uri| uri.as_str() == sent);
        match is_one {
            true => Ok(Self::Client(LogoutRedirect::with_state(sent, query.state.as_deref()))),
            false => Err(LogoutRefusal::RedirectUri),
        }
    }

    /// The source for a page's `form-action` directive, without which Chromium stops a form's answer from
    /// redirecting there (CSP 3 §6.3.2); `None` if it stays here. Content security policies cannot name an
    /// IPv6 address or a private scheme's place, so that becomes its scheme.
    pub fn form_action_source(&self) -> Option<String> {
        let Self::Client(LogoutRedirect(uri)) = self else { return None };
        let scheme = uri.split(':').next().unwrap_or_default();
        let url = Url::parse(uri).ok();
        let origin = url.filter(|url| matches!(url.host(), Some(Host::Domain(_) | Host::Ipv4(_))));
        let origin = origin.map(|url| url.origin().ascii_serialization());
        // Of a private scheme that serialization is "null".
        Some(match origin {
            Some(origin) if matches!(scheme, "http" | "https") => origin,
            _ => format!("{scheme}:"),
        })
    }
}

impl LogoutRedirect {
    /// The value for the `Location` header: printable ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn with_state(uri: &str, state: Option<&str>) -> Self {
        let mut uri = uri.to_owned();
        if let Some(state) = state {
            match uri.contains('?') {
                true if uri.ends_with(['?', '&']) => {}
                true => uri.push('&'),
                false => uri.push('?'),
            }
            uri.push_str("state=");
            for byte in state.bytes() {
                match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                        uri.push(char::from(byte));
                    }
                    // Writing to a text never fails.
                    _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
                }
            }
        }
        Self(uri)
    }
}
