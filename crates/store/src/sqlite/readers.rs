//! Read-only connections beside the writer.
//!
//! A read runs on the calling thread, without a detour over a pool of blocking threads. That does not
//! block the runtime: in WAL mode a reader waits for nobody, neither the writer nor another reader,
//! and a read by key takes microseconds, less than the detour would. No connection is held across an
//! await, so there are never more of them than threads that read at the same moment.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::failure::Failure;
use super::opening;

/// More than the statements that read, so that each is prepared once per connection.
const STATEMENTS: usize = 32;

/// How long a read waits where even WAL readers must: while another connection recovers the log.
const BUSY: Duration = Duration::from_secs(2);

/// The connections that read.
pub(super) struct Readers {
    path: PathBuf,
    /// `None` once the store is closed.
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    /// Readers of the database at `path`; a connection is opened when one is wanted and none is idle.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(Some(Vec::new())) }
    }

    /// What `ask` reads. A connection on which something failed is not used again.
    pub(super) fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let idle = self.with_idle(Vec::pop)?;
        let connection = idle.map_or_else(|| connect(&self.path), Ok)?;
        let answer = ask(&connection)?;
        // If the store was closed meanwhile, the connection ends here.
        let _ = self.with_idle(|idle| idle.push(connection));
        Ok(answer)
    }

    /// Ends all idle connections; those in use end with their read.
    pub(super) fn close(&self) {
        drop(self.idle.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn with_idle<T>(&self, change: impl FnOnce(&mut Vec<Connection>) -> T) -> Result<T, Failure> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.as_mut().map(change).ok_or(Failure::Stopped("the store is closed"))
    }
}

/// A connection that can only read.
pub(super) fn connect(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    opening::plan_once(&connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sqlite::statement;

    #[test]
    fn a_reader_sees_what_is_committed_and_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("db");
        let (writer, _lock) = opening::open(&path).unwrap();
        let readers = Readers::of(&path);
        let count = |connection: &Connection| {
            statement::first(connection, "SELECT COUNT(*) AS notes FROM note", [], |columns| {
                columns.integer("notes")
            })
        };

        writer.execute_batch("CREATE TABLE note (text TEXT NOT NULL)").unwrap();
        assert_eq!(readers.read(count).unwrap(), Some(0));
        writer.execute_batch("BEGIN; INSERT INTO note (text) VALUES ('one')").unwrap();
        assert_eq!(readers.read(count).unwrap(), Some(0), "and it does not wait for the writer");
        writer.execute_batch("COMMIT").unwrap();
        assert_eq!(readers.read(count).unwrap(), Some(1));
        assert!(readers.read(|reader| statement::execute(reader, "DELETE FROM note", [])).is_err());
        assert_eq!(readers.read(count).unwrap(), Some(1));
    }
}
