//! The read of the introspection endpoint: one statement.

use rusqlite::{Connection, params};

use hallpass_protocol::introspect::Facts;
use hallpass_protocol::model::{AccountId, ClientId};

use super::account::{self, account_columns};
use super::client::{self, client_columns};
use super::consent::{self, consent_columns};
use super::failure::Failure;
use super::row;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
const SQL: &str = concat!(
    "SELECT ",
    client_columns!("k", "ko"),
    ", ",
    client_columns!("c", "co"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS k ON k.id = ?1
      LEFT JOIN account AS ko ON ko.id = k.owner_id
      LEFT JOIN client AS c ON c.id = ?2
      LEFT JOIN account AS co ON co.id = c.owner_id
      LEFT JOIN account AS a ON a.id = ?3
      LEFT JOIN consent AS n ON n.account_id = a.id AND n.client_id = c.id"
);

pub(super) fn facts(
    connection: &Connection,
    caller: &ClientId,
    client: &ClientId,
    account: Option<AccountId>,
) -> Result<Facts, Failure> {
    let account = account.map(|id| *id.as_uuid().as_bytes());
    let parameters = params![caller.as_str(), client.as_str(), account];
    let facts = row::first(connection, SQL, parameters, |columns| {
        Ok(Facts {
            caller: columns.joined("client", client::WIDTH, client::read)?,
            client: columns.joined("client", client::WIDTH, client::read)?,
            account: columns.joined("account", account::WIDTH, account::read)?,
            consent: columns.joined("consent", consent::WIDTH, consent::read)?,
        })
    })?;
    Ok(facts.unwrap_or_default())
}
