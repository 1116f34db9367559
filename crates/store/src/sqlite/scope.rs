//! Scopes: the operator's catalogue.

use rusqlite::{Connection, params};

use hallpass_protocol::model::ScopeDefinition;

use super::failure::Failure;
use super::statement;
use crate::row::scope::{group_name, read};

pub(super) fn all(connection: &Connection) -> Result<Vec<ScopeDefinition>, Failure> {
    const SQL: &str = "SELECT name, text, heading FROM scope ORDER BY position";
    statement::every(connection, SQL, [], |columns| columns.noun("scope", read))
}

/// Puts `definition` in the place of what is there by its name, or behind all others.
pub(super) fn put(connection: &Connection, definition: &ScopeDefinition) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO scope (name, position, text, heading)
        SELECT ?1, COALESCE(MAX(position), 0) + 1, ?2, ?3 FROM scope WHERE TRUE
        ON CONFLICT (name) DO UPDATE SET text = excluded.text, heading = excluded.heading";
    let parameters =
        params![definition.scope.as_str(), definition.text, group_name(definition.group)];
    statement::execute(connection, SQL, parameters)?;
    Ok(())
}
