//! What a node says of itself to whoever sends it requests: `GET /health/live` and `GET /health/ready`.
//!
//! Live: the process answers; if it does not, start it anew. Ready: it can do its work now; if it cannot,
//! send the requests to another node for as long. A database that is away makes a node unready and never
//! dead: starting it anew would mend nothing.
//!
//! The answers are the same for everybody and say nothing of users, apps or requests, so they stand on the
//! same listener as all else (refusals ST-09) and are not logged. They cost no more than a page: the store
//! is asked for one row, and only if nobody follows it anyway.

use axum::Router;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use crate::hearing::Hearing;
use crate::http::json;
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}

/// The answers' members.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

async fn live() -> Response {
    json::answer(StatusCode::OK, &Health { status: "live", reason: None })
}

async fn ready(State(app): State<AppState>) -> Response {
    let Some(reason) = hindrance(&app).await else {
        return json::answer(StatusCode::OK, &Health { status: "ready", reason: None });
    };
    let health = Health { status: "unready", reason: Some(reason) };
    let mut response = json::answer(StatusCode::SERVICE_UNAVAILABLE, &health);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// What keeps this node from its work, in words.
async fn hindrance(app: &App) -> Option<String> {
    if app.departure.is_announced() {
        return Some("this node is about to end".to_owned());
    }
    match *app.hearing {
        Hearing::Following(_) => app.hearing.judge().err().map(|deaf| format!("this node {deaf}")),
        // The engine's own words are for the log; they may name files.
        Hearing::Alone => {
            let asked = app.store.changes(0, 1).await;
            asked.err().map(|_| "the database does not answer".to_owned())
        }
    }
}
