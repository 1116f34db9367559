//! Documents that are the same for everybody: written once, answered often.

use axum::body::Bytes;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// A document of one generation of the state: routes are made anew with the next, and documents with
/// them.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    content_type: HeaderValue,
    body: Bytes,
}

impl Document {
    /// The document that consists of `body`.
    pub(crate) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { content_type: HeaderValue::from_static(content_type), body: body.into() }
    }

    /// An answer that any page may read and anybody may keep for five minutes.
    pub(crate) fn response(&self) -> Response {
        let mut response = super::answer(StatusCode::OK, self.body.clone());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.content_type.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}
