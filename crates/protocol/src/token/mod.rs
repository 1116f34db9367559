//! The token endpoint (RFC 6749 §3.2): what does this client get for what it brings?
//!
//! Owns the request, the rules of each grant type, and the exact form of success and error. Does not
//! own who the caller is ([`crate::client_auth`]) nor what is on record.
//!
//! ```text
//! TokenRequest::read           which grant type, with which fields           request
//! client_auth                  the caller is the client it says it is        ../client_auth
//! authorization_code::decide   a code, its client, its place, its proof      grant/authorization_code
//! refresh_token::decide        a generation of a family                      grant/refresh_token
//! client_credentials::decide   the client for itself                         grant/client_credentials
//! resource::judge              the API that a token is for                    resource
//! Granted::respond             the token, sealed                             response
//! ```

mod error;
mod request;
pub mod resource;
mod response;

/// The grant types, one file each.
pub mod grant {
    pub mod authorization_code;
    pub mod client_credentials;
    pub mod refresh_token;
}

use std::time::Duration;

pub use error::{TokenError, TokenErrorCode};
pub use request::{GrantRequest, TokenRequest};
pub use response::{Granted, Recipient, TokenResponse};

/// What the operator has settled about refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshLifetimes {
    /// How long one lives that is not used.
    pub idle: Duration,
    /// How long its family lives, however much it is used.
    pub absolute: Duration,
}
