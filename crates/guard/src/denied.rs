//! Why a request is not let through.

use hallpass_protocol::model::ScopeSet;
use thiserror::Error;

/// Why a request is not let through. How each reads on the wire is in [`ErrorShape`](crate::ErrorShape).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    /// There is no `Authorization` header: the app must send a token.
    #[error("no access token was sent")]
    NoToken,
    /// The token came in a way that is not accepted: another scheme, an empty token, two
    /// `Authorization` headers, or a second one in the query. The app must send it in one
    /// `Authorization: Bearer` header.
    #[error("the access token was not sent in one Authorization: Bearer header")]
    NotBearer,
    /// No installation that this API trusts issued that token, or it was issued for another API. The
    /// app must obtain a new one.
    #[error("the access token is not known")]
    Unknown,
    /// The token was good once. The app must obtain a new one.
    #[error("the access token has expired")]
    Expired,
    /// The token's time is not over, but it was ended: its user took the app's access back, the app gave
    /// it up, or user or app were switched off. The app must ask its user again.
    #[error("the access token was revoked")]
    Revoked,
    /// The token is good but does not carry all of the scopes that the route needs, which are here.
    /// The app must ask its user for them.
    #[error("the access token lacks one of the scopes {0}")]
    InsufficientScope(ScopeSet),
    /// The token could not be checked, because whoever knows it did not answer, or because nothing was
    /// heard for too long of what was revoked. The API's operator finds the reason in the log; the app
    /// may try again. Never answered by a guess.
    #[error("the access token could not be checked")]
    Unavailable,
}
