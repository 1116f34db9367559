//! JSON answers of the endpoints for programs.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An answer that no cache may keep (RFC 6749 §5.1).
pub(crate) fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (status, headers, body).into_response()
        }
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
