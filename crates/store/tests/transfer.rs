//! One database copied into another, of the same engine and the other: to the byte, also in several goes;
//! and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;
mod rows;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use hallpass_store::transfer::{Difference, PAGE, Step, TABLES, TransferError, Verified};
use hallpass_store::{Location, OpenError, SqliteStore, open_transfer};
use rusqlite::Connection;
use tempfile::TempDir;

use cluster::Schema;
use rows::{SESSIONS, content, fill, run};

/// A directory with a full database in it.
struct Workshop {
    directory: TempDir,
}

impl Workshop {
    fn new() -> Self {
        let workshop = Self { directory: tempfile::tempdir().unwrap() };
        fill(&workshop.path("full.db"));
        workshop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn place(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Copies the full database.
    async fn copy_to(&self, to: &str) -> Result<Vec<Verified>, TransferError> {
        copy(&self.place("full.db"), to).await
    }
}

async fn copy(from: &str, to: &str) -> Result<Vec<Verified>, TransferError> {
    watched(from, to, |_| ControlFlow::Continue(())).await
}

async fn watched(
    from: &str,
    to: &str,
    mut watcher: impl FnMut(Step) -> ControlFlow<()> + Send,
) -> Result<Vec<Verified>, TransferError> {
    let (from, to) = (Location::parse(from), Location::parse(to));
    open_transfer(&from, &to).await?.run(&mut watcher).await
}

/// Ends a copy after so many pages.
fn for_pages(mut pages: u32) -> impl FnMut(Step) -> ControlFlow<()> + Send {
    move |step| {
        if matches!(step, Step::Copied { .. }) {
            pages -= 1;
        }
        if pages == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn different(table: &'static str, in_source: u64, in_target: u64) -> Difference {
    Difference { table, in_source, in_target }
}

fn differences(outcome: Result<Vec<Verified>, TransferError>) -> Vec<Difference> {
    match outcome {
        Err(TransferError::Different { tables, .. }) => tables,
        other => panic!("{other:?}"),
    }
}

/// The columns that are copied, as `table.column`, in order.
fn columns() -> Vec<String> {
    let of = |table: &'static hallpass_store::transfer::Table| {
        table.columns().iter().map(move |column| format!("{}.{}", table.name, column.name))
    };
    let mut columns: Vec<_> = TABLES.iter().flat_map(of).collect();
    columns.sort();
    columns
}

#[test]
fn every_column_of_sqlite_is_copied() {
    let workshop = Workshop::new();
    let database = Connection::open(workshop.path("full.db")).unwrap();
    let sql = "SELECT t.name || '.' || c.name
        FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY 1";
    let mut statement = database.prepare(sql).unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap();
    assert_eq!(found.map(Result::unwrap).collect::<Vec<String>>(), columns());
}

#[tokio::test]
async fn every_column_of_postgresql_is_copied() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    workshop.copy_to(&schema.url()).await.unwrap();
    let mut found = schema.columns().await;
    // The number of the schema is each database's own.
    found.retain(|column| !column.starts_with("hallpass_schema."));
    assert_eq!(found, columns());
}

#[tokio::test]
async fn every_row_is_there_to_the_byte_on_either_engine() {
    let (workshop, first, second) = (Workshop::new(), Schema::empty().await, Schema::empty().await);
    let full = content(&workshop.path("full.db"));
    let (file, last) = (workshop.place("sqlite.db"), workshop.place("last.db"));
    let verified = workshop.copy_to(&format!("sqlite:{file}")).await.unwrap();
    assert_eq!(verified.len(), TABLES.len());
    assert_eq!(verified[3], Verified { table: "session", rows: SESSIONS as u64 });
    assert_eq!(verified.iter().map(|table| table.rows).sum::<u64>(), full.len() as u64);
    assert_eq!(content(Path::new(&file)), full);

    for (from, to) in [(&file, &first.url()), (&first.url(), &second.url()), (&second.url(), &last)]
    {
        assert_eq!(copy(from, to).await.unwrap(), verified, "{from}");
    }
    assert_eq!(content(Path::new(&last)), full);
    SqliteStore::open(Path::new(&last)).unwrap();
}

#[tokio::test]
async fn the_source_stays_as_it_was() {
    let workshop = Workshop::new();
    let before = std::fs::read(workshop.path("full.db")).unwrap();
    workshop.copy_to(&workshop.place("copy.db")).await.unwrap();
    assert!(std::fs::read(workshop.path("full.db")).unwrap() == before);
    let log = std::fs::metadata(workshop.path("full.db-wal"));
    assert!(log.is_err() || log.is_ok_and(|log| log.len() == 0));
}

#[tokio::test]
async fn what_a_server_that_was_killed_left_in_its_log_is_copied() {
    let workshop = Workshop::new();
    let server = Connection::open(workshop.path("full.db")).unwrap();
    server.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    server.execute("UPDATE account SET password_hash = 'from the log'", []).unwrap();
    for (file, copy) in [("full.db", "killed.db"), ("full.db-wal", "killed.db-wal")] {
        std::fs::copy(workshop.path(file), workshop.path(copy)).unwrap();
    }
    copy(&workshop.place("killed.db"), &workshop.place("copy.db")).await.unwrap();
    let copied = content(&workshop.path("copy.db"));
    assert_eq!(copied.iter().filter(|row| row.contains("from the log")).count(), 2);
    assert_eq!(copied, content(&workshop.path("full.db")));
}

#[tokio::test]
async fn a_copy_that_is_cut_off_after_every_page_comes_to_its_end() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    let pages = TABLES.len() + 2;
    for target in [workshop.place("copy.db"), schema.url()] {
        for page in 1..=pages {
            let stopped = watched(&workshop.place("full.db"), &target, for_pages(1)).await;
            assert!(matches!(stopped, Err(TransferError::Stopped)), "{page}: {stopped:?}");
        }
        workshop.copy_to(&target).await.unwrap();
    }
    assert_eq!(content(&workshop.path("copy.db")), content(&workshop.path("full.db")));
    copy(&schema.url(), &workshop.place("back.db")).await.unwrap();
    assert_eq!(content(&workshop.path("back.db")), content(&workshop.path("full.db")));
}

#[tokio::test]
async fn a_copy_that_goes_on_says_how_much_is_there() {
    let workshop = Workshop::new();
    let (full, target) = (workshop.place("full.db"), workshop.place("copy.db"));
    watched(&full, &target, for_pages(4)).await.unwrap_err();
    let mut begun = None;
    watched(&full, &target, |step| {
        begun.get_or_insert(step);
        ControlFlow::Continue(())
    })
    .await
    .unwrap();
    let rows = content(Path::new(&full)).len() as u64;
    assert_eq!(begun, Some(Step::Begun { rows, copied: 6 + PAGE as u64 }));
}

#[tokio::test]
async fn a_page_that_fails_leaves_nothing_of_itself() {
    let workshop = Workshop::new();
    let (full, target) = (workshop.place("full.db"), workshop.place("copy.db"));
    watched(&full, &target, for_pages(1)).await.unwrap_err();
    run(
        Path::new(&target),
        "CREATE TRIGGER full_disk BEFORE INSERT ON session WHEN (SELECT COUNT(*) FROM session) = 3000
            BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    let failed = workshop.copy_to(&target).await.unwrap_err().to_string();
    assert!(failed.contains("copy.db failed at session: the disk is full"), "{failed}");
    let sessions = |row: &&String| row.starts_with("session: ");
    assert_eq!(content(Path::new(&target)).iter().filter(sessions).count(), PAGE);

    run(Path::new(&target), "DROP TRIGGER full_disk");
    workshop.copy_to(&target).await.unwrap();
    assert_eq!(content(Path::new(&target)), content(Path::new(&full)));
}

#[tokio::test]
async fn no_server_starts_on_an_unfinished_copy_and_nothing_is_copied_from_it() {
    let workshop = Workshop::new();
    let target = workshop.place("copy.db");
    watched(&workshop.place("full.db"), &target, for_pages(3)).await.unwrap_err();
    let refused = SqliteStore::open(Path::new(&target)).err();
    assert!(matches!(refused, Some(OpenError::Unfinished { .. })));
    let refused = copy(&target, &workshop.place("other.db")).await;
    assert!(matches!(refused, Err(TransferError::UnfinishedSource { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_is_not_the_same_is_found_and_a_whole_copy_is_never_written() {
    let workshop = Workshop::new();
    let target = workshop.place("copy.db");
    workshop.copy_to(&target).await.unwrap();
    run(
        Path::new(&target),
        "UPDATE account SET password_hash = 'another' WHERE username = 'ada';
        DELETE FROM session WHERE id = x'0100000000000000';
        INSERT INTO scope (name, position, text, heading) VALUES ('c', 2, '', '')",
    );
    let tampered = content(Path::new(&target));
    let found = differences(workshop.copy_to(&target).await);
    let sessions = SESSIONS as u64;
    let expected = [
        different("account", 2, 2),
        different("session", sessions, sessions - 1),
        different("scope", 2, 3),
    ];
    assert_eq!(found, expected);
    assert_eq!(content(Path::new(&target)), tampered);
}

#[tokio::test]
async fn what_is_not_the_same_is_found_on_postgresql() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    workshop.copy_to(&schema.url()).await.unwrap();
    schema.run("UPDATE client SET website = '' WHERE id = 'one'").await;
    let outcome = workshop.copy_to(&schema.url()).await;
    let told = outcome.as_ref().unwrap_err().to_string();
    assert!(told.contains("client (as many rows, with other content)"), "{told}");
    assert_eq!(differences(outcome), [different("client", 2, 2)]);
}

#[tokio::test]
async fn a_source_that_was_used_between_two_goes_is_found_out() {
    let workshop = Workshop::new();
    let (full, target) = (workshop.place("full.db"), workshop.place("copy.db"));
    watched(&full, &target, for_pages(5)).await.unwrap_err();
    run(Path::new(&full), "DELETE FROM session WHERE id = x'0000000000000000'");
    let sessions = SESSIONS as u64;
    let found = differences(workshop.copy_to(&target).await);
    assert_eq!(found, [different("session", sessions - 1, sessions)]);
    assert!(SqliteStore::open(Path::new(&target)).is_err());
}

/// Lets somebody use the database at the first step of this kind.
fn used_at(
    schema: &Schema,
    sql: &'static str,
    is_it: impl Fn(Step) -> bool + Send,
) -> impl FnMut(Step) -> ControlFlow<()> + Send {
    let mut url = Some(schema.url());
    move |step| {
        if is_it(step)
            && let Some(url) = url.take()
        {
            let act = async move {
                let (client, connection) =
                    tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
            };
            let somebody = std::thread::spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(act);
            });
            somebody.join().unwrap();
        }
        ControlFlow::Continue(())
    }
}

#[tokio::test]
async fn a_source_that_is_used_meanwhile_is_found_out() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    workshop.copy_to(&schema.url()).await.unwrap();
    let (from, to) = (schema.url(), workshop.place("first.db"));
    let copied = |step| matches!(step, Step::Copied { table: "account", .. });
    let watcher = used_at(&schema, "DELETE FROM session WHERE id = '\\x0000000000000000'", copied);
    let sessions = SESSIONS as u64;
    let found = differences(watched(&from, &to, watcher).await);
    assert_eq!(found, [different("session", sessions - 1, sessions)]);

    let compared = |step| matches!(step, Step::Compared { table: "change", .. });
    for (to, sql, table) in [
        ("second.db", "DELETE FROM session WHERE id = '\\x0100000000000000'", "session"),
        ("third.db", "UPDATE change_number SET last = last + 1", "change_number"),
    ] {
        let watcher = used_at(&schema, sql, compared);
        match watched(&from, &workshop.place(to), watcher).await {
            Err(TransferError::InUse { table: found, .. }) => assert_eq!(found, table),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_target_with_other_peoples_data_is_refused_and_stays_as_it_was() {
    let (workshop, theirs) = (Workshop::new(), Workshop::new());
    let target = theirs.place("full.db");
    let refused_for = async |sql: &str, table: &str| {
        run(Path::new(&target), sql);
        let before = content(Path::new(&target));
        match workshop.copy_to(&target).await {
            Err(TransferError::Occupied { table: found, .. }) => assert_eq!(found, table),
            other => panic!("{other:?}"),
        }
        assert_eq!(content(Path::new(&target)), before);
    };
    refused_for("UPDATE sealed_key SET sealed = x'05'", "sealed_key").await;
    // An unfinished copy of theirs, one without keys, and a database whose keys are gone.
    refused_for("DELETE FROM change_number", "sealed_key").await;
    refused_for("DELETE FROM sealed_key", "account").await;
    refused_for("INSERT INTO change_number (id, last) VALUES (1, 0)", "account").await;
    refused_for("UPDATE change_number SET last = 1", "sealed_key").await;
}

#[tokio::test]
async fn a_source_that_cannot_be_copied_is_refused_and_no_target_is_made() {
    let workshop = Workshop::new();
    let old = workshop.path("old.db");
    std::fs::copy(workshop.path("full.db"), &old).unwrap();
    run(&old, "PRAGMA user_version = 1");
    std::fs::copy(workshop.path("full.db"), workshop.path("new.db")).unwrap();
    run(&workshop.path("new.db"), "PRAGMA user_version = 1000");
    std::fs::write(workshop.path("text.db"), "no database ".repeat(100)).unwrap();
    for (from, reason) in [
        ("none.db", "there is no database of hallpass to copy from"),
        ("old.db", "earlier version of hallpass (schema 1;"),
        ("new.db", "newer version of hallpass (schema 1000;"),
        ("text.db", "is not a database of hallpass"),
    ] {
        let told = copy(&workshop.place(from), &workshop.place("copy.db")).await.unwrap_err();
        assert!(told.to_string().contains(reason), "{told}");
    }
    assert!(!workshop.path("copy.db").exists());
}

#[tokio::test]
async fn an_empty_schema_and_one_of_somebody_else_are_no_source() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    let target = workshop.place("copy.db");
    let told = copy(&schema.url(), &target).await.unwrap_err().to_string();
    assert!(told.contains("there is no database of hallpass to copy from"), "{told}");
    assert_eq!(schema.columns().await, [""; 0]);
    schema.run("CREATE TABLE theirs (id BIGINT)").await;
    for outcome in [copy(&schema.url(), &target).await, workshop.copy_to(&schema.url()).await] {
        assert!(outcome.unwrap_err().to_string().contains("a table theirs"));
    }
}

#[tokio::test]
async fn a_file_that_a_server_has_open_is_neither_source_nor_target() {
    let workshop = Workshop::new();
    let server = SqliteStore::open(&workshop.path("full.db")).unwrap();
    for (from, to) in [("full.db", "copy.db"), ("other.db", "full.db")] {
        if from == "other.db" {
            fill(&workshop.path(from));
        }
        let refused = copy(&workshop.place(from), &workshop.place(to)).await.unwrap_err();
        assert!(matches!(refused, TransferError::Open(OpenError::Locked { .. })), "{refused}");
    }
    drop(server);
}

#[tokio::test]
async fn nothing_is_copied_to_itself() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    workshop.copy_to(&schema.url()).await.unwrap();
    let link = workshop.path("link.db");
    std::os::unix::fs::symlink(workshop.path("full.db"), &link).unwrap();
    let other_words = format!("{}&application_name=other", schema.url());
    for (from, to) in [
        (workshop.place("full.db"), workshop.place("full.db")),
        (workshop.place("full.db"), workshop.place("link.db")),
        (schema.url(), other_words),
    ] {
        let refused = copy(&from, &to).await.unwrap_err();
        assert!(matches!(refused, TransferError::SameDatabase { .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_text_that_the_other_engine_cannot_hold_is_named() {
    let (workshop, schema) = (Workshop::new(), Schema::empty().await);
    run(&workshop.path("full.db"), "UPDATE client SET name = 'a' || char(0) WHERE id = 'two'");
    workshop.copy_to(&workshop.place("copy.db")).await.unwrap();
    let told = workshop.copy_to(&schema.url()).await.unwrap_err();
    assert!(matches!(told, TransferError::Unfit { table: "client", column: "name" }), "{told}");
    run(&workshop.path("full.db"), "UPDATE client SET name = 'a' WHERE id = 'two'");
    workshop.copy_to(&schema.url()).await.unwrap();
}
