//! What only a store in a file can promise: what is opened and what is refused, and what is there
//! after a crash.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AllowedScopes, Client, ClientId, ClientStatus, ClientType,
    Denial, EmailAddress, GrantTypes, OpenIdSettings, PkceRule, Secret, Session, SessionId,
    Timestamp, Username,
};
use hallpass_store::{OpenError, SqliteStore, Store, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hallpass.db");
    (directory, path)
}

fn account(number: u128) -> Account {
    Account {
        id: AccountId::from_uuid(Uuid::from_u128(number)),
        username: Username::parse(&format!("person{number}")).unwrap(),
        email: EmailAddress::parse(&format!("person{number}@example.com")).unwrap(),
        status: AccountStatus::Active,
        created_at: NOW,
    }
}

fn session(of: &Account) -> Session {
    let id = SessionId::of(&Secret::presented(of.username.as_str()));
    Session { id, account: of.id, created_at: NOW, expires_at: NOW }
}

fn client(owner: &Account) -> Client {
    Client {
        id: ClientId::parse("app").unwrap(),
        client_type: ClientType::Public,
        name: "App".to_owned(),
        description: String::new(),
        website: None,
        owner: owner.id,
        owner_name: owner.username.to_string(),
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

/// The files of a directory with what is in them.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect()
}

fn names(directory: &Path) -> Vec<String> {
    let files = contents(directory).into_keys();
    files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// What a crash would leave: the files as they are now.
fn crashed(from: &Path) -> (TempDir, PathBuf) {
    let (directory, path) = place();
    for (file, bytes) in contents(from) {
        // The index of the log is made anew after a crash of the system.
        if !file.to_str().unwrap().ends_with("-shm") {
            fs::write(directory.path().join(file.file_name().unwrap()), bytes).unwrap();
        }
    }
    (directory, path)
}

fn refusal(path: &Path) -> OpenError {
    SqliteStore::open(path).err().expect("it is refused")
}

/// Opening is refused, and nothing beside or in the file changes.
fn refused_untouched(path: &Path) -> OpenError {
    let before = contents(path.parent().unwrap());
    let refusal = refusal(path);
    assert!(contents(path.parent().unwrap()) == before, "{refusal}");
    refusal
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let (_directory, path) = place();
    for number in 0..10 {
        let store = SqliteStore::open(&path).unwrap();
        store.create_account(&account(number), "hash").await.unwrap();
        if number % 2 == 0 {
            store.close().await;
        }
    }
    let store = SqliteStore::open(&path).unwrap();
    for number in 0..10 {
        let account = account(number);
        assert_eq!(store.account(account.id).await.unwrap(), Some(account));
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let (directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    for number in 0..20 {
        let account = account(number);
        store.create_account(&account, "hash").await.unwrap();
        store.open_session(&session(&account), None).await.unwrap();

        let (after_crash, path) = crashed(directory.path());
        if number % 2 == 0 {
            // Something half written at the log's end takes nothing with it.
            let log = path.with_extension("db-wal");
            let mut bytes = fs::read(&log).unwrap();
            bytes.extend([0x5a; 5000]);
            fs::write(&log, bytes).unwrap();
        }
        let restarted = SqliteStore::open(&path).unwrap();
        for earlier in 0..=number {
            let session = session(&self::account(earlier));
            assert!(restarted.session(&session.id).await.unwrap().is_some(), "{earlier}");
        }
        drop((restarted, after_crash));
    }
}

#[tokio::test]
async fn a_closed_store_is_one_file_and_free_for_the_next() {
    let (directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    store.create_account(&account(1), "hash").await.unwrap();
    store.account(account(1).id).await.unwrap();
    assert_eq!(
        names(directory.path()),
        ["hallpass.db", "hallpass.db-shm", "hallpass.db-wal", "hallpass.db.lock"]
    );

    store.close().await;
    assert_eq!(names(directory.path()), ["hallpass.db", "hallpass.db.lock"]);
    let next = SqliteStore::open(&path).unwrap();
    assert!(next.account(account(1).id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_store_in_use_is_locked() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    assert!(matches!(refusal(&path), OpenError::Locked { .. }));
    store.create_account(&account(1), "hash").await.unwrap();

    drop(store);
    let lock = File::options().write(true).open(path.with_extension("db.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(refused_untouched(&path), OpenError::Locked { .. }));
    lock.unlock().unwrap();
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn a_store_that_another_program_writes_is_locked() {
    let (_directory, path) = place();
    drop(SqliteStore::open(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(refusal(&path), OpenError::Locked { .. }));
    other.execute_batch("ROLLBACK").unwrap();
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn st_07_a_newer_database_is_refused_and_stays_as_it_is() {
    let (_directory, path) = place();
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();

    let refusal = refused_untouched(&path);
    assert!(matches!(refusal, OpenError::Newer { found: 99, known: 1.., .. }), "{refusal}");
}

#[test]
fn st_07_a_newer_database_after_a_crash_is_refused_and_keeps_its_log() {
    let (directory, path) = place();
    drop(SqliteStore::open(&path).unwrap());
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();

    let (_after_crash, path) = crashed(directory.path());
    let log = path.with_extension("db-wal");
    let before = (fs::read(&path).unwrap(), fs::read(&log).unwrap());
    assert!(matches!(refusal(&path), OpenError::Newer { found: 99, .. }));
    assert!((fs::read(&path).unwrap(), fs::read(&log).unwrap()) == before);
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_stays_as_it_is() {
    let garbage: [&[u8]; 4] = [b"x", b"SQLite format 3\0", &[0; 4096], &[0xff; 5000]];
    for bytes in garbage {
        let (_directory, path) = place();
        fs::write(&path, bytes).unwrap();
        assert!(matches!(refused_untouched(&path), OpenError::Foreign { .. }));
    }

    let (_directory, path) = place();
    fs::create_dir(&path).unwrap();
    assert!(matches!(refused_untouched(&path), OpenError::Foreign { .. }));

    // A stranger's database, and one with a log that nobody has folded in yet.
    let (directory, path) = place();
    let strangers = Connection::open(&path).unwrap();
    let tables = "CREATE TABLE account (id); PRAGMA journal_mode = WAL; CREATE TABLE session (id);";
    strangers.execute_batch(tables).unwrap();
    assert!(matches!(refused_untouched(&path), OpenError::Foreign { .. }));
    let (_after_crash, path) = crashed(directory.path());
    assert!(matches!(refused_untouched(&path), OpenError::Foreign { .. }));
}

#[test]
fn a_log_without_its_database_is_refused_and_stays_as_it_is() {
    for suffix in ["db-wal", "db-journal"] {
        let (_directory, path) = place();
        fs::write(path.with_extension(suffix), b"acts that somebody may want back").unwrap();
        fs::write(path.with_extension("db.lock"), b"").unwrap();
        let refusal = refused_untouched(&path);
        assert!(matches!(refusal, OpenError::Unreadable { .. }), "{refusal}");
    }
}

#[test]
fn a_place_that_is_not_there_is_unreadable() {
    let (directory, _) = place();
    let path = directory.path().join("no/such/directory/hallpass.db");
    assert!(matches!(refusal(&path), OpenError::Unreadable { .. }));
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let (directory, path) = place();
    fs::write(&path, b"").unwrap();
    // What a crash left of an earlier attempt does not matter.
    fs::write(path.with_extension("db.new"), b"half a database").unwrap();
    fs::write(path.with_extension("db.new-journal"), b"and its journal").unwrap();

    SqliteStore::open(&path).unwrap().create_account(&account(1), "hash").await.unwrap();
    assert_eq!(names(directory.path()), ["hallpass.db", "hallpass.db.lock"]);
}

#[cfg(unix)]
#[tokio::test]
async fn all_files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let (directory, path) = place();
    File::create(&path).unwrap().set_permissions(fs::Permissions::from_mode(0o644)).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    store.create_account(&account(1), "hash").await.unwrap();
    assert_eq!(names(directory.path()).len(), 4);
    for file in contents(directory.path()).into_keys() {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_check_writes() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let log = path.with_extension("db-wal");
    let size = || fs::metadata(&log).unwrap().len();
    let before = size();
    store.check().await.unwrap();
    assert!(size() > before);
}

#[tokio::test]
async fn a_nul_in_a_text_cuts_nothing_off() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let owner = account(1);
    store.create_account(&owner, "hash").await.unwrap();
    let client = Client { name: "one\0two".to_owned(), ..client(&owner) };
    store.create_client(&client).await.unwrap();
    assert_eq!(store.client(&client.id).await.unwrap(), Some(client));
}

#[tokio::test]
async fn an_impossible_row_is_named_by_table_and_column() {
    let cases = [
        ("UPDATE account SET username = 'not a name'", "account", "username"),
        ("UPDATE account SET email = 'not an address'", "account", "email"),
        ("UPDATE account SET status = 'odd'", "account", "status"),
        ("UPDATE client SET client_type = 'odd'", "client", "client_type"),
        ("UPDATE client SET secrets = 'odd'", "client", "secrets"),
        ("UPDATE client SET redirect_uris = 'odd'", "client", "redirect_uris"),
        ("UPDATE client SET grant_types = 'implicit  odd'", "client", "grant_types"),
        ("UPDATE client SET scopes = 'a  b'", "client", "scopes"),
        ("UPDATE client SET denial = 'odd'", "client", "denial"),
        ("UPDATE client SET pkce = 'odd'", "client", "pkce"),
        ("UPDATE client SET id_token_alg = 'none'", "client", "id_token_alg"),
        ("UPDATE client SET userinfo_alg = ''", "client", "userinfo_alg"),
        ("UPDATE client SET subject_type = 'odd'", "client", "subject_type"),
        (
            "UPDATE client SET post_logout_redirect_uris = 'odd'",
            "client",
            "post_logout_redirect_uris",
        ),
        ("UPDATE client SET backchannel_logout_uri = ''", "client", "backchannel_logout_uri"),
        ("UPDATE client SET status = CAST(x'ff' AS TEXT)", "client", "status"),
    ];
    for (sql, table, column) in cases {
        let (_directory, path) = place();
        let store = SqliteStore::open(&path).unwrap();
        let owner = account(1);
        store.create_account(&owner, "hash").await.unwrap();
        store.open_session(&session(&owner), None).await.unwrap();
        store.create_client(&client(&owner)).await.unwrap();

        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let id = session(&owner).id;
        let facts = store.authorization_facts(&client(&owner).id, Some(&id)).await;
        let Err(StoreError::Corrupt { table: found, column: odd }) = facts else {
            panic!("{sql}: {facts:?}")
        };
        assert_eq!((found, odd), (table, column), "{sql}");
    }
}
