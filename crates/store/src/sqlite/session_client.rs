//! The clients that have joined a session, and what they are to be told of its end.

use std::time::Duration;

use rusqlite::{Connection, params};

use hallpass_protocol::model::{ClientId, SessionId, Timestamp};

use super::failure::Failure;
use super::{client, statement};
use crate::LogoutNotice;
use crate::row::session_client::{end_of_notices, millis, read_bare};

pub(super) fn join(
    connection: &Connection,
    session: &SessionId,
    client: &ClientId,
) -> Result<bool, Failure> {
    const JOIN: &str =
        "INSERT INTO session_client (session_id, client_id, account_id, expires_at, attempts)
        SELECT id, ?2, account_id, expires_at, 0 FROM session WHERE id = ?1
        ON CONFLICT (session_id, client_id) DO NOTHING";
    const COUNT: &str = "UPDATE session SET clients = clients + 1 WHERE id = ?1";
    const IS_OPEN: &str = "SELECT 1 FROM session WHERE id = ?1";
    let id = session.as_bytes();
    if statement::execute(connection, JOIN, params![id, client.as_str()])? == 1 {
        statement::execute(connection, COUNT, [id])?;
        return Ok(true);
    }
    statement::is_any(connection, IS_OPEN, [id])
}

/// Makes the notices of a session that is closed in this act.
pub(super) fn tell(
    connection: &Connection,
    session: &SessionId,
    at: Timestamp,
) -> Result<(), Failure> {
    const SQL: &str = "UPDATE session_client SET closed_at = ?2, due_at = ?2, expires_at = ?3
        WHERE session_id = ?1 AND closed_at IS NULL";
    let end = end_of_notices(at).millis();
    statement::execute(connection, SQL, params![session.as_bytes(), at.millis(), end])?;
    Ok(())
}

pub(super) fn claim(
    connection: &Connection,
    now: Timestamp,
    wait: Duration,
    limit: u32,
) -> Result<Vec<LogoutNotice>, Failure> {
    const SQL: &str = "UPDATE session_client SET due_at = ?1 + ?2 * (attempts + 1) * (attempts + 1), attempts = attempts + 1
        WHERE (session_id, client_id) IN (
            SELECT session_id, client_id FROM session_client
            WHERE due_at <= ?1 ORDER BY due_at LIMIT ?3
        )
        RETURNING session_id, client_id, account_id, attempts";
    let parameters = params![now.millis(), millis(wait), limit];
    let mut notices = statement::every(connection, SQL, parameters, |columns| {
        columns.noun("session_client", read_bare)
    })?;
    for notice in &mut notices {
        notice.client = client::client(connection, &notice.client_id)?;
    }
    Ok(notices)
}

pub(super) fn forget(
    connection: &Connection,
    session: &SessionId,
    client: &ClientId,
) -> Result<(), Failure> {
    const SQL: &str = "DELETE FROM session_client
        WHERE session_id = ?1 AND client_id = ?2 AND closed_at IS NOT NULL";
    statement::execute(connection, SQL, params![session.as_bytes(), client.as_str()])?;
    Ok(())
}
