//! Clients in rows.

use hallpass_protocol::model::{
    AccountId, AllowedScopes, Client, ClientId, ClientStatus, ClientType, Denial, Digest,
    GrantType, OpenIdSettings, PkceRule, RedirectUri, Scope,
};

use super::{Columns, Corrupt, Row, join, list};

/// How many columns [`read`] reads.
pub(crate) const WIDTH: usize = 15;

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
pub(crate) use client_columns;

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Client, Corrupt> {
    Ok(Client {
        id: columns.parsed("id", |text| ClientId::parse(text).ok())?,
        client_type: read_type(columns)?,
        name: columns.text("name")?.to_owned(),
        description: columns.text("description")?.to_owned(),
        website: columns.text_or_null("website")?.map(str::to_owned),
        owner: AccountId::from_uuid(columns.uuid("owner_id")?),
        owner_name: columns.text("username")?.to_owned(),
        redirect_uris: columns
            .parsed("redirect_uris", |text| list(text, '\n', RedirectUri::from_stored))?,
        grant_types: columns.parsed("grant_types", |text| list(text, ' ', GrantType::parse))?,
        scopes: read_scopes(columns)?,
        denial: columns.parsed("denial", parse_denial)?,
        pkce: columns.parsed("pkce", parse_pkce)?,
        openid: OpenIdSettings::default(),
        status: columns.parsed("status", parse_status)?,
        created_at: columns.timestamp("created_at")?,
    })
}

fn read_type<R: Row>(columns: &mut Columns<'_, R>) -> Result<ClientType, Corrupt> {
    let name = columns.text("client_type")?;
    let secrets: Vec<Digest> =
        columns.parsed("secrets", |text| list(text, ' ', Digest::from_text))?;
    match name {
        "public" if secrets.is_empty() => Ok(ClientType::Public),
        "public" => Err(columns.corrupt("secrets")),
        "confidential" => Ok(ClientType::Confidential { secrets }),
        _ => Err(columns.corrupt("client_type")),
    }
}

fn read_scopes<R: Row>(columns: &mut Columns<'_, R>) -> Result<AllowedScopes, Corrupt> {
    // Not `ScopeSet::parse`: its limits are for requests, and this list may have grown beyond them.
    match columns.text_or_null("scopes")? {
        None => Ok(AllowedScopes::Ordinary),
        Some(text) => list(text, ' ', |word| Scope::parse(word).ok())
            .map(AllowedScopes::Only)
            .ok_or_else(|| columns.corrupt("scopes")),
    }
}

/// The columns of a client that are not written as the noun has them.
pub(crate) struct Written {
    pub(crate) client_type: &'static str,
    pub(crate) secrets: String,
    pub(crate) redirect_uris: String,
    pub(crate) grant_types: String,
    pub(crate) scopes: Option<String>,
    pub(crate) denial: &'static str,
    pub(crate) pkce: &'static str,
    pub(crate) status: &'static str,
}

impl Written {
    pub(crate) fn of(client: &Client) -> Self {
        let (client_type, secrets) = match &client.client_type {
            ClientType::Public => ("public", String::new()),
            ClientType::Confidential { secrets } => {
                ("confidential", join(secrets.iter().map(Digest::to_text), " "))
            }
        };
        Self {
            client_type,
            secrets,
            redirect_uris: join(client.redirect_uris.iter().map(RedirectUri::as_str), "\n"),
            grant_types: join(client.grant_types.iter().map(GrantType::as_str), " "),
            scopes: match &client.scopes {
                AllowedScopes::Ordinary => None,
                AllowedScopes::Only(scopes) => Some(scopes.to_string()),
            },
            denial: denial_name(client.denial),
            pkce: pkce_name(client.pkce),
            status: status_name(client.status),
        }
    }
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
