//! Clients: what is registered, by whom.

use hallpass_protocol::model::{AccountId, Client, ClientId, Revocation, Timestamp};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::{LONG_STATEMENTS, transaction};
use super::value::values;
use super::{change, client_origin, statement};
use crate::row::client::{WIDTH, Written, client_columns, read};
use crate::{Change, Listing, Page};

const SELECT: &str = concat!(
    "SELECT ",
    client_columns!("c", "o"),
    " FROM client c JOIN account o ON o.id = c.owner_id WHERE c.id = $1"
);

pub(super) async fn client(
    connection: &Connection,
    id: &ClientId,
) -> Result<Option<Client>, Failure> {
    statement::first(connection, SELECT, &values![id.as_str()], |columns| {
        columns.noun("client", read)
    })
    .await
}

pub(super) async fn owned(
    connection: &Connection,
    owner: AccountId,
    id: &ClientId,
) -> Result<Option<Client>, Failure> {
    Ok(client(connection, id).await?.filter(|client| client.owner == owner))
}

pub(super) async fn of_owner(
    connection: &Connection,
    owner: AccountId,
    page: Page,
) -> Result<Listing<Client>, Failure> {
    // The one-row source brings the total also when the page is past the end.
    const SQL: &str = concat!(
        "SELECT one.total, ",
        client_columns!("c", "o"),
        " FROM (SELECT COUNT(*) AS total FROM client WHERE owner_id = $1) AS one
          LEFT JOIN (
              SELECT id FROM client WHERE owner_id = $1
              ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3
          ) AS page ON TRUE
          LEFT JOIN client c ON c.id = page.id
          LEFT JOIN account o ON o.id = c.owner_id
          ORDER BY c.created_at DESC, c.id DESC"
    );
    let values = values![owner.as_uuid().as_bytes(), page.limit, page.offset];
    let mut total = 0;
    let rows = statement::every(connection, SQL, &values, |columns| {
        total = columns.noun("client", |columns| columns.integer("total"))?;
        columns.joined("client", WIDTH, read)
    });
    let rows = rows.await?.into_iter().flatten().collect();
    Ok(Listing { rows, total: u64::try_from(total).unwrap_or_default() })
}

pub(super) async fn create(connection: &Connection, client: &Client) -> Result<(), Failure> {
    const INSERT: &str = "INSERT INTO client (id, owner_id, client_type, secrets, name,
            description, website, redirect_uris, grant_types, scopes, denial, pkce, status,
            created_at, id_token_alg, userinfo_alg, subject_type, post_logout_redirect_uris,
            backchannel_logout_uri)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            $15, $16, $17, $18, $19)";
    transaction(connection, async {
        write(connection, INSERT, client).await?;
        change::append(connection, &Change::Client(client.id.clone()), client.created_at).await
    })
    .await
}

/// Puts `client` in the place of what is there by its id. Its date stays: consents stay too, so the
/// row is changed, not replaced.
pub(super) async fn put(connection: &Connection, client: &Client) -> Result<(), Failure> {
    const UPSERT: &str = "INSERT INTO client (id, owner_id, client_type, secrets, name,
            description, website, redirect_uris, grant_types, scopes, denial, pkce, status,
            created_at, id_token_alg, userinfo_alg, subject_type, post_logout_redirect_uris,
            backchannel_logout_uri)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            $15, $16, $17, $18, $19)
        ON CONFLICT (id) DO UPDATE SET
            owner_id = excluded.owner_id, client_type = excluded.client_type,
            secrets = excluded.secrets, name = excluded.name,
            description = excluded.description, website = excluded.website,
            redirect_uris = excluded.redirect_uris, grant_types = excluded.grant_types,
            scopes = excluded.scopes, denial = excluded.denial, pkce = excluded.pkce,
            status = excluded.status, id_token_alg = excluded.id_token_alg,
            userinfo_alg = excluded.userinfo_alg, subject_type = excluded.subject_type,
            post_logout_redirect_uris = excluded.post_logout_redirect_uris,
            backchannel_logout_uri = excluded.backchannel_logout_uri";
    write(connection, UPSERT, client).await
}

