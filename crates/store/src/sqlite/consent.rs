//! Consents: what accounts have allowed clients.

use rusqlite::{Connection, params};

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};

use super::failure::Failure;
use super::{change, statement};
use crate::row::client::client_columns;
use crate::row::consent::{consent_columns, read_listed, read_scopes};
use crate::{Change, ConsentedClient, Listing, Page};

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
    let rows = statement::every(connection, SQL, parameters, |columns| {
        total = columns.noun("consent", |columns| columns.integer("total"))?;
        read_listed(columns)
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
    let agreed = statement::first(connection, AGREED, params![account, client], |columns| {
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
    statement::first(connection, UPSERT, parameters, |columns| {
        columns.noun("consent", |columns| columns.uuid("authorization_id"))
    })
    .map(|family| family.map(AuthorizationId::from_uuid))
}

/// Remembers at ?1 that a token is issued on the consent that `$resting` names, which is all of its key and its
/// id; nothing, if it names none that is there.
macro_rules! use_consent {
    ($resting:literal) => {
        concat!(
            // A slow call does not set the time back.
            "UPDATE consent SET last_used_at = CASE WHEN last_used_at < ?1 THEN ?1 ELSE last_used_at END
            WHERE (account_id, client_id, +authorization_id) = (",
            $resting,
            ")"
        )
    };
}
pub(super) use use_consent;

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
    let withdrawn = statement::first(connection, SQL, parameters, |columns| {
        columns.noun("consent", |columns| columns.uuid("authorization_id"))
    })?;
    let Some(consent) = withdrawn.map(AuthorizationId::from_uuid) else { return Ok(None) };
    let revocation = Revocation { revoked: Revoked::Consent(consent), at, until };
    change::append(connection, &Change::Revoked(revocation.clone()), at)?;
    Ok(Some(revocation))
}
