//! Each method of the store, by the statements of its noun: a fact, or an act that may or may not be done
//! once more when its connection died before the answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use hallpass_protocol::authorize::{Approval, CodeRecord, Facts};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    Account, AccountId, Api, AuthorizationId, Client, ClientId, CodeKey, Consent, KeyId, Person,
    Profile, Revocation, Revoked, ScopeDefinition, SealedKey, Session, SessionId, SignedIn,
    Timestamp,
};
use hallpass_protocol::sign_in::Credentials;
use hallpass_protocol::token::grant::{authorization_code, refresh_token};
use tokio::task::JoinError;

use super::connection::Connection;
use super::database::Repeat;
use super::revoke::Ended;
use super::{
    PostgresStore, account, api, authorize, change, client, client_origin, code, consent, declare,
    deletion, keys, profile, refresh_family, revoke, scope, sealed_code, session, session_client,
    upkeep,
};
use crate::{
    AccountCreation, Change, ConsentedClient, Declaration, Declared, Identifier, Listing,
    LogoutNotice, Outcome, Page, Store, StoreError,
};

/// What one connection is asked: `ask!(session::signed_in(id))` asks for the session `id`.
macro_rules! ask {
    ($noun:ident :: $verb:ident ( $($argument:expr),* )) => {
        move |connection: Arc<Connection>| async move { $noun::$verb(&connection, $($argument),*).await }
    };
}

#[async_trait]
impl Store for PostgresStore {
    async fn authorization_facts(
        &self,
        client: &ClientId,
        session: Option<&SessionId>,
    ) -> Result<Facts, StoreError> {
        let fact = "read the facts of an authorization request";
        self.database.fact(fact, ask!(authorize::facts(client, session))).await
    }

