//! What is wrong with a database is said when it is opened, and nothing is changed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;

use std::sync::Arc;

use hallpass_store::{OpenError, PostgresSettings, PostgresStore};
use tokio::net::TcpListener;

use cluster::{Schema, cluster};

async fn open(url: &str) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(&PostgresSettings::new(url)).await
}

async fn refusal(url: &str) -> OpenError {
    let refused = open(url).await.err().expect("it was opened");
    assert!(!refused.to_string().contains("hush"), "{refused}");
    refused
}

/// A schema as this program makes it.
async fn ours() -> Schema {
    let schema = Schema::empty().await;
    open(&schema.url()).await.unwrap();
    schema
}

#[tokio::test]
async fn an_empty_schema_gets_its_tables_once() {
    let schema = Schema::empty().await;
    open(&schema.url()).await.unwrap();
    let made = schema.columns().await;
    open(&schema.url()).await.unwrap();
    assert!(made.contains(&"consent.scopes".to_owned()), "{made:?}");
    assert_eq!(schema.columns().await, made);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_nodes_that_start_at_once_all_find_the_tables_made_once() {
    for isolation in ["", "-c default_transaction_isolation=serializable"] {
        let schema = Arc::new(Schema::empty().await);
        let nodes: Vec<_> = (0..20)
            .map(|_| {
                let url = schema.url_with(isolation);
                tokio::spawn(async move { open(&url).await.map(|_| ()) })
            })
            .collect();
        for node in nodes {
            node.await.unwrap().unwrap();
        }
        let taken = schema.texts("SELECT number::TEXT FROM hallpass_schema").await;
        assert_eq!(taken, [steps().len().to_string()]);
    }
}

fn steps() -> [&'static str; 9] {
    [
        include_str!("../src/postgres/migrations/0001_first_tables.sql"),
        include_str!("../src/postgres/migrations/0002_token_service.sql"),
        include_str!("../src/postgres/migrations/0003_apis.sql"),
        include_str!("../src/postgres/migrations/0004_many_nodes.sql"),
        include_str!("../src/postgres/migrations/0005_key_rotation.sql"),
        include_str!("../src/postgres/migrations/0006_openid.sql"),
        include_str!("../src/postgres/migrations/0007_profile.sql"),
        include_str!("../src/postgres/migrations/0008_sign_out.sql"),
        include_str!("../src/postgres/migrations/0009_used_codes.sql"),
    ]
}

#[tokio::test]
async fn a_database_of_an_earlier_version_is_migrated_with_what_is_in_it() {
    let schema = Schema::empty().await;
    schema
        .run("CREATE TABLE hallpass_schema (id BIGINT PRIMARY KEY, number BIGINT NOT NULL)")
        .await;
    schema.run("INSERT INTO hallpass_schema (id, number) VALUES (1, 1)").await;
    schema.run(steps()[0]).await;
    schema
        .run(
            "INSERT INTO account (id, username, username_key, email, email_key, password_hash,
                status, created_at)
             VALUES ('1234567890123456', 'Ada', 'ada', 'Ada@a.example', 'ada@a.example', '-',
                'active', 1)",
        )
        .await;

    open(&schema.url()).await.unwrap();
    let names = schema.texts("SELECT name FROM sign_in_name ORDER BY name").await;
    assert_eq!(names, ["ada", "ada@a.example"]);
    assert_eq!(schema.columns().await, ours().await.columns().await);
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_database_at_the_step_before() {
    let schema = Schema::empty().await;
    schema
        .run("CREATE TABLE hallpass_schema (id BIGINT PRIMARY KEY, number BIGINT NOT NULL)")
        .await;
    schema.run("INSERT INTO hallpass_schema (id, number) VALUES (1, 1)").await;
    schema.run(steps()[0]).await;
    // In the way of the second step's last statements.
    schema.run("CREATE TABLE revocation (id BIGINT PRIMARY KEY)").await;
    let before = schema.columns().await;

    let refused = refusal(&schema.url()).await;
    assert!(
        matches!(&refused, OpenError::Unusable { reason, .. } if reason.contains("revocation"))
    );
    assert_eq!(schema.columns().await, before);
    assert_eq!(schema.texts("SELECT number::TEXT FROM hallpass_schema").await, ["1"]);
}

#[tokio::test]
async fn nobody_at_the_place_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for url in [
        format!("postgres://ann:hush@{free}/accounts"),
        "postgres:///accounts?host=/nowhere&user=ann&password=hush".to_owned(),
        "postgres://ann:hush@nobody.invalid/accounts?sslmode=disable".to_owned(),
    ] {
        let refused = refusal(&url).await;
        assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused}");
        assert!(refused.to_string().contains("database accounts at"), "{refused}");
    }
}

