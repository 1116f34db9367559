//! Clients in rows.

use hallpass_protocol::model::{
    AccountId, AllowedScopes, Client, ClientId, ClientStatus, ClientType, Denial, Digest,
    GrantType, LogoutUri, OpenIdSettings, PkceRule, RedirectUri, Scope, SignatureAlgorithm,
    SubjectType,
};

use super::{Columns, Corrupt, Row, join, list};

/// How many columns [`read`] reads.
pub(crate) const WIDTH: usize = 20;

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
            ".id_token_alg, ",
            $client,
            ".userinfo_alg, ",
            $client,
            ".subject_type, ",
            $client,
            ".post_logout_redirect_uris, ",
            $client,
            ".backchannel_logout_uri, ",
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
        redirect_uris: read_redirect_uris(columns, "redirect_uris")?,
        grant_types: columns.parsed("grant_types", |text| list(text, ' ', GrantType::parse))?,
        scopes: read_scopes(columns)?,
        denial: columns.parsed("denial", parse_denial)?,
        pkce: columns.parsed("pkce", parse_pkce)?,
        openid: read_openid(columns)?,
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

fn read_redirect_uris<R: Row>(
    columns: &mut Columns<'_, R>,
    column: &'static str,
) -> Result<Vec<RedirectUri>, Corrupt> {
    columns.parsed(column, |text| list(text, '\n', RedirectUri::from_stored))
}

fn read_openid<R: Row>(columns: &mut Columns<'_, R>) -> Result<OpenIdSettings, Corrupt> {
    Ok(OpenIdSettings {
        id_token_algorithm: columns.parsed("id_token_alg", SignatureAlgorithm::parse)?,
        userinfo_algorithm: columns.parsed_or_null("userinfo_alg", SignatureAlgorithm::parse)?,
        subject_type: columns.parsed("subject_type", SubjectType::parse)?,
        post_logout_redirect_uris: read_redirect_uris(columns, "post_logout_redirect_uris")?,
        backchannel_logout_uri: columns
            .parsed_or_null("backchannel_logout_uri", |text| LogoutUri::parse(text).ok())?,
    })
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
pub(crate) struct Written<'a> {
    pub(crate) client_type: &'static str,
    pub(crate) secrets: String,
    pub(crate) redirect_uris: String,
    pub(crate) grant_types: String,
    pub(crate) scopes: Option<String>,
    pub(crate) denial: &'static str,
    pub(crate) pkce: &'static str,
    pub(crate) id_token_alg: &'static str,
    pub(crate) userinfo_alg: Option<&'static str>,
    pub(crate) subject_type: &'static str,
    pub(crate) post_logout_redirect_uris: String,
    pub(crate) backchannel_logout_uri: Option<&'a str>,
    pub(crate) status: &'static str,
}

impl<'a> Written<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        let (client_type, secrets) = match &client.client_type {
            ClientType::Public => ("public", String::new()),
            ClientType::Confidential { secrets } => {
                ("confidential", join(secrets.iter().map(Digest::to_text), " "))
            }
        };
        let redirect_uris = |uris: &[RedirectUri]| join(uris.iter().map(RedirectUri::as_str), "\n");
        let openid = &client.openid;
        Self {
            client_type,
            secrets,
            redirect_uris: redirect_uris(&client.redirect_uris),
            grant_types: join(client.grant_types.iter().map(GrantType::as_str), " "),
            scopes: match &client.scopes {
                AllowedScopes::Ordinary => None,
                AllowedScopes::Only(scopes) => Some(scopes.to_string()),
            },
            denial: denial_name(client.denial),
            pkce: pkce_name(client.pkce),
            id_token_alg: openid.id_token_algorithm.as_str(),
            userinfo_alg: openid.userinfo_algorithm.map(SignatureAlgorithm::as_str),
            subject_type: openid.subject_type.as_str(),
            post_logout_redirect_uris: redirect_uris(&openid.post_logout_redirect_uris),
            backchannel_logout_uri: openid.backchannel_logout_uri.as_ref().map(LogoutUri::as_str),
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
