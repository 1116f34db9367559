//! An owner with an app, and a browser signed in as the owner: what acts of the token service need.

// Each test file uses a part of it.
#![allow(dead_code)]

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AllowedScopes, AuthorizationId, Client, ClientId,
    ClientStatus, ClientType, CodeKey, Denial, EmailAddress, GrantTypes, OpenIdSettings, PkceRule,
    RedirectUri, RefreshFamily, Revocation, Revoked, ScopeSet, Secret, Session, SessionId,
    Timestamp, Username,
};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::Granted;
use hallpass_protocol::token::grant::authorization_code::{Redemption, StoredCode};
use hallpass_protocol::token::grant::refresh_token::Rotation;
use hallpass_store::{AccountCreation, Outcome, Store};
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const END: Timestamp = Timestamp::from_seconds(1_800_003_600);

/// The account, the session and the client are there, and nothing else.
pub(crate) async fn begin(store: &dyn Store) {
    let creation = store.create_account(&account(), "a hash").await.unwrap();
    assert_eq!(creation, AccountCreation::Created);
    store.open_session(&session("laptop"), None).await.unwrap();
    store.create_client(&client()).await.unwrap();
}

pub(crate) fn authorization(number: u128) -> AuthorizationId {
    AuthorizationId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn account() -> Account {
    person(1, "ada")
}

pub(crate) fn person(number: u128, name: &str) -> Account {
    Account {
        id: AccountId::from_uuid(Uuid::from_u128(number)),
        username: Username::parse(name).unwrap(),
        email: EmailAddress::parse(&format!("{name}@mail.example")).unwrap(),
        status: AccountStatus::Active,
        created_at: NOW,
    }
}

pub(crate) fn session(browser: &str) -> Session {
    let id = SessionId::of(&Secret::presented(browser));
    Session { id, account: account().id, created_at: NOW, expires_at: END }
}

pub(crate) fn client() -> Client {
    Client {
        id: ClientId::parse("tunes").unwrap(),
        client_type: ClientType::Public,
        name: "Tunes".to_owned(),
        description: String::new(),
        website: None,
        owner: account().id,
        owner_name: "ada".to_owned(),
        redirect_uris: vec![RedirectUri::from_stored("https://app.example/").unwrap()],
        grant_types: GrantTypes::default(),
        scopes: AllowedScopes::Ordinary,
        denial: Denial::Query,
        pkce: PkceRule::Required,
        openid: OpenIdSettings::default(),
        status: ClientStatus::Active,
        created_at: NOW,
    }
}

/// "Agree", as the beginning of authorization 1.
pub(crate) fn approval() -> Approval {
    Approval {
        session: session("laptop").id,
        account: account().id,
        client: client().id,
        scopes: ScopeSet::parse("a").unwrap(),
        authorization: authorization(1),
        given_at: NOW,
    }
}

/// Code `number`, on a consent that is there.
pub(crate) fn code(number: u8) -> CodeRecord {
    CodeRecord {
        key: CodeKey::derive(NOW, &[number; 32]).1,
        authorization: authorization(number.into()),
        ground: CodeGround::Remembered(authorization(1)),
        session: session("laptop").id,
        account: account().id,
        client: client().id,
        redirect_uri: "https://app.example/".to_owned(),
        scopes: ScopeSet::parse("a").unwrap(),
        resource: None,
        authentication: None,
        challenge: CodeChallenge::parse(&"A".repeat(43)),
        issued_at: NOW,
        expires_at: END,
    }
}

/// Code `number`, as one that carries what it stands for.
pub(crate) fn sealed(number: u8) -> SealedCode {
    let held = code(number);
    let code = StoredCode {
        key: held.key,
        authorization: held.authorization,
        consent: authorization(1),
        client: held.client,
        account: held.account,
        redirect_uri: held.redirect_uri,
        scopes: held.scopes,
        resource: held.resource,
        challenge: held.challenge,
        authentication: held.authentication,
        expires_at: held.expires_at,
        redeemed_at: None,
    };
    SealedCode { code, session: held.session, issued_at: held.issued_at }
}

/// The exchange of code `number` for a family.
pub(crate) fn exchange(number: u8) -> Redemption {
    let family = RefreshFamily {
        authorization: authorization(number.into()),
        consent: authorization(1),
        client: client().id,
        account: account().id,
        scopes: ScopeSet::parse("a").unwrap(),
        resource: None,
        authentication: None,
        generation: 0,
        created_at: NOW,
        idle_until: END,
        absolute_until: END,
        ended_at: None,
    };
    Redemption { key: code(number).key, at: NOW, family: Some(family), granted: granted(number) }
}

/// The step of what follows from code `number` from a generation to the next.
pub(crate) fn rotation(number: u8, from_generation: u32) -> Rotation {
    Rotation {
        authorization: authorization(number.into()),
        from_generation,
        idle_until: END,
        at: NOW,
        granted: granted(number),
    }
}

fn granted(number: u8) -> Granted {
    Granted {
        client: client().id,
        subject: TokenSubject::Account(account().id),
        authorization: authorization(number.into()),
        consent: Some(authorization(1)),
        scopes: ScopeSet::parse("a").unwrap(),
        resource: None,
        authentication: None,
        refresh_generation: None,
    }
}

pub(crate) fn end(revoked: Revoked) -> Revocation {
    Revocation { revoked, at: NOW, until: END }
}

/// Code `number` is on record.
pub(crate) async fn issue(store: &dyn Store, number: u8) {
    assert!(store.record_code(&code(number)).await.unwrap());
}

/// Code `number` is on record and was exchanged for a family.
pub(crate) async fn issue_and_exchange(store: &dyn Store, number: u8) {
    issue(store, number).await;
    assert_eq!(store.redeem_code(&exchange(number)).await.unwrap(), Outcome::Done);
}
