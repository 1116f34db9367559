//! The read of the authorization endpoint: one statement, and nothing is written.

use rusqlite::{Connection, params};

use hallpass_protocol::authorize::Facts;
use hallpass_protocol::model::{ClientId, Consent, SessionId, SignedIn};

use super::failure::Failure;
use super::statement;
use crate::row::account::account_columns;
use crate::row::authorize;
use crate::row::client::client_columns;
use crate::row::consent::consent_columns;
use crate::row::session::session_columns;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
const SQL: &str = concat!(
    "SELECT ",
    client_columns!("c", "o"),
    ", ",
    session_columns!("s"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS c ON c.id = ?1
      LEFT JOIN account AS o ON o.id = c.owner_id
      LEFT JOIN session AS s ON s.id = ?2
      LEFT JOIN account AS a ON a.id = s.account_id
      LEFT JOIN consent AS n ON n.account_id = s.account_id AND n.client_id = c.id"
);

#[expect(clippy::redundant_closure, reason = "the function itself has one lifetime too few")]
pub(super) fn facts(
    connection: &Connection,
    client: &ClientId,
    session: Option<&SessionId>,
) -> Result<Facts, Failure> {
    let parameters = params![client.as_str(), session.map(SessionId::as_bytes)];
    let facts = statement::first(connection, SQL, parameters, |columns| authorize::read(columns))?;
    Ok(facts.unwrap_or_default())
}

const SIGNED_IN: &str = concat!(
    "SELECT ",
    session_columns!("s"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM session AS s
      JOIN account AS a ON a.id = s.account_id
      LEFT JOIN consent AS n ON n.account_id = s.account_id AND n.client_id = ?2
      WHERE s.id = ?1"
);

pub(super) fn signed_in(
    connection: &Connection,
    session: &SessionId,
    client: &ClientId,
) -> Result<Option<(SignedIn, Option<Consent>)>, Failure> {
    let parameters = params![session.as_bytes(), client.as_str()];
    statement::first(connection, SIGNED_IN, parameters, |columns| {
        authorize::read_signed_in(columns)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hallpass_protocol::model::Secret;

    use super::*;
    use crate::sqlite::round_trip::Probe;

    #[test]
    fn the_facts_are_read_with_one_statement_by_primary_keys() {
        let client = ClientId::parse("app").unwrap();
        let session = SessionId::of(&Secret::presented("cookie"));
        let probe = Probe::on_an_empty_store();
        let statements =
            probe.statements(|connection| facts(connection, &client, Some(&session)).unwrap());
        assert_eq!(statements, 1);
        assert_eq!(probe.searches_by_primary_key(SQL, params!["app", [0_u8; 32]]), 5);
    }

    #[test]
    fn the_statement_is_not_planned_anew_for_each_request() {
        let probe = Probe::on_an_empty_store();
        assert_eq!(probe.later_plans(SQL, params!["app", [0_u8; 32]]), 0);
    }

    #[test]
    fn of_a_client_that_is_known_only_the_rest_is_read() {
        let client = ClientId::parse("app").unwrap();
        let session = SessionId::of(&Secret::presented("cookie"));
        let probe = Probe::on_an_empty_store();
        let statements =
            probe.statements(|connection| signed_in(connection, &session, &client).unwrap());
        assert_eq!(statements, 1);
        assert_eq!(probe.searches_by_primary_key(SIGNED_IN, params![[0_u8; 32], "app"]), 3);
        assert_eq!(probe.later_plans(SIGNED_IN, params![[0_u8; 32], "app"]), 0);
    }
}
