//! Who appears in the cases: people, their browsers, and their apps.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord};
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AllowedScopes, Authentication, AuthorizationId, Client,
    ClientId, ClientStatus, ClientType, CodeKey, Denial, EmailAddress, GrantType, LogoutUri,
    OpenIdSettings, PkceRule, RedirectUri, RefreshFamily, Revocation, Revoked, ScopeDefinition,
    ScopeGroup, ScopeSet, Secret, Session, SessionId, SignatureAlgorithm, SubjectType, Timestamp,
    Username,
};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::Granted;
use hallpass_protocol::token::grant::authorization_code::{Redemption, StoredCode};
use hallpass_protocol::token::grant::refresh_token::Rotation;

use crate::{AccountCreation, Change, Declaration, Declared, Outcome, Store};

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

/// An owner with an app, and a browser signed in as the owner.
pub(super) async fn story(store: &AnyStore) -> (Account, Client, Session) {
    let ada = person(store, "ada").await;
    let tunes = app(store, &ada, "tunes").await;
    let laptop = sign_in(store, "laptop", &ada).await;
    (ada, tunes, laptop)
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
        openid: OpenIdSettings::default(),
        status: ClientStatus::Active,
        created_at: NOW,
    }
}

/// Settings of OpenID Connect of which none is the default.
pub(super) fn openid_settings() -> OpenIdSettings {
    OpenIdSettings {
        id_token_algorithm: SignatureAlgorithm::EdDsa,
        userinfo_algorithm: Some(SignatureAlgorithm::Es256),
        subject_type: SubjectType::Pairwise,
        post_logout_redirect_uris: ["https://b.example/?x=%20", "com.example.app:/out"]
            .map(redirect_uri)
            .to_vec(),
        backchannel_logout_uri: LogoutUri::parse("https://app.example/logout").ok(),
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

/// A code issued in `session` on the approval of `list` for `client`; its authorization is
/// `family(number)`, and so is the consent if the approval is the first.
pub(super) fn code(session: &Session, client: &Client, list: &str, number: u8) -> CodeRecord {
    let authorization = family(number.into());
    let approval = Approval { authorization, ..approval(session, client, list) };
    CodeRecord {
        key: CodeKey::derive(NOW, &[number; 32]).1,
        authorization,
        ground: CodeGround::Approved(approval),
        session: session.id,
        account: session.account,
        client: client.id.clone(),
        redirect_uri: "https://app.example/callback".to_owned(),
        scopes: scopes(list),
        challenge: CodeChallenge::parse(&"A".repeat(43)),
        resource: None,
        authentication: None,
        issued_at: NOW,
        expires_at: LATER,
    }
}

/// A code that is on record.
pub(super) async fn issued(
    store: &AnyStore,
    session: &Session,
    client: &Client,
    number: u8,
) -> CodeRecord {
    let code = code(session, client, "a b", number);
    assert!(store.record_code(&code).await.unwrap());
    code
}

/// The family that begins with `code`, which rests on `consent`.
pub(super) fn family_of(code: &CodeRecord, consent: AuthorizationId) -> RefreshFamily {
    RefreshFamily {
        authorization: code.authorization,
        consent,
        client: code.client.clone(),
        account: code.account,
        scopes: code.scopes.clone(),
        resource: code.resource.clone(),
        authentication: code
            .authentication
            .clone()
            .map(|authentication| Authentication { nonce: None, ..authentication }),
        generation: 0,
        created_at: LATER,
        idle_until: END,
        absolute_until: END,
        ended_at: None,
    }
}

/// The exchange of `code`, which rests on the consent that was given with it, for a family.
pub(super) fn exchange(code: &CodeRecord) -> Redemption {
    let consent = code.authorization;
    Redemption {
        key: code.key,
        at: LATER,
        family: Some(family_of(code, consent)),
        granted: granted(code, consent, 0),
    }
}

/// The step from `generation` of what follows from `code` to the next.
pub(super) fn rotation(code: &CodeRecord, generation: u32) -> Rotation {
    Rotation {
        authorization: code.authorization,
        from_generation: generation,
        idle_until: END,
        at: LATER,
        granted: granted(code, code.authorization, generation + 1),
    }
}

fn granted(code: &CodeRecord, consent: AuthorizationId, generation: u32) -> Granted {
    Granted {
        client: code.client.clone(),
        subject: TokenSubject::Account(code.account),
        authorization: code.authorization,
        consent: Some(consent),
        scopes: code.scopes.clone(),
        resource: code.resource.clone(),
        authentication: code.authentication.clone(),
        refresh_generation: Some(generation),
    }
}

/// A code that is on record and was exchanged for a family.
pub(super) async fn exchanged(
    store: &AnyStore,
    session: &Session,
    client: &Client,
    number: u8,
) -> CodeRecord {
    let code = issued(store, session, client, number).await;
    assert_eq!(store.redeem_code(&exchange(&code)).await.unwrap(), Outcome::Done);
    code
}

/// The code as it is on record.
pub(super) async fn stored_code(store: &AnyStore, code: &CodeRecord) -> Option<StoredCode> {
    store.code_facts(&code.client, &code.key).await.unwrap().code
}

/// The family that followed from `code`, as it is on record.
pub(super) async fn stored_family(store: &AnyStore, code: &CodeRecord) -> Option<RefreshFamily> {
    store.refresh_facts(&code.client, code.authorization).await.unwrap().family
}

/// The end of `revoked`.
pub(super) fn end(revoked: Revoked) -> Revocation {
    Revocation { revoked, at: LATER, until: END }
}

/// The end of all tokens of `client`.
pub(super) fn end_of(client: &Client) -> Revocation {
    end(Revoked::Client(client.id.clone()))
}

/// Everything that was told, of whatever kind.
pub(super) async fn changes(store: &AnyStore) -> Vec<(u64, Change)> {
    store.changes(0, u32::MAX).await.unwrap()
}

/// The acts with a number above `after` that ended tokens.
pub(super) async fn revocations(store: &AnyStore, after: u64) -> Vec<(u64, Revocation)> {
    let changes = store.changes(after, u32::MAX).await.unwrap().into_iter();
    let revocation = |(number, change)| match change {
        Change::Revoked(revocation) => Some((number, revocation)),
        _ => None,
    };
    changes.filter_map(revocation).collect()
}

/// Makes `accounts` and `clients` be as they are given.
pub(super) async fn declare(store: &AnyStore, accounts: &[&Account], clients: &[&Client]) {
    let accounts = accounts.iter().map(|account| ((*account).clone(), password_hash(account)));
    let clients = clients.iter().map(|client| (*client).clone());
    let declaration = Declaration {
        accounts: accounts.collect(),
        clients: clients.collect(),
        ..Declaration::new(NOW)
    };
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);
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
