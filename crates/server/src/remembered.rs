//! What each check of a token would otherwise read again: the client that asks, and a person's name.
//!
//! With it, a question about a token reads nothing from the store. A client is kept for a second at the
//! most, and is forgotten by every act of this process that changes it; so what another process
//! changes is noticed within the bound that revocations have. A name never changes, so it is kept
//! until its place is needed. Whether client and account may still do what they did is not asked here:
//! that is on the list of [`Revocations`](crate::revocations::Revocations).

use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::model::{AccountId, AccountStatus, Client, ClientId, Timestamp, Username};
use hallpass_store::StoreError;
use quick_cache::sync::Cache;

use crate::state::App;

/// How long a client is believed to be as it was read.
const FRESH: Duration = Duration::from_secs(1);
/// How many clients are kept: some ten megabytes, if all of them are there.
const CLIENTS: usize = 10_000;
/// How many names are kept: some ten megabytes.
const USERNAMES: usize = 100_000;

/// See the module.
#[derive(Debug)]
pub struct Remembered {
    clients: Cache<ClientId, Seen>,
    usernames: Cache<AccountId, Username>,
}

/// A client as it was read, or that there was none: whoever asks under a name that is nobody's must
/// not be told so by another amount of work.
#[derive(Clone, Debug)]
struct Seen {
    client: Option<Arc<Client>>,
    at: Timestamp,
}

impl Seen {
    /// A clock that was set back makes nothing fresh again.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.at.plus(FRESH)
    }
}

impl Default for Remembered {
    fn default() -> Self {
        Self { clients: Cache::new(CLIENTS), usernames: Cache::new(USERNAMES) }
    }
}

impl Remembered {
    /// Forgets a client that was changed. A reading of it that is under way is not kept either.
    pub(crate) fn forget_client(&self, id: &ClientId) {
        self.clients.remove(id);
    }
}

impl App {
    /// The client of this id as it was at most a second ago, whatever its status. Of many who ask at
    /// once, one reads the store.
    ///
    /// # Errors
    /// The store's; nothing is kept then.
    pub(crate) async fn caller(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let clients = &self.remembered.clients;
        let now = self.now();
        clients.remove_if(id, |seen| !seen.is_fresh(now));
        let read = async {
            let client = self.store.client(id).await?.map(Arc::new);
            Ok::<_, StoreError>(Seen { client, at: now })
        };
        Ok(clients.get_or_insert_async(id, read).await?.client)
    }

    /// The name of a person whose account can be used; `None` if there is no such account.
    ///
    /// # Errors
    /// The store's; nothing is kept then.
    pub(crate) async fn username(&self, id: AccountId) -> Result<Option<Username>, StoreError> {
        if let Some(username) = self.remembered.usernames.get(&id) {
            return Ok(Some(username));
        }
        let account = self.store.account(id).await?;
        let active = account.filter(|account| account.status == AccountStatus::Active);
        Ok(active.map(|account| {
            self.remembered.usernames.insert(id, account.username.clone());
            account.username
        }))
    }

    /// Puts `client`'s settings in the place of the old ones, if its owner owns it; answers whether so.
    ///
    /// # Errors
    /// The store's; then nothing has changed.
    pub(crate) async fn update_client(&self, client: &Client) -> Result<bool, StoreError> {
        let is_updated = self.store.update_client(client, self.now()).await;
        self.remembered.forget_client(&client.id);
        is_updated
    }
}
