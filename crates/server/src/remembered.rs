//! What each check of a token would otherwise read again: the client that asks, and a person's name.
//!
//! With it, a question about a token reads nothing from the store. A client is kept until it is changed:
//! by an act of this process, or by another that is heard of. While nothing is heard
//! ([`Hearing`](crate::hearing::Hearing)) what is remembered is not believed, and the store is asked. So
//! what another node changes holds here within the bound that revocations have. Whether client and account
//! may still do what they did is not asked here: that is on the list of
//! [`Revocations`](crate::revocations::Revocations).

use std::sync::Arc;

use hallpass_protocol::model::{AccountId, AccountStatus, Client, ClientId, Username};
use hallpass_store::StoreError;
use quick_cache::sync::Cache;

use crate::state::App;

/// How many clients are kept: some ten megabytes, if all of them are there.
const CLIENTS: usize = 10_000;
/// How many names are kept: some ten megabytes.
const USERNAMES: usize = 100_000;

/// See the module.
#[derive(Debug)]
pub struct Remembered {
    /// That there is none as well: whoever asks under a name that is nobody's must not be told so by
    /// another amount of work.
    clients: Cache<ClientId, Option<Arc<Client>>>,
    usernames: Cache<AccountId, Username>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { clients: Cache::new(CLIENTS), usernames: Cache::new(USERNAMES) }
    }
}

impl Remembered {
    /// Forgets a client that was changed. A reading of it that is under way is not kept either.
    pub fn forget_client(&self, id: &ClientId) {
        self.clients.remove(id);
    }

    /// Forgets everything, and what is being read at this moment too.
    pub(crate) fn forget_all(&self) {
        self.clients.clear();
        self.usernames.clear();
    }
}

impl App {
    /// The client of this id, whatever its status, as it was at most [`BOUND`](crate::hearing::BOUND) ago.
    /// Of many who ask at once, one reads the store.
    ///
    /// # Errors
    /// The store's; nothing is kept then.
    pub(crate) async fn caller(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let read = async { Ok(self.store.client(id).await?.map(Arc::new)) };
        match self.hearing.judge() {
            Ok(()) => self.remembered.clients.get_or_insert_async(id, read).await,
            Err(_deaf) => read.await,
        }
    }

    /// The name of a person whose account can be used; `None` if there is no such account.
    ///
    /// # Errors
    /// The store's; nothing is kept then.
    pub(crate) async fn username(&self, id: AccountId) -> Result<Option<Username>, StoreError> {
        let usernames = &self.remembered.usernames;
        // A place of its own, so that what is forgotten while it is read is not kept.
        let place = match usernames.get_value_or_guard_async(&id).await {
            Ok(username) if self.hearing.judge().is_ok() => return Ok(Some(username)),
            Ok(_) => None,
            Err(place) => Some(place),
        };
        let account = self.store.account(id).await?;
        let active = account.filter(|account| account.status == AccountStatus::Active);
        let username = active.map(|account| account.username);
        if let (Some(place), Some(username)) = (place, &username) {
            let _ = place.insert(username.clone());
        }
        Ok(username)
    }

    /// Adds a client. Whoever asked for its id before knows now that there is one.
    ///
    /// # Errors
    /// The store's; then there is none.
    pub(crate) async fn create_client(&self, client: &Client) -> Result<(), StoreError> {
        let is_created = self.store.create_client(client).await;
        self.remembered.forget_client(&client.id);
        is_created
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
