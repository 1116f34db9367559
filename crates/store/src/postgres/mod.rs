//! The store of many nodes: a PostgreSQL database.
//!
//! Each file below that is named after a noun or an endpoint holds its statements, as its namesake in
//! `sqlite` does. The others are the way there:
//!
//! ```text
//! address, tls -> connection -> lanes (facts) and pool (acts) -> database: tries and deadlines
//! gathering: many in one load                                    value, statement, failure
//! opening, migrations
//! ```
//!
//! A fact goes out on a connection that it shares with other facts ([`lanes`]), an act on one that it has
//! to itself ([`pool`]). Hot acts are one statement each, so one round trip; each guards itself, so that
//! it is right at the isolation that the database gives by default and at every stricter one.

mod account;
mod address;
mod api;
mod authorize;
mod change;
mod client;
mod client_origin;
mod code;
mod connection;
mod consent;
mod database;
mod declare;
mod deletion;
mod failure;
mod gathering;
mod keys;
mod lanes;
mod migrations;
mod opening;
mod outage;
#[cfg(test)]
mod plan;
mod pool;
mod profile;
mod refresh_family;
mod revoke;
mod scope;
mod sealed_code;
mod session;
mod session_client;
mod statement;
mod store;
mod tls;
mod transaction;
pub(crate) mod transfer;
mod upkeep;
mod value;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{OpenError, StoreError};
use address::Address;
use connection::{Connector, Preparation};
use database::Database;
use gathering::Gathering;

pub(crate) use address::is_url;

/// Where the database is, and how it is used.
#[derive(Clone)]
pub struct PostgresSettings {
    /// `postgres://user:password@host:port/database?…`. Hosts other than this machine need TLS with a
    /// certificate that proves their name, unless it says `sslmode=disable`; `sslrootcert` names a file
    /// with authorities to trust. Several hosts (`host1,host2`) are tried in turn.
    pub url: String,
    /// How many connections one process uses at the most; two at the least.
    pub connections: u32,
    /// Whether statements are prepared once a connection. A pooler that gives each transaction to another
    /// connection (`PgBouncer` in its transaction mode) needs `false`.
    pub prepared: bool,
}

impl PostgresSettings {
    /// The settings that suit a server of our own.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections: 16, prepared: true }
    }
}

// Not derived: the URL holds the password.
impl fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSettings")
            .field("connections", &self.connections)
            .field("prepared", &self.prepared)
            .finish_non_exhaustive()
    }
}

/// The database in words, without the password.
impl fmt::Display for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Address::parse(&self.url, !self.prepared) {
            Ok(address) => f.write_str(&address.place),
            Err(_) => f.write_str("a PostgreSQL database"),
        }
    }
}

/// A store in a PostgreSQL database, which other processes may use at the same time.
pub struct PostgresStore {
    database: Arc<Database>,
    /// Who asks whose session it is.
    sessions: Arc<Gathering<authorize::Asked, Result<authorize::Known, StoreError>>>,
    /// Who ends an authorization; whether their load has done it.
    ends: Arc<Gathering<revoke::Ended, bool>>,
}

impl PostgresStore {
    /// Opens the database, and makes its tables if there are none.
    ///
    /// # Errors
    /// An [`OpenError`] if the database is not there, does not let us in, or is not ours or not for this
    /// version. It is then as it was.
    pub async fn open(settings: &PostgresSettings) -> Result<Self, OpenError> {
        let preparation = if settings.prepared { Preparation::Once } else { Preparation::Never };
        let address = Address::parse(&settings.url, !settings.prepared)?;
        let tls = tls::connector(&address)?;
        let connector = Connector { address, tls, preparation };
        let first = opening::open(&connector).await?;
        Ok(Self::of(Database::new(connector, settings.connections, first)))
    }

    fn of(database: Database) -> Self {
        let sessions = Gathering::new(database.lanes());
        // All write the number of the last change, so a second load would only wait for the first.
        let ends = Gathering::new(1);
        Self { database: Arc::new(database), sessions, ends }
    }

    /// Gives every fact and act a minute, so that what they promise can be tested on a machine that is
    /// busy with other things.
    #[doc(hidden)]
    #[must_use]
    pub fn with_patience(self) -> Self {
        self.changed(|database| database.set_patience(Duration::from_secs(60)))
    }

    /// Makes the first try of every act fail as if others were at the same rows: for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with_conflicts(self) -> Self {
        self.changed(Database::set_conflicts)
    }

    /// Nobody else has the database yet.
    fn changed(mut self, change: impl FnOnce(&mut Database)) -> Self {
        if let Some(database) = Arc::get_mut(&mut self.database) {
            change(database);
        }
        self
    }
}
