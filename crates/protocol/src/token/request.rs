//! The form that a client posts, read into types; nothing is judged against a client yet.

use super::error::{TokenError, TokenErrorCode};
use crate::model::{GrantType, ScopeSet, Secret};

/// A request to the token endpoint, without the client's credentials.
pub struct TokenRequest {
    /// What the client brings.
    pub grant: GrantRequest,
    /// For which API it wants a token (RFC 8707 §2.2), as it was sent.
    pub resource: Option<String>,
}

/// What a client brings, by grant type.
pub enum GrantRequest {
    /// RFC 6749 §4.1.3, RFC 7636 §4.5.
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// The redirect URI of the authorization request, which must be the same.
        redirect_uri: Option<String>,
        /// What the challenge was made of.
        code_verifier: Option<Secret>,
    },
    /// RFC 6749 §6.
    RefreshToken {
        /// The token.
        refresh_token: Secret,
        /// Less than was granted, or `None` for all of it.
        scope: Option<ScopeSet>,
    },
    /// RFC 6749 §4.4.
    ClientCredentials {
        /// What is asked; empty for nothing but what is public.
        scope: ScopeSet,
    },
}

impl GrantRequest {
    /// The grant type.
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }
}

impl TokenRequest {
    /// Reads the fields of a form, each sent once; `field` answers `None` for one that was not sent.
    /// Fields that mean nothing here are ignored, `scope` and `state` beside a code among them.
    ///
    /// # Errors
    /// [`TokenError`] for a grant type that is missing or not offered, and for a field that is.
    pub fn read<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<Self, TokenError> {
        // A parameter without a value is treated as if it was not sent (RFC 6749 §3.2).
        let sent = |name: &str| field(name).filter(|value| !value.is_empty());
        let missing = |description| TokenError::new(TokenErrorCode::InvalidRequest, description);
        let scope = || {
            sent("scope").map(ScopeSet::parse).transpose().map_err(|problem| {
                TokenError::new(TokenErrorCode::InvalidScope, format!("Invalid scope: {problem}"))
            })
        };
        let grant_type =
            sent("grant_type").ok_or_else(|| missing("grant_type parameter is missing"))?;
        let grant = match GrantType::parse(grant_type) {
            Some(GrantType::AuthorizationCode) => GrantRequest::AuthorizationCode {
                code: sent("code")
                    .map(Secret::presented)
                    .ok_or_else(|| missing("code must be supplied"))?,
                redirect_uri: sent("redirect_uri").map(str::to_owned),
                code_verifier: sent("code_verifier").map(Secret::presented),
            },
            Some(GrantType::RefreshToken) => GrantRequest::RefreshToken {
                refresh_token: sent("refresh_token")
                    .map(Secret::presented)
                    .ok_or_else(|| missing("refresh_token must be supplied"))?,
                scope: scope()?,
            },
            Some(GrantType::ClientCredentials) => {
                GrantRequest::ClientCredentials { scope: scope()?.unwrap_or_default() }
            }
            // The implicit grant has no business here; "implicit" is no value of this parameter.
            Some(GrantType::Implicit) | None => {
                return Err(TokenError::new(
                    TokenErrorCode::UnsupportedGrantType,
                    "grant_type must be authorization_code, refresh_token or client_credentials",
                ));
            }
        };
        Ok(Self { grant, resource: sent("resource").map(str::to_owned) })
    }
}
