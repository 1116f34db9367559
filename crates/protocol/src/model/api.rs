//! The APIs that tokens are for: resource servers (RFC 6749 §1.1), called by their identifiers (RFC 8707).

use std::fmt;

use thiserror::Error;
use url::Url;

use super::{ClientId, ScopeSet, SignatureAlgorithm};

/// What an API is called in `resource` and `aud`: an absolute URI, compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiIdentifier(Box<str>);

/// Why a text is no identifier of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an API is called by an absolute URI without fragment, of at most 512 ASCII characters")]
pub struct ApiIdentifierProblem;

impl ApiIdentifier {
    /// The longest identifier, in bytes.
    pub const MAX_LENGTH: usize = 512;

    /// Takes an identifier.
    ///
    /// # Errors
    /// [`ApiIdentifierProblem`]. RFC 8707 §2: "Its value MUST be an absolute URI, as specified by Section
    /// 4.3 of RFC 3986. The URI MUST NOT include a fragment component."
    pub fn parse(text: &str) -> Result<Self, ApiIdentifierProblem> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_short = text.len() <= Self::MAX_LENGTH;
        if !is_printable || !is_short || text.contains('#') || Url::parse(text).is_err() {
            return Err(ApiIdentifierProblem);
        }
        Ok(Self(text.into()))
    }

    /// The text, as it was declared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// In which form an API gets its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFormat {
    /// Sealed: only this installation can read them, so the API asks.
    Opaque,
    /// Signed (RFC 9068): the API checks them offline.
    Jwt(SignatureAlgorithm),
}

/// An API that tokens can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// What it is called.
    pub identifier: ApiIdentifier,
    /// In which form it gets its tokens.
    pub format: TokenFormat,
    /// What tokens for it may carry; nothing in it means all there is.
    pub scopes: ScopeSet,
    /// The confidential client that asks about its tokens, and no other does.
    pub introspector: Option<ClientId>,
}

impl Api {
    /// The first of `scopes` that its tokens may not carry. The standard scopes are of no API.
    pub fn foreign_scope<'a>(&self, scopes: &'a ScopeSet) -> Option<&'a super::Scope> {
        let is_foreign =
            |scope: &&super::Scope| !self.scopes.contains(scope) && !super::is_standard(scope);
        scopes.iter().find(is_foreign).filter(|_| !self.scopes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_53_an_identifier_is_an_absolute_uri_without_fragment() {
        for good in ["https://api.example", "https://api.example/v1?a=b", "urn:example:api"] {
            assert_eq!(ApiIdentifier::parse(good).map(|api| api.to_string()).as_deref(), Ok(good));
        }
        let long = format!("https://api.example/{}", "x".repeat(512));
        for bad in ["", "api", "/v1", "//api.example", "https://a/#", "https://a#b", "https://a b"]
        {
            assert_eq!(ApiIdentifier::parse(bad), Err(ApiIdentifierProblem), "{bad}");
        }
        assert_eq!(ApiIdentifier::parse(&long), Err(ApiIdentifierProblem));
    }
}
