//! Token revocation: `POST /revoke` (RFC 7009). 200 only when what was to end has ended.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hallpass_protocol::model::{Client, Secret};
use hallpass_protocol::revoke::{Presented, of_claims, read};
use hallpass_protocol::token::{TokenError, TokenErrorCode};

use crate::fault::Fault;
use crate::http::client::{self, Caller};
use crate::http::cors;
use crate::http::form::{Form, FormProblem};
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/revoke", post(answer).options(preflight))
}

async fn preflight(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, Fault> {
    cors::preflight(&app, &headers).await
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
    let (client, mut response) = match revoke(&app, &caller, &form).await {
        Ok((client, Ok(()))) => (client, StatusCode::OK.into_response()),
        Ok((client, Err(error))) => (client, caller.refuse(&error)),
        // Never 200: the token may still live (RFC 7009 §2.2.1).
        Err(fault) => (None, client::fault(fault)),
    };
    cors::allow(&mut response, &headers, client.as_ref());
    response
}

async fn revoke(
    app: &App,
    caller: &Caller,
    form: &Form,
) -> Result<(Option<Client>, Result<(), TokenError>), Fault> {
    let credentials = match &caller.credentials {
        Ok(credentials) => credentials,
        Err(error) => {
            // A name that was sent twice is no name; but the reason is that it was sent twice.
            let error = client::judge_form(form).err().unwrap_or_else(|| (*error).into());
            return Ok((None, Err(error)));
        }
    };
    let known = app.store.client(&credentials.client).await?;
    if let Err(error) = client::judge_form(form) {
        return Ok((known, Err(error)));
    }
    let client = match credentials.prove(known.as_ref()) {
        Ok(client) => client,
        Err(error) => return Ok((known, Err(TokenError::from(error)))),
    };
    let Some(token) = form.field("token").filter(|token| !token.is_empty()) else {
        let error = TokenError::new(TokenErrorCode::InvalidRequest, "token must be supplied");
        return Ok((known, Err(error)));
    };
    let presented = match app.open_token(token) {
        Some(claims) => of_claims(&claims, client),
        None => read(&Secret::presented(token), client, &app.keys),
    };
    let ended = match presented {
        Presented::AccessToken(authorization) => Some(authorization),
        Presented::RefreshToken(authorization) => {
            let family = app.store.refresh_facts(&client.id, authorization).await?.family;
            family.filter(|family| family.client == client.id).map(|_| authorization)
        }
        Presented::Nothing => None,
    };
    if let Some(authorization) = ended {
        app.revoke(authorization).await?;
    }
    Ok((known, Ok(())))
}
