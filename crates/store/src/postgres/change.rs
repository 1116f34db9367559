//! Changes that whoever keeps something in memory must hear of, one row each, in the order of their
//! numbers.

use hallpass_protocol::model::Timestamp;

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::Change;
use crate::row::Corrupt;
use crate::row::change::{kind_and_key, read, times};

/// Adds a change made at `at` behind all others.
///
/// It is the last thing that an act does. The number's row stays locked until the commit, so changes
/// become visible in the order of their numbers; and nobody who holds it waits for anything else, so
/// nobody waits for it in a circle.
pub(super) async fn append(
    connection: &Connection,
    change: &Change,
    at: Timestamp,
) -> Result<(), Failure> {
    const SQL: &str = "WITH number AS (
            UPDATE change_number SET last = last + 1 WHERE id = 1 RETURNING last
        )
        INSERT INTO change (seq, kind, key, at, until) SELECT last, $1, $2, $3, $4 FROM number";
    let (kind, key) = kind_and_key(change);
    let (at, until) = times(change, at);
    let values = values![kind, key, at.millis(), until.millis()];
    match connection.execute(SQL, &values).await? {
        0 => Err(UNCOUNTED.into()),
        _ => Ok(()),
    }
}

/// What a database without a number of the last change is: an act that is not told did not happen.
pub(super) const UNCOUNTED: Corrupt = Corrupt { table: "change_number", column: "last" };

pub(super) async fn after(
    connection: &Connection,
    number: u64,
    limit: u32,
) -> Result<Vec<(u64, Change)>, Failure> {
    const SQL: &str = "SELECT seq, kind, key, at, until FROM change WHERE seq > $1
        ORDER BY seq LIMIT $2";
    // No row has a number beyond the engine's.
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    statement::every(connection, SQL, &values![number, limit], |columns| {
        columns.noun("change", read)
    })
    .await
}
