//! Token revocation (RFC 7009): which authorization a client wants to end.

use std::time::Duration;

use crate::access_token::{self, Claims};
pub use crate::model::CLOCK_DIFFERENCE;
use crate::model::{AuthorizationId, Client, KeySet, Revocation, Revoked, Secret, Timestamp};

/// What a presented text means to the client that presents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// An access token of the client's: its authorization is to be ended.
    AccessToken(AuthorizationId),
    /// A refresh token: whose, the store knows.
    RefreshToken(AuthorizationId),
    /// Nothing that the client could end. It is told the same as if it had (RFC 7009 §2.2).
    Nothing,
}

/// Reads a token, whatever the client says it is: "If the server is unable to locate the token using
/// the given hint, it MUST extend its search" (RFC 7009 §2.1); two prefixes make that one step.
pub fn read(text: &Secret, client: &Client, keys: &KeySet) -> Presented {
    if let Ok(claims) = access_token::open(text.reveal(), keys) {
        return of_claims(&claims, client);
    }
    match keys.open_refresh_token(text) {
        Some(token) => Presented::RefreshToken(token.authorization),
        None => Presented::Nothing,
    }
}

/// What an access token means that was opened already.
pub fn of_claims(claims: &Claims, client: &Client) -> Presented {
    // RFC 7009 §2.1: the token must have been issued to the client that makes the request.
    // Deviation: one that was not is answered as if it were unknown (§2.2), so that no client learns
    // whether somebody else's token lives.
    match claims.client == client.id {
        true => Presented::AccessToken(claims.authorization),
        false => Presented::Nothing,
    }
}

/// The act that ends `authorization` with all its tokens: it is remembered until the last access token
/// it could concern has expired by itself.
pub fn end(authorization: AuthorizationId, longest_token: Duration, now: Timestamp) -> Revocation {
    let until = now.plus(longest_token).plus(CLOCK_DIFFERENCE);
    Revocation { revoked: Revoked::Authorization(authorization), at: now, until }
}
