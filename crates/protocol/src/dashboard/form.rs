//! What was typed into the form of an app, and what is wrong with it.

use thiserror::Error;
use url::Url;

use super::ClientSettings;
use super::openid::{self, OpenIdForm, OpenIdProblems};
use super::text::visible_line;
use crate::model::{
    ClientType, Denial, GrantType, GrantTypes, RedirectUri, RedirectUriPolicy, RedirectUriProblem,
};

/// What a developer typed, nothing judged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientForm {
    /// The app's name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where people can read more; empty if nowhere.
    pub website: String,
    /// One text a row; empty rows count for nothing.
    pub redirect_uris: Vec<String>,
    /// What was ticked.
    pub grant_types: GrantTypes,
    /// Where a person's refusal goes.
    pub denial: Denial,
    /// What was typed about OpenID Connect.
    pub openid: OpenIdForm,
}

impl ClientForm {
    /// The longest name, in characters.
    pub const MAX_NAME: usize = 80;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION: usize = 500;
    /// The longest website, in bytes.
    pub const MAX_WEBSITE: usize = 1000;
    /// The most redirect URIs of either kind (refusals RU-22).
    pub const MAX_REDIRECT_URIS: usize = 50;
}

/// What is wrong with a form, field by field. `None` is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormProblems {
    /// With the name.
    pub name: Option<TextProblem>,
    /// With the description.
    pub description: Option<TextProblem>,
    /// With the website.
    pub website: Option<WebsiteProblem>,
    /// With the redirect URIs as a list.
    pub redirect_uris: Option<RedirectUrisProblem>,
    /// With each row of them, in the rows' order.
    pub rows: Vec<Option<RowProblem>>,
    /// With what was ticked.
    pub grant_types: Option<GrantProblem>,
    /// With what was typed about OpenID Connect.
    pub openid: OpenIdProblems,
}

/// What is wrong with a name or a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextProblem {
    /// Nothing that a person could read.
    #[error("Give the app a name with at least one letter or digit.")]
    Missing,
    /// Longer than this many characters.
    #[error("Use at most {0} characters.")]
    TooLong(usize),
}

/// What is wrong with a website.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WebsiteProblem {
    /// No address that a browser opens as a page (refusals RG-10).
    #[error("Enter an address that begins with https:// or http://, or leave the field empty.")]
    NotAWebAddress,
    /// Longer than [`ClientForm::MAX_WEBSITE`].
    #[error("Enter an address of at most 1,000 characters.")]
    TooLong,
}

/// What is wrong with the redirect URIs as a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RedirectUrisProblem {
    /// None, though the app uses a grant that returns to one.
    #[error("Add at least one redirect URI: people return to it after they agreed or cancelled.")]
    Missing,
    /// More than [`ClientForm::MAX_REDIRECT_URIS`].
    #[error("An app has at most 50 redirect URIs of a kind.")]
    TooMany,
}

/// What is wrong with one redirect URI.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowProblem {
    /// It cannot be registered.
    #[error(transparent)]
    Uri(#[from] RedirectUriProblem),
    /// An earlier row says the same.
    #[error("This URI stands further up already.")]
    Repeated,
}

/// What is wrong with the grant types (RFC 7591 §2.1; refusals RG-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GrantProblem {
    /// None.
    #[error("Tick at least one way of getting tokens.")]
    Missing,
    /// Refresh tokens, and nothing that would issue one.
    #[error("Refresh tokens come with the authorization code grant: tick that too.")]
    RefreshAlone,
    /// The client credentials grant, and no credentials.
    #[error("Only a confidential app can use the client credentials grant: it has no other proof.")]
    SecretNeeded,
}

impl FormProblems {
    fn is_empty(&self) -> bool {
        let (rows, openid) = (vec![None; self.rows.len()], self.openid.clone());
        self.openid.is_empty() && *self == Self { rows, openid, ..Self::default() }
    }
}

