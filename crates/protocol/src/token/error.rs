//! What the client is told in JSON (RFC 6749 §5.2).

use std::borrow::Cow;
use std::fmt;

use crate::client_auth::ClientAuthError;

/// An error of the token endpoint, for the client's developer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenError {
    /// The registered value.
    pub code: TokenErrorCode,
    /// What to change; texts that published clients compare are kept to the letter.
    pub description: Cow<'static, str>,
}

/// The registered values of `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenErrorCode {
    /// The request is malformed.
    InvalidRequest,
    /// The caller did not prove to be the client.
    InvalidClient,
    /// The code or refresh token is unknown, used, expired, revoked, or another client's.
    InvalidGrant,
    /// The client may not use this grant type.
    UnauthorizedClient,
    /// There is no such grant type here.
    UnsupportedGrantType,
    /// A scope is malformed, unknown, or more than was granted.
    InvalidScope,
    /// The API that is named is not known, or not the one that was granted (RFC 8707 §2).
    InvalidTarget,
}

impl TokenErrorCode {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
        }
    }
}

impl TokenError {
    /// An error with its description.
    pub fn new(code: TokenErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into() }
    }

    /// The code or refresh token is not good: `description` says in which way.
    pub(super) fn grant(description: &'static str) -> Self {
        Self::new(TokenErrorCode::InvalidGrant, description)
    }
}

impl From<ClientAuthError> for TokenError {
    fn from(error: ClientAuthError) -> Self {
        let code = match error {
            ClientAuthError::TwoMethods => TokenErrorCode::InvalidRequest,
            ClientAuthError::UnknownClient | ClientAuthError::WrongSecret => {
                TokenErrorCode::InvalidClient
            }
        };
        Self::new(code, error.to_string())
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description)
    }
}
