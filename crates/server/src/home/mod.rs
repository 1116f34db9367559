//! The front page: `/`.

mod page;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;

use crate::fault::Fault;
use crate::http::page::{self as http_page, FormAction};
use crate::state::AppState;
use page::HomePage;

/// The routes of this page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/", get(show))
}

async fn show(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, Fault> {
    let signed_in = app.signed_in(&headers).await?;
    let username = signed_in.as_ref().map(|signed_in| signed_in.account.username.as_str());
    let page = HomePage { frame: app.layout.frame("Welcome", username) };
    http_page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}
