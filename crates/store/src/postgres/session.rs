//! Sessions: which browser is signed in to which account.

use hallpass_protocol::model::{Session, SessionId, SignedIn};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::account::{self, account_columns};
use crate::row::session::{read, session_columns};

pub(super) async fn signed_in(
    connection: &Connection,
    id: &SessionId,
) -> Result<Option<SignedIn>, Failure> {
    const SQL: &str = concat!(
        "SELECT ",
        session_columns!("s"),
        ", ",
        account_columns!("a"),
        " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = $1"
    );
    statement::first(connection, SQL, &values![id.as_bytes()], |columns| {
        Ok(SignedIn {
            session: columns.noun("session", read)?,
            account: columns.noun("account", account::read)?,
        })
    })
    .await
}

/// One statement. A session that is there already is the same one, sent again because its answer got
/// lost: its id is the digest of a secret that was never used before.
pub(super) const OPEN: &str = "WITH closed AS (DELETE FROM session WHERE id = $5)
    INSERT INTO session (id, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO NOTHING";

pub(super) async fn open(
    connection: &Connection,
    session: &Session,
    replaces: Option<&SessionId>,
) -> Result<(), Failure> {
    let values = values![
        session.id.as_bytes(),
        session.account.as_uuid().as_bytes(),
        session.created_at.millis(),
        session.expires_at.millis(),
        replaces.map(|old| old.as_bytes().as_slice()),
    ];
    connection.execute(OPEN, &values).await?;
    Ok(())
}

pub(super) async fn close(connection: &Connection, id: &SessionId) -> Result<(), Failure> {
    connection.execute("DELETE FROM session WHERE id = $1", &values![id.as_bytes()]).await?;
    Ok(())
}