#[tokio::test]
async fn a_place_that_says_nothing_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://ann:hush@{}/accounts", silent.local_addr().unwrap());
    let refused = refusal(&url).await;
    assert!(refused.to_string().contains("no answer"), "{refused}");
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told() {
    let guarded = cluster().replace("user=hallpass", "user=guarded");
    for url in [
        format!("{guarded}&password=hush"),
        guarded.clone(),
        cluster().replace("user=hallpass", "user=nobody"),
    ] {
        let refused = refusal(&url).await;
        assert!(matches!(refused, OpenError::NotLetIn { .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_user_who_may_make_no_tables_is_told() {
    let schema = Schema::empty().await;
    let guarded = schema.url().replace("user=hallpass", "user=guarded");
    let refused = refusal(&format!("{guarded}&password=right")).await;
    assert!(matches!(refused, OpenError::Unusable { .. }), "{refused}");
    assert!(schema.columns().await.is_empty());
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let refused = refusal(&cluster().replace("///hallpass?", "///elsewhere?")).await;
    assert!(matches!(refused, OpenError::NoDatabase { .. }), "{refused}");
}

#[tokio::test]
async fn a_schema_that_is_not_there_is_not_made() {
    let refused = refusal(&format!("{}&options=-csearch_path%3Dnowhere", cluster())).await;
    assert!(refused.to_string().contains("search_path"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused() {
    let schema = Schema::empty().await;
    // Found before the engine's own, because the search path below says so.
    schema
        .run(
            "CREATE FUNCTION current_setting(TEXT) RETURNS TEXT LANGUAGE SQL AS
            $$ SELECT CASE $1 WHEN 'server_version_num' THEN '120022'
                WHEN 'server_version' THEN '12.22' ELSE 'off' END $$",
        )
        .await;
    let refused = refusal(&format!("{},pg_catalog", schema.url())).await;
    assert!(matches!(&refused, OpenError::TooOld { found, .. } if found == "12.22"), "{refused}");
    assert!(schema.columns().await.is_empty());
}

#[tokio::test]
async fn the_tables_of_others_are_left_alone() {
    let schema = Schema::empty().await;
    schema.run("CREATE TABLE invoice (id BIGINT PRIMARY KEY)").await;
    let refused = refusal(&schema.url()).await;
    assert!(
        matches!(&refused, OpenError::ForeignSchema { table, .. } if table == "invoice"),
        "{refused}"
    );
    assert_eq!(schema.columns().await, ["invoice.id"]);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_alone() {
    let schema = ours().await;
    schema.run("UPDATE hallpass_schema SET number = 99").await;
    let refused = refusal(&schema.url()).await;
    assert!(matches!(refused, OpenError::NewerSchema { found: 99, .. }), "{refused}");
    assert_eq!(schema.texts("SELECT number::TEXT FROM hallpass_schema").await, ["99"]);
}

#[tokio::test]
async fn a_missing_table_is_named_and_not_made_anew() {
    let schema = ours().await;
    schema.run("DROP TABLE code").await;
    let before = schema.columns().await;
    let refused = refusal(&schema.url()).await;
    assert!(refused.to_string().contains("table code is missing"), "{refused}");
    assert_eq!(schema.columns().await, before);
}

#[tokio::test]
async fn every_missing_column_is_named() {
    let schema = ours().await;
    let columns = schema.columns().await;
    for column in columns.iter().filter(|column| !column.starts_with("hallpass_schema.")) {
        let (table, name) = column.split_once('.').unwrap();
        schema.run(&format!("ALTER TABLE {table} RENAME COLUMN {name} TO gone")).await;
        let refused = refusal(&schema.url()).await.to_string();
        assert!(refused.contains(&format!("column {column} is missing")), "{refused}");
        schema.run(&format!("ALTER TABLE {table} RENAME COLUMN gone TO {name}")).await;
    }
    open(&schema.url()).await.unwrap();
}

#[tokio::test]
async fn a_number_that_is_gone_is_not_guessed() {
    let schema = ours().await;
    schema.run("DELETE FROM hallpass_schema").await;
    let refused = refusal(&schema.url()).await;
    assert!(refused.to_string().contains("hallpass_schema.number"), "{refused}");
    assert!(schema.texts("SELECT number::TEXT FROM hallpass_schema").await.is_empty());
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_refused() {
    let schema = Schema::empty().await;
    let read_only = schema.url_with("-c default_transaction_read_only=on");
    for url in [read_only.clone(), format!("{read_only}&target_session_attrs=any")] {
        let refused = refusal(&url).await;
        assert!(matches!(refused, OpenError::ReadOnly { .. }), "{refused}");
    }
    assert!(schema.columns().await.is_empty());
}
