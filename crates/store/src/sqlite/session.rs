//! Sessions: which browser is signed in to which account.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{AccountId, Session, SessionId, SignedIn, Timestamp};

use super::failure::Failure;
use super::{refresh_family, session_client, statement};
use crate::row::account::{self, account_columns};
use crate::row::session::{read, session_columns};

pub(super) fn signed_in(
    connection: &Connection,
    id: &SessionId,
) -> Result<Option<SignedIn>, Failure> {
    const SQL: &str = concat!(
        "SELECT ",
        session_columns!("s"),
        ", ",
        account_columns!("a"),
        " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = ?1"
    );
    statement::first(connection, SQL, [id.as_bytes()], |columns| {
        Ok(SignedIn {
            session: columns.noun("session", read)?,
            account: columns.noun("account", account::read)?,
        })
    })
}

pub(super) fn count(
    connection: &Connection,
    account: AccountId,
    now: Timestamp,
) -> Result<u64, Failure> {
    const SQL: &str =
        "SELECT COUNT(*) AS count FROM session WHERE account_id = ?1 AND ?2 < expires_at";
    let parameters = params![account.as_uuid().as_bytes(), now.millis()];
    let count = statement::first(connection, SQL, parameters, |columns| {
        columns.noun("session", |columns| columns.integer("count"))
    })?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

pub(super) fn open(
    connection: &Connection,
    session: &Session,
    replaces: Option<&SessionId>,
) -> Result<(), Failure> {
    const INSERT: &str = "INSERT INTO session (id, account_id, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4)";
    if let Some(old) = replaces {
        close(connection, old, session.created_at)?;
    }
    statement::execute(
        connection,
        INSERT,
        params![
            session.id.as_bytes(),
            session.account.as_uuid().as_bytes(),
            session.created_at.millis(),
            session.expires_at.millis(),
        ],
    )?;
    Ok(())
}

pub(super) fn close(connection: &Connection, id: &SessionId, at: Timestamp) -> Result<(), Failure> {
    statement::execute(connection, "DELETE FROM session WHERE id = ?1", [id.as_bytes()])?;
    end(connection, id, at)
}

/// What goes with a session that is closed in this act.
fn end(connection: &Connection, id: &SessionId, at: Timestamp) -> Result<(), Failure> {
    refresh_family::end_with_session(connection, id, at)?;
    session_client::tell(connection, id, at)
}

pub(super) fn close_all_of(
    connection: &Connection,
    account: AccountId,
    at: Timestamp,
) -> Result<u64, Failure> {
    const SQL: &str = "DELETE FROM session WHERE account_id = ?1 RETURNING id";
    let closed = statement::every(connection, SQL, [account.as_uuid().as_bytes()], |columns| {
        columns.noun("session", |columns| columns.digest("id")).map(SessionId::from_digest)
    })?;
    for id in &closed {
        end(connection, id, at)?;
    }
    Ok(closed.len() as u64)
}
