//! A request judged against its client: what is left to ask is the person.

use std::borrow::Cow;

use super::error::{AuthorizationError, ErrorCode};
use super::interaction::Interaction;
use super::openid::{self, MeantSubject, OpenIdRequest};
use super::query::{AuthorizationQuery, Parameter};
use super::response_mode::ResponseMode;
use super::response_type::ResponseType;
use super::{Policy, UnknownScopes};
use crate::issuer::Issuer;
use crate::model::{
    Api, ApiIdentifier, Client, GrantType, OFFLINE_ACCESS, ScopeSet, SubjectType, TokenFormat,
};
use crate::pkce::CodeChallenge;

/// A request that its client may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorizationRequest<'a> {
    pub(super) client: &'a Client,
    /// What it wants to get.
    pub(super) response_type: ResponseType,
    /// What whoever brings the code must meet.
    pub(super) challenge: Option<CodeChallenge>,
    /// What is asked, without what the operator ignores.
    pub(super) scopes: ScopeSet,
    /// For which API, if one is named.
    pub(super) resource: Option<ApiIdentifier>,
    /// Whether those scopes are all that were sent.
    pub(super) scopes_as_sent: bool,
    /// What it asks beyond OAuth.
    pub(super) openid: Option<OpenIdRequest>,
    /// Whom the answer must be about, if the client means somebody.
    pub(super) subject: MeantSubject,
    /// How the person is to be met.
    pub(super) interaction: Interaction,
}

impl<'a> AuthorizationRequest<'a> {
    /// Judges everything but the redirect URI, which was proven before.
    pub(super) fn judge(
        query: &AuthorizationQuery,
        client: &'a Client,
        issuer: &Issuer<'_>,
    ) -> Result<Self, AuthorizationError> {
        judge_form(query)?;
        judge_request_objects(query)?;
        let response_type = ResponseType::judge(query, client)?;
        ResponseMode::judge(query, response_type)?;
        let challenge = match response_type.has_code() {
            true => judge_challenge(query, client)?,
            // A request for a token may bring one; it means nothing there.
            false => None,
        };
        let interaction = Interaction::judge(query)?;
        let (mut scopes, mut scopes_as_sent) = judge_scopes(query, client, issuer.policy)?;
        if !may_be_offline(client, response_type, interaction) {
            scopes_as_sent &= !scopes.remove(OFFLINE_ACCESS);
        }
        let resource = judge_resource(query, (client, &scopes), issuer.policy)?;
        let (openid, subject) = openid::judge(query, (client, response_type), &scopes, issuer)?;
        Ok(Self {
            client,
            response_type,
            challenge,
            scopes,
            resource,
            scopes_as_sent,
            openid,
            subject,
            interaction,
        })
    }

    /// What the person must have agreed to: the scopes, and those that would bring the claims which are asked
    /// for one by one.
    pub(super) fn permissions(&self) -> Cow<'_, ScopeSet> {
        match &self.openid {
            Some(openid) if openid.scopes().next().is_some() => {
                Cow::Owned(self.scopes.iter().cloned().chain(openid.scopes()).collect())
            }
            _ => Cow::Borrowed(&self.scopes),
        }
    }
}

/// > The Authorization Server […] MUST ignore the offline_access request unless the Client is using a
/// > response_type value that would result in an Authorization Code being returned […] (OpenID Connect Core §11)
///
/// And the person is asked for it each time.
fn may_be_offline(client: &Client, response_type: ResponseType, interaction: Interaction) -> bool {
    let refreshes = client.grant_types.contains(GrantType::RefreshToken);
    response_type.has_code() && refreshes && interaction.is_asked()
}

/// > Request and response parameters MUST NOT be included more than once. (RFC 6749 §3.1)
fn judge_form(query: &AuthorizationQuery) -> Result<(), AuthorizationError> {
    if query.has_repetition {
        let description = "A parameter was sent more than once";
        return Err(AuthorizationError::new(ErrorCode::InvalidRequest, description));
    }
    if query.is_unreadable() {
        let description =
            "A parameter could not be decoded: send each once, as UTF-8, percent-encoded";
        return Err(AuthorizationError::new(ErrorCode::InvalidRequest, description));
    }
    Ok(())
}

