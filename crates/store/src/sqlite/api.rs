//! APIs: what tokens can be asked for.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Api, ClientId};

use super::failure::Failure;
use super::statement;
use crate::row::api::{format_name, read};

pub(super) fn all(connection: &Connection) -> Result<Vec<Api>, Failure> {
    const SQL: &str =
        "SELECT identifier, format, scopes, introspector FROM api ORDER BY identifier";
    statement::every(connection, SQL, [], |columns| columns.noun("api", read))
}

/// Puts `api` in the place of what is there by its identifier.
pub(super) fn put(connection: &Connection, api: &Api) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO api (identifier, format, scopes, introspector)
        VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (identifier) DO UPDATE SET format = excluded.format,
            scopes = excluded.scopes, introspector = excluded.introspector";
    let parameters = params![
        api.identifier.as_str(),
        format_name(api.format),
        api.scopes.to_string(),
        api.introspector.as_ref().map(ClientId::as_str),
    ];
    statement::execute(connection, SQL, parameters)?;
    Ok(())
}
