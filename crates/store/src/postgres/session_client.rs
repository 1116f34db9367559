//! The clients that have joined a session, and what they are to be told of its end.
//!
//! Who joins holds the session, and who closes it waits for them; but what a statement sees of the clients
//! is older than what it has waited for. So the session counts who has joined: the count is read when the
//! session is held, and if it is more than the clients that were seen, there is a second statement.

use std::time::Duration;

use hallpass_protocol::model::{ClientId, SessionId, Timestamp};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::LogoutNotice;
use crate::row::client::client_columns;
use crate::row::session_client::{end_of_notices, millis, read};

/// Of two who add the same client at once both may count; the row is one. It answers whether the session is
/// there: held just now, or seen with the client, who had joined before.
pub(super) const JOIN: &str = "WITH counted AS (
        UPDATE session SET clients = clients + 1
        WHERE id = $1 AND NOT EXISTS (
            SELECT 1 FROM session_client n WHERE n.session_id = $1 AND n.client_id = $2
        )
        RETURNING id, account_id, expires_at
    ), joined AS (
        INSERT INTO session_client (session_id, client_id, account_id, expires_at, attempts)
        SELECT id, $2, account_id, expires_at, 0 FROM counted
        ON CONFLICT (session_id, client_id) DO NOTHING
    )
    SELECT 1 FROM counted
    UNION ALL
    SELECT 1 FROM session s JOIN session_client n ON n.session_id = s.id
    WHERE s.id = $1 AND n.session_id = $1 AND n.client_id = $2";

pub(super) async fn join(
    connection: &Connection,
    session: &SessionId,
    client: &ClientId,
) -> Result<bool, Failure> {
    statement::is_any(connection, JOIN, &values![session.as_bytes(), client.as_str()]).await
}

/// Makes the notices of a session that was closed just now, for clients that were not seen then.
pub(super) async fn tell(
    connection: &Connection,
    session: &SessionId,
    at: Timestamp,
) -> Result<(), Failure> {
    const SQL: &str = "UPDATE session_client SET closed_at = $2, due_at = $2, expires_at = $3
        WHERE session_id = $1 AND closed_at IS NULL";
    let values = values![session.as_bytes(), at.millis(), end_of_notices(at).millis()];
    connection.execute(SQL, &values).await?;
    Ok(())
}

/// The second part asks each row itself once more: of nodes that have seen the same rows due, one gets each.
pub(super) const CLAIM: &str = concat!(
    "WITH due AS (
        SELECT session_id, client_id FROM session_client
        WHERE due_at <= $1 ORDER BY due_at, session_id, client_id LIMIT $3
    ), claimed AS (
        UPDATE session_client SET attempts = session_client.attempts + 1,
            due_at = $1 + $2 * (session_client.attempts + 1) * (session_client.attempts + 1)
        FROM due
        WHERE session_client.session_id = due.session_id
            AND session_client.client_id = due.client_id AND session_client.due_at <= $1
        RETURNING session_client.session_id, session_client.client_id, session_client.account_id,
            session_client.attempts
    )
    SELECT n.session_id, n.client_id, n.account_id, n.attempts, ",
    client_columns!("c", "o"),
    " FROM claimed n
      LEFT JOIN client c ON c.id = n.client_id
      LEFT JOIN account o ON o.id = c.owner_id"
);

pub(super) async fn claim(
    connection: &Connection,
    now: Timestamp,
    wait: Duration,
    limit: u32,
) -> Result<Vec<LogoutNotice>, Failure> {
    let values = values![now.millis(), millis(wait), limit];
    statement::every(connection, CLAIM, &values, read).await
}

pub(super) async fn forget(
    connection: &Connection,
    session: &SessionId,
    client: &ClientId,
) -> Result<(), Failure> {
    const SQL: &str = "DELETE FROM session_client
        WHERE session_id = $1 AND client_id = $2 AND closed_at IS NOT NULL";
    connection.execute(SQL, &values![session.as_bytes(), client.as_str()]).await?;
    Ok(())
}
