//! How sessions end, and which clients are to hear of it.
//!
//! What is to be told lies in the store, by the act that closes a session; whoever tells it (`logout_notices`)
//! is woken here, so that a client hears within a moment of a sign-out at this node.

use hallpass_protocol::model::{AccountId, Client, ClientId, Session, SessionId};
use hallpass_store::StoreError;
use quick_cache::sync::Cache;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::state::App;

/// How many pairs of a session and a client are kept: some ten megabytes.
const JOINED: usize = 50_000;

/// What this process knows of sessions.
#[derive(Debug)]
pub struct Sessions {
    /// The clients of which it is on record that they have joined a session. A session that another node has
    /// closed may still be here; it is asked for by whoever would issue anything in it.
    joined: Cache<(SessionId, ClientId), ()>,
    ended: Notify,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { joined: Cache::new(JOINED), ended: Notify::new() }
    }
}

impl Sessions {
    /// Waits until a session was closed here; one that was closed before anybody waited counts too.
    pub(crate) fn ended(&self) -> Notified<'_> {
        self.ended.notified()
    }
}

impl App {
    /// Sees to it that `client` hears of the end of the session, if it wants to: before it gets an ID token
    /// that names the session. Answers `false` if the session has ended. What is on record is not written
    /// again.
    ///
    /// # Errors
    /// The store's.
    pub async fn join_session(
        &self,
        session: &SessionId,
        client: &Client,
    ) -> Result<bool, StoreError> {
        if client.openid.backchannel_logout_uri.is_none() {
            return Ok(true);
        }
        let pair = (*session, client.id.clone());
        if self.sessions.joined.get(&pair).is_some() {
            return Ok(true);
        }
        let has_joined = self.store.join_session(session, &client.id).await?;
        if has_joined {
            self.sessions.joined.insert(pair, ());
        }
        Ok(has_joined)
    }

    /// Opens a session in the place of the one before.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn open_session(
        &self,
        session: &Session,
        replaces: Option<&SessionId>,
    ) -> Result<(), StoreError> {
        self.store.open_session(session, replaces).await?;
        self.sessions.ended.notify_one();
        Ok(())
    }

    /// Closes a session.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn close_session(&self, id: &SessionId) -> Result<(), StoreError> {
        self.store.close_session(id, self.now()).await?;
        self.sessions.ended.notify_one();
        Ok(())
    }

    /// Closes all sessions of an account; answers how many there were.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn close_sessions_of(&self, account: AccountId) -> Result<u64, StoreError> {
        let closed = self.store.close_sessions_of(account, self.now()).await?;
        self.sessions.ended.notify_one();
        Ok(closed)
    }
}
