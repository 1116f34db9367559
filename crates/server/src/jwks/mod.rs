//! The public keys of what this installation signs: `GET /jwks` (RFC 7517 §5), for everybody.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use crate::state::AppState;

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/jwks", get(show))
}

async fn show(State(app): State<AppState>, headers: HeaderMap) -> Response {
    app.signers.document().answer(&headers)
}