pub(super) fn judge(
    form: &ClientForm,
    client_type: &ClientType,
    policy: RedirectUriPolicy,
) -> Result<ClientSettings, FormProblems> {
    let mut problems = FormProblems::default();
    let redirect_uris = judge_redirect_uris(form, policy, &mut problems);
    let settings = ClientSettings {
        name: keep(judge_name(&form.name), &mut problems.name),
        description: keep(judge_description(&form.description), &mut problems.description),
        website: keep(judge_website(&form.website), &mut problems.website),
        openid: openid::judge(&form.openid, &redirect_uris, policy, &mut problems.openid),
        redirect_uris,
        grant_types: form.grant_types,
        denial: form.denial,
    };
    problems.grant_types = judge_grant_types(form.grant_types, client_type).err();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// The value, or its default where there is a problem, which then keeps the settings from being made.
pub(super) fn keep<T: Default, P>(judged: Result<T, P>, problem: &mut Option<P>) -> T {
    judged.unwrap_or_else(|found| {
        *problem = Some(found);
        T::default()
    })
}

fn judge_name(typed: &str) -> Result<String, TextProblem> {
    let name = visible_line(typed);
    if !name.chars().any(char::is_alphanumeric) {
        return Err(TextProblem::Missing);
    }
    at_most(ClientForm::MAX_NAME, name)
}

fn judge_description(typed: &str) -> Result<String, TextProblem> {
    at_most(ClientForm::MAX_DESCRIPTION, visible_line(typed))
}

fn at_most(limit: usize, text: String) -> Result<String, TextProblem> {
    if text.chars().count() > limit { Err(TextProblem::TooLong(limit)) } else { Ok(text) }
}

fn judge_website(typed: &str) -> Result<Option<String>, WebsiteProblem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.len() > ClientForm::MAX_WEBSITE {
        return Err(WebsiteProblem::TooLong);
    }
    let url = Url::parse(typed).map_err(|_| WebsiteProblem::NotAWebAddress)?;
    let is_page = matches!(url.scheme(), "http" | "https");
    // What stands before an @ looks like a host to many people.
    let has_user = !url.username().is_empty() || url.password().is_some();
    // The form that a browser gives an address shows an international host name as xn--, and so
    // shows a look-alike for what it is.
    if is_page && !has_user { Ok(Some(url.into())) } else { Err(WebsiteProblem::NotAWebAddress) }
}

fn judge_redirect_uris(
    form: &ClientForm,
    policy: RedirectUriPolicy,
    problems: &mut FormProblems,
) -> Vec<RedirectUri> {
    let returns = [GrantType::Implicit, GrantType::AuthorizationCode];
    let is_returned_to = returns.into_iter().any(|grant| form.grant_types.contains(grant));
    if is_returned_to && form.redirect_uris.iter().all(|row| row.trim().is_empty()) {
        problems.redirect_uris = Some(RedirectUrisProblem::Missing);
    }
    let judged = judge_rows(&form.redirect_uris, policy, &mut problems.rows);
    keep(judged, &mut problems.redirect_uris)
}

/// The URIs of a list of rows, and what is wrong with each row.
pub(super) fn judge_rows(
    rows: &[String],
    policy: RedirectUriPolicy,
    problems: &mut Vec<Option<RowProblem>>,
) -> Result<Vec<RedirectUri>, RedirectUrisProblem> {
    let typed = || rows.iter().map(|row| row.trim());
    if typed().filter(|row| !row.is_empty()).count() > ClientForm::MAX_REDIRECT_URIS {
        return Err(RedirectUrisProblem::TooMany);
    }
    let mut uris = Vec::new();
    for row in typed() {
        let judged = judge_row(row, policy, &uris);
        problems.push(match judged {
            Ok(uri) => {
                uris.extend(uri);
                None
            }
            Err(problem) => Some(problem),
        });
    }
    Ok(uris)
}

/// The row's URI; none if the row is empty.
fn judge_row(
    row: &str,
    policy: RedirectUriPolicy,
    earlier: &[RedirectUri],
) -> Result<Option<RedirectUri>, RowProblem> {
    if row.is_empty() {
        return Ok(None);
    }
    let uri = RedirectUri::register(row, policy)?;
    if earlier.contains(&uri) { Err(RowProblem::Repeated) } else { Ok(Some(uri)) }
}

fn judge_grant_types(ticked: GrantTypes, client_type: &ClientType) -> Result<(), GrantProblem> {
    if ticked == GrantTypes::default() {
        return Err(GrantProblem::Missing);
    }
    if ticked.contains(GrantType::RefreshToken) && !ticked.contains(GrantType::AuthorizationCode) {
        return Err(GrantProblem::RefreshAlone);
    }
    match client_type {
        ClientType::Public if ticked.contains(GrantType::ClientCredentials) => {
            Err(GrantProblem::SecretNeeded)
        }
        ClientType::Public | ClientType::Confidential { .. } => Ok(()),
    }
}
