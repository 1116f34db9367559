//! The embedded store: one SQLite file, one thread that writes, readers beside it.
//!
//! Each file below is named after the noun or the endpoint that it serves, and holds its statements.
//! A fact runs on a reader ([`readers`]), an act on the writer ([`writer`]); statements never choose. This file is long
//! because the trait is implemented here, a line or two for each of its methods.
//!
//! The file is in WAL mode with `synchronous=FULL`: readers and the writer never wait for one another,
//! and a COMMIT that has answered survives the loss of power.

mod account;
mod act;
mod api;
mod authorize;
mod change;
mod client;
mod client_origin;
mod code;
mod consent;
mod declare;
mod facts;
mod failure;
mod keys;
mod migrations;
mod opening;
mod profile;
mod readers;
mod refresh_family;
mod remembered;
mod revoke;
#[cfg(test)]
mod round_trip;
mod scope;
mod sealed_code;
mod session;
mod session_client;
mod statement;
mod touched;
pub(crate) mod transfer;
mod upkeep;
mod writer;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;

use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord, Facts};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    Account, AccountId, Api, AuthorizationId, Client, ClientId, CodeKey, Consent, KeyId, Person,
    Profile, Revocation, Revoked, ScopeDefinition, SealedKey, Session, SessionId, SignedIn,
    Timestamp,
};
use hallpass_protocol::sign_in::Credentials;
use hallpass_protocol::token::grant::{authorization_code, refresh_token};

use crate::{
    AccountCreation, Change, ConsentedClient, Declaration, Declared, Identifier, Listing,
    LogoutNotice, OpenError, Outcome, Page, Store, StoreError,
};
use failure::Failure;
use readers::Readers;
use remembered::Remembered;
use touched::{Moments, Touched};
use writer::Writer;

