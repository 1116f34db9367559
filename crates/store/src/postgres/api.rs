//! APIs: what tokens can be asked for.

use hallpass_protocol::model::{Api, ClientId};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::api::{format_name, read};

pub(super) async fn all(connection: &Connection) -> Result<Vec<Api>, Failure> {
    const SQL: &str =
        "SELECT identifier, format, scopes, introspector FROM api ORDER BY identifier";
    statement::every(connection, SQL, &[], |columns| columns.noun("api", read)).await
}

/// Puts `api` in the place of what is there by its identifier.
pub(super) async fn put(connection: &Connection, api: &Api) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO api (identifier, format, scopes, introspector)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (identifier) DO UPDATE SET format = excluded.format,
            scopes = excluded.scopes, introspector = excluded.introspector";
    let scopes = api.scopes.to_string();
    let values = values![
        api.identifier.as_str(),
        format_name(api.format),
        &scopes,
        api.introspector.as_ref().map(ClientId::as_str),
    ];
    connection.execute(SQL, &values).await?;
    Ok(())
}
