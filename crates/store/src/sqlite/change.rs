//! Changes that whoever keeps something in memory must hear of, one row each, in the order of their
//! numbers.

use rusqlite::{Connection, params};

use hallpass_protocol::model::Timestamp;

use super::failure::Failure;
use super::statement;
use crate::Change;
use crate::row::change::{kind_and_key, read, times};

/// Adds a change made at `at` behind all others.
pub(super) fn append(
    connection: &Connection,
    change: &Change,
    at: Timestamp,
) -> Result<(), Failure> {
    // Counted in a row of its own, so that a number never comes again, whatever is purged.
    const COUNT: &str = "UPDATE change_number SET last = last + 1 WHERE id = 1";
    // Values and no SELECT, before which the engine makes ready to undo the one statement.
    const SQL: &str = "INSERT INTO change (seq, kind, key, at, until)
        VALUES ((SELECT last FROM change_number WHERE id = 1), ?1, ?2, ?3, ?4)";
    let (kind, key) = kind_and_key(change);
    let (at, until) = times(change, at);
    statement::execute(connection, COUNT, [])?;
    statement::execute(connection, SQL, params![kind, key, at.millis(), until.millis()])?;
    Ok(())
}

pub(super) fn after(
    connection: &Connection,
    number: u64,
    limit: u32,
) -> Result<Vec<(u64, Change)>, Failure> {
    const SQL: &str = "SELECT seq, kind, key, at, until FROM change WHERE seq > ?1
        ORDER BY seq LIMIT ?2";
    // No row has a number beyond the engine's.
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    statement::every(connection, SQL, params![number, limit], |columns| {
        columns.noun("change", read)
    })
}
