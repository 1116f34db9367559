//! APIs: what tokens can be asked for.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Api, ApiIdentifier, ClientId, SignatureAlgorithm, TokenFormat};

use super::consent;
use super::failure::Failure;
use super::row::{self, Columns};

const OPAQUE: &str = "opaque";

pub(super) fn all(connection: &Connection) -> Result<Vec<Api>, Failure> {
    const SQL: &str =
        "SELECT identifier, format, scopes, introspector FROM api ORDER BY identifier";
    row::every(connection, SQL, [], |columns| columns.noun("api", read))
}

fn read(columns: &mut Columns<'_, '_>) -> Result<Api, Failure> {
    Ok(Api {
        identifier: columns.parsed("identifier", |text| ApiIdentifier::parse(text).ok())?,
        format: columns.parsed("format", parse_format)?,
        scopes: consent::read_scopes(columns)?,
        introspector: columns
            .text_or_null("introspector")?
            .map(|text| ClientId::parse(text).map_err(|_| columns.corrupt("introspector")))
            .transpose()?,
    })
}

/// The API that a code or a family is for.
pub(super) fn read_resource(
    columns: &mut Columns<'_, '_>,
) -> Result<Option<ApiIdentifier>, Failure> {
    let text = columns.text_or_null("resource")?;
    text.map(|text| ApiIdentifier::parse(text).map_err(|_| columns.corrupt("resource"))).transpose()
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
    row::execute(connection, SQL, parameters)?;
    Ok(())
}

const fn format_name(format: TokenFormat) -> &'static str {
    match format {
        TokenFormat::Opaque => OPAQUE,
        TokenFormat::Jwt(algorithm) => algorithm.as_str(),
    }
}

fn parse_format(text: &str) -> Option<TokenFormat> {
    match text {
        OPAQUE => Some(TokenFormat::Opaque),
        _ => SignatureAlgorithm::parse(text).map(TokenFormat::Jwt),
    }
}
