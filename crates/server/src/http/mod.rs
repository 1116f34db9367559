//! HTTP as Hallpass speaks it: cookies, forms, redirects, pages. Knows no rule of the protocol.

pub(crate) mod basic;
pub(crate) mod client;
pub(crate) mod cookie;
pub(crate) mod cors;
pub(crate) mod document;
pub(crate) mod dressed;
pub(crate) mod form;
pub(crate) mod form_token;
pub(crate) mod json;
pub(crate) mod onward;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod person;
pub(crate) mod redirect;
pub(crate) mod reference;
pub(crate) mod session_cookie;
pub(crate) mod visitor;

use std::sync::LazyLock;

use axum::body::{Body, HttpBody as _};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// How many headers an answer has at most, as a rule. In a map with room for so many none is moved when
/// another is added.
const HEADERS: usize = 10;

/// What all answers carry, unless one says otherwise.
static COMMON: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
});
/// The same with places for a body's length and type: a map is copied faster than it is filled.
static COMMON_WITH_BODY: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = COMMON.clone();
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(""));
    headers
});

/// An answer with a body of this media type, with what all answers carry: nobody keeps it unless it says so.
pub(crate) fn answer(
    status: StatusCode,
    content_type: HeaderValue,
    body: impl Into<Body>,
) -> Response {
    let body = body.into();
    let mut headers = COMMON_WITH_BODY.clone();
    headers.insert(CONTENT_TYPE, content_type);
    match body.size_hint().exact() {
        Some(length) => headers.insert(CONTENT_LENGTH, length.into()),
        None => headers.remove(CONTENT_LENGTH),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An answer without a body, with what all answers carry.
pub(crate) fn answer_without_body(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    *response.headers_mut() = COMMON.clone();
    response
}

/// Gives an answer that was made elsewhere, by the router for example, what all carry.
fn complete(headers: &mut HeaderMap) {
    if headers.contains_key(X_CONTENT_TYPE_OPTIONS) {
        return;
    }
    for (name, value) in COMMON.iter() {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}
