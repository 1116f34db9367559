//! Userinfo: `GET` and `POST /userinfo` (OpenID Connect Core §5.3), for clients with a person's token.
//!
//! ```text
//! token (header, or form) -> opened -> time and revocations -> what it is good for here
//!     -> client and person (remembered) -> JSON, or signed
//! ```
//!
//! Nothing here reads the store, except for a client or a person who is not remembered. Any page may read
//! the answers: who has the token may know, and no cookie says who asks.

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hallpass_guard::{Denied, bearer_token};
use hallpass_protocol::introspect::Introspection;
use hallpass_protocol::model::Secret;
use hallpass_protocol::userinfo::{self, Told, UserinfoError};
use serde_json::json;

use crate::fault::Fault;
use crate::http::form::{Form, FormProblem};
use crate::http::json::{self, ErrorBody};
use crate::http::{self, client};
use crate::state::{App, AppState};

/// The form's field (RFC 6750 §2.2).
const FIELD: &str = "access_token";

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/userinfo", get(by_header).post(by_header_or_form).options(preflight))
}

async fn by_header(State(app): State<AppState>, headers: HeaderMap, uri: Uri) -> Response {
    answer(&app, of_header(&headers, &uri)).await
}

async fn by_header_or_form(
    State(app): State<AppState>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form, FormProblem>,
) -> Response {
    let form = match form {
        Ok(form) => Some(form),
        // Many send the token in the header, and a body of another kind or none.
        Err(FormProblem::NotAForm) => None,
        Err(problem) => {
            let unreadable = client::read_form(Err(problem)).map(|_| ());
            return readable_anywhere(unreadable.into_response());
        }
    };
    let tokens: Vec<&str> = form.iter().flat_map(|form| form.all(FIELD)).collect();
    let token = match (of_header(&headers, &uri), &tokens[..]) {
        (by_header, []) => by_header,
        (Err(UserinfoError::NoToken), [token]) => Ok(Secret::presented(*token)),
        // RFC 6750 §2: "Clients MUST NOT use more than one method to transmit the token in each request."
        (_, [_, ..]) => Err(UserinfoError::Unreadable),
    };
    answer(&app, token).await
}

/// The token in the header, where guard finds one. In the query there is none (RFC 9700 §4.3.2).
fn of_header(headers: &HeaderMap, uri: &Uri) -> Result<Secret, UserinfoError> {
    bearer_token(headers, uri).map_err(|denied| match denied {
        Denied::NoToken => UserinfoError::NoToken,
        Denied::NotBearer => UserinfoError::Unreadable,
        Denied::Unknown
        | Denied::Expired
        | Denied::Revoked
        | Denied::InsufficientScope(_)
        | Denied::Unavailable => UserinfoError::InvalidToken,
    })
}

async fn answer(app: &App, token: Result<Secret, UserinfoError>) -> Response {
    let told = match token {
        Ok(token) => tell(app, &token).await,
        Err(error) => Ok(Err(error)),
    };
    readable_anywhere(match told {
        Ok(Ok(Told::Plain(text))) => document("application/json", text),
        Ok(Ok(Told::Signed(text))) => document("application/jwt", text),
        Ok(Err(error)) => refuse(error),
        // Neither good nor bad would be true of the token: it is not known.
        Err(fault) => client::fault(fault),
    })
}

async fn tell(app: &App, token: &Secret) -> Result<Result<Told, UserinfoError>, Fault> {
    let now = app.now();
    let Some(claims) = app.open_token(token.reveal()) else {
        return Ok(Err(UserinfoError::InvalidToken));
    };
    let Introspection::Active(claims) = app.revocations.introspect(claims, now)? else {
        return Ok(Err(UserinfoError::InvalidToken));
    };
    let asked = match userinfo::judge(&claims, &app.policy) {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error)),
    };
    let client = app.caller(&asked.client).await?;
    let person = app.person(asked.account).await?;
    match userinfo::decide(&asked, client.as_deref(), person.as_deref()) {
        Ok(answer) => Ok(Ok(answer.write(&app.issuer(), now)?)),
        Err(error) => Ok(Err(error)),
    }
}

/// What is told, kept by no cache (OpenID Connect Core §5.3.2), as all answers unless they say otherwise.
fn document(content_type: &'static str, text: String) -> Response {
    http::answer(StatusCode::OK, HeaderValue::from_static(content_type), text)
}

/// RFC 6750 §3 and §3.1. The body says the same once more, for who looks there.
fn refuse(error: UserinfoError) -> Response {
    let (status, challenge) = match error {
        // "If the request lacks any authentication information […], the resource server SHOULD NOT include
        // an error code or other error information."
        UserinfoError::NoToken => (StatusCode::UNAUTHORIZED, "Bearer realm=\"hallpass\""),
        UserinfoError::Unreadable => {
            (StatusCode::BAD_REQUEST, "Bearer realm=\"hallpass\", error=\"invalid_request\"")
        }
        UserinfoError::InvalidToken => {
            (StatusCode::UNAUTHORIZED, "Bearer realm=\"hallpass\", error=\"invalid_token\"")
        }
        UserinfoError::InsufficientScope => (
            StatusCode::FORBIDDEN,
            "Bearer realm=\"hallpass\", error=\"insufficient_scope\", scope=\"openid\"",
        ),
    };
    let mut response = match error.code() {
        Some(code) => {
            let error_description = &error.to_string();
            json::answer(status, &ErrorBody { error: code, error_description })
        }
        None => json::answer(status, &json!({})),
    };
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

/// Every page asks with a token in a header of its own, so it is asked first whether it may.
async fn preflight() -> Response {
    let mut response = readable_anywhere(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    let allowed = HeaderValue::from_static("authorization, content-type");
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

fn readable_anywhere(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
    response
}
