//! Clients: what is registered, by whom.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{
    AccountId, AllowedScopes, Client, ClientId, ClientStatus, ClientType, Denial, Digest,
    GrantType, PkceRule, RedirectUri, Revocation, Scope,
};

use super::failure::Failure;
use super::row::{self, Columns};
use super::{client_origin, revocation};
use crate::{Listing, Page};

/// How many columns [`read`] reads.
pub(super) const WIDTH: usize = 15;

/// What [`read`] reads, where the client's table is called `$client` in the statement and its
/// owner's row of `account` is called `$owner`.
macro_rules! client_columns {
    ($client:literal, $owner:literal) => {
        concat!(
            $client,
            ".id, ",
            $client,
            ".client_type, ",
            $client,
            ".secrets, ",
            $client,
            ".name, ",
            $client,
            ".description, ",
            $client,
            ".website, ",
            $client,
            ".owner_id, ",
            $owner,
            ".username, ",
            $client,
            ".redirect_uris, ",
            $client,
            ".grant_types, ",
            $client,
            ".scopes, ",
            $client,
            ".denial, ",
            $client,
            ".pkce, ",
            $client,
            ".status, ",
            $client,
            ".created_at",
        )
    };
}
pub(super) use client_columns;

const SELECT: &str = concat!(
    "SELECT ",
    client_columns!("c", "o"),
    " FROM client c JOIN account o ON o.id = c.owner_id WHERE c.id = ?1"
);

pub(super) fn read(columns: &mut Columns<'_, '_>) -> Result<Client, Failure> {
    Ok(Client {
        id: columns.parsed("id", |text| ClientId::parse(text).ok())?,
        client_type: read_type(columns)?,
        name: columns.text("name")?.to_owned(),
        description: columns.text("description")?.to_owned(),
        website: columns.text_or_null("website")?.map(str::to_owned),
        owner: AccountId::from_uuid(columns.uuid("owner_id")?),
        owner_name: columns.text("username")?.to_owned(),
        redirect_uris: columns
            .parsed("redirect_uris", |text| row::list(text, '\n', RedirectUri::from_stored))?,
        grant_types: columns
            .parsed("grant_types", |text| row::list(text, ' ', GrantType::parse))?,
        scopes: read_scopes(columns)?,
        denial: columns.parsed("denial", parse_denial)?,
        pkce: columns.parsed("pkce", parse_pkce)?,
        status: columns.parsed("status", parse_status)?,
        created_at: columns.timestamp("created_at")?,
    })
}

fn read_type(columns: &mut Columns<'_, '_>) -> Result<ClientType, Failure> {
    let name = columns.text("client_type")?;
    let secrets: Vec<Digest> =
        columns.parsed("secrets", |text| row::list(text, ' ', Digest::from_text))?;
    match name {
        "public" if secrets.is_empty() => Ok(ClientType::Public),
        "public" => Err(columns.corrupt("secrets")),
        "confidential" => Ok(ClientType::Confidential { secrets }),
        _ => Err(columns.corrupt("client_type")),
    }
}

fn read_scopes(columns: &mut Columns<'_, '_>) -> Result<AllowedScopes, Failure> {
    // Not `ScopeSet::parse`: its limits are for requests, and this list may have grown beyond them.
    match columns.text_or_null("scopes")? {
        None => Ok(AllowedScopes::Ordinary),
        Some(text) => row::list(text, ' ', |word| Scope::parse(word).ok())
            .map(AllowedScopes::Only)
            .ok_or_else(|| columns.corrupt("scopes")),
    }
}

pub(super) fn client(connection: &Connection, id: &ClientId) -> Result<Option<Client>, Failure> {
    row::first(connection, SELECT, [id.as_str()], |columns| columns.noun("client", read))
}

pub(super) fn owned(
    connection: &Connection,
    owner: AccountId,
    id: &ClientId,
) -> Result<Option<Client>, Failure> {
    Ok(client(connection, id)?.filter(|client| client.owner == owner))
}

pub(super) fn of_owner(
    connection: &Connection,
    owner: AccountId,
    page: Page,
) -> Result<Listing<Client>, Failure> {
    // The one-row source brings the total also when the page is past the end.
    const SQL: &str = concat!(
        "SELECT one.total, ",
        client_columns!("c", "o"),
        " FROM (SELECT COUNT(*) AS total FROM client WHERE owner_id = ?1) AS one
          LEFT JOIN (
              SELECT id FROM client WHERE owner_id = ?1
              ORDER BY created_at DESC, id DESC LIMIT ?2 OFFSET ?3
          ) AS page ON TRUE
          LEFT JOIN client c ON c.id = page.id
          LEFT JOIN account o ON o.id = c.owner_id
          ORDER BY c.created_at DESC, c.id DESC"
    );
    let parameters = params![owner.as_uuid().as_bytes(), page.limit, page.offset];
    let mut total = 0;
    let rows = row::every(connection, SQL, parameters, |columns| {
        total = columns.noun("client", |columns| columns.integer("total"))?;
        columns.joined("client", WIDTH, read)
    })?;
    let total = u64::try_from(total).unwrap_or_default();
    Ok(Listing { rows: rows.into_iter().flatten().collect(), total })
}

