//! Documents that are the same for everybody: written once, answered often.
//!
//! Whoever has read one may keep it for [`JWKS_MAX_AGE`], in which no new key is used; afterwards they ask
//! by its `ETag` whether it is still the one.

use axum::body::Bytes;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use hallpass_protocol::jose::fingerprint;
use hallpass_protocol::model::JWKS_MAX_AGE;

/// A document of one generation of the state: routes are made anew with the next, and documents with
/// them.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    content_type: HeaderValue,
    cache_control: HeaderValue,
    tag: HeaderValue,
    body: Bytes,
}

impl Document {
    /// The document that consists of `text`.
    pub(crate) fn new(content_type: &'static str, text: String) -> Self {
        // Digits and base64url always fit into a header.
        let header = |text| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self {
            content_type: HeaderValue::from_static(content_type),
            cache_control: header(format!("public, max-age={}", JWKS_MAX_AGE.as_secs())),
            tag: header(format!("\"{}\"", fingerprint(&text))),
            body: text.into(),
        }
    }

    /// The answer to a request with these headers, which any page may read: the document, or that the asker
    /// has it already (RFC 9110 §13.1.2).
    pub(crate) fn response(&self, asked: &HeaderMap) -> Response {
        let is_known = asked.get_all(IF_NONE_MATCH).iter().any(|known| self.is_among(known));
        let mut response = match is_known {
            true => super::answer_without_body(StatusCode::NOT_MODIFIED),
            false => super::answer(StatusCode::OK, self.content_type.clone(), self.body.clone()),
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, self.cache_control.clone());
        headers.insert(ETAG, self.tag.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
        response
    }

    /// Whether a list of tags names this text, weakly compared as it says there.
    fn is_among(&self, tags: &HeaderValue) -> bool {
        let tags = tags.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let mut tags = tags.map(|tag| tag.strip_prefix(b"W/").unwrap_or(tag));
        tags.any(|tag| tag == b"*" || tag == self.tag.as_bytes())
    }
}
