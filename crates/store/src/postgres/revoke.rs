//! What an act of revocation ends, before it is recorded.
//!
//! A family that has ended stays until its time is over, and so does a code that was exchanged: who
//! comes with one of them is told so, and a replay is known as one. A code that was not goes at once.
//!
//! Codes come before families, as in an exchange. So an exchange at the same moment either finds its code
//! gone, or is waited for; and the family that it began must be seen after that wait.

use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::transaction;
use super::value::values;
use super::{change, statement};
use crate::Change;
use crate::row::change::AUTHORIZATION;

/// Ends what `revocation` names, and tells of it.
pub(super) async fn revoke(
    connection: &Connection,
    revocation: &Revocation,
) -> Result<(), Failure> {
    transaction(connection, async {
        end(connection, revocation).await?;
        change::append(connection, &Change::Revoked(revocation.clone()), revocation.at).await
    })
    .await
}

/// Ends what `revocation` names, in the transaction that is open, and leaves it to the caller to tell.
pub(super) async fn end(connection: &Connection, revocation: &Revocation) -> Result<(), Failure> {
    let at = revocation.at;
    match &revocation.revoked {
        Revoked::Authorization(id) => end_authorization(connection, *id, at).await,
        Revoked::Consent(id) => end_consent(connection, *id).await,
        Revoked::Account(id) => end_account(connection, *id, at).await,
        Revoked::Client(id) => end_client(connection, id, at).await,
    }
}

/// One statement; its parts are done one after the other, because each asks for the rows of the one
/// before. Answers how many changes it told of, and how many codes that it saw unused were exchanged
/// while it waited for them.
pub(super) const REVOKE: &str = "WITH dropped AS (
        DELETE FROM code WHERE authorization_id = $1 AND redeemed_at IS NULL RETURNING key
    ), ended AS (
        UPDATE refresh_family SET ended_at = $2
        WHERE authorization_id = $1 AND ended_at IS NULL AND (SELECT COUNT(*) FROM dropped) >= 0
        RETURNING generation
    ), number AS (
        UPDATE change_number SET last = last + 1
        WHERE id = 1 AND (SELECT COUNT(*) FROM ended) >= 0
        RETURNING last
    ), told AS (
        INSERT INTO change (seq, kind, key, at, until) SELECT last, $3, $1, $2, $4 FROM number
    )
    SELECT (SELECT COUNT(*) FROM number) AS told, (
        SELECT COUNT(*) FROM code WHERE authorization_id = $1 AND redeemed_at IS NULL
            AND key NOT IN (SELECT key FROM dropped)
    ) AS exchanged";

const END_FAMILY: &str = "UPDATE refresh_family SET ended_at = $2
    WHERE authorization_id = $1 AND ended_at IS NULL";

/// Ends one, and waits for whoever is at its rows.
pub(super) async fn revoke_one(connection: &Connection, ended: Ended) -> Result<(), Failure> {
    let id = ended.id.as_uuid().as_bytes();
    let (at, until) = (ended.at.millis(), ended.until.millis());
    let values = values![id, at, AUTHORIZATION, until];
    let counts = statement::first(connection, REVOKE, &values, |columns| {
        Ok((columns.integer("told")?, columns.integer("exchanged")?))
    });
    let (told, exchanged) = counts.await?.unwrap_or_default();
    if told == 0 {
        return Err(change::UNCOUNTED.into());
    }
    if exchanged > 0 {
        // The family that began in that moment is younger than what the statement could see.
        connection.execute(END_FAMILY, &values![id, at]).await?;
    }
    Ok(())
}

/// The end of an authorization, as many of them are ended at once.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    pub(super) id: AuthorizationId,
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
}

