//! Consents: what accounts have allowed clients.

use rusqlite::{Connection, params};

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Consent, Revocation, Revoked, Scope, ScopeSet, Timestamp,
};

use super::client::{self, client_columns};
use super::failure::Failure;
use super::revocation;
use super::row::{self, Columns};
use crate::{ConsentedClient, Listing, Page};

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

pub(super) fn read_scopes(columns: &mut Columns<'_, '_>) -> Result<ScopeSet, Failure> {
    // Not `ScopeSet::parse`: its limits are for one request, and a consent gathers many.
    columns.parsed("scopes", |text| row::list(text, ' ', |word| Scope::parse(word).ok()))
}

pub(super) fn of_account(
    connection: &Connection,
    account: AccountId,
    page: Page,
) -> Result<Listing<ConsentedClient>, Failure> {
    // The one-row source brings the total also when the page is past the end.
    const SQL: &str = concat!(
        "SELECT one.total, ",
        client_columns!("c", "o"),
        ", ",
        consent_columns!("n"),
        ", n.last_used_at
          FROM (SELECT COUNT(*) AS total FROM consent WHERE account_id = ?1) AS one
          LEFT JOIN (
              SELECT client_id FROM consent WHERE account_id = ?1
              ORDER BY last_used_at DESC, client_id LIMIT ?2 OFFSET ?3
          ) AS page ON TRUE
          LEFT JOIN consent n ON n.account_id = ?1 AND n.client_id = page.client_id
          LEFT JOIN client c ON c.id = n.client_id
          LEFT JOIN account o ON o.id = c.owner_id
          ORDER BY n.last_used_at DESC, n.client_id"
    );
    let parameters = params![account.as_uuid().as_bytes(), page.limit, page.offset];
    let mut total = 0;
    let rows = row::every(connection, SQL, parameters, |columns| {
        total = columns.noun("consent", |columns| columns.integer("total"))?;
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
    })?;
    let total = u64::try_from(total).unwrap_or_default();
    Ok(Listing { rows: rows.into_iter().flatten().collect(), total })
}

pub(super) fn record(
    connection: &Connection,
    approval: &Approval,
) -> Result<Option<AuthorizationId>, Failure> {
    const AGREED: &str = "SELECT scopes FROM consent WHERE account_id = ?1 AND client_id = ?2";
    // The guard is in the statement: what the approval rests on must hold when it is stored.
    const UPSERT: &str = "INSERT INTO consent
            (account_id, client_id, scopes, authorization_id, given_at, last_used_at)
        SELECT a.id, c.id, ?4, ?5, ?6, ?6
        FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = ?3
        WHERE s.id = ?1 AND a.id = ?2 AND ?6 < s.expires_at
            AND a.status = 'active' AND c.status = 'active'
        ON CONFLICT (account_id, client_id) DO UPDATE SET scopes = excluded.scopes,
            last_used_at = CASE WHEN consent.last_used_at < excluded.last_used_at
                THEN excluded.last_used_at ELSE consent.last_used_at END
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

/// Remembers that a token was issued on a consent, named as [`key`] reads it.
pub(super) fn mark_used(
    connection: &Connection,
    (account, client): &(AccountId, ClientId),
    at: Timestamp,
) -> Result<(), Failure> {
    // The guard keeps a slow call from setting the time back.
    const SQL: &str = "UPDATE consent SET last_used_at = ?3
        WHERE account_id = ?1 AND client_id = ?2 AND last_used_at < ?3";
    let parameters = params![account.as_uuid().as_bytes(), client.as_str(), at.millis()];
    row::execute(connection, SQL, parameters)?;
    Ok(())
}

/// What a row that rests on a consent names it by.
pub(super) fn key(columns: &mut Columns<'_, '_>) -> Result<(AccountId, ClientId), Failure> {
    let account = AccountId::from_uuid(columns.uuid("account_id")?);
    let client = columns.parsed("client_id", |text| ClientId::parse(text).ok())?;
    Ok((account, client))
}

pub(super) fn withdraw(
    connection: &Connection,
    account: AccountId,
    client: &ClientId,
    at: Timestamp,
    until: Timestamp,
) -> Result<Option<Revocation>, Failure> {
    // Codes and families go with it: their foreign keys say so.
    const SQL: &str = "DELETE FROM consent WHERE account_id = ?1 AND client_id = ?2
        RETURNING authorization_id";
    let parameters = params![account.as_uuid().as_bytes(), client.as_str()];
    let withdrawn = row::first(connection, SQL, parameters, |columns| {
        columns.noun("consent", |columns| columns.uuid("authorization_id"))
    })?;
    let Some(consent) = withdrawn.map(AuthorizationId::from_uuid) else { return Ok(None) };
    let revocation = Revocation { revoked: Revoked::Consent(consent), at, until };
    revocation::append(connection, &revocation)?;
    Ok(Some(revocation))
}
