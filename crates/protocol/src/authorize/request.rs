//! A request judged against its client: what is left to ask is the person.

use super::error::{AuthorizationError, ErrorCode};
use super::interaction::Interaction;
use super::query::{AuthorizationQuery, Parameter};
use super::response_mode::ResponseMode;
use super::response_type::ResponseType;
use super::{Policy, UnknownScopes};
use crate::model::{Api, ApiIdentifier, Client, GrantType, ScopeSet};
use crate::pkce::CodeChallenge;

/// What a client wants to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// An access token, at once.
    Token,
    /// A code, to be exchanged by whoever meets the challenge.
    Code(Option<CodeChallenge>),
}

/// A request that its client may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorizationRequest<'a> {
    pub(super) client: &'a Client,
    /// What it wants to get.
    pub(super) wanted: Wanted,
    /// What is asked, without what the operator ignores.
    pub(super) scopes: ScopeSet,
    /// For which API, if one is named.
    pub(super) resource: Option<ApiIdentifier>,
    /// Whether that is all that was sent.
    pub(super) scopes_as_sent: bool,
    /// How the person is to be met.
    pub(super) interaction: Interaction,
}

impl<'a> AuthorizationRequest<'a> {
    /// Judges everything but the redirect URI, which was proven before.
    pub(super) fn judge(
        query: &AuthorizationQuery,
        client: &'a Client,
        policy: &Policy,
    ) -> Result<Self, AuthorizationError> {
        judge_form(query)?;
        judge_request_objects(query)?;
        let response_type = judge_response_type(query, client)?;
        ResponseMode::judge(query, response_type)?;
        let wanted = judge_wanted(response_type, query, client)?;
        let (scopes, scopes_as_sent) = judge_scopes(query, client, policy)?;
        let resource = judge_resource(query, &scopes, policy)?;
        let interaction = Interaction::judge(query)?;
        Ok(Self { client, wanted, scopes, resource, scopes_as_sent, interaction })
    }
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

fn judge_response_type(
    query: &AuthorizationQuery,
    client: &Client,
) -> Result<ResponseType, AuthorizationError> {
    let Some(text) = query.response_type.once() else {
        let description = "Missing required parameter: response_type";
        return Err(AuthorizationError::new(ErrorCode::InvalidRequest, description));
    };
    let (response_type, grant) = match ResponseType::parse(text) {
        Some(ResponseType::CODE) => (ResponseType::CODE, GrantType::AuthorizationCode),
        Some(ResponseType::TOKEN) => (ResponseType::TOKEN, GrantType::Implicit),
        Some(_) | None => {
            let description = "This response_type is not supported: use code or token";
            return Err(AuthorizationError::new(ErrorCode::UnsupportedResponseType, description));
        }
    };
    if !client.grant_types.contains(grant) {
        // RFC 9700 §2.1.2 advises against the implicit grant; it is off until the app's owner ticks it.
        let description = match grant {
            GrantType::Implicit => "The implicit grant is not switched on for this app",
            _ => "The authorization code grant is not switched on for this app",
        };
        return Err(AuthorizationError::new(ErrorCode::UnauthorizedClient, description));
    }
    Ok(response_type)
}

/// The proof key belongs to a code; a request for a token may bring one, and it means nothing there.
fn judge_wanted(
    response_type: ResponseType,
    query: &AuthorizationQuery,
    client: &Client,
) -> Result<Wanted, AuthorizationError> {
    if response_type == ResponseType::TOKEN {
        return Ok(Wanted::Token);
    }
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
    Ok(Wanted::Code(challenge))
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
fn judge_resource(
    query: &AuthorizationQuery,
    scopes: &ScopeSet,
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
    if let Some(scope) = api.foreign_scope(scopes) {
        let description = format!("The scope {scope} is not one of this resource");
        return Err(AuthorizationError::new(ErrorCode::InvalidScope, description));
    }
    Ok(Some(api.identifier.clone()))
}
