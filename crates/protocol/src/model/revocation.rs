//! What has been ended before its time.

use super::{AccountId, AuthorizationId, ClientId, Timestamp};

/// One act that ended tokens before their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Which tokens.
    pub revoked: Revoked,
    /// Tokens issued at this time or before are dead.
    pub at: Timestamp,
    /// When the last token it could concern has expired by itself, and the act may be forgotten.
    pub until: Timestamp,
}

/// Which tokens an act ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revoked {
    /// Those of one authorization: one code and all that followed from it, or one implicit token.
    Authorization(AuthorizationId),
    /// Those that rest on one consent, by the consent's id.
    Consent(AuthorizationId),
    /// Those that stand for one account.
    Account(AccountId),
    /// Those that were issued to one client.
    Client(ClientId),
}