/// A store in one SQLite file. Dropping it waits for the acts that were handed over.
pub struct SqliteStore {
    readers: Readers,
    remembered: Remembered,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database at `path`, and makes it if there is no file or an empty one. Until the store
    /// is closed or dropped, nobody else can open it.
    ///
    /// # Errors
    /// An [`OpenError`] if the file is not ours, not for this version, in use, or cannot be read or
    /// written. It is then as it was.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let (connection, lock) = opening::open(path)?;
        let moments = Moments::new();
        let remembered = Remembered::new(&moments);
        let writer = Writer::start(connection, lock, moments)
            .map_err(|error| opening::unreadable(path, &error))?;
        Ok(Self { readers: Readers::of(path), remembered, writer })
    }

    fn read<T>(
        &self,
        fact: &'static str,
        ask: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.readers.read(ask).map_err(|failure| failure.during(fact))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn authorization_facts(
        &self,
        client: &ClientId,
        session: Option<&SessionId>,
    ) -> Result<Facts, StoreError> {
        self.read("read the facts of an authorization request", |connection| {
            authorize::facts(connection, client, session)
        })
    }

    async fn session_with_consent(
        &self,
        id: &SessionId,
        client: &ClientId,
    ) -> Result<Option<(SignedIn, Option<Consent>)>, StoreError> {
        self.session_and_consent(id, client)
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SignedIn>, StoreError> {
        self.read("read a session", |connection| session::signed_in(connection, id))
    }

    async fn open_sessions(&self, account: AccountId, now: Timestamp) -> Result<u64, StoreError> {
        self.read("count sessions", |connection| session::count(connection, account, now))
    }

    async fn credentials(
        &self,
        identifier: &Identifier,
    ) -> Result<Option<Credentials>, StoreError> {
        self.read("read credentials", |connection| account::credentials(connection, identifier))
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read("read an account", |connection| account::account(connection, id))
    }

    async fn person(&self, id: AccountId) -> Result<Option<Person>, StoreError> {
        self.read("read a person", |connection| profile::person(connection, id))
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.known_client(id)?.map(|client| Client::clone(&client)))
    }

    async fn owned_client(
        &self,
        owner: AccountId,
        id: &ClientId,
    ) -> Result<Option<Client>, StoreError> {
        self.read("read a client", |connection| client::owned(connection, owner, id))
    }

    async fn clients_of(
        &self,
        owner: AccountId,
        page: Page,
    ) -> Result<Listing<Client>, StoreError> {
        self.read("list clients", |connection| client::of_owner(connection, owner, page))
    }

    async fn code_facts(
        &self,
        caller: &ClientId,
        code: &CodeKey,
    ) -> Result<authorization_code::Facts, StoreError> {
        self.facts_of_code(caller, code)
    }

    async fn sealed_code_redeemed_at(
        &self,
        code: &CodeKey,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read("read the use of a code", |connection| sealed_code::redeemed_at(connection, code))
    }

    async fn refresh_facts(
        &self,
        caller: &ClientId,
        family: AuthorizationId,
    ) -> Result<refresh_token::Facts, StoreError> {
        self.facts_of_family(caller, family)
    }

    async fn knows_origin(&self, origin: &str) -> Result<bool, StoreError> {
        self.read("look for an origin", |connection| client_origin::is_known(connection, origin))
    }

    async fn consents_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Listing<ConsentedClient>, StoreError> {
        self.read("list consents", |connection| consent::of_account(connection, account, page))
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<(u64, Change)>, StoreError> {
        self.read("read the changes", |connection| change::after(connection, after, limit))
    }

    async fn apis(&self) -> Result<Vec<Api>, StoreError> {
        self.read("read the APIs", api::all)
    }

    async fn scopes(&self) -> Result<Vec<ScopeDefinition>, StoreError> {
        self.read("read the scopes", scope::all)
    }

    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError> {
        self.read("read the keys", keys::all)
    }

    async fn create_account(
        &self,
        account: &Account,
        password_hash: &str,
    ) -> Result<AccountCreation, StoreError> {
        let (account, password_hash) = (account.clone(), password_hash.to_owned());
        let create =
            move |connection: &Connection| account::create(connection, &account, &password_hash);
        self.writer.act_on(Touched::Nothing, "create an account", create).await
    }

    async fn set_profile(
        &self,
        account: AccountId,
        profile: &Profile,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let profile = profile.clone();
        let set = move |connection: &Connection| profile::set(connection, account, &profile, at);
        self.writer.act_on(Touched::Nothing, "set a profile", set).await
    }

    async fn open_session(
        &self,
        session: &Session,
        replaces: Option<&SessionId>,
    ) -> Result<(), StoreError> {
        let (session, replaces) = (session.clone(), replaces.copied());
        let open =
            move |connection: &Connection| session::open(connection, &session, replaces.as_ref());
        // Nobody has asked for the new one yet.
        let touched = replaces.map_or(Touched::Nothing, Touched::Session);
        self.writer.act_on(touched, "open a session", open).await
    }

    async fn join_session(&self, id: &SessionId, client: &ClientId) -> Result<bool, StoreError> {
        let (id, client) = (*id, client.clone());
        let join = move |connection: &Connection| session_client::join(connection, &id, &client);
        // How many have joined is no part of what is remembered of it.
        self.writer.act_on(Touched::Nothing, "join a session", join).await
    }

    async fn close_session(&self, id: &SessionId, at: Timestamp) -> Result<(), StoreError> {
        let id = *id;
        let close = move |connection: &Connection| session::close(connection, &id, at);
        self.writer.act_on(Touched::Session(id), "close a session", close).await
    }

    async fn close_sessions_of(
        &self,
        account: AccountId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let close = move |connection: &Connection| session::close_all_of(connection, account, at);
        self.writer
            .act_on(Touched::Account(account), "close the sessions of an account", close)
            .await
    }

    async fn claim_logout_notices(
        &self,
        now: Timestamp,
        wait: Duration,
        limit: u32,
    ) -> Result<Vec<LogoutNotice>, StoreError> {
        let claim =
            move |connection: &Connection| session_client::claim(connection, now, wait, limit);
        self.writer.act_on(Touched::Nothing, "claim notices of sessions", claim).await
    }

    async fn forget_logout_notice(
        &self,
        session: &SessionId,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        let (session, client) = (*session, client.clone());
        let forget =
            move |connection: &Connection| session_client::forget(connection, &session, &client);
        self.writer.act_on(Touched::Nothing, "forget the notice of a session", forget).await
    }

    async fn record_approval(
        &self,
        approval: &Approval,
    ) -> Result<Option<AuthorizationId>, StoreError> {
        let touched = Touched::Account(approval.account);
        let approval = approval.clone();
        let record = move |connection: &Connection| consent::record(connection, &approval);
        self.writer.act_on(touched, "record an approval", record).await
    }

    async fn create_client(&self, client: &Client) -> Result<(), StoreError> {
        let client = client.clone();
        let create = move |connection: &Connection| client::create(connection, &client);
        self.writer.act_on(Touched::Nothing, "create a client", create).await
    }

    async fn update_client(&self, client: &Client, at: Timestamp) -> Result<bool, StoreError> {
        let client = client.clone();
        let update = move |connection: &Connection| client::update(connection, &client, at);
        self.writer.act("update a client", update).await
    }

    async fn delete_client(
        &self,
        owner: AccountId,
        id: &ClientId,
        revocation: &Revocation,
    ) -> Result<bool, StoreError> {
        let (id, revocation) = (id.clone(), revocation.clone());
        let delete =
            move |connection: &Connection| client::delete(connection, owner, &id, &revocation);
        self.writer.act("delete a client", delete).await
    }

    async fn record_code(&self, record: &CodeRecord) -> Result<bool, StoreError> {
        let touched = match &record.ground {
            CodeGround::Remembered(_) => Touched::Nothing,
            CodeGround::Approved(approval) => Touched::Account(approval.account),
        };
        let code = record.clone();
        let act = move |connection: &Connection| code::record(connection, &code);
        self.writer.act_on(touched, "record a code", act).await
    }

    async fn redeem_code(
        &self,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError> {
        let redemption = redemption.clone();
        let redeem = move |connection: &Connection| code::redeem(connection, &redemption);
        self.writer.act_on(Touched::Nothing, "redeem a code", redeem).await
    }

    async fn redeem_sealed_code(
        &self,
        code: &SealedCode,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError> {
        let (code, redemption) = (code.clone(), redemption.clone());
        let redeem =
            move |connection: &Connection| sealed_code::redeem(connection, &code, &redemption);
        self.writer.act_on(Touched::Nothing, "redeem a sealed code", redeem).await
    }

    async fn rotate(&self, rotation: &refresh_token::Rotation) -> Result<Outcome, StoreError> {
        let rotation = rotation.clone();
        let rotate = move |connection: &Connection| refresh_family::rotate(connection, &rotation);
        self.writer.act_on(Touched::Nothing, "rotate a refresh token", rotate).await
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError> {
        let touched = match revocation.revoked {
            Revoked::Authorization(_) => Touched::Nothing,
            Revoked::Consent(_) | Revoked::Account(_) | Revoked::Client(_) => Touched::Everything,
        };
        let revocation = revocation.clone();
        let revoke = move |connection: &Connection| revoke::revoke(connection, &revocation);
        self.writer.act_on(touched, "revoke tokens", revoke).await
    }

    async fn withdraw_consent(
        &self,
        account: AccountId,
        client: &ClientId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Revocation>, StoreError> {
        let client = client.clone();
        let withdraw = move |connection: &Connection| {
            consent::withdraw(connection, account, &client, at, until)
        };
        self.writer.act_on(Touched::Account(account), "withdraw a consent", withdraw).await
    }

    async fn declare(&self, declaration: &Declaration) -> Result<Declared, StoreError> {
        let declaration = declaration.clone();
        let declare = move |connection: &Connection| declare::declare(connection, &declaration);
        self.writer.act("take over a declaration", declare).await
    }

    async fn initialise_keys(&self, keys: &[SealedKey]) -> Result<(), StoreError> {
        let keys = keys.to_vec();
        let initialise = move |connection: &Connection| keys::initialise(connection, &keys);
        self.writer.act("initialise the keys", initialise).await
    }

    async fn add_key(&self, key: &SealedKey, newest: KeyId) -> Result<bool, StoreError> {
        let key = key.clone();
        let add = move |connection: &Connection| keys::add(connection, &key, newest);
        self.writer.act("add a key", add).await
    }

    async fn replace_key(&self, revoked: KeyId, successor: &SealedKey) -> Result<bool, StoreError> {
        let successor = successor.clone();
        let replace = move |connection: &Connection| keys::replace(connection, revoked, &successor);
        self.writer.act("replace a key", replace).await
    }

    async fn remove_keys(&self, ids: &[KeyId], at: Timestamp) -> Result<u64, StoreError> {
        let ids = ids.to_vec();
        let remove = move |connection: &Connection| keys::remove(connection, &ids, at);
        self.writer.act("remove keys", remove).await
    }

    async fn purge_expired(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let purge = move |connection: &Connection| upkeep::purge(connection, before, limit);
        self.writer.act("purge what has expired", purge).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer.act_on(Touched::Nothing, "write a probe", upkeep::probe).await
    }

    /// One process owns the file.
    fn is_shared(&self) -> bool {
        false
    }

    async fn close(&self) {
        // First the readers: the log can be folded in only when nobody reads it.
        self.readers.close();
        self.writer.close().await;
    }
}
