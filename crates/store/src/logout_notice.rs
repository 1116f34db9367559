//! What a client is to be told at the end of a session.

use std::time::Duration;

use hallpass_protocol::model::{AccountId, Client, ClientId, SessionId};

/// For how long a notice is kept that nobody has forgotten: no try is made so late.
pub const LOGOUT_NOTICE_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// That a client is to be told of the end of a session (OpenID Connect Back-Channel Logout).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutNotice {
    /// The session that was closed.
    pub session: SessionId,
    /// Whose it was.
    pub account: AccountId,
    /// Who is to be told.
    pub client_id: ClientId,
    /// The client as it is now, if it is still there.
    pub client: Option<Client>,
    /// How many times it was claimed, this time included.
    pub attempts: u32,
}
