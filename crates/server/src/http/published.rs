//! Documents for everybody, in whatever program: the metadata and the key set.
//!
//! Whoever has read one may keep it for [`JWKS_MAX_AGE`], in which no new key is used; afterwards they ask
//! by its `ETag` whether it is still the one.

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use hallpass_protocol::model::JWKS_MAX_AGE;

/// A document as it is served.
pub(crate) struct Published {
    /// Its text.
    pub(crate) body: Bytes,
    /// What tells this text from every other.
    pub(crate) fingerprint: String,
    /// What it is.
    pub(crate) content_type: &'static str,
}

impl Published {
    /// The answer to a request with these headers: the document, or that the asker has it
    /// (RFC 9110 §13.1.2).
    pub(crate) fn answer(&self, asked: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", self.fingerprint);
        let is_known = asked.get_all(IF_NONE_MATCH).iter().any(|value| names(value, &tag));
        let mut response = match is_known {
            true => Response::new(Body::empty()),
            false => Response::new(Body::from(self.body.clone())),
        };
        let headers = response.headers_mut();
        let max_age = format!("public, max-age={}", JWKS_MAX_AGE.as_secs());
        // Digits and base64url always fit into a header.
        headers.extend(HeaderValue::try_from(max_age).ok().map(|value| (CACHE_CONTROL, value)));
        headers.extend(HeaderValue::try_from(tag).ok().map(|value| (ETAG, value)));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
        match is_known {
            true => *response.status_mut() = StatusCode::NOT_MODIFIED,
            false => {
                let content_type = HeaderValue::from_static(self.content_type);
                response.headers_mut().insert(CONTENT_TYPE, content_type);
            }
        }
        response
    }
}

/// Whether `If-None-Match` names the tag, weakly compared as it says there.
fn names(value: &HeaderValue, tag: &str) -> bool {
    let mut tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
