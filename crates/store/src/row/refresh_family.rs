//! Refresh families in rows.

use std::sync::Arc;

use hallpass_protocol::model::{AccountId, AuthorizationId, ClientId, RefreshFamily};
use hallpass_protocol::token::grant::refresh_token::Facts;

use super::{Columns, Corrupt, Row, account, api, authentication, client, consent};

/// How many columns [`read`] reads.
const WIDTH: usize = 11 + authentication::WIDTH;

/// What is read of a family, where its table is called `$family` in the statement.
macro_rules! family_columns {
    ($family:literal) => {
        concat!(
            $family,
            ".authorization_id, ",
            $family,
            ".consent_id, ",
            $family,
            ".client_id, ",
            $family,
            ".account_id, ",
            $family,
            ".scopes, ",
            $family,
            ".resource, ",
            $crate::row::authentication::authentication_columns!($family),
            ", ",
            $family,
            ".generation, ",
            $family,
            ".created_at, ",
            $family,
            ".idle_until, ",
            $family,
            ".absolute_until, ",
            $family,
            ".ended_at",
        )
    };
}
pub(crate) use family_columns;

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<RefreshFamily, Corrupt> {
    Ok(RefreshFamily {
        authorization: AuthorizationId::from_uuid(columns.uuid("authorization_id")?),
        consent: AuthorizationId::from_uuid(columns.uuid("consent_id")?),
        client: columns.parsed("client_id", |text| ClientId::parse(text).ok())?,
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        scopes: consent::read_scopes(columns)?,
        resource: api::read_resource(columns)?,
        authentication: authentication::read(columns)?,
        generation: read_generation(columns)?,
        created_at: columns.timestamp("created_at")?,
        idle_until: columns.timestamp("idle_until")?,
        absolute_until: columns.timestamp("absolute_until")?,
        ended_at: columns.timestamp_or_null("ended_at")?,
    })
}

fn read_generation<R: Row>(columns: &mut Columns<'_, R>) -> Result<u32, Corrupt> {
    let generation = columns.integer("generation")?;
    u32::try_from(generation).map_err(|_| columns.corrupt("generation"))
}

/// Reads the client that asks, a family, the family's account and its consent to the family's client,
/// each of them there or not.
pub(crate) fn read_facts<R: Row>(columns: &mut Columns<'_, R>) -> Result<Facts, Corrupt> {
    Ok(Facts {
        client: columns.joined("client", client::WIDTH, client::read)?.map(Arc::new),
        family: columns.joined("refresh_family", WIDTH, read)?,
        account: columns.joined("account", account::WIDTH, account::read)?,
        consent: columns.joined("consent", consent::WIDTH, consent::read)?,
    })
}
