//! The read of the authorization endpoint: one statement, and nothing is written.

use hallpass_protocol::authorize::Facts;
use hallpass_protocol::model::{ClientId, Consent, SessionId, SignedIn};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::account::account_columns;
use crate::row::authorize;
use crate::row::client::client_columns;
use crate::row::consent::consent_columns;
use crate::row::session::session_columns;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
pub(super) const FACTS: &str = concat!(
    "SELECT ",
    client_columns!("c", "o"),
    ", ",
    session_columns!("s"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS c ON c.id = $1
      LEFT JOIN account AS o ON o.id = c.owner_id
      LEFT JOIN session AS s ON s.id = $2
      LEFT JOIN account AS a ON a.id = s.account_id
      LEFT JOIN consent AS n ON n.account_id = s.account_id AND n.client_id = c.id"
);

pub(super) async fn facts(
    connection: &Connection,
    client: &ClientId,
    session: Option<&SessionId>,
) -> Result<Facts, Failure> {
    let session = session.map(|id| id.as_bytes().as_slice());
    let values = values![client.as_str(), session];
    let facts = statement::first(connection, FACTS, &values, authorize::read).await?;
    Ok(facts.unwrap_or_default())
}

pub(super) const SIGNED_IN: &str = concat!(
    "SELECT ",
    session_columns!("s"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM session AS s
      JOIN account AS a ON a.id = s.account_id
      LEFT JOIN consent AS n ON n.account_id = s.account_id AND n.client_id = $2
      WHERE s.id = $1"
);

pub(super) async fn signed_in(
    connection: &Connection,
    session: &SessionId,
    client: &ClientId,
) -> Result<Option<(SignedIn, Option<Consent>)>, Failure> {
    let values = values![session.as_bytes(), client.as_str()];
    statement::first(connection, SIGNED_IN, &values, authorize::read_signed_in).await
}
