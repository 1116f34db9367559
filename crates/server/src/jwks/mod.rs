//! The public keys of what this installation signs: `GET /jwks` (RFC 7517 §5), for everybody.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;

use crate::http::document::Document;
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes(app: &App) -> Router<AppState> {
    let document = Document::new("application/jwk-set+json", app.signers.public().to_json());
    Router::new().route("/jwks", get(async move |headers: HeaderMap| document.response(&headers)))
}
