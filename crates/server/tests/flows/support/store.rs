//! A store that can be watched, and that can be made to fail.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use hallpass_protocol::authorize::{Approval, CodeRecord, Facts};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    Account, AccountId, Api, AuthorizationId, Client, ClientId, CodeKey, Consent, KeyId, Person,
    Profile, Revocation, ScopeDefinition, SealedKey, Session, SessionId, SignedIn, Timestamp,
};
use hallpass_protocol::sign_in::Credentials;
use hallpass_protocol::token::grant::{authorization_code, refresh_token};
use hallpass_store::{
    AccountCreation, Change, ConsentedClient, Declaration, Declared, Identifier, Listing,
    LogoutNotice, Outcome, Page, Store, StoreError,
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
    /// It was put back from a backup in which nothing had changed yet.
    ForgotChanges,
    /// It fails in this act, and nothing is stored.
    FailsIn(&'static str),
    /// It does this act, and fails to say so.
    LosesAnswerOf(&'static str),
}

/// Whether there may be other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// As the embedded store has it.
    Alone,
    /// As a database has it that several nodes use.
    WithOthers,
}

/// What happens between a read and the act that follows from it.
type Interlude = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Passes everything on to the store that it stands before, and writes down what that was.
pub(super) struct WatchedStore {
    inner: Arc<dyn Store>,
    sharing: Sharing,
    calls: Mutex<Vec<&'static str>>,
    trouble: Mutex<Trouble>,
    interlude: Mutex<Option<(&'static str, Interlude)>>,
}

impl WatchedStore {
    pub(super) fn around(inner: Arc<dyn Store>, sharing: Sharing) -> Self {
        Self {
            inner,
            sharing,
            calls: Mutex::default(),
            trouble: Mutex::default(),
            interlude: Mutex::default(),
        }
    }

    /// The same store, as another node sees it.
    pub(super) fn beside(&self) -> Self {
        assert_eq!(self.sharing, Sharing::WithOthers);
        Self::around(Arc::clone(&self.inner), self.sharing)
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    pub(super) fn trouble(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
    }

    /// Once, before the next `act` is done, this happens.
    pub(super) fn before(&self, act: &'static str, interlude: Interlude) {
        *self.interlude.lock().unwrap() = Some((act, interlude));
    }

    fn note(&self, call: &'static str) -> Result<&dyn Store, StoreError> {
        self.calls.lock().unwrap().push(call);
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            Trouble::None | Trouble::ForgotChanges | Trouble::LosesAnswerOf(_) => Ok(&*self.inner),
            Trouble::FailsIn(act) if act != call => Ok(&*self.inner),
            Trouble::Fails | Trouble::FailsIn(_) => Err(full(call)),
            Trouble::Panics => panic!("a defect in {call}"),
        }
    }

    /// What happens before `act`, if anything.
    async fn wait_before(&self, act: &'static str) {
        let due = self.interlude.lock().unwrap().take_if(|(before, _)| *before == act);
        if let Some((_, interlude)) = due {
            interlude.await;
        }
    }

    /// The answer to `act`, unless it is lost.
    fn answer<T>(&self, act: &'static str, answer: T) -> Result<T, StoreError> {
        match *self.trouble.lock().unwrap() {
            Trouble::LosesAnswerOf(lost) if lost == act => Err(full(act)),
            _ => Ok(answer),
        }
    }
}

/// A store in which something happens once, before the first keys are added.
pub(crate) fn before_keys(inner: Arc<dyn Store>, interlude: Interlude) -> Arc<dyn Store> {
    let store = WatchedStore::around(inner, Sharing::WithOthers);
    store.before("initialise_keys", interlude);
    Arc::new(store)
}

fn full(act: &'static str) -> StoreError {
    let reason = "the disk at /var/lib/hallpass is full".to_owned();
    StoreError::Unavailable { act, reason }
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

    async fn session_with_consent(
        &self,
        id: &SessionId,
        client: &ClientId,
    ) -> Result<Option<(SignedIn, Option<Consent>)>, StoreError> {
        self.note("session_with_consent")?.session_with_consent(id, client).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SignedIn>, StoreError> {
        self.note("session")?.session(id).await
    }

    async fn open_sessions(&self, account: AccountId, now: Timestamp) -> Result<u64, StoreError> {
        self.note("open_sessions")?.open_sessions(account, now).await
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

    async fn person(&self, id: AccountId) -> Result<Option<Person>, StoreError> {
        self.note("person")?.person(id).await
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

    async fn set_profile(
        &self,
        account: AccountId,
        profile: &Profile,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.note("set_profile")?.set_profile(account, profile, at).await
    }

    async fn open_session(
        &self,
        session: &Session,
        replaces: Option<&SessionId>,
    ) -> Result<(), StoreError> {
        self.note("open_session")?.open_session(session, replaces).await
    }

    async fn close_session(&self, id: &SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.note("close_session")?.close_session(id, at).await
    }

    async fn join_session(&self, id: &SessionId, client: &ClientId) -> Result<bool, StoreError> {
        self.note("join_session")?.join_session(id, client).await
    }

    async fn close_sessions_of(
        &self,
        account: AccountId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.note("close_sessions_of")?.close_sessions_of(account, at).await
    }

    async fn claim_logout_notices(
        &self,
        now: Timestamp,
        wait: Duration,
        limit: u32,
    ) -> Result<Vec<LogoutNotice>, StoreError> {
        self.note("claim_logout_notices")?.claim_logout_notices(now, wait, limit).await
    }

    async fn forget_logout_notice(
        &self,
        session: &SessionId,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        self.note("forget_logout_notice")?.forget_logout_notice(session, client).await
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

    async fn update_client(&self, client: &Client, at: Timestamp) -> Result<bool, StoreError> {
        self.note("update_client")?.update_client(client, at).await
    }

    async fn delete_client(
        &self,
        owner: AccountId,
        id: &ClientId,
        revocation: &Revocation,
    ) -> Result<bool, StoreError> {
        self.note("delete_client")?.delete_client(owner, id, revocation).await
    }

    async fn code_facts(
        &self,
        caller: &ClientId,
        code: &CodeKey,
    ) -> Result<authorization_code::Facts, StoreError> {
        self.note("code_facts")?.code_facts(caller, code).await
    }

    async fn sealed_code_redeemed_at(
        &self,
        code: &CodeKey,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.note("sealed_code_redeemed_at")?.sealed_code_redeemed_at(code).await
    }

    async fn refresh_facts(
        &self,
        caller: &ClientId,
        family: AuthorizationId,
    ) -> Result<refresh_token::Facts, StoreError> {
        self.note("refresh_facts")?.refresh_facts(caller, family).await
    }

    async fn knows_origin(&self, origin: &str) -> Result<bool, StoreError> {
        self.note("knows_origin")?.knows_origin(origin).await
    }

    async fn consents_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Listing<ConsentedClient>, StoreError> {
        self.note("consents_of")?.consents_of(account, page).await
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<(u64, Change)>, StoreError> {
        let store = self.note("changes")?;
        let is_forgotten = *self.trouble.lock().unwrap() == Trouble::ForgotChanges;
        if is_forgotten { Ok(Vec::new()) } else { store.changes(after, limit).await }
    }

    async fn record_code(&self, record: &CodeRecord) -> Result<bool, StoreError> {
        self.note("record_code")?.record_code(record).await
    }

    async fn redeem_code(
        &self,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError> {
        self.wait_before("redeem_code").await;
        let outcome = self.note("redeem_code")?.redeem_code(redemption).await?;
        self.answer("redeem_code", outcome)
    }

    async fn redeem_sealed_code(
        &self,
        code: &SealedCode,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError> {
        self.wait_before("redeem_sealed_code").await;
        let outcome = self.note("redeem_sealed_code")?.redeem_sealed_code(code, redemption).await?;
        self.answer("redeem_sealed_code", outcome)
    }

    async fn rotate(&self, rotation: &refresh_token::Rotation) -> Result<Outcome, StoreError> {
        self.wait_before("rotate").await;
        let outcome = self.note("rotate")?.rotate(rotation).await?;
        self.answer("rotate", outcome)
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError> {
        self.note("revoke")?.revoke(revocation).await
    }

    async fn withdraw_consent(
        &self,
        account: AccountId,
        client: &ClientId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Revocation>, StoreError> {
        self.note("withdraw_consent")?.withdraw_consent(account, client, at, until).await
    }

    async fn declare(&self, declaration: &Declaration) -> Result<Declared, StoreError> {
        self.note("declare")?.declare(declaration).await
    }

    async fn initialise_keys(&self, keys: &[SealedKey]) -> Result<(), StoreError> {
        self.wait_before("initialise_keys").await;
        self.note("initialise_keys")?.initialise_keys(keys).await
    }

    async fn add_key(&self, key: &SealedKey, newest: KeyId) -> Result<bool, StoreError> {
        self.note("add_key")?.add_key(key, newest).await
    }

    async fn replace_key(&self, revoked: KeyId, successor: &SealedKey) -> Result<bool, StoreError> {
        self.note("replace_key")?.replace_key(revoked, successor).await
    }

    async fn remove_keys(&self, ids: &[KeyId], at: Timestamp) -> Result<u64, StoreError> {
        self.note("remove_keys")?.remove_keys(ids, at).await
    }

    async fn purge_expired(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.note("purge_expired")?.purge_expired(before, limit).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.note("check")?.check().await
    }

    fn is_shared(&self) -> bool {
        self.sharing == Sharing::WithOthers || self.inner.is_shared()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
