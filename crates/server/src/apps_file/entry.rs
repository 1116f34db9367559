//! The entries of the file as they are written, and what they mean.

use std::fmt::Display;

use hallpass_protocol::dashboard::{ClientForm, FormProblems, OpenIdForm, RowProblem, judge};
use hallpass_protocol::model::{
    AllowedScopes, Api, ApiIdentifier, ClientId, ClientType, Denial, GrantType, GrantTypes,
    PkceRule, RedirectUriPolicy, Scope, ScopeDefinition, ScopeGroup, ScopeSet, Secret,
    SignatureAlgorithm, SubjectType, TokenFormat, Username,
};
use serde::Deserialize;
use toml::Spanned;

use super::user::WrittenUser;
use super::{AppsFileError, DeclaredApi, DeclaredApp, DeclaredSecret, Place};

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    pub(super) user: Vec<Spanned<WrittenUser>>,
    #[serde(default)]
    pub(super) app: Vec<Spanned<WrittenApp>>,
    #[serde(default)]
    pub(super) scope: Vec<WrittenScope>,
    #[serde(default)]
    pub(super) api: Vec<Spanned<WrittenApi>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenApp {
    name: Spanned<String>,
    description: Option<Spanned<String>>,
    website: Option<Spanned<String>>,
    client_id: Option<Spanned<String>>,
    r#type: Spanned<String>,
    client_secret: Option<Spanned<String>>,
    #[serde(default)]
    redirect_uris: Vec<Spanned<String>>,
    grants: Spanned<Vec<Spanned<String>>>,
    scopes: Option<Vec<Spanned<String>>>,
    owner: Spanned<String>,
    denial: Option<Spanned<String>>,
    pkce: Option<Spanned<String>>,
    id_token_algorithm: Option<Spanned<String>>,
    userinfo_algorithm: Option<Spanned<String>>,
    subject_type: Option<Spanned<String>>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<Spanned<String>>,
    backchannel_logout_uri: Option<Spanned<String>>,
    disabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenScope {
    name: Spanned<String>,
    text: Spanned<String>,
    group: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenApi {
    identifier: Spanned<String>,
    format: Spanned<String>,
    algorithm: Option<Spanned<String>>,
    scopes: Option<Vec<Spanned<String>>>,
    client_id: Option<Spanned<String>>,
}

/// A value judged, with its line if something is wrong with it.
pub(super) fn judged<T, E: Display>(
    place: &Place<'_>,
    written: &Spanned<String>,
    judge: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, AppsFileError> {
    judge(written.get_ref()).map_err(|problem| place.error(written.span(), &problem))
}

/// A value that is one of a few words.
fn one_of<T: Copy>(
    place: &Place<'_>,
    key: &str,
    written: &Spanned<String>,
    words: &[(&str, T)],
) -> Result<T, AppsFileError> {
    let found = words.iter().find(|(word, _)| word == written.get_ref());
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let problem = format!("{key} is {:?}; it can be {}", written.get_ref(), known.join(", "));
        place.error(written.span(), &problem)
    })
}

fn signature_algorithm(
    place: &Place<'_>,
    key: &str,
    written: &Spanned<String>,
) -> Result<SignatureAlgorithm, AppsFileError> {
    let words = SignatureAlgorithm::ALL.map(|algorithm| (algorithm.as_str(), algorithm));
    one_of(place, key, written, &words)
}

/// The texts of a list, as the dashboard's form has its rows.
fn rows(written: &[Spanned<String>]) -> Vec<String> {
    written.iter().map(|row| row.get_ref().clone()).collect()
}

fn text_or_empty(written: Option<&Spanned<String>>) -> String {
    written.map(|written| written.get_ref().clone()).unwrap_or_default()
}

pub(super) fn scope(
    place: &Place<'_>,
    written: &WrittenScope,
) -> Result<ScopeDefinition, AppsFileError> {
    let text = judged(place, &written.text, |text| match text.trim() {
        "" => Err("say what the scope lets an app do, to end the sentence \"This app wants to …\""),
        text => Ok(text.to_owned()),
    })?;
    // The words of the consent page's headings are taken as well as the short names.
    let groups = [
        ("data", ScopeGroup::Data),
        ("activity", ScopeGroup::Activity),
        ("act", ScopeGroup::Act),
        ("partner", ScopeGroup::Partner),
        ("see your data", ScopeGroup::Data),
        ("see your activity", ScopeGroup::Activity),
        ("act for you", ScopeGroup::Act),
        ("partners only", ScopeGroup::Partner),
    ];
    Ok(ScopeDefinition {
        scope: judged(place, &written.name, Scope::parse)?,
        text,
        group: one_of(place, "group", &written.group, &groups)?,
    })
}

pub(super) fn api(
    place: &Place<'_>,
    written: Spanned<WrittenApi>,
) -> Result<DeclaredApi, AppsFileError> {
    let line = place.line(Some(written.span()));
    let api = written.into_inner();
    let scopes = api.scopes.iter().flatten().map(|scope| judged(place, scope, Scope::parse));
    let client = api.client_id.as_ref().map(|id| judged(place, id, ClientId::parse));
    Ok(DeclaredApi {
        api: Api {
            identifier: judged(place, &api.identifier, ApiIdentifier::parse)?,
            format: format(place, &api)?,
            scopes: scopes.collect::<Result<ScopeSet, _>>()?,
            introspector: client.transpose()?,
        },
        line,
    })
}

fn format(place: &Place<'_>, api: &WrittenApi) -> Result<TokenFormat, AppsFileError> {
    let algorithm = api.algorithm.as_ref();
    let named = algorithm.map(|written| signature_algorithm(place, "algorithm", written));
    let named = named.transpose()?;
    let is_signed = one_of(place, "format", &api.format, &[("opaque", false), ("jwt", true)])?;
    match (is_signed, algorithm) {
        (true, _) => Ok(TokenFormat::Jwt(named.unwrap_or(SignatureAlgorithm::EdDsa))),
        (false, None) => Ok(TokenFormat::Opaque),
        (false, Some(written)) => {
            let problem =
                "opaque tokens are not signed: remove this line, or set format to \"jwt\"";
            Err(place.error(written.span(), &problem))
        }
    }
}

pub(super) fn app(
    place: &Place<'_>,
    written: Spanned<WrittenApp>,
    policy: RedirectUriPolicy,
) -> Result<DeclaredApp, AppsFileError> {
    let line = place.line(Some(written.span()));
    let app = written.into_inner();
    let secret = secret(place, &app)?;
    let client_type = match secret {
        DeclaredSecret::Public => ClientType::Public,
        DeclaredSecret::Given(_) | DeclaredSecret::Minted => {
            ClientType::Confidential { secrets: Vec::new() }
        }
    };
    let form = form(place, &app)?;
    let settings = judge(&form, &client_type, policy)
        .map_err(|problems| place_of_problem(place, &app, &problems))?;
    let client_id = app.client_id.as_ref().map(|id| judged(place, id, ClientId::parse));
    Ok(DeclaredApp {
        client_id: client_id.transpose()?,
        secret,
        settings,
        name: form.name.trim().to_owned(),
        scopes: scopes(place, app.scopes.as_deref())?,
        pkce: pkce(place, &app)?,
        disabled: app.disabled,
        owner: judged(place, &app.owner, Username::parse)?,
        line,
    })
}

fn secret(place: &Place<'_>, app: &WrittenApp) -> Result<DeclaredSecret, AppsFileError> {
    #[derive(Clone, Copy)]
    enum Type {
        Public,
        Confidential,
    }
    let words = [("public", Type::Public), ("confidential", Type::Confidential)];
    match (one_of(place, "type", &app.r#type, &words)?, &app.client_secret) {
        (Type::Public, None) => Ok(DeclaredSecret::Public),
        (Type::Public, Some(secret)) => {
            let problem =
                "a public app has no secret: remove client_secret, or make it confidential";
            Err(place.error(secret.span(), &problem))
        }
        (Type::Confidential, None) => Ok(DeclaredSecret::Minted),
        (Type::Confidential, Some(secret)) => judged(place, secret, |text| {
            let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
            if text.is_empty() || text.len() > 256 || !printable {
                return Err("a client secret has 1 to 256 printable ASCII characters");
            }
            Ok(DeclaredSecret::Given(Secret::presented(text)))
        }),
    }
}

/// Whether a code needs a proof key: always for a public app, unless the operator says otherwise for a
/// confidential one.
fn pkce(place: &Place<'_>, app: &WrittenApp) -> Result<PkceRule, AppsFileError> {
    let Some(written) = &app.pkce else { return Ok(PkceRule::Required) };
    let words = [("required", PkceRule::Required), ("if-sent", PkceRule::IfSent)];
    let rule = one_of(place, "pkce", written, &words)?;
    if rule == PkceRule::IfSent && app.r#type.get_ref() == "public" {
        let problem = "a public app always needs PKCE: remove this line, or make it confidential";
        return Err(place.error(written.span(), &problem));
    }
    Ok(rule)
}

fn form(place: &Place<'_>, app: &WrittenApp) -> Result<ClientForm, AppsFileError> {
    let grant = |written: &Spanned<String>| {
        judged(place, written, |text| {
            GrantType::parse(text).ok_or_else(|| {
                let known = GrantType::ALL.map(GrantType::as_str).join(", ");
                format!("{text} is no grant type; there are {known}")
            })
        })
    };
    let placements = [("query", Denial::Query), ("fragment", Denial::Fragment)];
    let denial = app.denial.as_ref().map(|denial| one_of(place, "denial", denial, &placements));
    Ok(ClientForm {
        name: app.name.get_ref().clone(),
        description: text_or_empty(app.description.as_ref()),
        website: text_or_empty(app.website.as_ref()),
        redirect_uris: rows(&app.redirect_uris),
        grant_types: app.grants.get_ref().iter().map(grant).collect::<Result<GrantTypes, _>>()?,
        denial: denial.transpose()?.unwrap_or(Denial::Query),
        openid: openid(place, app)?,
    })
}

fn openid(place: &Place<'_>, app: &WrittenApp) -> Result<OpenIdForm, AppsFileError> {
    let algorithm = |key, written: &Option<Spanned<String>>| {
        written.as_ref().map(|written| signature_algorithm(place, key, written)).transpose()
    };
    let types = SubjectType::ALL.map(|subject_type| (subject_type.as_str(), subject_type));
    let subject_type = app.subject_type.as_ref();
    let subject_type = subject_type.map(|text| one_of(place, "subject_type", text, &types));
    let default = OpenIdForm::default();
    Ok(OpenIdForm {
        id_token_algorithm: algorithm("id_token_algorithm", &app.id_token_algorithm)?
            .unwrap_or(default.id_token_algorithm),
        userinfo_algorithm: algorithm("userinfo_algorithm", &app.userinfo_algorithm)?,
        subject_type: subject_type.transpose()?.unwrap_or(default.subject_type),
        post_logout_redirect_uris: rows(&app.post_logout_redirect_uris),
        backchannel_logout_uri: text_or_empty(app.backchannel_logout_uri.as_ref()),
    })
}

fn scopes(
    place: &Place<'_>,
    written: Option<&[Spanned<String>]>,
) -> Result<AllowedScopes, AppsFileError> {
    let Some(written) = written else { return Ok(AllowedScopes::Ordinary) };
    let scopes = written.iter().map(|scope| judged(place, scope, Scope::parse));
    Ok(AllowedScopes::Only(scopes.collect::<Result<ScopeSet, _>>()?))
}

/// The first of the dashboard's problems, at the line of the value that it is about.
fn place_of_problem(place: &Place<'_>, app: &WrittenApp, problems: &FormProblems) -> AppsFileError {
    let name = || app.name.span();
    let span =
        |written: &Option<Spanned<String>>| written.as_ref().map_or_else(name, Spanned::span);
    if let Some(problem) = problems.name {
        return place.error(name(), &problem);
    }
    if let Some(problem) = problems.description {
        return place.error(span(&app.description), &problem);
    }
    if let Some(problem) = problems.website {
        return place.error(span(&app.website), &problem);
    }
    if let Some(error) = place_of_row(place, &app.redirect_uris, &problems.rows) {
        return error;
    }
    if let Some(problem) = problems.redirect_uris {
        return place.error(name(), &problem);
    }
    if let Some(error) = place_of_openid_problem(place, app, problems) {
        return error;
    }
    let problem = problems.grant_types.map(|problem| problem.to_string());
    place.error(
        app.grants.span(),
        &problem.unwrap_or_else(|| "this app cannot be registered".to_owned()),
    )
}

fn place_of_openid_problem(
    place: &Place<'_>,
    app: &WrittenApp,
    problems: &FormProblems,
) -> Option<AppsFileError> {
    let openid = &problems.openid;
    let at = |written: &Option<Spanned<String>>, problem: &dyn Display| {
        let span = written.as_ref().map_or_else(|| app.name.span(), Spanned::span);
        place.error(span, problem)
    };
    let uris = &app.post_logout_redirect_uris;
    place_of_row(place, uris, &openid.rows)
        .or_else(|| Some(place.error(uris.first()?.span(), &openid.post_logout_redirect_uris?)))
        .or_else(|| Some(at(&app.backchannel_logout_uri, &openid.backchannel_logout_uri?)))
        .or_else(|| Some(at(&app.subject_type, &openid.subject_type?)))
}

/// The first problem of a list, at the line of its row.
fn place_of_row(
    place: &Place<'_>,
    written: &[Spanned<String>],
    problems: &[Option<RowProblem>],
) -> Option<AppsFileError> {
    let mut rows = written.iter().zip(problems);
    rows.find_map(|(row, problem)| Some(place.error(row.span(), problem.as_ref()?)))
}
