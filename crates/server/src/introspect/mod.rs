//! Token introspection: `POST /introspect` (RFC 7662), for confidential clients.

use axum::Router;
use axum::extract::State;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hallpass_protocol::access_token::{self, Claims, TokenSubject};
use hallpass_protocol::client_auth::{ClientAuthError, ClientCredentials};
use hallpass_protocol::introspect::{self, Introspection};
use hallpass_protocol::model::ClientId;
use serde::Serialize;

use crate::fault::Fault;
use crate::http::basic;
use crate::http::form::{Form, FormProblem};
use crate::http::json::{self, ErrorBody};
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
    let form = match form {
        Ok(form) if !form.has_repetition() => form,
        Ok(_) => {
            return invalid_request(StatusCode::BAD_REQUEST, "A parameter was sent more than once");
        }
        Err(FormProblem::NotAForm) => {
            let description = "Expected application/x-www-form-urlencoded";
            return invalid_request(StatusCode::UNSUPPORTED_MEDIA_TYPE, description);
        }
        Err(problem) => return invalid_request(problem.status(), "The form could not be read"),
    };
    introspect(&app, &headers, &form).await.unwrap_or_else(|fault| {
        // Neither "active" nor "inactive" would be true: it is not known.
        tracing::error!("introspection: {fault}");
        let mut response = fault.into_response();
        let status = response.status();
        let retry_after = response.headers_mut().remove("retry-after");
        let body = ErrorBody { error: "temporarily_unavailable", error_description: "Try again" };
        let mut response = json::answer(status, &body);
        retry_after.map(|seconds| response.headers_mut().insert("retry-after", seconds));
        response
    })
}

async fn introspect(app: &App, headers: &HeaderMap, form: &Form) -> Result<Response, Fault> {
    let authorization = basic::authorization(headers);
    let sent = |name| form.field(name).filter(|value| !value.is_empty());
    let credentials = match ClientCredentials::read(
        authorization,
        sent("client_id"),
        form.field("client_secret"),
    ) {
        Ok(credentials) => credentials,
        Err(error) => return Ok(refuse(error, authorization.is_some())),
    };
    let claims = access_token::open(form.text("token"), &app.keys).ok();
    let facts = facts(app, &credentials.client, claims.as_ref()).await?;
    if let Err(error) = credentials.prove_confidential(facts.caller.as_ref()) {
        return Ok(refuse(error, authorization.is_some()));
    }
    if sent("token").is_none() {
        return Ok(invalid_request(StatusCode::BAD_REQUEST, "token must be supplied"));
    }
    let introspection = match claims {
        Some(claims) => introspect::decide(claims, &facts, app.now()),
        None => Introspection::Inactive,
    };
    Ok(json::answer(StatusCode::OK, &Told::of(&introspection, &app.policy.issuer)))
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

/// RFC 7662 §2.3: whoever is not believed gets 401, with the challenge if they used the header.
fn refuse(error: ClientAuthError, used_header: bool) -> Response {
    let description = error.to_string();
    let (status, code) = match error {
        ClientAuthError::TwoMethods => (StatusCode::BAD_REQUEST, "invalid_request"),
        ClientAuthError::UnknownClient | ClientAuthError::WrongSecret => {
            (StatusCode::UNAUTHORIZED, "invalid_client")
        }
    };
    let body = ErrorBody { error: code, error_description: &description };
    let mut response = json::answer(status, &body);
    if used_header && status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"hallpass\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn invalid_request(status: StatusCode, description: &str) -> Response {
    json::answer(status, &ErrorBody { error: "invalid_request", error_description: description })
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
