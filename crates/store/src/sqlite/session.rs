//! Sessions: which browser is signed in to which account.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{AccountId, Session, SessionId, SignedIn};

use super::account::{self, account_columns};
use super::failure::Failure;
use super::row::{self, Columns};

/// How many columns [`read`] reads.
pub(super) const WIDTH: usize = 4;

/// What [`read`] reads, where the table is called `$session` in the statement.
macro_rules! session_columns {
    ($session:literal) => {
        concat!(
            $session,
            ".id, ",
            $session,
            ".account_id, ",
            $session,
            ".created_at, ",
            $session,
            ".expires_at",
        )
    };
}
pub(super) use session_columns;

pub(super) fn read(columns: &mut Columns<'_, '_>) -> Result<Session, Failure> {
    Ok(Session {
        id: SessionId::from_digest(columns.digest("id")?),
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        created_at: columns.timestamp("created_at")?,
        expires_at: columns.timestamp("expires_at")?,
    })
}

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
    row::first(connection, SQL, [id.as_bytes()], |columns| {
        Ok(SignedIn {
            session: columns.noun("session", read)?,
            account: columns.noun("account", account::read)?,
        })
    })
}

pub(super) fn open(
    connection: &Connection,
    session: &Session,
    replaces: Option<&SessionId>,
) -> Result<(), Failure> {
    const INSERT: &str = "INSERT INTO session (id, account_id, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4)";
    if let Some(old) = replaces {
        close(connection, old)?;
    }
    row::execute(
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

pub(super) fn close(connection: &Connection, id: &SessionId) -> Result<(), Failure> {
    row::execute(connection, "DELETE FROM session WHERE id = ?1", [id.as_bytes()])?;
    Ok(())
}
