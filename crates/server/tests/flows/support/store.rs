//! A store that can be watched, and that can be made to fail.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hallpass_protocol::authorize::{Approval, Facts};
use hallpass_protocol::model::{
    Account, AccountId, Api, AuthorizationId, Client, ClientId, ScopeDefinition, SealedKey,
    Session, SessionId, SignedIn, Timestamp,
};
use hallpass_protocol::sign_in::Credentials;
use hallpass_store::{
    AccountCreation, Declaration, Declared, Identifier, Listing, Page, Store, StoreError,
};

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// The disk is full, the file is gone.
    Fails,
    /// A defect of ours.
    Panics,
}

/// Passes everything on to the store that it stands before, and writes down what that was.
pub(super) struct WatchedStore {
    inner: Arc<dyn Store>,
    calls: Mutex<Vec<&'static str>>,
    trouble: Mutex<Trouble>,
}

impl WatchedStore {
    pub(super) fn around(inner: Arc<dyn Store>) -> Self {
        Self { inner, calls: Mutex::default(), trouble: Mutex::default() }
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    pub(super) fn trouble(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
    }

    fn note(&self, call: &'static str) -> Result<&dyn Store, StoreError> {
        self.calls.lock().unwrap().push(call);
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            Trouble::None => Ok(&*self.inner),
            Trouble::Fails => {
                let reason = "the disk at /var/lib/hallpass is full".to_owned();
                Err(StoreError::Unavailable { act: call, reason })
            }
            Trouble::Panics => panic!("a defect in {call}"),
        }
    }
}

#[async_trait]
impl Store for WatchedStore {
    async fn authorization_facts(
        &self,
        client: &ClientId,
        session: Option<&SessionId>,
    ) -> Result<Facts, StoreError> {
        self.note("authorization_facts")?.authorization_facts(client, session).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SignedIn>, StoreError> {
        self.note("session")?.session(id).await
    }

    async fn credentials(
        &self,
        identifier: &Identifier,
    ) -> Result<Option<Credentials>, StoreError> {
        self.note("credentials")?.credentials(identifier).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.note("account")?.account(id).await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.note("client")?.client(id).await
    }

    async fn owned_client(
        &self,
        owner: AccountId,
        id: &ClientId,
    ) -> Result<Option<Client>, StoreError> {
        self.note("owned_client")?.owned_client(owner, id).await
    }

    async fn clients_of(
        &self,
        owner: AccountId,
        page: Page,
    ) -> Result<Listing<Client>, StoreError> {
        self.note("clients_of")?.clients_of(owner, page).await
    }

    async fn apis(&self) -> Result<Vec<Api>, StoreError> {
        self.note("apis")?.apis().await
    }

    async fn scopes(&self) -> Result<Vec<ScopeDefinition>, StoreError> {
        self.note("scopes")?.scopes().await
    }

    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError> {
        self.note("keys")?.keys().await
    }

    async fn create_account(
        &self,
        account: &Account,
        password_hash: &str,
    ) -> Result<AccountCreation, StoreError> {
        self.note("create_account")?.create_account(account, password_hash).await
    }

    async fn open_session(
        &self,
        session: &Session,
        replaces: Option<&SessionId>,
    ) -> Result<(), StoreError> {
        self.note("open_session")?.open_session(session, replaces).await
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), StoreError> {
        self.note("close_session")?.close_session(id).await
    }

    async fn record_approval(
        &self,
        approval: &Approval,
    ) -> Result<Option<AuthorizationId>, StoreError> {
        self.note("record_approval")?.record_approval(approval).await
    }

    async fn create_client(&self, client: &Client) -> Result<(), StoreError> {
        self.note("create_client")?.create_client(client).await
    }

    async fn update_client(&self, client: &Client) -> Result<bool, StoreError> {
        self.note("update_client")?.update_client(client).await
    }

    async fn delete_client(&self, owner: AccountId, id: &ClientId) -> Result<bool, StoreError> {
        self.note("delete_client")?.delete_client(owner, id).await
    }

    async fn declare(&self, declaration: &Declaration) -> Result<Declared, StoreError> {
        self.note("declare")?.declare(declaration).await
    }

    async fn initialise_keys(&self, keys: &[SealedKey]) -> Result<(), StoreError> {
        self.note("initialise_keys")?.initialise_keys(keys).await
    }

    async fn purge_expired(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.note("purge_expired")?.purge_expired(before, limit).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.note("check")?.check().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
