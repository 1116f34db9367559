//! Scopes: the operator's catalogue.

use hallpass_protocol::model::ScopeDefinition;

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::scope::{group_name, read};

pub(super) async fn all(connection: &Connection) -> Result<Vec<ScopeDefinition>, Failure> {
    // Two files that were taken over at the same moment may have given out one place twice.
    const SQL: &str = "SELECT name, text, heading FROM scope ORDER BY position, name";
    statement::every(connection, SQL, &[], |columns| columns.noun("scope", read)).await
}

/// Puts `definition` in the place of what is there by its name, or behind all others.
pub(super) async fn put(
    connection: &Connection,
    definition: &ScopeDefinition,
) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO scope (name, position, text, heading)
        SELECT $1, COALESCE(MAX(position), 0) + 1, $2, $3 FROM scope
        ON CONFLICT (name) DO UPDATE SET text = excluded.text, heading = excluded.heading";
    let values = values![definition.scope.as_str(), &definition.text, group_name(definition.group)];
    connection.execute(SQL, &values).await?;
    Ok(())
}
