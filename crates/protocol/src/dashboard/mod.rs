//! Rules of registering and editing a client.
//!
//! What a developer typed is a [`ClientForm`]. [`judge`] makes [`ClientSettings`] of it, or names each
//! problem in words, field by field and row by row. Only settings become or change a client, and no
//! setting is an id, an owner, a status, a scope or a secret: a form cannot reach those (RG-06).

mod form;
mod openid;
mod text;

pub use form::{
    ClientForm, FormProblems, GrantProblem, RedirectUrisProblem, RowProblem, TextProblem,
    WebsiteProblem,
};
pub use openid::{OpenIdForm, OpenIdProblems, SubjectTypeProblem};

use crate::model::{
    AccountId, AllowedScopes, Client, ClientId, ClientStatus, ClientType, Denial, GrantTypes,
    OpenIdSettings, PkceRule, RedirectUri, RedirectUriPolicy, Timestamp, Username,
};

/// What a developer may decide about a client, all of it good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    name: String,
    description: String,
    website: Option<String>,
    redirect_uris: Vec<RedirectUri>,
    grant_types: GrantTypes,
    denial: Denial,
    openid: OpenIdSettings,
}

/// Judges what was typed for a client of `client_type`.
///
/// # Errors
/// Everything that is wrong, not only the first.
pub fn judge(
    form: &ClientForm,
    client_type: &ClientType,
    policy: RedirectUriPolicy,
) -> Result<ClientSettings, FormProblems> {
    form::judge(form, client_type, policy)
}

impl ClientSettings {
    /// A new client of these settings. It may ask for every ordinary scope.
    pub fn register(
        self,
        id: ClientId,
        client_type: ClientType,
        owner: AccountId,
        owner_name: &Username,
        now: Timestamp,
    ) -> Client {
        Client {
            id,
            client_type,
            name: self.name,
            description: self.description,
            website: self.website,
            owner,
            owner_name: owner_name.to_string(),
            redirect_uris: self.redirect_uris,
            grant_types: self.grant_types,
            scopes: AllowedScopes::Ordinary,
            denial: self.denial,
            pkce: PkceRule::Required,
            openid: self.openid,
            status: ClientStatus::Active,
            created_at: now,
        }
    }

    /// `client` with these settings in the place of its own; all else stays.
    pub fn edit(self, client: Client) -> Client {
        Client {
            name: self.name,
            description: self.description,
            website: self.website,
            redirect_uris: self.redirect_uris,
            grant_types: self.grant_types,
            denial: self.denial,
            openid: self.openid,
            ..client
        }
    }
}

#[cfg(test)]
mod tests;
