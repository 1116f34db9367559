//! The `Authorization` header of a request to an endpoint for clients.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// The header's value; an unreadable or repeated header is the empty text, which is nobody's.
pub(crate) fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?;
    match values.next() {
        Some(_) => Some(""),
        None => Some(value.to_str().unwrap_or_default()),
    }
}
