//! JSON answers of the endpoints for programs.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// As long as most answers, so that they are written in one piece.
const BODY: usize = 1024;

/// An answer that no cache may keep (RFC 6749 §5.1), as all of ours unless they say otherwise.
pub(crate) fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    let mut body = Vec::with_capacity(BODY);
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => super::answer(status, HeaderValue::from_static("application/json"), body),
        // Our shapes have text keys and finite numbers, which is all that can go wrong.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The error of an endpoint for clients (RFC 6749 §5.2).
#[derive(Debug, Serialize)]
pub(crate) struct ErrorBody<'a> {
    /// The registered value.
    pub(crate) error: &'a str,
    /// A sentence for the client's developer.
    pub(crate) error_description: &'a str,
}