    async fn session_with_consent(
        &self,
        id: &SessionId,
        client: &ClientId,
    ) -> Result<Option<(SignedIn, Option<Consent>)>, StoreError> {
        let fact = "read a session and a consent";
        let asked = (*id, client.clone());
        let ask_all = |connection: Arc<Connection>, asked: Arc<[authorize::Asked]>| async move {
            authorize::signed_in(&connection, &asked).await
        };
        self.database.gathered_fact(fact, &self.sessions, asked, ask_all).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SignedIn>, StoreError> {
        self.database.fact("read a session", ask!(session::signed_in(id))).await
    }

    async fn open_sessions(&self, account: AccountId, now: Timestamp) -> Result<u64, StoreError> {
        self.database.fact("count sessions", ask!(session::count(account, now))).await
    }

    async fn credentials(
        &self,
        identifier: &Identifier,
    ) -> Result<Option<Credentials>, StoreError> {
        self.database.fact("read credentials", ask!(account::credentials(identifier))).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.database.fact("read an account", ask!(account::account(id))).await
    }

    async fn person(&self, id: AccountId) -> Result<Option<Person>, StoreError> {
        self.database.fact("read a person", ask!(profile::person(id))).await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.database.fact("read a client", ask!(client::client(id))).await
    }

    async fn owned_client(
        &self,
        owner: AccountId,
        id: &ClientId,
    ) -> Result<Option<Client>, StoreError> {
        self.database.fact("read a client", ask!(client::owned(owner, id))).await
    }

    async fn clients_of(
        &self,
        owner: AccountId,
        page: Page,
    ) -> Result<Listing<Client>, StoreError> {
        self.database.fact("list clients", ask!(client::of_owner(owner, page))).await
    }

    async fn code_facts(
        &self,
        caller: &ClientId,
        code: &CodeKey,
    ) -> Result<authorization_code::Facts, StoreError> {
        self.database.fact("read the facts of a code", ask!(code::facts(caller, code))).await
    }

    async fn sealed_code_redeemed_at(
        &self,
        code: &CodeKey,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.database.fact("read the use of a code", ask!(sealed_code::redeemed_at(code))).await
    }

    async fn refresh_facts(
        &self,
        caller: &ClientId,
        family: AuthorizationId,
    ) -> Result<refresh_token::Facts, StoreError> {
        let fact = "read the facts of a refresh token";
        self.database.fact(fact, ask!(refresh_family::facts(caller, family))).await
    }

    async fn knows_origin(&self, origin: &str) -> Result<bool, StoreError> {
        self.database.fact("look for an origin", ask!(client_origin::is_known(origin))).await
    }

    async fn consents_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Listing<ConsentedClient>, StoreError> {
        self.database.fact("list consents", ask!(consent::of_account(account, page))).await
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<(u64, Change)>, StoreError> {
        self.database.fact("read the changes", ask!(change::after(after, limit))).await
    }

    async fn scopes(&self) -> Result<Vec<ScopeDefinition>, StoreError> {
        self.database.fact("read the scopes", ask!(scope::all())).await
    }

    async fn apis(&self) -> Result<Vec<Api>, StoreError> {
        self.database.fact("read the APIs", ask!(api::all())).await
    }

    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError> {
        self.database.fact("read the keys", ask!(keys::all())).await
    }

    // The second time it would find the names taken, by itself.
    async fn create_account(
        &self,
        account: &Account,
        password_hash: &str,
    ) -> Result<AccountCreation, StoreError> {
        let create = ask!(account::create(account, password_hash));
        self.database.act("create an account", Repeat::Never, create).await
    }

    async fn set_profile(
        &self,
        account: AccountId,
        profile: &Profile,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let set = ask!(profile::set(account, profile, at));
        self.database.act("set a profile", Repeat::Safe, set).await
    }

    async fn open_session(
        &self,
        session: &Session,
        replaces: Option<&SessionId>,
    ) -> Result<(), StoreError> {
        let open = ask!(session::open(session, replaces));
        self.database.act("open a session", Repeat::Safe, open).await
    }

    async fn join_session(&self, id: &SessionId, client: &ClientId) -> Result<bool, StoreError> {
        let join = ask!(session_client::join(id, client));
        self.database.act("join a session", Repeat::Safe, join).await
    }

    async fn close_session(&self, id: &SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.database.act("close a session", Repeat::Safe, ask!(session::close(id, at))).await
    }

    // The second time it finds those that the first has left open, which may be none.
    async fn close_sessions_of(
        &self,
        account: AccountId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let close = ask!(session::close_all_of(account, at));
        self.database.act("close the sessions of an account", Repeat::Safe, close).await
    }

    // What the first time has taken is due again later.
    async fn claim_logout_notices(
        &self,
        now: Timestamp,
        wait: Duration,
        limit: u32,
    ) -> Result<Vec<LogoutNotice>, StoreError> {
        let claim = ask!(session_client::claim(now, wait, limit));
        self.database.act("claim notices of sessions", Repeat::Never, claim).await
    }

    async fn forget_logout_notice(
        &self,
        session: &SessionId,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        let forget = ask!(session_client::forget(session, client));
        self.database.act("forget the notice of a session", Repeat::Safe, forget).await
    }

    // The second time it finds its own consent, and answers that.
    async fn record_approval(
        &self,
        approval: &Approval,
    ) -> Result<Option<AuthorizationId>, StoreError> {
        let record = ask!(consent::record(approval));
        self.database.act("record an approval", Repeat::Safe, record).await
    }

    // The second time it would find its id taken, by itself.
    async fn create_client(&self, client: &Client) -> Result<(), StoreError> {
        self.database.act("create a client", Repeat::Never, ask!(client::create(client))).await
    }

    async fn update_client(&self, client: &Client, at: Timestamp) -> Result<bool, StoreError> {
        self.database.act("update a client", Repeat::Safe, ask!(client::update(client, at))).await
    }

    // In a task of its own: it goes on if whoever asked goes away.
    async fn delete_client(
        &self,
        owner: AccountId,
        id: &ClientId,
        revocation: &Revocation,
    ) -> Result<bool, StoreError> {
        let (database, id) = (Arc::clone(&self.database), id.clone());
        let revocation = revocation.clone();
        let deletion =
            tokio::spawn(async move { deletion::delete(&database, owner, &id, &revocation).await });
        let lost = |error: JoinError| StoreError::Unavailable {
            act: "delete a client",
            reason: error.to_string(),
        };
        deletion.await.map_err(lost)?
    }

    async fn record_code(&self, record: &CodeRecord) -> Result<bool, StoreError> {
        self.database.act("record a code", Repeat::Safe, ask!(code::record(record))).await
    }

    // The second time it would take itself for a thief.
    async fn redeem_code(
        &self,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError> {
        self.database.act("redeem a code", Repeat::Never, ask!(code::redeem(redemption))).await
    }

    // The second time it would take itself for a thief.
    async fn redeem_sealed_code(
        &self,
        code: &SealedCode,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError> {
        let redeem = ask!(sealed_code::redeem(code, redemption));
        self.database.act("redeem a sealed code", Repeat::Never, redeem).await
    }

    // The second time it would come late, after itself.
    async fn rotate(&self, rotation: &refresh_token::Rotation) -> Result<Outcome, StoreError> {
        let rotate = ask!(refresh_family::rotate(rotation));
        self.database.act("rotate a refresh token", Repeat::Never, rotate).await
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError> {
        let act = "revoke tokens";
        let Revoked::Authorization(id) = revocation.revoked else {
            return self.database.act(act, Repeat::Safe, ask!(revoke::revoke(revocation))).await;
        };
        let ended = Ended { id, at: revocation.at, until: revocation.until };
        let all = |connection: Arc<Connection>, ended: Arc<[Ended]>| async move {
            revoke::revoke_all(&connection, &ended).await
        };
        let alone = ask!(revoke::revoke_one(ended));
        self.database.gathered_act(act, (&self.ends, ended), all, alone).await
    }

    // The second time it would find no consent.
    async fn withdraw_consent(
        &self,
        account: AccountId,
        client: &ClientId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Revocation>, StoreError> {
        let withdraw = ask!(consent::withdraw(account, client, at, until));
        self.database.act("withdraw a consent", Repeat::Never, withdraw).await
    }

    async fn declare(&self, declaration: &Declaration) -> Result<Declared, StoreError> {
        let declare = ask!(declare::declare(declaration));
        self.database.long_act("take over a declaration", Repeat::Safe, declare).await
    }

    async fn initialise_keys(&self, keys: &[SealedKey]) -> Result<(), StoreError> {
        self.database.act("initialise the keys", Repeat::Safe, ask!(keys::initialise(keys))).await
    }

    async fn add_key(&self, key: &SealedKey, newest: KeyId) -> Result<bool, StoreError> {
        self.database.act("add a key", Repeat::Never, ask!(keys::add(key, newest))).await
    }

    async fn replace_key(&self, revoked: KeyId, successor: &SealedKey) -> Result<bool, StoreError> {
        let replace = ask!(keys::replace(revoked, successor));
        self.database.act("replace a key", Repeat::Never, replace).await
    }

    async fn remove_keys(&self, ids: &[KeyId], at: Timestamp) -> Result<u64, StoreError> {
        self.database.act("remove keys", Repeat::Never, ask!(keys::remove(ids, at))).await
    }

    async fn purge_expired(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let purge = ask!(upkeep::purge(before, limit));
        self.database.long_act("purge what has expired", Repeat::Safe, purge).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.database.act("write a probe", Repeat::Safe, ask!(upkeep::probe())).await
    }

    /// Whoever has the URL may open it.
    fn is_shared(&self) -> bool {
        true
    }

    async fn close(&self) {
        self.database.close().await;
    }
}
