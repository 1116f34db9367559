//! Consents in rows.

use hallpass_protocol::model::{AccountId, AuthorizationId, ClientId, Consent, Scope, ScopeSet};

use super::{Columns, Corrupt, Row, client, list};
use crate::ConsentedClient;

/// How many columns [`read`] reads.
pub(crate) const WIDTH: usize = 5;

/// What [`read`] reads, where the table is called `$consent` in the statement.
macro_rules! consent_columns {
    ($consent:literal) => {
        concat!(
            $consent,
            ".account_id, ",
            $consent,
            ".client_id, ",
            $consent,
            ".scopes, ",
            $consent,
            ".authorization_id, ",
            $consent,
            ".given_at",
        )
    };
}
pub(crate) use consent_columns;

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Consent, Corrupt> {
    Ok(Consent {
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        client: columns.parsed("client_id", |text| ClientId::parse(text).ok())?,
        scopes: read_scopes(columns)?,
        authorization: AuthorizationId::from_uuid(columns.uuid("authorization_id")?),
        given_at: columns.timestamp("given_at")?,
    })
}

pub(crate) fn read_scopes<R: Row>(columns: &mut Columns<'_, R>) -> Result<ScopeSet, Corrupt> {
    // Not `ScopeSet::parse`: its limits are for one request, and a consent gathers many.
    columns.parsed("scopes", |text| list(text, ' ', |word| Scope::parse(word).ok()))
}

/// Reads a client with what it is allowed, there or not, as a listing shows it.
pub(crate) fn read_listed<R: Row>(
    columns: &mut Columns<'_, R>,
) -> Result<Option<ConsentedClient>, Corrupt> {
    let client = columns.joined("client", client::WIDTH, client::read)?;
    let used = columns.joined("consent", WIDTH + 1, |columns| {
        Ok((read(columns)?, columns.timestamp("last_used_at")?))
    })?;
    let both = client.zip(used);
    Ok(both.map(|(client, (consent, last_used_at))| ConsentedClient {
        client,
        consent,
        last_used_at,
    }))
}