/// As [`REVOKE`], for all of a load. It waits for nobody's rows: if others are at one of them it fails, for a
/// load must not wait for what only one of it needs. The number's row it waits for, as every act does.
pub(super) const REVOKE_ALL: &str = "WITH codes AS (
        SELECT key FROM code WHERE authorization_id = ANY($1) AND redeemed_at IS NULL
        FOR UPDATE NOWAIT
    ), families AS (
        SELECT f.authorization_id, asked.at
        FROM unnest($1, $2) AS asked (id, at) JOIN refresh_family f ON f.authorization_id = asked.id
        WHERE f.ended_at IS NULL AND (SELECT COUNT(*) FROM codes) >= 0
        FOR UPDATE OF f NOWAIT
    ), dropped AS (
        DELETE FROM code WHERE key IN (SELECT key FROM codes) RETURNING key
    ), ended AS (
        UPDATE refresh_family SET ended_at = families.at FROM families
        WHERE refresh_family.authorization_id = families.authorization_id
        RETURNING generation
    ), number AS (
        UPDATE change_number SET last = last + CARDINALITY($1)
        WHERE id = 1 AND (SELECT COUNT(*) FROM dropped) >= 0 AND (SELECT COUNT(*) FROM ended) >= 0
        RETURNING last
    ), told AS (
        INSERT INTO change (seq, kind, key, at, until)
        SELECT number.last - CARDINALITY($1) + asked.place, $4, asked.id, asked.at, asked.until
        FROM number CROSS JOIN
            unnest($1, $2, $3) WITH ORDINALITY AS asked (id, at, until, place)
    )
    SELECT (SELECT COUNT(*) FROM number) AS told, (
        SELECT COUNT(*) FROM code WHERE authorization_id = ANY($1) AND redeemed_at IS NULL
            AND key NOT IN (SELECT key FROM dropped)
    ) AS exchanged";

/// Ends all of these and tells of each, or fails. Who asked for one of a load that failed does it again, by
/// itself.
pub(super) async fn revoke_all(connection: &Connection, ended: &[Ended]) -> Result<(), Failure> {
    let ids: Vec<_> = ended.iter().map(|ended| ended.id.as_uuid().as_bytes().as_slice()).collect();
    let ats: Vec<_> = ended.iter().map(|ended| ended.at.millis()).collect();
    let untils: Vec<_> = ended.iter().map(|ended| ended.until.millis()).collect();
    let values = values![ids.as_slice(), ats.as_slice(), untils.as_slice(), AUTHORIZATION];
    let counts = statement::first(connection, REVOKE_ALL, &values, |columns| {
        Ok((columns.integer("told")?, columns.integer("exchanged")?))
    });
    match counts.await?.unwrap_or_default() {
        (0, _) => Err(change::UNCOUNTED.into()),
        // The family that began in that moment is younger than what the statement could see.
        (_, exchanged) if exchanged > 0 => Err(Failure::Overtaken),
        _ => Ok(()),
    }
}

async fn end_authorization(
    connection: &Connection,
    id: AuthorizationId,
    at: Timestamp,
) -> Result<(), Failure> {
    const CODE: &str = "DELETE FROM code WHERE authorization_id = $1 AND redeemed_at IS NULL";
    let id = id.as_uuid().as_bytes();
    connection.execute(CODE, &values![id]).await?;
    connection.execute(END_FAMILY, &values![id, at.millis()]).await?;
    Ok(())
}

/// A consent never comes back, so it goes itself, with all that rests on it: their foreign keys say so.
async fn end_consent(connection: &Connection, id: AuthorizationId) -> Result<(), Failure> {
    const SQL: &str = "DELETE FROM consent WHERE authorization_id = $1";
    connection.execute(SQL, &values![id.as_uuid().as_bytes()]).await?;
    Ok(())
}

async fn end_account(connection: &Connection, id: AccountId, at: Timestamp) -> Result<(), Failure> {
    const CODES: &str = "DELETE FROM code WHERE account_id = $1 AND redeemed_at IS NULL";
    const FAMILIES: &str = "UPDATE refresh_family SET ended_at = $2
        WHERE account_id = $1 AND ended_at IS NULL";
    let id = id.as_uuid().as_bytes();
    connection.execute(CODES, &values![id]).await?;
    connection.execute(FAMILIES, &values![id, at.millis()]).await?;
    Ok(())
}

async fn end_client(connection: &Connection, id: &ClientId, at: Timestamp) -> Result<(), Failure> {
    // By way of the consents, which an index finds: families and codes are found by account first.
    const CODES: &str = "DELETE FROM code
        WHERE redeemed_at IS NULL AND (account_id, client_id) IN (
            SELECT account_id, client_id FROM consent WHERE client_id = $1
        )";
    const FAMILIES: &str = "UPDATE refresh_family SET ended_at = $2
        WHERE ended_at IS NULL AND (account_id, client_id) IN (
            SELECT account_id, client_id FROM consent WHERE client_id = $1
        )";
    connection.execute(CODES, &values![id.as_str()]).await?;
    connection.execute(FAMILIES, &values![id.as_str(), at.millis()]).await?;
    Ok(())
}
