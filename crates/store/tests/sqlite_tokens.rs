//! What the token service has acknowledged outlives a crash, above all what was used up.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord};
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AllowedScopes, AuthorizationId, Client, ClientId,
    ClientStatus, ClientType, CodeKey, Denial, EmailAddress, GrantTypes, OpenIdSettings, PkceRule,
    RefreshFamily, Revocation, Revoked, ScopeSet, Secret, Session, SessionId, Timestamp, Username,
};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::Granted;
use hallpass_protocol::token::grant::authorization_code::Redemption;
use hallpass_protocol::token::grant::refresh_token::Rotation;
use hallpass_store::{Change, Outcome, SqliteStore, Store as _, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const END: Timestamp = Timestamp::from_seconds(1_800_003_600);

fn authorization(number: u128) -> AuthorizationId {
    AuthorizationId::from_uuid(Uuid::from_u128(number))
}

fn account() -> Account {
    Account {
        id: AccountId::from_uuid(Uuid::from_u128(1)),
        username: Username::parse("ada").unwrap(),
        email: EmailAddress::parse("ada@example.com").unwrap(),
        status: AccountStatus::Active,
        created_at: NOW,
    }
}

fn session() -> Session {
    let id = SessionId::of(&Secret::presented("laptop"));
    Session { id, account: account().id, created_at: NOW, expires_at: END }
}

fn client() -> Client {
    Client {
        id: ClientId::parse("tunes").unwrap(),
        client_type: ClientType::Public,
        name: "Tunes".to_owned(),
        description: String::new(),
        website: None,
        owner: account().id,
        owner_name: "ada".to_owned(),
        redirect_uris: vec![],
        grant_types: GrantTypes::default(),
        scopes: AllowedScopes::Ordinary,
        denial: Denial::Query,
        pkce: PkceRule::Required,
        openid: OpenIdSettings::default(),
        status: ClientStatus::Active,
        created_at: NOW,
    }
}

/// Code `number`, whose consent is authorization 1.
fn code(number: u8) -> CodeRecord {
    CodeRecord {
        key: CodeKey::derive(NOW, &[number; 32]).1,
        authorization: authorization(number.into()),
        ground: CodeGround::Approved(Approval {
            session: session().id,
            account: account().id,
            client: client().id,
            scopes: ScopeSet::parse("a").unwrap(),
            authorization: authorization(1),
            given_at: NOW,
        }),
        session: session().id,
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

fn exchange(number: u8) -> Redemption {
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

fn rotation(number: u8, generation: u32) -> Rotation {
    Rotation {
        authorization: authorization(number.into()),
        from_generation: generation,
        idle_until: END,
        at: NOW,
        granted: granted(number),
    }
}

/// A store with codes 1, 2 and 3, of which 1 and 2 were exchanged.
async fn store(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).unwrap();
    store.create_account(&account(), "hash").await.unwrap();
    store.open_session(&session(), None).await.unwrap();
    store.create_client(&client()).await.unwrap();
    for number in 1..=3 {
        assert!(store.record_code(&code(number)).await.unwrap());
    }
    for number in 1..=2 {
        assert_eq!(store.redeem_code(&exchange(number)).await.unwrap(), Outcome::Done);
    }
    store
}

/// What a crash would leave: the files as they are now, without the log's index.
fn crashed(from: &Path) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let name = format!("hallpass.db{suffix}");
        fs::copy(from.join(&name), directory.path().join(&name)).unwrap();
    }
    let path = directory.path().join("hallpass.db");
    (directory, path)
}

async fn last_change(store: &SqliteStore) -> Change {
    store.changes(0, 10).await.unwrap().pop().unwrap().1
}

#[tokio::test]
async fn rf_04_what_was_used_up_is_used_up_after_a_crash() {
    let directory = tempfile::tempdir().unwrap();
    let before = store(&directory.path().join("hallpass.db")).await;
    for generation in 0..2 {
        assert_eq!(before.rotate(&rotation(1, generation)).await.unwrap(), Outcome::Done);
    }
    let revoked = Revoked::Authorization(authorization(2));
    let act = Revocation { revoked, at: NOW, until: END };
    before.revoke(&act).await.unwrap();

    let (_kept, path) = crashed(directory.path());
    let after = SqliteStore::open(&path).unwrap();
    assert_eq!(after.rotate(&rotation(1, 0)).await.unwrap(), Outcome::Late);
    assert_eq!(after.rotate(&rotation(1, 1)).await.unwrap(), Outcome::Late);
    assert_eq!(after.rotate(&rotation(1, 2)).await.unwrap(), Outcome::Done);
    assert_eq!(after.rotate(&rotation(2, 0)).await.unwrap(), Outcome::Gone);
    for (number, outcome) in [(1, Outcome::Late), (2, Outcome::Late), (3, Outcome::Done)] {
        assert_eq!(after.redeem_code(&exchange(number)).await.unwrap(), outcome);
    }
    assert_eq!(last_change(&after).await, Change::Revoked(act));
}

#[tokio::test]
async fn a_withdrawal_is_withdrawn_after_a_crash() {
    let directory = tempfile::tempdir().unwrap();
    let before = store(&directory.path().join("hallpass.db")).await;
    let act = before.withdraw_consent(account().id, &client().id, NOW, END).await.unwrap();

    let (_kept, path) = crashed(directory.path());
    let after = SqliteStore::open(&path).unwrap();
    assert_eq!(after.rotate(&rotation(1, 0)).await.unwrap(), Outcome::Gone);
    assert_eq!(after.redeem_code(&exchange(3)).await.unwrap(), Outcome::Gone);
    assert_eq!(last_change(&after).await, Change::Revoked(act.unwrap()));
}

#[tokio::test]
async fn an_impossible_row_is_named_by_table_and_column() {
    let cases = [
        ("code", "authorization_id", "x'00'"),
        ("code", "scopes", "'a  b'"),
        ("code", "challenge", "'short'"),
        ("code", "id_token_claims", "'sub'"),
        ("code", "userinfo_claims", "' '"),
        ("refresh_family", "consent_id", "x''"),
        ("refresh_family", "session_id", "x'00', authenticated_at = 1"),
        ("refresh_family", "session_id", "NULL, authenticated_at = 1"),
        ("refresh_family", "id_token_claims", "'sub'"),
        ("refresh_family", "userinfo_claims", "'email  name'"),
        ("refresh_family", "generation", "-1"),
        ("refresh_family", "generation", "4294967296"),
        ("change", "kind", "'odd'"),
        ("change", "key", "x'ff'"),
        ("change_number", "last", "9223372036854775807"),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    let original = store(&path).await;
    let act = Revocation { revoked: Revoked::Client(client().id), at: NOW, until: END };
    original.revoke(&act).await.unwrap();

    for (table, column, odd) in cases {
        let (_kept, path) = crashed(directory.path());
        let store = SqliteStore::open(&path).unwrap();
        let sql = format!("UPDATE {table} SET {column} = {odd}");
        Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
        let failures = [
            store.code_facts(&client().id, &code(1).key).await.err(),
            store.refresh_facts(&client().id, authorization(1)).await.err(),
            store.changes(0, 10).await.err(),
            store.revoke(&act).await.err(),
        ];
        let Some(failure) = failures.into_iter().flatten().next() else { panic!("{sql}") };
        let is_named = match failure {
            StoreError::Corrupt { table: found, column: named } => {
                (found, named) == (table, column)
            }
            // There is no number after the last one: the act is refused, and nothing wraps round.
            StoreError::Unavailable { act, .. } => (act, column) == ("revoke tokens", "last"),
        };
        assert!(is_named, "{sql}");
    }
}
