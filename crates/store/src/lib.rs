//! Where Hallpass keeps what must last.
//!
//! A [`Store`] has three groups of methods. *Facts* answer what one decision needs, in one round trip
//! each; "not there" is `None`. *Acts* change something, in one transaction and one round trip each;
//! an act has happened, and is on stable storage, when its future is ready with `Ok`. *Upkeep* keeps
//! the tables small. No transaction crosses the trait, and no SQL leaves this crate.
//!
//! Each method's doc says what holds after it; [`conformance`] checks that on every store.

mod change;
pub mod conformance;
mod declaration;
mod ends;
mod error;
mod listing;
mod location;
mod logout_notice;
mod names;
mod postgres;
mod row;
mod sqlite;
pub mod transfer;

use std::time::Duration;

use async_trait::async_trait;
use hallpass_protocol::authorize::{Approval, CodeRecord, Facts};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    Account, AccountId, Api, AuthorizationId, Client, ClientId, CodeKey, Consent, EmailAddress,
    KeyId, Person, Profile, Revocation, ScopeDefinition, SealedKey, Session, SessionId, SignedIn,
    Timestamp, Username,
};
use hallpass_protocol::sign_in::Credentials;
use hallpass_protocol::token::grant::{authorization_code, refresh_token};

pub use change::{Change, NEWS_LIFETIME};
pub use declaration::{Declaration, Declared};
pub use ends::open_transfer;
pub use error::{OpenError, StoreError};
pub use listing::{ConsentedClient, Listing, Page};
pub use location::{Location, open};
pub use logout_notice::{LOGOUT_NOTICE_LIFETIME, LogoutNotice};
pub use postgres::{PostgresSettings, PostgresStore};
pub use sqlite::SqliteStore;

