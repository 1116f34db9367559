//! Consents: what accounts have allowed clients.

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::transaction;
use super::value::values;
use super::{change, statement};
use crate::row::client::client_columns;
use crate::row::consent::{consent_columns, read_listed, read_scopes};
use crate::{Change, ConsentedClient, Listing, Page};

pub(super) async fn of_account(
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
          FROM (SELECT COUNT(*) AS total FROM consent WHERE account_id = $1) AS one
          LEFT JOIN (
              SELECT client_id FROM consent WHERE account_id = $1
              ORDER BY last_used_at DESC, client_id LIMIT $2 OFFSET $3
          ) AS page ON TRUE
          LEFT JOIN consent n ON n.account_id = $1 AND n.client_id = page.client_id
          LEFT JOIN client c ON c.id = n.client_id
          LEFT JOIN account o ON o.id = c.owner_id
          ORDER BY n.last_used_at DESC, n.client_id"
    );
    let values = values![account.as_uuid().as_bytes(), page.limit, page.offset];
    let mut total = 0;
    let rows = statement::every(connection, SQL, &values, |columns| {
        total = columns.noun("consent", |columns| columns.integer("total"))?;
        read_listed(columns)
    });
    let rows = rows.await?.into_iter().flatten().collect();
    Ok(Listing { rows, total: u64::try_from(total).unwrap_or_default() })
}

pub(super) async fn record(
    connection: &Connection,
    approval: &Approval,
) -> Result<Option<AuthorizationId>, Failure> {
    transaction(connection, agree(connection, approval)).await
}

/// Records an approval in the transaction that is open.
pub(super) async fn agree(
    connection: &Connection,
    approval: &Approval,
) -> Result<Option<AuthorizationId>, Failure> {
    // The guard is in the statement: what the approval rests on must hold when it is stored. Session and
    // client are held until the end, so that a sign-out or a deletion comes before or after it as a whole.
    const UPSERT: &str = "INSERT INTO consent
            (account_id, client_id, scopes, authorization_id, given_at, last_used_at)
        SELECT a.id, c.id, $4, $5, $6, $6
        FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = $3
        WHERE s.id = $1 AND a.id = $2 AND $6 < s.expires_at
            AND a.status = 'active' AND c.status = 'active'
        FOR KEY SHARE OF s, c
        ON CONFLICT (account_id, client_id) DO UPDATE
            SET last_used_at = GREATEST(consent.last_used_at, excluded.last_used_at)
        RETURNING authorization_id, scopes";
    const WIDEN: &str = "UPDATE consent SET scopes = $3 WHERE account_id = $1 AND client_id = $2";
    let (account, client) = (approval.account.as_uuid().as_bytes(), approval.client.as_str());
    let scopes = approval.scopes.to_string();
    let values = values![
        approval.session.as_bytes(),
        account,
        client,
        &scopes,
        approval.authorization.as_uuid().as_bytes(),
        approval.given_at.millis(),
    ];
    let in_force = statement::first(connection, UPSERT, &values, |columns| {
        columns.noun("consent", |columns| {
            Ok((columns.uuid("authorization_id")?, read_scopes(columns)?))
        })
    });
    let Some((family, agreed)) = in_force.await? else { return Ok(None) };
    // The row is ours by now, so what it says still holds below.
    let all = agreed.union(&approval.scopes);
    if all != agreed {
        connection.execute(WIDEN, &values![account, client, &all.to_string()]).await?;
    }
    Ok(Some(AuthorizationId::from_uuid(family)))
}

pub(super) async fn withdraw(
    connection: &Connection,
    account: AccountId,
    client: &ClientId,
    at: Timestamp,
    until: Timestamp,
) -> Result<Option<Revocation>, Failure> {
    // Codes and families go with it: their foreign keys say so, also those that came while this waited.
    const SQL: &str = "DELETE FROM consent WHERE account_id = $1 AND client_id = $2
        RETURNING authorization_id";
    let values = values![account.as_uuid().as_bytes(), client.as_str()];
    transaction(connection, async {
        let withdrawn = statement::first(connection, SQL, &values, |columns| {
            columns.noun("consent", |columns| columns.uuid("authorization_id"))
        });
        let withdrawn = withdrawn.await?.map(AuthorizationId::from_uuid);
        let Some(consent) = withdrawn else { return Ok(None) };
        let revocation = Revocation { revoked: Revoked::Consent(consent), at, until };
        change::append(connection, &Change::Revoked(revocation.clone()), at).await?;
        Ok(Some(revocation))
    })
    .await
}
