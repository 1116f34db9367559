//! Codes: recorded when they are issued, exchanged once.

use rusqlite::{Connection, ToSql, params};

use hallpass_protocol::authorize::{CodeGround, CodeRecord};
use hallpass_protocol::model::{ApiIdentifier, AuthorizationId, ClientId, CodeKey};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::grant::authorization_code::{Facts, Redemption, StoredCode};

use super::consent::use_consent;
use super::failure::Failure;
use super::{consent, refresh_family, statement};
use crate::Outcome;
use crate::row::account::account_columns;
use crate::row::authentication::Written;
use crate::row::client::client_columns;
use crate::row::code as row;
use crate::row::code::code_columns;
use crate::row::consent::consent_columns;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
const FACTS: &str = concat!(
    "SELECT ",
    client_columns!("k", "o"),
    ", ",
    code_columns!("d"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS k ON k.id = ?1
      LEFT JOIN account AS o ON o.id = k.owner_id
      LEFT JOIN code AS d ON d.key = ?2
      LEFT JOIN account AS a ON a.id = d.account_id
      LEFT JOIN consent AS n ON n.account_id = d.account_id AND n.client_id = d.client_id"
);

const STORED: &str = concat!("SELECT ", code_columns!("d"), " FROM code AS d WHERE d.key = ?1");

/// The row alone.
pub(super) fn stored(
    connection: &Connection,
    key: &CodeKey,
) -> Result<Option<StoredCode>, Failure> {
    statement::first(connection, STORED, [key.as_bytes()], |columns| {
        columns.noun("code", row::read)
    })
}

#[expect(clippy::redundant_closure, reason = "the function itself has one lifetime too few")]
pub(super) fn facts(
    connection: &Connection,
    caller: &ClientId,
    code: &CodeKey,
) -> Result<Facts, Failure> {
    let parameters = params![caller.as_str(), code.as_bytes()];
    let facts =
        statement::first(connection, FACTS, parameters, |columns| row::read_facts(columns))?;
    Ok(facts.unwrap_or_default())
}

/// Records the approval first, if there is one; then the code, on the consent in force.
pub(super) fn record(connection: &Connection, record: &CodeRecord) -> Result<bool, Failure> {
    match &record.ground {
        CodeGround::Remembered(consent) => insert(connection, record, *consent),
        CodeGround::Approved(approval) => {
            let Some(consent) = consent::record(connection, approval)? else {
                return Ok(false);
            };
            if insert(connection, record, consent)? {
                return Ok(true);
            }
            if why_not(connection, &record.key)? == Outcome::Late {
                return Ok(false);
            }
            // Nothing is stored: a failure takes the approval back.
            Err(Failure::Stopped("the approval is of another session, account, client or time"))
        }
    }
}

/// What a code rests on, as it must be when that is stored.
macro_rules! ground {
    () => {
        " FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = ?7
            JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
        WHERE s.id = ?8 AND a.id = ?9 AND ?10 < s.expires_at AND +n.authorization_id = ?11
            AND a.status = 'active' AND c.status = 'active'"
    };
}

macro_rules! insert_into_code {
    ($or:literal) => {
        concat!(
            "INSERT ",
            $or,
            " INTO code (key, authorization_id, client_id, account_id, session_id, redirect_uri,
                scopes, challenge, expires_at, resource, authenticated_at, id_token_claims,
                userinfo_claims, nonce, consent_id) "
        )
    };
}

fn insert(
    connection: &Connection,
    record: &CodeRecord,
    consent: AuthorizationId,
) -> Result<bool, Failure> {
    // The guard is in the statement: without the consent, which must not be NULL, nothing is stored. Values
    // and no SELECT, before which the engine makes ready to undo the one statement.
    const NOW: &str = concat!(
        insert_into_code!("OR IGNORE"),
        "VALUES (?1, ?2, ?7, ?9, ?8, ?3, ?4, ?5, ?6, ?12, ?13, ?14, ?15, ?16, (SELECT n.authorization_id",
        ground!(),
        "))"
    );
    // A code that is there already and unused is only counted: it is written over with what it has.
    const BEFORE: &str = concat!(
        insert_into_code!(""),
        "SELECT ?1, ?2, ?7, ?9, ?8, ?3, ?4, ?5, ?6, ?12, ?13, ?14, ?15, ?16, n.authorization_id",
        ground!(),
        " ON CONFLICT (key) DO UPDATE SET key = code.key WHERE code.redeemed_at IS NULL"
    );
    let authentication = Written::of(record.authentication.as_ref());
    let parameters: &[&dyn ToSql] = params![
        record.key.as_bytes(),
        record.authorization.as_uuid().as_bytes(),
        record.redirect_uri,
        record.scopes.to_string(),
        record.challenge.as_ref().map(CodeChallenge::as_str),
        record.expires_at.millis(),
        record.client.as_str(),
        record.session.as_bytes(),
        record.account.as_uuid().as_bytes(),
        record.issued_at.millis(),
        consent.as_uuid().as_bytes(),
        record.resource.as_ref().map(ApiIdentifier::as_str),
        authentication.at,
        authentication.id_token_claims.as_deref(),
        authentication.userinfo_claims.as_deref(),
        authentication.nonce,
    ];
    Ok(statement::execute(connection, NOW, parameters)? == 1
        || statement::execute(connection, BEFORE, parameters)? == 1)
}

pub(super) fn redeem(connection: &Connection, redemption: &Redemption) -> Result<Outcome, Failure> {
    // The guard is in the statement that uses the consent: of all who try, one finds the code unused, with
    // all that it rests on. Nobody else writes within this act, so that holds below.
    const USE: &str = use_consent!(
        "SELECT d.account_id, d.client_id, d.consent_id
        FROM code d JOIN session s ON s.id = d.session_id
            JOIN account a ON a.id = d.account_id JOIN client c ON c.id = d.client_id
        WHERE d.key = ?2 AND d.redeemed_at IS NULL AND ?1 < s.expires_at
            AND a.status = 'active' AND c.status = 'active'"
    );
    const REDEEM: &str = "UPDATE code SET redeemed_at = ?1 WHERE key = ?2";
    let parameters: &[&dyn ToSql] = params![redemption.at.millis(), redemption.key.as_bytes()];
    if statement::execute(connection, USE, parameters)? == 0 {
        return why_not(connection, &redemption.key);
    }
    statement::execute(connection, REDEEM, parameters)?;
    if let Some(family) = &redemption.family {
        refresh_family::insert(connection, family)?;
    }
    Ok(Outcome::Done)
}

/// Not a second decision, only its reason: nobody else writes within this act.
fn why_not(connection: &Connection, key: &CodeKey) -> Result<Outcome, Failure> {
    const SQL: &str = "SELECT 1 FROM code WHERE key = ?1 AND redeemed_at IS NOT NULL";
    match statement::first(connection, SQL, [key.as_bytes()], |_| Ok(()))? {
        Some(()) => Ok(Outcome::Late),
        None => Ok(Outcome::Gone),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hallpass_protocol::model::Timestamp;

    use super::*;
    use crate::sqlite::round_trip::Probe;

    #[test]
    fn the_facts_are_read_with_one_statement_by_primary_keys() {
        let caller = ClientId::parse("app").unwrap();
        let (_, key) = CodeKey::derive(Timestamp::from_millis(0), &[0; 32]);
        let probe = Probe::on_an_empty_store();
        let statements = probe.statements(|connection| facts(connection, &caller, &key).unwrap());
        assert_eq!(statements, 1);
        assert_eq!(probe.searches_by_primary_key(FACTS, params!["app", key.as_bytes()]), 5);
    }
}