/// A request object that cannot be honoured must not be passed over: it may say something else than
/// the parameters beside it (OpenID Connect Core §3.1.2.6).
fn judge_request_objects(query: &AuthorizationQuery) -> Result<(), AuthorizationError> {
    match (&query.request, &query.request_uri) {
        (Parameter::Absent, Parameter::Absent) => Ok(()),
        (Parameter::Once(_), Parameter::Absent) => Err(AuthorizationError::new(
            ErrorCode::RequestNotSupported,
            "The request parameter is not supported",
        )),
        (Parameter::Absent, _) => Err(AuthorizationError::new(
            ErrorCode::RequestUriNotSupported,
            "The request_uri parameter is not supported",
        )),
        _ => Err(AuthorizationError::new(
            ErrorCode::InvalidRequest,
            "request and request_uri cannot be used together",
        )),
    }
}

/// The proof key that goes with a code.
fn judge_challenge(
    query: &AuthorizationQuery,
    client: &Client,
) -> Result<Option<CodeChallenge>, AuthorizationError> {
    let error = |description| AuthorizationError::new(ErrorCode::InvalidRequest, description);
    let challenge = match (&query.code_challenge, &query.code_challenge_method) {
        (Parameter::Absent, Parameter::Absent) => None,
        (Parameter::Absent, _) => return Err(error("code_challenge is missing")),
        (challenge, Parameter::Once(method)) if method == "S256" => {
            let malformed = "code_challenge must be 43 characters of base64url";
            let challenge = challenge.once().and_then(|text| CodeChallenge::parse(text));
            Some(challenge.ok_or_else(|| error(malformed))?)
        }
        // RFC 7636 §4.3: without a method it would be "plain", which proves nothing.
        _ => return Err(error("code_challenge_method must be S256")),
    };
    if challenge.is_none() && client.needs_pkce() {
        return Err(error("code_challenge is required for this app (RFC 7636)"));
    }
    Ok(challenge)
}

/// The scopes to ask for, and whether they are all that were sent.
fn judge_scopes(
    query: &AuthorizationQuery,
    client: &Client,
    policy: &Policy,
) -> Result<(ScopeSet, bool), AuthorizationError> {
    let sent = query.scope.once().map_or("", String::as_str);
    let asked = ScopeSet::parse(sent).map_err(|problem| {
        AuthorizationError::new(ErrorCode::InvalidScope, format!("Invalid scope: {problem}"))
    })?;
    let mut scopes = ScopeSet::empty();
    let mut as_sent = true;
    for scope in asked.iter() {
        if client.scopes.admit(scope, &policy.catalogue) {
            scopes.insert(scope.clone());
        } else if policy.catalogue.definition(scope).is_some() {
            let description = format!("This app may not ask for the scope {scope}");
            return Err(AuthorizationError::new(ErrorCode::InvalidScope, description));
        } else if policy.unknown_scopes == UnknownScopes::Refuse {
            let description = format!("Unknown scope: {scope}");
            return Err(AuthorizationError::new(ErrorCode::InvalidScope, description));
        } else {
            as_sent = false;
        }
    }
    Ok((scopes, as_sent))
}

/// The API that a token is asked for: one of those that are declared, and only one, so that no API can
/// use its tokens at another (RFC 8707 §2.1 and §3).
///
/// A signed token names the person by the subject that is the same for all, which a client that knows people
/// by subjects of its own must not learn (OpenID Connect Core §8.1).
fn judge_resource(
    query: &AuthorizationQuery,
    (client, scopes): (&Client, &ScopeSet),
    policy: &Policy,
) -> Result<Option<ApiIdentifier>, AuthorizationError> {
    let error = |description| AuthorizationError::new(ErrorCode::InvalidTarget, description);
    let api: &Api = match &query.resource {
        Parameter::Absent => return Ok(None),
        Parameter::Once(text) => policy.api(text).ok_or_else(|| error("Unknown resource"))?,
        Parameter::Repeated | Parameter::Malformed => {
            return Err(error("Name one resource: a token is for one API"));
        }
    };
    let is_signed = matches!(api.format, TokenFormat::Jwt(_));
    if is_signed && client.openid.subject_type == SubjectType::Pairwise {
        return Err(error("This resource has signed tokens, which do not fit pairwise subjects"));
    }
    if let Some(scope) = api.foreign_scope(scopes) {
        let description = format!("The scope {scope} is not one of this resource");
        return Err(AuthorizationError::new(ErrorCode::InvalidScope, description));
    }
    Ok(Some(api.identifier.clone()))
}
