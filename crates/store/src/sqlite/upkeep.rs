//! What keeps the tables small and says whether they can be written.

use rusqlite::{Connection, params};

use hallpass_protocol::model::Timestamp;

use super::failure::Failure;
use super::{migrations, row};

pub(super) fn purge(
    connection: &Connection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, Failure> {
    const SQL: &str = "DELETE FROM session WHERE id IN (
            SELECT id FROM session WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2
        )";
    let removed = row::execute(connection, SQL, params![before.millis(), limit])?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

/// Writes the schema's number as it is: a real write, through the log to the disk, that changes
/// nothing.
pub(super) fn probe(connection: &Connection) -> Result<(), Failure> {
    let number = migrations::number(connection)?;
    connection.pragma_update(None, "user_version", number)?;
    Ok(())
}
