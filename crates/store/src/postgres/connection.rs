//! One connection, with the statements that were prepared on it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::failure::{Failure, in_words};
use super::value::Value;

/// How long it may take until a server lets us in: connecting, TLS and signing in.
pub(super) const LET_IN: Duration = Duration::from_millis(1_200);

/// Whether statements get names on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preparation {
    /// Each is parsed and planned once a connection, at the cost of a round trip at its first use.
    Once,
    /// Each is sent whole, every time: a pooler may give every transaction to another server process.
    Never,
}

/// How connections are made.
pub(super) struct Connector {
    pub(super) address: Address,
    pub(super) tls: MakeRustlsConnect,
    pub(super) preparation: Preparation,
}

impl Connector {
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        let no_way = |reason| Failure::NotConnected(format!("{}: {reason}", self.address.place));
        let connecting = self.try_connect();
        match tokio::time::timeout(LET_IN, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(no_way(in_words(&error))),
            Err(_) => Err(no_way("no answer".to_owned())),
        }
    }

    /// The same with the driver's error, and without a limit of time.
    pub(super) async fn try_connect(&self) -> Result<Connection, tokio_postgres::Error> {
        let (client, driver) = self.address.config.connect(self.tls.clone()).await?;
        let driver = tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(error = in_words(&error), "a connection to the database ended");
            }
        });
        Ok(Connection {
            client,
            driver,
            preparation: self.preparation,
            statements: Mutex::default(),
        })
    }
}

/// A connection. What several callers ask at the same time is sent without waiting for the answers to
/// what was asked before.
pub(super) struct Connection {
    client: Client,
    driver: JoinHandle<()>,
    preparation: Preparation,
    statements: Mutex<HashMap<Text, Statement>>,
}

/// A text of the program by its place in memory, so that looking for it reads none of it.
type Text = (usize, usize);

fn place_of(sql: &'static str) -> Text {
    (sql.as_ptr().addr(), sql.len())
}

impl Connection {
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The rows that a statement answers. They are there when it has happened: behind them comes the
    /// server's word that it waits for the next statement.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Failure> {
        if self.preparation == Preparation::Never {
            let typed: Vec<_> = values.iter().map(|value| (dynamic(value), value.kind())).collect();
            return Ok(self.client.query_typed(sql, &typed).await?);
        }
        let statement = self.prepared(sql, values).await?;
        let values: Vec<_> = values.iter().map(dynamic).collect();
        Ok(self.client.query(&statement, &values).await?)
    }

    /// Carries out a statement; answers how many rows it touched.
    pub(super) async fn execute(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, Failure> {
        if self.preparation == Preparation::Never {
            let typed: Vec<_> = values.iter().map(|value| (dynamic(value), value.kind())).collect();
            return Ok(self.client.execute_typed(sql, &typed).await?);
        }
        let statement = self.prepared(sql, values).await?;
        let values: Vec<_> = values.iter().map(dynamic).collect();
        Ok(self.client.execute(&statement, &values).await?)
    }

    /// Carries out statements without values, separated by semicolons, in one transaction or in the one
    /// that is open.
    pub(super) async fn run(&self, sql: &str) -> Result<(), Failure> {
        Ok(self.client.batch_execute(sql).await?)
    }

    async fn prepared(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Statement, Failure> {
        let place = place_of(sql);
        // Bound outside of the `if`, which would hold the lock to its end.
        let known = self.statements().get(&place).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let kinds: Vec<_> = values.iter().map(Value::kind).collect();
        let statement = self.client.prepare_typed(sql, &kinds).await?;
        self.statements().insert(place, statement.clone());
        Ok(statement)
    }

    fn statements(&self) -> MutexGuard<'_, HashMap<Text, Statement>> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn dynamic<'a>(value: &'a Value<'a>) -> &'a (dyn ToSql + Sync) {
    value
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The driver would wait for answers that nobody wants any more, maybe for ever.
        self.driver.abort();
    }
}
