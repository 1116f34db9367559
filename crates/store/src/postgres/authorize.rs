//! The read of the authorization endpoint: one statement, and nothing is written.

use hallpass_protocol::authorize::Facts;
use hallpass_protocol::model::{ClientId, Consent, SessionId, SignedIn};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::Corrupt;
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

/// Whose session it is by their cookie, and which client asks.
pub(super) type Asked = (SessionId, ClientId);

/// What there is of it: the session with its account, and the account's consent to the client.
pub(super) type Known = Option<(SignedIn, Option<Consent>)>;

/// Many in one statement: what executing one costs is then paid once. `OFFSET 0` has each row looked for by
/// its key, however few rows the server believes a table to have.
pub(super) const SIGNED_IN: &str = concat!(
    "SELECT asked.place, ",
    session_columns!("s"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM unnest($1, $2) WITH ORDINALITY AS asked (session_id, client_id, place)
      CROSS JOIN LATERAL (
          SELECT ",
    session_columns!("session"),
    " FROM session WHERE session.id = asked.session_id OFFSET 0
      ) AS s
      CROSS JOIN LATERAL (
          SELECT ",
    account_columns!("account"),
    " FROM account WHERE account.id = s.account_id OFFSET 0
      ) AS a
      LEFT JOIN LATERAL (
          SELECT ",
    consent_columns!("consent"),
    " FROM consent
          WHERE consent.account_id = s.account_id AND consent.client_id = asked.client_id OFFSET 0
      ) AS n ON TRUE"
);

/// Answers to each question in its place. A row that cannot be read is the answer to its own question only.
pub(super) async fn signed_in(
    connection: &Connection,
    asked: &[Asked],
) -> Result<Vec<Result<Known, Corrupt>>, Failure> {
    let sessions: Vec<_> = asked.iter().map(|(session, _)| session.as_bytes().as_slice()).collect();
    let clients: Vec<_> = asked.iter().map(|(_, client)| client.as_str()).collect();
    let values = values![sessions.as_slice(), clients.as_slice()];
    let rows = statement::every(connection, SIGNED_IN, &values, |columns| {
        let place = columns.noun("session", |columns| columns.integer("place"))?;
        Ok((place, authorize::read_signed_in(columns)))
    });
    let mut known: Vec<_> = asked.iter().map(|_| Ok(None)).collect();
    for (place, row) in rows.await? {
        let place = usize::try_from(place - 1).ok();
        if let Some(answer) = place.and_then(|place| known.get_mut(place)) {
            *answer = row.map(Some);
        }
    }
    Ok(known)
}
