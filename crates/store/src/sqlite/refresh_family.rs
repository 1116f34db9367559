//! Refresh families: what follows from a code, one generation after the other.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{
    ApiIdentifier, AuthorizationId, ClientId, RefreshFamily, SessionId, Timestamp,
};
use hallpass_protocol::token::grant::refresh_token::{Facts, Rotation};

use super::consent::use_consent;
use super::failure::Failure;
use super::statement;
use crate::Outcome;
use crate::row::account::account_columns;
use crate::row::authentication::Written;
use crate::row::client::client_columns;
use crate::row::consent::consent_columns;
use crate::row::refresh_family as row;
use crate::row::refresh_family::family_columns;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
const FACTS: &str = concat!(
    "SELECT ",
    client_columns!("k", "o"),
    ", ",
    family_columns!("f"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS k ON k.id = ?1
      LEFT JOIN account AS o ON o.id = k.owner_id
      LEFT JOIN refresh_family AS f ON f.authorization_id = ?2
      LEFT JOIN account AS a ON a.id = f.account_id
      LEFT JOIN consent AS n ON n.account_id = f.account_id AND n.client_id = f.client_id"
);

const STORED: &str = concat!(
    "SELECT ",
    family_columns!("f"),
    " FROM refresh_family AS f WHERE f.authorization_id = ?1"
);

/// The row alone.
pub(super) fn stored(
    connection: &Connection,
    id: AuthorizationId,
) -> Result<Option<RefreshFamily>, Failure> {
    statement::first(connection, STORED, [id.as_uuid().as_bytes()], |columns| {
        columns.noun("refresh_family", row::read)
    })
}

#[expect(clippy::redundant_closure, reason = "the function itself has one lifetime too few")]
pub(super) fn facts(
    connection: &Connection,
    caller: &ClientId,
    family: AuthorizationId,
) -> Result<Facts, Failure> {
    let parameters = params![caller.as_str(), family.as_uuid().as_bytes()];
    let facts =
        statement::first(connection, FACTS, parameters, |columns| row::read_facts(columns))?;
    Ok(facts.unwrap_or_default())
}

pub(super) fn insert(connection: &Connection, family: &RefreshFamily) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO refresh_family (authorization_id, consent_id, client_id,
            account_id, scopes, generation, created_at, idle_until, absolute_until, ended_at,
            resource, session_id, authenticated_at, id_token_claims, userinfo_claims)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let authentication = Written::of(family.authentication.as_ref());
    let parameters = params![
        family.authorization.as_uuid().as_bytes(),
        family.consent.as_uuid().as_bytes(),
        family.client.as_str(),
        family.account.as_uuid().as_bytes(),
        family.scopes.to_string(),
        family.generation,
        family.created_at.millis(),
        family.idle_until.millis(),
        family.absolute_until.millis(),
        family.ended_at.map(Timestamp::millis),
        family.resource.as_ref().map(ApiIdentifier::as_str),
        authentication.session,
        authentication.at,
        authentication.id_token_claims.as_deref(),
        authentication.userinfo_claims.as_deref(),
    ];
    statement::execute(connection, SQL, parameters)?;
    Ok(())
}

pub(super) fn rotate(connection: &Connection, rotation: &Rotation) -> Result<Outcome, Failure> {
    // The guard is in the statement that uses the consent: of all who come from one generation, one finds it
    // the newest. Nobody else writes within this act, so that holds below.
    const USE: &str = use_consent!(
        "SELECT f.account_id, f.client_id, f.consent_id
        FROM refresh_family f
            JOIN account a ON a.id = f.account_id JOIN client c ON c.id = f.client_id
        WHERE f.authorization_id = ?2 AND f.generation = ?3 AND f.ended_at IS NULL
            AND a.status = 'active' AND c.status = 'active'"
    );
    const MOVE: &str = "UPDATE refresh_family SET generation = generation + 1, idle_until = ?1
        WHERE authorization_id = ?2";
    let family = rotation.authorization.as_uuid().as_bytes();
    let parameters = params![rotation.at.millis(), family, rotation.from_generation];
    if statement::execute(connection, USE, parameters)? == 0 {
        return why_not(connection, rotation);
    }
    statement::execute(connection, MOVE, params![rotation.idle_until.millis(), family])?;
    Ok(Outcome::Done)
}

/// Not a second decision, only its reason: nobody else writes within this act.
fn why_not(connection: &Connection, rotation: &Rotation) -> Result<Outcome, Failure> {
    const SQL: &str = "SELECT 1 FROM refresh_family
        WHERE authorization_id = ?1 AND generation > ?2 AND ended_at IS NULL";
    let family = rotation.authorization.as_uuid().as_bytes();
    match statement::first(connection, SQL, params![family, rotation.from_generation], |_| Ok(()))?
    {
        Some(()) => Ok(Outcome::Late),
        None => Ok(Outcome::Gone),
    }
}

/// Ends the families that began in a session and may not outlast it (OpenID Connect Back-Channel Logout §2.7:
/// refresh tokens without `offline_access` "SHOULD be revoked" with their session).
pub(super) fn end_with_session(
    connection: &Connection,
    session: &SessionId,
    at: Timestamp,
) -> Result<(), Failure> {
    const SQL: &str = "UPDATE refresh_family SET ended_at = ?2
        WHERE session_id = ?1 AND ended_at IS NULL
            AND instr(' ' || scopes || ' ', ' offline_access ') = 0";
    statement::execute(connection, SQL, params![session.as_bytes(), at.millis()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;
    use crate::sqlite::round_trip::Probe;

    #[test]
    fn the_facts_are_read_with_one_statement_by_primary_keys() {
        let caller = ClientId::parse("app").unwrap();
        let family = AuthorizationId::from_uuid(Uuid::nil());
        let probe = Probe::on_an_empty_store();
        let statements = probe.statements(|connection| facts(connection, &caller, family).unwrap());
        assert_eq!(statements, 1);
        assert_eq!(probe.searches_by_primary_key(FACTS, params!["app", [0_u8; 16]]), 5);
    }
}
