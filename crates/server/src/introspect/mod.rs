//! Token introspection: `POST /introspect` (RFC 7662), for confidential clients.
//!
//! ```text
//! form -> caller proven (remembered) -> token opened -> time and revocations -> JSON
//! ```
//!
//! Nothing here reads the store, except for a caller or a person who is not remembered.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hallpass_protocol::access_token::{Claims, TokenSubject};
use hallpass_protocol::introspect::{self, Introspection};
use hallpass_protocol::model::{Client, Username};
use hallpass_protocol::token::{TokenError, TokenErrorCode};
use serde::Serialize;

use crate::fault::Fault;
use crate::http::client::{self, Caller};
use crate::http::form::Form;
use crate::http::json;
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/introspect", post(answer))
}

async fn answer(State(app): State<AppState>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let form = match client::read_form(Form::read(&head.headers, body).await) {
        Ok(form) => form,
        Err(unreadable) => return unreadable.into_response(),
    };
    let caller = Caller::read(&head.headers, &form);
    match introspect(&app, &caller, &form).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => refuse(&caller, &error),
        // Neither "active" nor "inactive" would be true: it is not known.
        Err(fault) => client::fault(fault),
    }
}

async fn introspect(
    app: &App,
    caller: &Caller,
    form: &Form,
) -> Result<Result<Response, TokenError>, Fault> {
    if let Err(error) = client::judge_form(form) {
        return Ok(Err(error));
    }
    let credentials = match &caller.credentials {
        Ok(credentials) => credentials,
        Err(error) => return Ok(Err(TokenError::from(*error))),
    };
    let token = form.field("token").filter(|token| !token.is_empty());
    let claims = token.and_then(|token| app.open_token(token)).filter(|claims| {
        introspect::may_ask(&credentials.client, &claims.audience, &app.policy.apis)
    });
    let known = app.caller(&credentials.client).await?;
    let client = match credentials.prove_confidential(known.as_deref()) {
        Ok(client) => client,
        Err(error) => return Ok(Err(TokenError::from(error))),
    };
    if token.is_none() {
        let description = "token must be supplied";
        return Ok(Err(TokenError::new(TokenErrorCode::InvalidRequest, description)));
    }
    let judged = claims.map(|claims| app.revocations.introspect(claims, app.now())).transpose()?;
    Ok(Ok(tell(app, client, judged.unwrap_or(Introspection::Inactive)).await?))
}

/// A token is a person's as long as the person is there: of one whom nobody knows, nothing is said. Where there is
/// none the client itself is told (RFC 9068 §2.2); the two never look alike.
async fn tell(app: &App, caller: &Client, judged: Introspection) -> Result<Response, Fault> {
    let issuer = app.issuer();
    let inactive = || json::answer(StatusCode::OK, &Told::default());
    let Introspection::Active(claims) = judged else { return Ok(inactive()) };
    let active = |subject: &str, username: Option<&Username>| {
        let scope = claims.scopes.to_list();
        json::answer(
            StatusCode::OK,
            &Told::active(&claims, &scope, (subject, username), issuer.name()),
        )
    };
    match claims.subject {
        TokenSubject::Client => Ok(active(claims.client.as_str(), None)),
        TokenSubject::Account(id) => Ok(match app.person(id).await? {
            Some(person) => {
                let (subject, username) = introspect::names(&person.account, caller, &issuer);
                active(subject.as_str(), username)
            }
            None => inactive(),
        }),
    }
}

/// RFC 7662 §2.3: whoever is not believed gets 401, even without the header.
fn refuse(caller: &Caller, error: &TokenError) -> Response {
    let mut response = caller.refuse(error);
    if error.code == TokenErrorCode::InvalidClient {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    response
}

/// The answer's members (RFC 7662 §2.2).
#[derive(Debug, Default, Serialize)]
struct Told<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
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
    sub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn active(
        claims: &'a Claims,
        scope: &'a str,
        (subject, username): (&'a str, Option<&'a Username>),
        issuer: &'a str,
    ) -> Self {
        Self {
            active: true,
            scope: Some(scope),
            client_id: Some(claims.client.as_str()),
            username: username.map(Username::as_str),
            token_type: Some("Bearer"),
            exp: Some(claims.expires_at.seconds()),
            iat: Some(claims.issued_at.seconds()),
            sub: Some(subject),
            aud: Some(&claims.audience),
            iss: Some(issuer),
        }
    }
}
