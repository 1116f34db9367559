//! What keeps the tables small and says whether they can be written.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use hallpass_protocol::model::Timestamp;

use super::failure::Failure;
use super::{migrations, statement};
use crate::row::code::time_of_forgotten;

const SESSIONS: &str = "DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2
    )";
const CODES: &str = "DELETE FROM code WHERE key IN (
        SELECT key FROM code WHERE key < ?1 ORDER BY key LIMIT ?2
    )";
const USED_CODES: &str = "DELETE FROM used_code WHERE key IN (
        SELECT key FROM used_code WHERE key < ?1 ORDER BY key LIMIT ?2
    )";
const SESSION_CLIENTS: &str = "DELETE FROM session_client WHERE (session_id, client_id) IN (
        SELECT session_id, client_id FROM session_client WHERE expires_at < ?1
        ORDER BY expires_at LIMIT ?2
    )";
/// A family that was ended goes only when its time is over too: until then its tokens are known as
/// revoked.
const FAMILIES: &str = "DELETE FROM refresh_family WHERE authorization_id IN (
        SELECT authorization_id FROM refresh_family WHERE idle_until < ?1
        ORDER BY idle_until LIMIT ?2
    )";
/// The last one stays: by it a follower knows that its own number was given out here.
const CHANGES: &str = "DELETE FROM change WHERE seq IN (
        SELECT seq FROM change
        WHERE until < ?1 AND seq < (SELECT last FROM change_number WHERE id = 1)
        ORDER BY until LIMIT ?2
    )";

pub(super) fn purge(
    connection: &Connection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, Failure> {
    let time = || Value::from(before.millis());
    let forgotten = || Value::from(time_of_forgotten(before).to_vec());
    let kinds = [
        (SESSIONS, time()),
        (SESSION_CLIENTS, time()),
        (CODES, forgotten()),
        (USED_CODES, forgotten()),
        (FAMILIES, time()),
        (CHANGES, time()),
    ];
    let mut removed = 0;
    for (sql, end) in kinds {
        removed += statement::execute(connection, sql, params![end, limit])?;
    }
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

/// Writes the schema's number as it is: a real write, through the log to the disk, that changes
/// nothing.
pub(super) fn probe(connection: &Connection) -> Result<(), Failure> {
    let number = migrations::number(connection)?;
    connection.pragma_update(None, "user_version", number)?;
    Ok(())
}
