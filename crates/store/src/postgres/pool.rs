//! The pool: connections that an act has to itself, so that the disk is waited for by many at once.
//!
//! The one that was used last is used next: it has its statements prepared and its server process warm,
//! and those beyond the need stay unused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::connection::{Connection, Connector};
use super::failure::Failure;

/// At most so many connections as there are permits.
pub(super) struct Pool {
    permits: Semaphore,
    size: u32,
    idle: Mutex<Vec<Arc<Connection>>>,
}

/// A connection for one act. Dropped it is thrown away, and what the server does with it ends.
pub(super) struct Lease<'pool> {
    connection: Arc<Connection>,
    pool: &'pool Pool,
    _permit: SemaphorePermit<'pool>,
}

impl Pool {
    pub(super) fn new(size: u32) -> Self {
        let permits = usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS);
        Self { permits: Semaphore::new(permits), size, idle: Mutex::default() }
    }

    /// Waits for a turn; then takes a connection that lives, or makes one.
    pub(super) async fn lease(&self, connector: &Connector) -> Result<Lease<'_>, Failure> {
        let permit = self.permits.acquire().await.map_err(|_| Failure::Closed)?;
        let connection = match self.take_idle() {
            Some(connection) => connection,
            None => Arc::new(connector.connect().await?),
        };
        Ok(Lease { connection, pool: self, _permit: permit })
    }

    /// Adds a connection that was made elsewhere.
    pub(super) fn add(&self, connection: Arc<Connection>) {
        self.idle().push(connection);
    }

    /// Waits for acts under way, refuses all others, and lets go of the connections.
    pub(super) async fn close(&self) {
        // An error means that it is closed already.
        if let Ok(_all) = self.permits.acquire_many(self.size).await {
            self.permits.close();
        }
        self.idle().clear();
    }

    fn take_idle(&self) -> Option<Arc<Connection>> {
        let mut idle = self.idle();
        // A server that was restarted has closed them all.
        while let Some(connection) = idle.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Arc<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    pub(super) fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// Keeps the connection for the next act. No transaction is open on it.
    pub(super) fn give_back(self) {
        self.pool.add(self.connection);
    }
}
