//! A database of an earlier version is taken over with all that is in it.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, CodeKey, EmailAddress, KeyId, KeyPurpose, OpenIdSettings,
    PkceRule, RedirectUri, SealedKey, Timestamp, Username,
};
use hallpass_store::{Identifier, Page, SqliteStore, Store as _};
use rusqlite::{Connection, params};
use uuid::Uuid;

const FIRST_TABLES: &str = include_str!("../src/sqlite/migrations/0001_first_tables.sql");

/// The steps up to the version before OpenID Connect.
const BEFORE_OPENID: [&str; 4] = [
    include_str!("../src/sqlite/migrations/0002_token_service.sql"),
    include_str!("../src/sqlite/migrations/0003_apis.sql"),
    include_str!("../src/sqlite/migrations/0004_many_nodes.sql"),
    include_str!("../src/sqlite/migrations/0005_key_rotation.sql"),
];

/// Redirect URIs in all the forms that could be registered.
const URIS: [&str; 12] = [
    "https://one.example/callback",
    "https://one.example",
    "https://one.example?x=https://inner.example/",
    "https://two.example:8443/a?b",
    "https://443.example:443/",
    "https://port.example:4433",
    "http://127.0.0.1:80/callback",
    "http://127.0.0.1:5173",
    "http://[::1]/callback",
    "http://[::1]:8080?x",
    "com.example.app:/callback",
    "com.example.https:/callback?at=https://other.example/",
];

/// A database as the first version made it: one owner, a public and a confidential client, a consent.
fn first_version(path: &Path) {
    let first = Connection::open(path).unwrap();
    let owner = *owner().as_uuid().as_bytes();
    first.execute_batch(FIRST_TABLES).unwrap();
    first.pragma_update(None, "application_id", 0x4861_6c6c).unwrap();
    first.pragma_update(None, "user_version", 1).unwrap();
    let account = "INSERT INTO account
        (id, username, username_key, email, email_key, password_hash, status, created_at)
        VALUES (?1, 'ada', 'ada', 'ada@example.com', 'ada@example.com', 'hash', 'active', 1)";
    first.execute(account, [owner]).unwrap();
    let client = "INSERT INTO client (id, owner_id, client_type, secrets, name, description,
            redirect_uris, grant_types, denial, status, created_at)
        VALUES (?1, ?2, ?3, '', 'App', '', ?4, 'implicit', 'query', 'active', 1)";
    let secret = "https://secret.example/callback";
    for (id, client_type, uris) in [
        ("none", "public", String::new()),
        ("public", "public", URIS.join("\n")),
        ("confidential", "confidential", secret.to_owned()),
    ] {
        first.execute(client, params![id, owner, client_type, uris]).unwrap();
    }
    let consent = "INSERT INTO consent (account_id, client_id, scopes, authorization_id, given_at)
        VALUES (?1, 'public', 'a', ?2, 7)";
    first.execute(consent, params![owner, [9_u8; 16]]).unwrap();
    let key = "INSERT INTO sealed_key (id, purpose, state, sealed, created_at)
        VALUES (7, 'form', 'active', ?1, 5)";
    first.execute(key, [[3_u8; 60]]).unwrap();
}

fn owner() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(1))
}

#[tokio::test]
async fn clients_and_consents_of_the_first_version_are_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    first_version(&path);

    let store = SqliteStore::open(&path).unwrap();
    for id in ["none", "public", "confidential"] {
        let client = store.client(&ClientId::parse(id).unwrap()).await.unwrap().unwrap();
        assert_eq!(client.pkce, PkceRule::Required);
        assert_eq!(client.openid, OpenIdSettings::default());
    }
    let listing = store.consents_of(owner(), Page { offset: 0, limit: 10 }).await.unwrap();
    let given_at = Timestamp::from_millis(7);
    let row = &listing.rows[0];
    assert_eq!((row.consent.given_at, row.last_used_at), (given_at, given_at));
}

#[tokio::test]
async fn codes_and_families_of_before_openid_are_taken_over_without_an_authentication() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    first_version(&path);
    let (owner_id, key) =
        (*owner().as_uuid().as_bytes(), CodeKey::from_bytes([7; CodeKey::LENGTH]));
    let before = Connection::open(&path).unwrap();
    before.pragma_update(None, "foreign_keys", false).unwrap();
    for step in BEFORE_OPENID {
        before.execute_batch(step).unwrap();
    }
    before.pragma_update(None, "user_version", 5).unwrap();
    let code =
        "INSERT INTO code (key, authorization_id, consent_id, client_id, account_id, session_id,
            redirect_uri, scopes, expires_at)
        VALUES (?1, ?2, ?2, 'public', ?3, x'07', 'https://one.example', 'a', 9)";
    before.execute(code, params![key.as_bytes(), [9_u8; 16], owner_id]).unwrap();
    let family =
        "INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
            generation, created_at, idle_until, absolute_until)
        VALUES (?1, ?1, 'public', ?2, 'a', 3, 1, 2, 3)";
    before.execute(family, params![[9_u8; 16], owner_id]).unwrap();
    drop(before);

    let store = SqliteStore::open(&path).unwrap();
    let public = ClientId::parse("public").unwrap();
    let code = store.code_facts(&public, &key).await.unwrap().code.unwrap();
    assert_eq!((code.authentication, code.redirect_uri.as_str()), (None, "https://one.example"));
    let authorization = AuthorizationId::from_uuid(Uuid::from_bytes([9; 16]));
    let family = store.refresh_facts(&public, authorization).await.unwrap().family.unwrap();
    assert_eq!((family.authentication, family.generation), (None, 3));
}

#[tokio::test]
async fn keys_of_the_first_version_are_in_use_since_they_were_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    first_version(&path);

    let keys = SqliteStore::open(&path).unwrap().keys().await.unwrap();
    let at = Timestamp::from_millis(5);
    let (id, purpose) = (KeyId::from_u32(7), KeyPurpose::Form);
    let key = SealedKey { id, purpose, active_from: at, created_at: at, sealed: vec![3; 60] };
    assert_eq!(keys, [key]);
}

#[tokio::test]
async fn people_of_the_first_version_sign_in_by_the_names_they_had() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    first_version(&path);

    let store = SqliteStore::open(&path).unwrap();
    for name in [
        Identifier::Username(Username::parse("ADA").unwrap()),
        Identifier::Email(EmailAddress::parse("Ada@Example.com").unwrap()),
    ] {
        let credentials = store.credentials(&name).await.unwrap().unwrap();
        assert_eq!(credentials.account.id, owner());
    }
}

#[tokio::test]
async fn the_origins_of_earlier_clients_are_those_that_a_new_one_would_have() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    first_version(&path);

    let origins = || {
        let reader = Connection::open(&path).unwrap();
        let sql = "SELECT client_id, origin FROM client_origin ORDER BY client_id, origin";
        let mut statement = reader.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect::<Vec<(String, String)>>()
    };
    let store = SqliteStore::open(&path).unwrap();
    let taken_over = origins();
    let public = ClientId::parse("public").unwrap();
    let client = store.client(&public).await.unwrap().unwrap();
    assert!(store.update_client(&client, Timestamp::from_millis(8)).await.unwrap());
    assert_eq!(taken_over, origins());

    let mut expected: Vec<_> = URIS
        .into_iter()
        .filter_map(|uri| RedirectUri::from_stored(uri)?.web_origin())
        .map(|origin| (public.to_string(), origin))
        .collect();
    expected.sort();
    expected.dedup();
    assert_eq!(taken_over, expected);
    assert_eq!(taken_over.len(), 8);
}
