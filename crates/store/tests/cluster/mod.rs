//! The PostgreSQL of the tests, and in it a schema for each of them.

// Each test file uses a part of it.
#![allow(dead_code)]

pub(crate) mod proxy;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};

/// A schema that only one test knows.
pub(crate) struct Schema {
    name: String,
    owner: Client,
    watcher: Client,
}

impl Schema {
    /// A schema without tables.
    pub(crate) async fn empty() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let owner = connect(&cluster()).await;
        owner.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        let watcher = connect(&cluster()).await;
        let schema = Self { name, owner, watcher };
        schema.run(&format!("SET search_path = {}", schema.name)).await;
        schema
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Ends the connections of programs of this schema's name that satisfy a condition, as soon as there
    /// are any.
    pub(crate) async fn kill(&self, which: &str) {
        let kill = format!("SELECT pg_terminate_backend(pid) {} AND {which}", self.of_programs());
        while self.watcher.query(&kill, &[]).await.unwrap().is_empty() {}
    }

    /// Whether a program of this schema's name waits for somebody else's rows. Within one transaction the
    /// server would answer the same again and again, so the owner, who holds the rows, does not ask.
    pub(crate) async fn is_waited_for(&self) -> bool {
        let waiting = format!("SELECT 1 {} AND wait_event_type = 'Lock'", self.of_programs());
        !self.watcher.query(&waiting, &[]).await.unwrap().is_empty()
    }

    /// Waits until no process of the server works for a program of this schema's name.
    pub(crate) async fn wait_until_gone(&self) {
        while self.connections().await > 0 {}
    }

    /// How many processes of the server work for programs of this schema's name.
    pub(crate) async fn connections(&self) -> usize {
        self.watcher.query(&format!("SELECT 1 {}", self.of_programs()), &[]).await.unwrap().len()
    }

    // Asked by the watcher, because within a transaction the answer would always be the same.
    fn of_programs(&self) -> String {
        format!("FROM pg_stat_activity WHERE application_name = '{}'", self.name)
    }

    /// The URL of the database, with this schema in use.
    pub(crate) fn url(&self) -> String {
        format!("{}&{}", cluster(), self.options())
    }

    /// The same with more settings of the session, as `-c name=value`.
    pub(crate) fn url_with(&self, options: &str) -> String {
        format!("{}&{}{}", cluster(), self.options(), encode(&format!(" {options}")))
    }

    /// The parameter of a URL that says to use this schema.
    pub(crate) fn options(&self) -> String {
        format!("options={}", encode(&format!("-c search_path={}", self.name)))
    }

    /// Carries out statements in the schema.
    pub(crate) async fn run(&self, sql: &str) {
        self.owner.batch_execute(sql).await.unwrap();
    }

    /// The first column of all rows, which are texts.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.owner.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// All columns there are, as `table.column`, in order.
    pub(crate) async fn columns(&self) -> Vec<String> {
        let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = current_schema() ORDER BY 1";
        self.texts(sql).await
    }
}

/// The URL of the cluster, which ends in parameters.
pub(crate) fn cluster() -> String {
    std::env::var("HALLPASS_TEST_POSTGRES")
        .expect("these tests need a PostgreSQL: scripts/test, or scripts/with-postgres cargo test")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn encode(options: &str) -> String {
    options.replace(' ', "%20").replace('=', "%3D")
}

/// The path of the cluster's Unix socket.
pub(crate) fn socket() -> PathBuf {
    let cluster = cluster();
    let (_, directory) = cluster.split_once("host=").expect("scripts/with-postgres names a host");
    Path::new(directory.split('&').next().unwrap()).join(".s.PGSQL.5432")
}
