//! What is told of to whoever keeps a copy in memory.

use std::time::Duration;

use hallpass_protocol::model::{AccountId, ClientId, Revocation};

/// Something that whoever keeps a copy in memory must hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Tokens were ended.
    Revoked(Revocation),
    /// A client was added or has other settings. (Its end is a revocation.)
    Client(ClientId),
    /// An account has other settings, or its owner tells something else of themselves. (Its end is a
    /// revocation.)
    Account(AccountId),
    /// An operator's file was taken over: any account, scope, client and API may be another.
    Declared,
    /// Keys were added or removed.
    Keys,
}

/// How long a change that is no revocation is told of. Who has heard nothing for so long reads everything
/// anew.
pub const NEWS_LIFETIME: Duration = Duration::from_secs(60 * 60);
