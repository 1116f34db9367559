//! Consents: what accounts have allowed clients.

use rusqlite::{Connection, params};

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{AccountId, AuthorizationId, ClientId, Consent, Scope, ScopeSet};

use super::failure::Failure;
use super::row::{self, Columns};

/// How many columns [`read`] reads.
pub(super) const WIDTH: usize = 5;

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
pub(super) use consent_columns;

pub(super) fn read(columns: &mut Columns<'_, '_>) -> Result<Consent, Failure> {
    Ok(Consent {
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        client: columns.parsed("client_id", |text| ClientId::parse(text).ok())?,
        scopes: read_scopes(columns)?,
        authorization: AuthorizationId::from_uuid(columns.uuid("authorization_id")?),
        given_at: columns.timestamp("given_at")?,
    })
}

fn read_scopes(columns: &mut Columns<'_, '_>) -> Result<ScopeSet, Failure> {
    // Not `ScopeSet::parse`: its limits are for one request, and a consent gathers many.
    columns.parsed("scopes", |text| row::list(text, ' ', |word| Scope::parse(word).ok()))
}

pub(super) fn record(
    connection: &Connection,
    approval: &Approval,
) -> Result<Option<AuthorizationId>, Failure> {
    const AGREED: &str = "SELECT scopes FROM consent WHERE account_id = ?1 AND client_id = ?2";
    // The guard is in the statement: what the approval rests on must hold when it is stored.
    const UPSERT: &str = "INSERT INTO consent
            (account_id, client_id, scopes, authorization_id, given_at)
        SELECT a.id, c.id, ?4, ?5, ?6
        FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = ?3
        WHERE s.id = ?1 AND a.id = ?2 AND ?6 < s.expires_at
            AND a.status = 'active' AND c.status = 'active'
        ON CONFLICT (account_id, client_id) DO UPDATE SET scopes = excluded.scopes
        RETURNING authorization_id";
    let (account, client) = (approval.account.as_uuid().as_bytes(), approval.client.as_str());
    // Nobody else writes within this act, so what is read here still holds below.
    let agreed = row::first(connection, AGREED, params![account, client], |columns| {
        columns.noun("consent", read_scopes)
    })?;
    let scopes = agreed.unwrap_or_default().union(&approval.scopes);
    let parameters = params![
        approval.session.as_bytes(),
        account,
        client,
        scopes.to_string(),
        approval.authorization.as_uuid().as_bytes(),
        approval.given_at.millis(),
    ];
    row::first(connection, UPSERT, parameters, |columns| {
        columns.noun("consent", |columns| columns.uuid("authorization_id"))
    })
    .map(|family| family.map(AuthorizationId::from_uuid))
}
