//! What was typed about OpenID Connect, and what is wrong with it.

use thiserror::Error;

use super::form::{RedirectUrisProblem, RowProblem, judge_rows, keep};
use crate::model::{
    LogoutUri, LogoutUriProblem, OpenIdSettings, RedirectUri, RedirectUriPolicy,
    SignatureAlgorithm, SubjectType, sector_host,
};

/// What a developer typed about OpenID Connect, nothing judged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIdForm {
    /// What signs the app's ID tokens.
    pub id_token_algorithm: SignatureAlgorithm,
    /// What signs its userinfo, if anything does.
    pub userinfo_algorithm: Option<SignatureAlgorithm>,
    /// By what it knows people.
    pub subject_type: SubjectType,
    /// Where people return to who have signed out; one text a row, empty rows count for nothing.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the app is told that somebody has signed out; empty if nowhere.
    pub backchannel_logout_uri: String,
}

impl OpenIdForm {
    /// These settings, as they would be typed.
    pub fn of(settings: &OpenIdSettings) -> Self {
        let uris = settings.post_logout_redirect_uris.iter();
        let logout_uri = settings.backchannel_logout_uri.as_ref().map(LogoutUri::as_str);
        Self {
            id_token_algorithm: settings.id_token_algorithm,
            userinfo_algorithm: settings.userinfo_algorithm,
            subject_type: settings.subject_type,
            post_logout_redirect_uris: uris.map(|uri| uri.as_str().to_owned()).collect(),
            backchannel_logout_uri: logout_uri.unwrap_or_default().to_owned(),
        }
    }

    /// Whether nothing is settled: each field is as in a form that nobody has touched.
    pub fn is_untouched(&self) -> bool {
        let rows = self.post_logout_redirect_uris.iter();
        let typed = rows.filter(|row| !row.trim().is_empty()).cloned().collect();
        let backchannel_logout_uri = self.backchannel_logout_uri.trim().to_owned();
        let typed =
            Self { post_logout_redirect_uris: typed, backchannel_logout_uri, ..self.clone() };
        typed == Self::default()
    }
}

impl Default for OpenIdForm {
    fn default() -> Self {
        Self::of(&OpenIdSettings::default())
    }
}

/// What is wrong with what was typed about OpenID Connect. `None` is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenIdProblems {
    /// With the post-logout redirect URIs as a list.
    pub post_logout_redirect_uris: Option<RedirectUrisProblem>,
    /// With each row of them, in the rows' order.
    pub rows: Vec<Option<RowProblem>>,
    /// With the back-channel logout address.
    pub backchannel_logout_uri: Option<LogoutUriProblem>,
    /// With the subject type.
    pub subject_type: Option<SubjectTypeProblem>,
}

/// What is wrong with the subject type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SubjectTypeProblem {
    /// The redirect URIs lead to several places (OpenID Connect Core §8.1: "if there are multiple hostnames in
    /// the registered redirect_uris, the Client MUST register a sector_identifier_uri", which is not offered).
    #[error(
        "Pairwise subjects need redirect URIs that are all https at one host, or none of them https. Give the others an app of their own, or choose public."
    )]
    ManySectors,
}

impl OpenIdProblems {
    /// Whether all is well.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self { rows: vec![None; self.rows.len()], ..Self::default() }
    }
}

/// Judges what was typed for an app that has these redirect URIs.
pub(super) fn judge(
    form: &OpenIdForm,
    redirect_uris: &[RedirectUri],
    policy: RedirectUriPolicy,
    problems: &mut OpenIdProblems,
) -> OpenIdSettings {
    let judged = judge_rows(&form.post_logout_redirect_uris, policy, &mut problems.rows);
    let logout_uri = match form.backchannel_logout_uri.trim() {
        "" => Ok(None),
        text => LogoutUri::parse(text).map(Some),
    };
    problems.subject_type = judge_subject_type(form.subject_type, redirect_uris).err();
    OpenIdSettings {
        id_token_algorithm: form.id_token_algorithm,
        userinfo_algorithm: form.userinfo_algorithm,
        subject_type: form.subject_type,
        post_logout_redirect_uris: keep(judged, &mut problems.post_logout_redirect_uris),
        backchannel_logout_uri: keep(logout_uri, &mut problems.backchannel_logout_uri),
    }
}

/// By which sector a person's subject is made must not depend on which of several redirect URIs an owner takes
/// away one day: it is the one host, or the app itself where none of them is of the web.
fn judge_subject_type(
    subject_type: SubjectType,
    redirect_uris: &[RedirectUri],
) -> Result<(), SubjectTypeProblem> {
    let is_https = |uri: &RedirectUri| uri.as_str().starts_with("https:");
    let has_one_sector =
        !redirect_uris.iter().any(is_https) || sector_host(redirect_uris).is_some();
    match subject_type {
        SubjectType::Pairwise if !has_one_sector => Err(SubjectTypeProblem::ManySectors),
        SubjectType::Pairwise | SubjectType::Public => Ok(()),
    }
}