/// What Hallpass keeps, asked in facts and changed in acts.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // Facts: one round trip each.

    /// What a decision about an authorization request needs: the client, the browser's session with
    /// its account, and that account's consent to that client.
    async fn authorization_facts(
        &self,
        client: &ClientId,
        session: Option<&SessionId>,
    ) -> Result<Facts, StoreError>;

    /// The session of a cookie with its account, and that account's consent to `client`, whatever their
    /// state: [`Store::authorization_facts`] for whoever knows the client already.
    async fn session_with_consent(
        &self,
        id: &SessionId,
        client: &ClientId,
    ) -> Result<Option<(SignedIn, Option<Consent>)>, StoreError>;

    /// The session of a cookie with its account, whatever their state.
    async fn session(&self, id: &SessionId) -> Result<Option<SignedIn>, StoreError>;

    /// In how many browsers the account is signed in at `now`.
    async fn open_sessions(&self, account: AccountId, now: Timestamp) -> Result<u64, StoreError>;

    /// The account whose username or e-mail address this is (compared by their keys), with the hash
    /// of its password.
    async fn credentials(&self, identifier: &Identifier)
    -> Result<Option<Credentials>, StoreError>;

    /// One account.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// One account with what its owner tells of themselves, whatever its status.
    async fn person(&self, id: AccountId) -> Result<Option<Person>, StoreError>;

    /// One client, whatever its status.
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// One client, if `owner` owns it.
    async fn owned_client(
        &self,
        owner: AccountId,
        id: &ClientId,
    ) -> Result<Option<Client>, StoreError>;

    /// The clients of `owner`, newest first.
    async fn clients_of(&self, owner: AccountId, page: Page)
    -> Result<Listing<Client>, StoreError>;

    /// What is to be known about a code that `caller` brings: the caller, the code, the code's account,
    /// and that account's consent to the code's client.
    async fn code_facts(
        &self,
        caller: &ClientId,
        code: &CodeKey,
    ) -> Result<authorization_code::Facts, StoreError>;

    /// When a code that is on record nowhere was exchanged, if it was.
    async fn sealed_code_redeemed_at(
        &self,
        code: &CodeKey,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// What is to be known about a refresh token that `caller` brings: the caller, the family, the
    /// family's account, and that account's consent to the family's client.
    async fn refresh_facts(
        &self,
        caller: &ClientId,
        family: AuthorizationId,
    ) -> Result<refresh_token::Facts, StoreError>;

    /// Whether an active public client has a redirect URI of this web origin (`https://host:port`).
    async fn knows_origin(&self, origin: &str) -> Result<bool, StoreError>;

    /// The clients that `account` allows something, the one it last used first.
    async fn consents_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Listing<ConsentedClient>, StoreError>;

    /// The changes with a number above `after`, in the order of their numbers, at most `limit` of them.
    ///
    /// Numbers only rise, and a change is there before one with a higher number is: who has seen a
    /// number has missed nothing below it.
    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<(u64, Change)>, StoreError>;

    /// All scopes that the operator has defined, in the order in which they were first declared.
    async fn scopes(&self) -> Result<Vec<ScopeDefinition>, StoreError>;

    /// All APIs that tokens can be asked for, in the order of their identifiers.
    async fn apis(&self) -> Result<Vec<Api>, StoreError>;

    /// All keys of the installation, in the order in which they become active.
    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError>;

    // Acts: one transaction each, durable when they answer.

    /// Adds an account. The name and the address are unique by their keys, whoever else signs up in
    /// the same moment; if either is taken nothing is stored.
    async fn create_account(
        &self,
        account: &Account,
        password_hash: &str,
    ) -> Result<AccountCreation, StoreError>;

    /// Puts what the owner of `account` tells of themselves in the place of what they told before, and tells
    /// of it; answers `false` and stores nothing if there is no such account or it is not active. `at` is
    /// the time now.
    ///
    /// What is known to be true is not theirs to say: whatever `profile` says of it, the address stays as
    /// well known as it was, and so does the number if it is still the same; another one is not known.
    async fn set_profile(
        &self,
        account: AccountId,
        profile: &Profile,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Opens a session, and in the same transaction closes the one that the browser had before, as
    /// [`Store::close_session`] does, at the moment in which the new one begins.
    async fn open_session(
        &self,
        session: &Session,
        replaces: Option<&SessionId>,
    ) -> Result<(), StoreError>;

    /// Adds `client` to those that are to be told when the session is closed; answers `false` and stores
    /// nothing if the session is not there. A client that was added before is added already.
    async fn join_session(&self, id: &SessionId, client: &ClientId) -> Result<bool, StoreError>;

    /// Closes a session. After it no fact shows the session any more, and of each client that has joined
    /// it there is a notice, due at `at`. A session that is not there is closed already.
    async fn close_session(&self, id: &SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Closes all sessions of an account, each as [`Store::close_session`] does; answers how many it found
    /// open.
    async fn close_sessions_of(&self, account: AccountId, at: Timestamp)
    -> Result<u64, StoreError>;

    /// Takes at most `limit` notices that are due at `now`, the longest due first: of any number of calls at
    /// one time, over all nodes, one gets each. A notice that is taken for the n-th time is due again after
    /// n² times `wait`, unless it is forgotten until then; `wait` is longer than nothing.
    async fn claim_logout_notices(
        &self,
        now: Timestamp,
        wait: Duration,
        limit: u32,
    ) -> Result<Vec<LogoutNotice>, StoreError>;

    /// Forgets a notice: the client knows, or is not to be asked again.
    async fn forget_logout_notice(
        &self,
        session: &SessionId,
        client: &ClientId,
    ) -> Result<(), StoreError>;

    /// Remembers an approval: makes the consent, or widens the one that is there by what is new.
    ///
    /// Answers the family in force: the approval's own if it is the first, the consent's otherwise;
    /// of approvals racing one another all get the same family. Answers `None` and stores nothing
    /// if, at this moment, the session is not open and live, its account is not the approval's or
    /// not active, or the client is not there or not active.
    async fn record_approval(
        &self,
        approval: &Approval,
    ) -> Result<Option<AuthorizationId>, StoreError>;

    /// Adds a client, and tells of it. Its owner exists; its id is new: anything else is the caller's
    /// error, stores nothing and answers [`StoreError::Unavailable`].
    async fn create_client(&self, client: &Client) -> Result<(), StoreError>;

    /// Puts `client`'s name, description, website, redirect URIs, grant types, place for denials and OpenID
    /// Connect settings in the place of the old ones, and tells of it, if `client.owner` owns a client of
    /// that id; answers whether so. Type, secrets, scopes, status and date stay as they are. `at` is the time now.
    async fn update_client(&self, client: &Client, at: Timestamp) -> Result<bool, StoreError>;

    /// Removes a client, all consents given to it, its codes and its refresh families, if `owner` owns
    /// it, and records `revocation` in the same transaction; answers whether so. Where that is too much for
    /// one transaction, the first shuts the client and records `revocation`, and the rest follow; broken off
    /// in between, the client is shut and can be deleted again.
    async fn delete_client(
        &self,
        owner: AccountId,
        id: &ClientId,
        revocation: &Revocation,
    ) -> Result<bool, StoreError>;

    /// Remembers a code, and the approval that it was issued on if there is a new one.
    ///
    /// Answers `false` and stores nothing if, at this moment, the session is not open and live, its
    /// account is not the record's or not active, the client is not there or not active, or a
    /// remembered consent is not there any more. A code that is on record already is left as it is: an
    /// answer sent twice makes one code. `true` is answered if it can still be exchanged, and `false`
    /// if it was: sent out again, it would look like a theft. The code rests on the consent in force,
    /// as [`Store::record_approval`] tells it.
    async fn record_code(&self, record: &CodeRecord) -> Result<bool, StoreError>;

    /// Exchanges a code once: of any number of calls, over all nodes, one gets `Done`. The family, if
    /// there is one, is stored with it, and the consent is marked as used. `Gone` if the code is not
    /// there, or its session, its consent, its account or its client have gone or been shut since.
    async fn redeem_code(
        &self,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError>;

    /// The same for a code that is on record nowhere: that it was exchanged is recorded. `Late` if it was before;
    /// `Gone` if its session is not open and live, or its consent, its account or its client are not there
    /// or shut. That an account or a client was shut and opened again since it was issued is for the caller to know.
    async fn redeem_sealed_code(
        &self,
        code: &SealedCode,
        redemption: &authorization_code::Redemption,
    ) -> Result<Outcome, StoreError>;

    /// Moves a family on by one generation: of any number of calls from one generation, one gets
    /// `Done`. The consent is marked as used. `Late` if the generation is not the newest any more;
    /// `Gone` if the family has ended, or its consent, its account or its client have gone or been shut.
    async fn rotate(&self, rotation: &refresh_token::Rotation) -> Result<Outcome, StoreError>;

    /// Ends what `revocation` names and records it. After it no code of an ended authorization is
    /// redeemed, no family of it rotated, and [`Store::changes`] tells of it. An end that is on
    /// record already is recorded once more, which does no harm. A consent never comes back, so the end
    /// of one removes it.
    async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError>;

    /// Takes back what `account` allows `client`: the consent, its codes and its families go, and
    /// [`Store::changes`] tells that all tokens which rest on it have ended. Answers with that act;
    /// `None` if there was no consent. `at` and `until` are the act's.
    async fn withdraw_consent(
        &self,
        account: AccountId,
        client: &ClientId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Revocation>, StoreError>;

    /// Makes users, scopes, clients and APIs be as an operator's file says: what is there by its id is
    /// replaced, what is not is added, what the file does not name stays. All of it, or nothing. The
    /// declaration's revocations hold as after [`Store::revoke`]. [`Store::changes`] tells of them, and
    /// that there was a declaration.
    ///
    /// What is replaced keeps the date on which it was first made, a scope its place, a client the
    /// consents given to it, an account what its owner tells of themselves unless that is declared too; but
    /// an address that is declared anew is not known to be theirs unless the file says so. Accounts may take
    /// over one another's names. Of two accounts with one name the later is the one in the answer.
    async fn declare(&self, declaration: &Declaration) -> Result<Declared, StoreError>;

    /// Adds each key for whose purpose there is none yet: of processes starting at once, one wins, and
    /// all read the winner's with [`Store::keys`]. Tells of it if it added any.
    async fn initialise_keys(&self, keys: &[SealedKey]) -> Result<(), StoreError>;

    /// Adds the next key of its purpose if `newest` is still the one that becomes active last: of any
    /// number of calls that have seen the same newest key, over all nodes, one adds its own. Tells of it;
    /// answers whether it was added.
    async fn add_key(&self, key: &SealedKey, newest: KeyId) -> Result<bool, StoreError>;

    /// Removes a key and puts `successor`, of the same purpose, beside the others: no reader finds neither
    /// or both. Tells of it. Answers `false` and changes nothing if there is no such key (any more).
    async fn replace_key(&self, revoked: KeyId, successor: &SealedKey) -> Result<bool, StoreError>;

    /// Removes these keys, but of no purpose the last one, and tells of it if there were any; answers how
    /// many it removed. `at` is the time now.
    async fn remove_keys(&self, ids: &[KeyId], at: Timestamp) -> Result<u64, StoreError>;

    // Upkeep.

    /// Removes at most `limit` rows of each kind that ended before `before` (sessions and who has joined
    /// them, codes, families, changes, and notices of [`LOGOUT_NOTICE_LIFETIME`]); answers how many it
    /// removed in all.
    ///
    /// A code stays for an hour after its longest life, so that a late replay is known as one; a family
    /// that was ended until its time is over; the last change for good, so that a follower can know that
    /// the number it has was given out by this store.
    async fn purge_expired(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Whether the store answers and can write.
    async fn check(&self) -> Result<(), StoreError>;

    /// Whether other processes may write to it, so that what is kept in memory must follow
    /// [`Store::changes`].
    fn is_shared(&self) -> bool;

    /// Waits for acts under way, folds the log into the database and lets go of it.
    async fn close(&self);
}

/// What a person typed to say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// A username.
    Username(Username),
    /// An e-mail address.
    Email(EmailAddress),
}

impl Identifier {
    /// The form in which names and addresses are compared.
    pub fn key(&self) -> String {
        match self {
            Self::Username(username) => username.key(),
            Self::Email(email) => email.key(),
        }
    }
}

/// What came of [`Store::create_account`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountCreation {
    /// The account is stored.
    Created,
    /// Somebody has that username.
    UsernameTaken,
    /// Somebody has that address.
    EmailTaken,
}

/// What came of an act that can happen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It happened now.
    Done,
    /// It happened before.
    Late,
    /// It cannot happen any more; nothing was stored.
    Gone,
}