async fn write(connection: &Connection, sql: &'static str, client: &Client) -> Result<(), Failure> {
    let written = Written::of(client);
    let values = values![
        client.id.as_str(),
        client.owner.as_uuid().as_bytes(),
        written.client_type,
        &written.secrets,
        &client.name,
        &client.description,
        client.website.as_deref(),
        &written.redirect_uris,
        &written.grant_types,
        written.scopes.as_deref(),
        written.denial,
        written.pkce,
        written.status,
        client.created_at.millis(),
        written.id_token_alg,
        written.userinfo_alg,
        written.subject_type,
        &written.post_logout_redirect_uris,
        written.backchannel_logout_uri,
    ];
    connection.execute(sql, &values).await?;
    client_origin::put(connection, client).await
}

pub(super) async fn update(
    connection: &Connection,
    client: &Client,
    at: Timestamp,
) -> Result<bool, Failure> {
    const SQL: &str = "UPDATE client SET name = $3, description = $4, website = $5,
            redirect_uris = $6, grant_types = $7, denial = $8,
            id_token_alg = $9, userinfo_alg = $10, subject_type = $11,
            post_logout_redirect_uris = $12, backchannel_logout_uri = $13
        WHERE id = $1 AND owner_id = $2";
    let written = Written::of(client);
    let values = values![
        client.id.as_str(),
        client.owner.as_uuid().as_bytes(),
        &client.name,
        &client.description,
        client.website.as_deref(),
        &written.redirect_uris,
        &written.grant_types,
        written.denial,
        written.id_token_alg,
        written.userinfo_alg,
        written.subject_type,
        &written.post_logout_redirect_uris,
        written.backchannel_logout_uri,
    ];
    transaction(connection, async {
        let is_there = connection.execute(SQL, &values).await? == 1;
        if is_there {
            client_origin::put(connection, client).await?;
            change::append(connection, &Change::Client(client.id.clone()), at).await?;
        }
        Ok(is_there)
    })
    .await
}

/// How many consents go in one transaction: with what rests on them, some tenths of a second.
const PORTION: u32 = 5_000;

/// What came of an attempt to delete a client.
pub(super) enum Deletion {
    /// It is gone, with all that it was given.
    Done,
    /// It is shut, and its tokens have ended: first its consents must go.
    Shut,
    /// This owner has no such client.
    NotThere,
}

pub(super) async fn delete(
    connection: &Connection,
    owner: AccountId,
    id: &ClientId,
    revocation: &Revocation,
) -> Result<Deletion, Failure> {
    const MANY: &str = "SELECT account_id FROM consent WHERE client_id = $1 LIMIT 1 OFFSET $2";
    const SHUT: &str = "UPDATE client SET status = 'disabled' WHERE id = $1 AND owner_id = $2";
    // The consents go with it, and with them codes and families: their foreign keys say so.
    const DELETE: &str = "DELETE FROM client WHERE id = $1 AND owner_id = $2";
    let values = values![id.as_str(), owner.as_uuid().as_bytes()];
    transaction(connection, async {
        connection.run(LONG_STATEMENTS).await?;
        let is_much = statement::is_any(connection, MANY, &values![id.as_str(), PORTION]).await?;
        let (sql, deletion) = match is_much {
            true => (SHUT, Deletion::Shut),
            false => (DELETE, Deletion::Done),
        };
        if connection.execute(sql, &values).await? == 0 {
            return Ok(Deletion::NotThere);
        }
        let change = Change::Revoked(revocation.clone());
        change::append(connection, &change, revocation.at).await?;
        Ok(deletion)
    })
    .await
}

/// Removes a portion of the consents given to a client that is shut, with what rests on them; answers how many.
pub(super) async fn remove_consents(
    connection: &Connection,
    id: &ClientId,
) -> Result<u64, Failure> {
    const SQL: &str = "DELETE FROM consent WHERE (account_id, client_id) IN (
            SELECT n.account_id, n.client_id FROM consent n JOIN client c ON c.id = n.client_id
            WHERE n.client_id = $1 AND c.status = 'disabled' LIMIT $2
        )";
    connection.execute(SQL, &values![id.as_str(), PORTION]).await
}
