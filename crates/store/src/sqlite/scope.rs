//! Scopes: the operator's catalogue.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Scope, ScopeDefinition, ScopeGroup};

use super::failure::Failure;
use super::row::{self, Columns};

pub(super) fn all(connection: &Connection) -> Result<Vec<ScopeDefinition>, Failure> {
    const SQL: &str = "SELECT name, text, heading FROM scope ORDER BY position";
    row::every(connection, SQL, [], |columns| columns.noun("scope", read))
}

fn read(columns: &mut Columns<'_, '_>) -> Result<ScopeDefinition, Failure> {
    Ok(ScopeDefinition {
        scope: columns.parsed("name", |text| Scope::parse(text).ok())?,
        text: columns.text("text")?.to_owned(),
        group: columns.parsed("heading", parse_group)?,
    })
}

/// Puts `definition` in the place of what is there by its name, or behind all others.
pub(super) fn put(connection: &Connection, definition: &ScopeDefinition) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO scope (name, position, text, heading)
        SELECT ?1, COALESCE(MAX(position), 0) + 1, ?2, ?3 FROM scope WHERE TRUE
        ON CONFLICT (name) DO UPDATE SET text = excluded.text, heading = excluded.heading";
    let parameters =
        params![definition.scope.as_str(), definition.text, group_name(definition.group)];
    row::execute(connection, SQL, parameters)?;
    Ok(())
}

const fn group_name(group: ScopeGroup) -> &'static str {
    match group {
        ScopeGroup::Data => "data",
        ScopeGroup::Activity => "activity",
        ScopeGroup::Act => "act",
        ScopeGroup::Partner => "partner",
    }
}

fn parse_group(name: &str) -> Option<ScopeGroup> {
    [ScopeGroup::Data, ScopeGroup::Activity, ScopeGroup::Act, ScopeGroup::Partner]
        .into_iter()
        .find(|group| group_name(*group) == name)
}
