//! What an act of revocation ends, before it is recorded.
//!
//! A family that has ended stays until its time is over, and so does a code that was exchanged: who
//! comes with one of them is told so, and a replay is known as one. A code that was not goes at once.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};

use super::failure::Failure;
use super::{change, statement};
use crate::Change;
use crate::row::code as row;

pub(super) fn revoke(connection: &Connection, revocation: &Revocation) -> Result<(), Failure> {
    let at = revocation.at;
    match &revocation.revoked {
        Revoked::Authorization(id) => end_authorization(connection, *id, at)?,
        Revoked::Consent(id) => end_consent(connection, *id)?,
        Revoked::Account(id) => end_account(connection, *id, at)?,
        Revoked::Client(id) => end_client(connection, id, at)?,
    }
    change::append(connection, &Change::Revoked(revocation.clone()), at)
}

fn end_authorization(
    connection: &Connection,
    id: AuthorizationId,
    at: Timestamp,
) -> Result<(), Failure> {
    const FAMILY: &str = "UPDATE refresh_family SET ended_at = ?2
        WHERE authorization_id = ?1 AND ended_at IS NULL";
    // There is hardly ever one: nobody knows an authorization before its code is exchanged. To look first is
    // cheap; for a DELETE by an index the engine makes a list of what it finds.
    const UNUSED: &str = "SELECT key FROM code WHERE authorization_id = ?1 AND redeemed_at IS NULL";
    let id = id.as_uuid().as_bytes();
    statement::execute(connection, FAMILY, params![id, at.millis()])?;
    let unused =
        statement::every(connection, UNUSED, [id], |columns| columns.noun("code", row::read_key))?;
    for key in unused {
        statement::execute(connection, "DELETE FROM code WHERE key = ?1", [key.as_bytes()])?;
    }
    Ok(())
}

/// A consent never comes back, so it goes itself, with all that rests on it: their foreign keys say so.
fn end_consent(connection: &Connection, id: AuthorizationId) -> Result<(), Failure> {
    const SQL: &str = "DELETE FROM consent WHERE authorization_id = ?1";
    statement::execute(connection, SQL, [id.as_uuid().as_bytes()])?;
    Ok(())
}

fn end_account(connection: &Connection, id: AccountId, at: Timestamp) -> Result<(), Failure> {
    const FAMILIES: &str = "UPDATE refresh_family SET ended_at = ?2
        WHERE account_id = ?1 AND ended_at IS NULL";
    const CODES: &str = "DELETE FROM code WHERE account_id = ?1 AND redeemed_at IS NULL";
    let id = id.as_uuid().as_bytes();
    statement::execute(connection, FAMILIES, params![id, at.millis()])?;
    statement::execute(connection, CODES, [id])?;
    Ok(())
}

fn end_client(connection: &Connection, id: &ClientId, at: Timestamp) -> Result<(), Failure> {
    // By way of the consents, which an index finds: families and codes are found by account first.
    const FAMILIES: &str = "UPDATE refresh_family SET ended_at = ?2
        WHERE ended_at IS NULL AND (account_id, client_id) IN (
            SELECT account_id, client_id FROM consent WHERE client_id = ?1
        )";
    const CODES: &str = "DELETE FROM code
        WHERE redeemed_at IS NULL AND (account_id, client_id) IN (
            SELECT account_id, client_id FROM consent WHERE client_id = ?1
        )";
    statement::execute(connection, FAMILIES, params![id.as_str(), at.millis()])?;
    statement::execute(connection, CODES, [id.as_str()])?;
    Ok(())
}
