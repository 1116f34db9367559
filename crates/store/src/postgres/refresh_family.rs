//! Refresh families: what follows from a code, one generation after the other.
//!
//! Who moves a family on holds its consent first, then the family, as `code` tells it. Whether the client
//! and the account are active is looked at, not held: a refresh at the very moment in which one of them
//! is shut may still be `Done`, and the next one is not.

use hallpass_protocol::model::{
    ApiIdentifier, AuthorizationId, ClientId, RefreshFamily, Timestamp,
};
use hallpass_protocol::token::grant::refresh_token::{Facts, Rotation};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::{Value, values};
use crate::Outcome;
use crate::row::account::account_columns;
use crate::row::authentication;
use crate::row::client::client_columns;
use crate::row::consent::consent_columns;
use crate::row::refresh_family as row;
use crate::row::refresh_family::family_columns;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
pub(super) const FACTS: &str = concat!(
    "SELECT ",
    client_columns!("k", "o"),
    ", ",
    family_columns!("f"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS k ON k.id = $1
      LEFT JOIN account AS o ON o.id = k.owner_id
      LEFT JOIN refresh_family AS f ON f.authorization_id = $2
      LEFT JOIN account AS a ON a.id = f.account_id
      LEFT JOIN consent AS n ON n.account_id = f.account_id AND n.client_id = f.client_id"
);

pub(super) async fn facts(
    connection: &Connection,
    caller: &ClientId,
    family: AuthorizationId,
) -> Result<Facts, Failure> {
    let values = values![caller.as_str(), family.as_uuid().as_bytes()];
    let facts = statement::first(connection, FACTS, &values, row::read_facts).await?;
    Ok(facts.unwrap_or_default())
}

/// What has to be made of a new family before it is written.
pub(super) struct Written<'a> {
    scopes: String,
    authentication: authentication::Written<'a>,
}

impl<'a> Written<'a> {
    pub(super) fn of(family: &'a RefreshFamily) -> Self {
        let authentication = authentication::Written::of(family.authentication.as_ref());
        Self { scopes: family.scopes.to_string(), authentication }
    }

    /// The values of its columns, in the order of the statements that begin one.
    pub(super) fn values(&'a self, family: &'a RefreshFamily) -> [Value<'a>; 15] {
        values![
            family.authorization.as_uuid().as_bytes(),
            family.consent.as_uuid().as_bytes(),
            family.client.as_str(),
            family.account.as_uuid().as_bytes(),
            &self.scopes,
            family.generation,
            family.created_at.millis(),
            family.idle_until.millis(),
            family.absolute_until.millis(),
            family.ended_at.map(Timestamp::millis),
            family.resource.as_ref().map(ApiIdentifier::as_str),
            self.authentication.session,
            self.authentication.at,
            self.authentication.id_token_claims.as_deref(),
            self.authentication.userinfo_claims.as_deref(),
        ]
    }
}

/// The second part asks the family itself once more, because what the first sees of it is from before it
/// waited for the consent: of all who come from one generation, one finds it the newest.
pub(super) const ROTATE: &str = "WITH used AS (
        UPDATE consent SET last_used_at = GREATEST(consent.last_used_at, $4)
        FROM refresh_family f JOIN account a ON a.id = f.account_id
            JOIN client c ON c.id = f.client_id
        WHERE f.authorization_id = $1 AND f.generation = $2 AND f.ended_at IS NULL
            AND a.status = 'active' AND c.status = 'active'
            AND consent.account_id = f.account_id AND consent.client_id = f.client_id
            AND consent.authorization_id = f.consent_id
        RETURNING consent.authorization_id
    ), rotated AS (
        UPDATE refresh_family SET generation = generation + 1, idle_until = $3 FROM used
        WHERE refresh_family.authorization_id = $1 AND refresh_family.generation = $2
            AND refresh_family.ended_at IS NULL
        RETURNING refresh_family.generation
    )
    SELECT 1 FROM rotated";

pub(super) async fn rotate(
    connection: &Connection,
    rotation: &Rotation,
) -> Result<Outcome, Failure> {
    let values = values![
        rotation.authorization.as_uuid().as_bytes(),
        rotation.from_generation,
        rotation.idle_until.millis(),
        rotation.at.millis(),
    ];
    match statement::is_any(connection, ROTATE, &values).await? {
        true => Ok(Outcome::Done),
        false => why_not(connection, rotation).await,
    }
}

/// The reason why the family was not moved on, asked anew: what a statement sees is older than what it
/// has waited for.
async fn why_not(connection: &Connection, rotation: &Rotation) -> Result<Outcome, Failure> {
    const SQL: &str = "SELECT 1 FROM refresh_family
        WHERE authorization_id = $1 AND generation > $2 AND ended_at IS NULL";
    let values = values![rotation.authorization.as_uuid().as_bytes(), rotation.from_generation];
    match statement::is_any(connection, SQL, &values).await? {
        true => Ok(Outcome::Late),
        false => Ok(Outcome::Gone),
    }
}
