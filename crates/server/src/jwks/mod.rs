//! The public keys of what this installation signs: `GET /jwks` (RFC 7517 §5), for everybody.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;

use crate::http::document::Document;
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes(app: &App) -> Router<AppState> {
    let document = Document::new("application/jwk-set+json", app.signers.public().to_json());
    let document = Arc::new(document);
    Router::new()
        .route("/jwks", get(async move |request: Request| document.response(request.headers())))
}