pub(super) fn create(connection: &Connection, client: &Client) -> Result<(), Failure> {
    const INSERT: &str = "INSERT INTO client (id, owner_id, client_type, secrets, name,
            description, website, redirect_uris, grant_types, scopes, denial, pkce, status,
            created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    write(connection, INSERT, client)
}

/// Puts `client` in the place of what is there by its id. Its date stays: consents stay too, so the
/// row is changed, not replaced.
pub(super) fn put(connection: &Connection, client: &Client) -> Result<(), Failure> {
    const UPSERT: &str = "INSERT INTO client (id, owner_id, client_type, secrets, name,
            description, website, redirect_uris, grant_types, scopes, denial, pkce, status,
            created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        ON CONFLICT (id) DO UPDATE SET
            owner_id = excluded.owner_id, client_type = excluded.client_type,
            secrets = excluded.secrets, name = excluded.name,
            description = excluded.description, website = excluded.website,
            redirect_uris = excluded.redirect_uris, grant_types = excluded.grant_types,
            scopes = excluded.scopes, denial = excluded.denial, pkce = excluded.pkce,
            status = excluded.status";
    write(connection, UPSERT, client)
}

fn write(connection: &Connection, sql: &str, client: &Client) -> Result<(), Failure> {
    let (client_type, secrets) = match &client.client_type {
        ClientType::Public => ("public", String::new()),
        ClientType::Confidential { secrets } => {
            ("confidential", join(secrets.iter().map(Digest::to_text), " "))
        }
    };
    let scopes = match &client.scopes {
        AllowedScopes::Ordinary => None,
        AllowedScopes::Only(scopes) => Some(scopes.to_string()),
    };
    let parameters = params![
        client.id.as_str(),
        client.owner.as_uuid().as_bytes(),
        client_type,
        secrets,
        client.name,
        client.description,
        client.website,
        redirect_uris(client),
        grant_types(client),
        scopes,
        denial_name(client.denial),
        pkce_name(client.pkce),
        status_name(client.status),
        client.created_at.millis(),
    ];
    row::execute(connection, sql, parameters)?;
    client_origin::put(connection, client)
}

pub(super) fn update(connection: &Connection, client: &Client) -> Result<bool, Failure> {
    const SQL: &str = "UPDATE client SET name = ?3, description = ?4, website = ?5,
            redirect_uris = ?6, grant_types = ?7, denial = ?8
        WHERE id = ?1 AND owner_id = ?2";
    let parameters = params![
        client.id.as_str(),
        client.owner.as_uuid().as_bytes(),
        client.name,
        client.description,
        client.website,
        redirect_uris(client),
        grant_types(client),
        denial_name(client.denial),
    ];
    let is_there = row::execute(connection, SQL, parameters)? == 1;
    if is_there {
        client_origin::put(connection, client)?;
    }
    Ok(is_there)
}

pub(super) fn delete(
    connection: &Connection,
    owner: AccountId,
    id: &ClientId,
    revocation: &Revocation,
) -> Result<bool, Failure> {
    // The consents go with it, and with them codes and families: their foreign keys say so.
    const SQL: &str = "DELETE FROM client WHERE id = ?1 AND owner_id = ?2";
    let parameters = params![id.as_str(), owner.as_uuid().as_bytes()];
    let is_gone = row::execute(connection, SQL, parameters)? == 1;
    if is_gone {
        revocation::append(connection, revocation)?;
    }
    Ok(is_gone)
}

fn redirect_uris(client: &Client) -> String {
    join(client.redirect_uris.iter().map(RedirectUri::as_str), "\n")
}

fn grant_types(client: &Client) -> String {
    join(client.grant_types.iter().map(GrantType::as_str), " ")
}

fn join<T: AsRef<str>>(items: impl Iterator<Item = T>, separator: &str) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(item.as_ref());
    }
    text
}

const fn denial_name(denial: Denial) -> &'static str {
    match denial {
        Denial::Query => "query",
        Denial::Fragment => "fragment",
    }
}

fn parse_denial(name: &str) -> Option<Denial> {
    [Denial::Query, Denial::Fragment].into_iter().find(|denial| denial_name(*denial) == name)
}

const fn pkce_name(rule: PkceRule) -> &'static str {
    match rule {
        PkceRule::Required => "required",
        PkceRule::IfSent => "if_sent",
    }
}

fn parse_pkce(name: &str) -> Option<PkceRule> {
    [PkceRule::Required, PkceRule::IfSent].into_iter().find(|rule| pkce_name(*rule) == name)
}

const fn status_name(status: ClientStatus) -> &'static str {
    match status {
        ClientStatus::Active => "active",
        ClientStatus::Disabled => "disabled",
    }
}

fn parse_status(name: &str) -> Option<ClientStatus> {
    [ClientStatus::Active, ClientStatus::Disabled]
        .into_iter()
        .find(|status| status_name(*status) == name)
}
