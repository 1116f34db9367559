//! APIs in rows.

use hallpass_protocol::model::{Api, ApiIdentifier, ClientId, SignatureAlgorithm, TokenFormat};

use super::{Columns, Corrupt, Row, consent};

const OPAQUE: &str = "opaque";

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Api, Corrupt> {
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
pub(crate) fn read_resource<R: Row>(
    columns: &mut Columns<'_, R>,
) -> Result<Option<ApiIdentifier>, Corrupt> {
    let text = columns.text_or_null("resource")?;
    text.map(|text| ApiIdentifier::parse(text).map_err(|_| columns.corrupt("resource"))).transpose()
}

pub(crate) const fn format_name(format: TokenFormat) -> &'static str {
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
