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

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// How many headers an answer has, those that [`page::dress`] adds included. With room for them from the
/// beginning, the map is made once and not moved twice.
const HEADERS: usize = 10;

/// An answer to which its headers are still to be added.
pub(crate) fn answer(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
    response
}
