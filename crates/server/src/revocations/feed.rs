//! The feed: `GET /revocations?after=<cursor>&wait=<seconds>&nonce=<text>`, for confidential clients.
//!
//! ```text
//! Basic -> caller proven (remembered) -> acts after the cursor, or a wait for the next -> signed
//! ```
//!
//! A question that there is nothing to tell of is held until there is, for `wait` seconds at the most
//! (with decimals if need be, 25 at the most, none if it is not said). What is told is in
//! `hallpass_protocol::revocations`. A cursor that this installation never gave out gets everything.

use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hallpass_protocol::model::Client;
use hallpass_protocol::revocations::{LONGEST_WAIT, MAX_NONCE, News, PAGE};
use hallpass_protocol::token::{TokenError, TokenErrorCode};
use hallpass_store::{Change, StoreError};
use tokio::time::{Instant, timeout_at};
use url::form_urlencoded;

use crate::fault::Fault;
use crate::http::client::{self, Caller};
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/revocations", get(answer))
}

async fn answer(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let caller = Caller::of_header(&headers);
    match tell(&app, &caller, &query.unwrap_or_default()).await {
        Ok(Ok(news)) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("application/jwt")),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (headers, news.sign(app.signers.own(app.now()))).into_response()
        }
        Ok(Err(error)) => {
            let mut response = caller.refuse(&error);
            if error.code == TokenErrorCode::InvalidClient {
                *response.status_mut() = StatusCode::UNAUTHORIZED;
            }
            response
        }
        Err(fault) => client::fault(fault),
    }
}

async fn tell(app: &App, caller: &Caller, query: &str) -> Result<Result<News, TokenError>, Fault> {
    let asked_at = Instant::now();
    let credentials = match &caller.credentials {
        Ok(credentials) => credentials,
        Err(error) => return Ok(Err(TokenError::from(*error))),
    };
    let known = app.caller(&credentials.client).await?;
    let audience: &Client = match credentials.prove_confidential(known.as_deref()) {
        Ok(client) => client,
        Err(error) => return Ok(Err(TokenError::from(error))),
    };
    let Some(question) = Question::read(query) else {
        let description = "after, wait or nonce is not understood";
        return Ok(Err(TokenError::new(TokenErrorCode::InvalidRequest, description)));
    };
    let (held, found) = wait_for(app, &question, asked_at).await?;
    let revocation = |(_, change)| match change {
        Change::Revoked(revocation) => Some(revocation),
        Change::Client(_) | Change::Account(_) | Change::Declared | Change::Keys => None,
    };
    Ok(Ok(News {
        issuer: app.policy.issuer.to_string(),
        audience: audience.id.clone(),
        issued_at: app.now(),
        nonce: question.nonce,
        held,
        cursor: found.changes.last().map_or(found.cursor, |(number, _)| *number),
        complete: found.complete,
        more: found.changes.len() == PAGE,
        keys: app.signers.fingerprint().to_owned(),
        revocations: found.changes.into_iter().filter_map(revocation).collect(),
    }))
}

/// What an API wants to know.
struct Question {
    after: u64,
    wait: Duration,
    nonce: String,
}

impl Question {
    fn read(query: &str) -> Option<Self> {
        let mut question = Self { after: 0, wait: Duration::ZERO, nonce: String::new() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "after" => question.after = value.parse().ok()?,
                "wait" => {
                    let wait = Duration::try_from_secs_f64(value.parse().ok()?).ok()?;
                    question.wait = (wait <= LONGEST_WAIT).then_some(wait)?;
                }
                "nonce" => question.nonce = (value.len() <= MAX_NONCE).then(|| value.into())?,
                _ => {}
            }
        }
        Some(question)
    }
}

/// What there is to tell after a cursor, one page at the most.
struct Found {
    changes: Vec<(u64, Change)>,
    cursor: u64,
    complete: bool,
}

/// Looks for something to tell, again after each act, until the wait is over; and says how long after
/// the question the last look began.
async fn wait_for(
    app: &App,
    question: &Question,
    asked_at: Instant,
) -> Result<(Duration, Found), Fault> {
    let end = asked_at + question.wait;
    // Before the first look, so that no act falls between it and the wait.
    let mut acts = app.revocations.follow();
    let mut place = None;
    loop {
        let held = asked_at.elapsed();
        let found = find(app, question.after).await?;
        let is_news = !found.changes.is_empty() || found.cursor != question.after;
        if is_news || Instant::now() >= end {
            return Ok((held, found));
        }
        if place.is_none() {
            place = Some(app.revocations.place().ok_or(Fault::Crowded)?);
        }
        // Over or not, it is looked for once more. The sender lives as long as the state.
        let _ = timeout_at(end, acts.changed()).await;
    }
}

async fn find(app: &App, after: u64) -> Result<Found, StoreError> {
    let page = u32::try_from(PAGE).unwrap_or(u32::MAX);
    if let Some(before) = after.checked_sub(1) {
        // A purge leaves the last row, so behind a cursor that was given out there is always one: its
        // own or a later.
        if !app.store.changes(before, 1).await?.is_empty() {
            let changes = app.store.changes(after, page).await?;
            return Ok(Found { changes, cursor: after, complete: false });
        }
    }
    Ok(Found { changes: app.store.changes(0, page).await?, cursor: 0, complete: true })
}
