//! Token introspection: `POST /introspect` (RFC 7662), for confidential clients.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hallpass_protocol::access_token::{self, Claims, TokenSubject};
use hallpass_protocol::introspect::{self, Introspection};
use hallpass_protocol::model::ClientId;
use hallpass_protocol::token::{TokenError, TokenErrorCode};
use serde::Serialize;

use crate::fault::Fault;
use crate::http::client::{self, Caller};
use crate::http::form::{Form, FormProblem};
use crate::http::json;
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/introspect", post(answer))
}

async fn answer(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Result<Form, FormProblem>,
) -> Response {
    let form = match client::read_form(form) {
        Ok(form) => form,
        Err(unreadable) => return unreadable.into_response(),
    };
    let caller = Caller::read(&headers, &form);
    match introspect(&app, &caller, &form).await {
        Ok(Ok(introspection)) => {
            json::answer(StatusCode::OK, &Told::of(&introspection, &app.policy.issuer))
        }
        Ok(Err(error)) => refuse(&caller, &error),
        // Neither "active" nor "inactive" would be true: it is not known.
        Err(fault) => client::fault(fault),
    }
}

async fn introspect(
    app: &App,
    caller: &Caller,
    form: &Form,
) -> Result<Result<Introspection, TokenError>, Fault> {
    if let Err(error) = client::judge_form(form) {
        return Ok(Err(error));
    }
    let credentials = match &caller.credentials {
        Ok(credentials) => credentials,
        Err(error) => return Ok(Err(TokenError::from(*error))),
    };
    let token = form.field("token").filter(|token| !token.is_empty());
    let claims = token.and_then(|token| access_token::open(token, &app.keys).ok());
    let facts = facts(app, &credentials.client, claims.as_ref()).await?;
    if let Err(error) = credentials.prove_confidential(facts.caller.as_ref()) {
        return Ok(Err(TokenError::from(error)));
    }
    if token.is_none() {
        let description = "token must be supplied";
        return Ok(Err(TokenError::new(TokenErrorCode::InvalidRequest, description)));
    }
    Ok(Ok(match claims.filter(|claims| !app.revocations.covers(claims)) {
        Some(claims) => introspect::decide(claims, &facts, app.now()),
        None => Introspection::Inactive,
    }))
}

/// RFC 7662 §2.3: whoever is not believed gets 401, even without the header.
fn refuse(caller: &Caller, error: &TokenError) -> Response {
    let mut response = caller.refuse(error);
    if error.code == TokenErrorCode::InvalidClient {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    response
}

/// One read of the store, whether or not there is a token to ask about.
async fn facts(
    app: &App,
    caller: &ClientId,
    claims: Option<&Claims>,
) -> Result<introspect::Facts, Fault> {
    let (client, account) = match claims {
        Some(Claims { client, subject: TokenSubject::Account(account), .. }) => {
            (client, Some(*account))
        }
        Some(Claims { client, subject: TokenSubject::Client, .. }) => (client, None),
        None => (caller, None),
    };
    Ok(app.store.introspection_facts(caller, client, account).await?)
}

/// The answer's members (RFC 7662 §2.2).
#[derive(Debug, Default, Serialize)]
struct Told<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(introspection: &'a Introspection, issuer: &'a str) -> Self {
        match introspection {
            Introspection::Inactive => Self::default(),
            Introspection::Active { claims, username } => Self {
                active: true,
                scope: Some(claims.scopes.to_string()),
                client_id: Some(claims.client.as_str()),
                username: username.as_deref(),
                token_type: Some("Bearer"),
                exp: Some(claims.expires_at.seconds()),
                iat: Some(claims.issued_at.seconds()),
                sub: Some(subject(claims)),
                aud: Some(&claims.audience),
                iss: Some(issuer),
            },
        }
    }
}

/// The person, or the client itself where there is none (RFC 9068 §2.2). The two never look alike.
fn subject(claims: &Claims) -> String {
    match claims.subject {
        TokenSubject::Account(account) => account.subject().to_string(),
        TokenSubject::Client => claims.client.to_string(),
    }
}
