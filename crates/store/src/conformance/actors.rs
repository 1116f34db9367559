//! Who appears in the cases: people, their browsers, and their apps.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AllowedScopes, AuthorizationId, Client, ClientId,
    ClientStatus, ClientType, Denial, EmailAddress, GrantType, PkceRule, RedirectUri, Revocation,
    Revoked, ScopeDefinition, ScopeGroup, ScopeSet, Secret, Session, SessionId, Timestamp,
    Username,
};

use crate::{AccountCreation, Store};

pub(super) type AnyStore = Arc<dyn Store>;

/// When the stories take place.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// After [`NOW`], and before a session of [`NOW`] ends.
pub(super) const LATER: Timestamp = Timestamp::from_seconds(1_800_000_060);
/// When a session of [`NOW`] ends.
pub(super) const END: Timestamp = Timestamp::from_seconds(1_800_003_600);

/// A person who has not signed up; the same name is always the same person.
pub(super) fn stranger(name: &str) -> Account {
    let digest = Secret::presented(name).digest();
    let (id, _) = digest.as_bytes().split_first_chunk().unwrap();
    Account {
        id: AccountId::from_uuid(Uuid::from_bytes(*id)),
        username: Username::parse(name).unwrap(),
        email: address(&format!("{name}@example.com")),
        status: AccountStatus::Active,
        created_at: NOW,
    }
}

pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// The hash of the password of `account`: not a real one, the store does not look.
pub(super) fn password_hash(account: &Account) -> String {
    format!("$argon2id$of-{}", account.username)
}

/// A person who has signed up.
pub(super) async fn person(store: &AnyStore, name: &str) -> Account {
    let account = stranger(name);
    sign_up(store, &account).await;
    account
}

pub(super) async fn sign_up(store: &AnyStore, account: &Account) {
    let creation = store.create_account(account, &password_hash(account)).await.unwrap();
    assert_eq!(creation, AccountCreation::Created);
}

/// The session that `browser` would get by signing in as `account`.
pub(super) fn session_in(browser: &str, account: &Account) -> Session {
    Session { id: session_id(browser), account: account.id, created_at: NOW, expires_at: END }
}

pub(super) fn session_id(browser: &str) -> SessionId {
    SessionId::of(&Secret::presented(browser))
}

/// A browser that is signed in as `account`.
pub(super) async fn sign_in(store: &AnyStore, browser: &str, account: &Account) -> Session {
    let session = session_in(browser, account);
    store.open_session(&session, None).await.unwrap();
    session
}

/// An app of `owner` that is not registered.
pub(super) fn app_of(owner: &Account, id: &str) -> Client {
    Client {
        id: client_id(id),
        client_type: ClientType::Public,
        name: format!("The {id} app"),
        description: String::new(),
        website: None,
        owner: owner.id,
        owner_name: owner.username.to_string(),
        redirect_uris: vec![redirect_uri("https://app.example/callback")],
        grant_types: [GrantType::Implicit].into_iter().collect(),
        scopes: AllowedScopes::Ordinary,
        denial: Denial::Query,
        pkce: PkceRule::Required,
        status: ClientStatus::Active,
        created_at: NOW,
    }
}

/// An app that `owner` has registered.
pub(super) async fn app(store: &AnyStore, owner: &Account, id: &str) -> Client {
    let client = app_of(owner, id);
    store.create_client(&client).await.unwrap();
    client
}

pub(super) fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub(super) fn redirect_uri(text: &str) -> RedirectUri {
    RedirectUri::from_stored(text).unwrap()
}

pub(super) fn scopes(list: &str) -> ScopeSet {
    ScopeSet::parse(list).unwrap()
}

pub(super) fn scope_definition(name: &str, text: &str) -> ScopeDefinition {
    let scope = scopes(name).iter().next().unwrap().clone();
    ScopeDefinition { scope, text: text.to_owned(), group: ScopeGroup::Data }
}

pub(super) fn family(number: u128) -> AuthorizationId {
    AuthorizationId::from_uuid(Uuid::from_u128(number))
}

/// "Agree", clicked in `session` on the page that asks for `list`, as the beginning of family 1.
pub(super) fn approval(session: &Session, client: &Client, list: &str) -> Approval {
    Approval {
        session: session.id,
        account: session.account,
        client: client.id.clone(),
        scopes: scopes(list),
        authorization: family(1),
        given_at: NOW,
    }
}

/// The end of all tokens of `client`.
pub(super) fn end_of(client: &Client) -> Revocation {
    Revocation { revoked: Revoked::Client(client.id.clone()), at: LATER, until: END }
}

/// Does `count` things at the same moment, as far as a machine can; answers what came of each.
pub(super) async fn at_once<T, F>(count: usize, each: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let mut running = JoinSet::new();
    for number in 0..count {
        let (start, thing) = (Arc::clone(&start), each(number));
        running.spawn(async move {
            start.wait().await;
            thing.await
        });
    }
    running.join_all().await
}
