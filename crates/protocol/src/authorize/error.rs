//! What goes wrong at the authorization endpoint: once told to the person, once to the client.

use std::fmt;

use thiserror::Error;

/// Why the person gets a page and nobody is redirected: either it is not known where an answer may
/// go (RFC 6749 §4.1.2.1: "MUST NOT automatically redirect"), or the page they answered is no longer
/// good. The text is a stable sentence that scripts and forum answers look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A parameter that every request needs is not there.
    #[error("Missing required parameter: {0}")]
    MissingParameter(&'static str),
    /// No such client, or one that may not be used: the same words for both.
    #[error("INVALID_CLIENT: Invalid client")]
    InvalidClient,
    /// The redirect URI is not in the client's allowlist.
    #[error("INVALID_CLIENT: Invalid redirect URI")]
    InvalidRedirectUri,
    /// The redirect URI is in the allowlist, but the rules or the operator no longer permit its kind.
    #[error("INVALID_CLIENT: Insecure redirect URI")]
    InsecureRedirectUri,
    /// The form was made for another session or request, or too long ago.
    #[error("This page is out of date")]
    OutOfDate,
}

/// What the client is told by redirect (RFC 6749 §4.1.2.1, §4.2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationError {
    /// What kind of error.
    pub code: ErrorCode,
    /// What to change, for the client's developer; `None` where there is nothing to say. Only
    /// characters of `%x20-21 / %x23-5B / %x5D-7E`.
    pub description: Option<String>,
}

/// The registered values of `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is malformed.
    InvalidRequest,
    /// The client may not ask for this type of answer.
    UnauthorizedClient,
    /// The person said no.
    AccessDenied,
    /// The server does not give this type of answer.
    UnsupportedResponseType,
    /// A scope is malformed, unknown, or not for this client.
    InvalidScope,
    /// The API that is named is not known, or there are two (RFC 8707 §2).
    InvalidTarget,
    /// The person would have to sign in, and nothing may be shown (OpenID Connect Core §3.1.2.6).
    LoginRequired,
    /// The person would have to be asked, and nothing may be shown (OpenID Connect Core §3.1.2.6).
    ConsentRequired,
    /// The person cannot sign in here in the way that the client needs (OpenID Connect Core Error Code
    /// unmet_authentication_requirements 1.0).
    UnmetAuthenticationRequirements,
    /// Request objects by value are not supported (OpenID Connect Core §3.1.2.6).
    RequestNotSupported,
    /// Request objects by reference are not supported (OpenID Connect Core §3.1.2.6).
    RequestUriNotSupported,
}

impl ErrorCode {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
        }
    }
}

impl AuthorizationError {
    /// An error with a sentence for the client's developer.
    pub(super) fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        Self { code, description: Some(description.into()) }
    }

    /// The person's no, which needs no explanation.
    pub(super) const fn denied() -> Self {
        Self { code: ErrorCode::AccessDenied, description: None }
    }
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        match &self.description {
            Some(description) => write!(f, ": {description}"),
            None => Ok(()),
        }
    }
}
