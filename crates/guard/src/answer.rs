//! What a denied request is answered: status, challenge and body.

use hallpass_protocol::model::ScopeSet;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::Denied;

/// How long an app should wait before it asks again, when its token could not be checked.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The form of an error's body. Status and `WWW-Authenticate` are the same in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorShape {
    /// No body: the `WWW-Authenticate` header says it all, as in the examples of RFC 6750 §3.
    #[default]
    Rfc6750,
    /// The error objects of the guide's API: `{"error":{"status":401,"message":"…"}}`, indented by two
    /// spaces.
    Guide,
}

impl ErrorShape {
    /// An error in this shape, for the API's own errors too, so that an app reads only one form.
    pub fn answer<B: From<String>>(self, status: StatusCode, message: &str) -> Response<B> {
        let (body, content_type) = match self {
            Self::Rfc6750 => (String::new(), None),
            Self::Guide => {
                let error = ErrorObject { error: Detail { status: status.as_u16(), message } };
                // Serialising a number and a text into memory cannot fail.
                let body = serde_json::to_string_pretty(&error).unwrap_or_default();
                (body, Some(HeaderValue::from_static("application/json")))
            }
        };
        let mut response = Response::new(B::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.extend(content_type.map(|value| (CONTENT_TYPE, value)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The guide's error object. The members keep this order.
#[derive(Serialize)]
struct ErrorObject<'a> {
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    status: u16,
    message: &'a str,
}

/// The answer to a request that is not let through.
pub(crate) fn denial<B: From<String>>(
    denied: &Denied,
    realm: &str,
    shape: ErrorShape,
) -> Response<B> {
    let (status, message, challenge) = match denied {
        // RFC 6750 §3.1: without any authentication the answer "SHOULD NOT include an error code".
        Denied::NoToken => (StatusCode::UNAUTHORIZED, "No token provided", Challenge::Bare),
        Denied::NotBearer => (
            StatusCode::BAD_REQUEST,
            "Only valid bearer authentication supported",
            Challenge::InvalidRequest,
        ),
        Denied::Unknown => {
            let message = "Invalid access token";
            (StatusCode::UNAUTHORIZED, message, Challenge::InvalidToken(message))
        }
        Denied::Expired => {
            let message = "The access token expired";
            (StatusCode::UNAUTHORIZED, message, Challenge::InvalidToken(message))
        }
        Denied::Revoked => {
            let message = "The access token was revoked";
            (StatusCode::UNAUTHORIZED, message, Challenge::InvalidToken(message))
        }
        Denied::InsufficientScope(needed) => (
            StatusCode::FORBIDDEN,
            "Insufficient client scope",
            Challenge::InsufficientScope(needed),
        ),
        Denied::Unavailable => {
            let message = "The access token could not be checked. Try again in a moment";
            let mut response = shape.answer(StatusCode::SERVICE_UNAVAILABLE, message);
            response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
            return response;
        }
    };
    let mut response = shape.answer(status, message);
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge.header(realm));
    response
}

/// What follows the realm in `WWW-Authenticate` (RFC 6750 §3).
enum Challenge<'a> {
    Bare,
    InvalidRequest,
    InvalidToken(&'static str),
    InsufficientScope(&'a ScopeSet),
}

impl Challenge<'_> {
    fn header(&self, realm: &str) -> HeaderValue {
        let mut text = format!("Bearer realm=\"{}\"", quoted(realm));
        match self {
            Self::Bare => {}
            Self::InvalidRequest => text.push_str(", error=\"invalid_request\""),
            Self::InvalidToken(description) => {
                text.push_str(", error=\"invalid_token\", error_description=\"");
                text.push_str(description);
                text.push('"');
            }
            Self::InsufficientScope(needed) => {
                // A scope holds neither quotes nor backslashes (RFC 6749 §3.3): nothing to escape.
                text.push_str(&format!(", error=\"insufficient_scope\", scope=\"{needed}\""));
            }
        }
        // Only printable ASCII is in it, so this never falls back; if it did, the challenge is still one.
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// A text inside a quoted string (RFC 9110 §5.6.4); what a header cannot carry is left out.
fn quoted(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| matches!(letter, ' '..='~')) {
        if matches!(letter, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn challenge(denied: &Denied) -> (u16, Option<String>) {
        let response: Response<String> = denial(denied, "music", ErrorShape::Guide);
        let header = response.headers().get(WWW_AUTHENTICATE);
        (response.status().as_u16(), header.map(|value| value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn ui_03_without_a_token_the_challenge_names_no_error() {
        assert_eq!(challenge(&Denied::NoToken), (401, Some("Bearer realm=\"music\"".to_owned())));
    }

    #[test]
    fn each_error_has_its_status_and_its_challenge() {
        let full = |rest: &str| Some(format!("Bearer realm=\"music\", {rest}"));
        assert_eq!(challenge(&Denied::NotBearer), (400, full("error=\"invalid_request\"")));
        assert_eq!(
            challenge(&Denied::Unknown),
            (401, full("error=\"invalid_token\", error_description=\"Invalid access token\""))
        );
        assert_eq!(
            challenge(&Denied::Expired),
            (401, full("error=\"invalid_token\", error_description=\"The access token expired\""))
        );
        assert_eq!(
            challenge(&Denied::Revoked),
            (
                401,
                full("error=\"invalid_token\", error_description=\"The access token was revoked\"")
            )
        );
        let needed = ScopeSet::parse("user-library-read user-top-read").unwrap();
        assert_eq!(
            challenge(&Denied::InsufficientScope(needed)),
            (403, full("error=\"insufficient_scope\", scope=\"user-library-read user-top-read\""))
        );
        assert_eq!(challenge(&Denied::Unavailable), (503, None));
    }

    #[test]
    fn the_guides_shape_is_an_object_indented_by_two_spaces() {
        let response: Response<String> = denial(&Denied::Expired, "music", ErrorShape::Guide);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(
            response.body(),
            "{\n  \"error\": {\n    \"status\": 401,\n    \"message\": \"The access token expired\"\n  }\n}"
        );
    }

    #[test]
    fn the_rfcs_shape_has_no_body() {
        let response: Response<String> = denial(&Denied::Expired, "music", ErrorShape::Rfc6750);
        assert_eq!((response.body().as_str(), response.headers().get(CONTENT_TYPE)), ("", None));
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    }

    #[test]
    fn an_unchecked_token_is_to_be_tried_again() {
        let response: Response<String> = denial(&Denied::Unavailable, "music", ErrorShape::Guide);
        assert_eq!(response.headers()[RETRY_AFTER], "5");
    }

    #[test]
    fn ht_01_a_realm_cannot_break_out_of_its_quotes() {
        let response: Response<String> =
            denial(&Denied::NoToken, "a\"b\\c\r\nX: y\u{e9}", ErrorShape::Rfc6750);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], r#"Bearer realm="a\"b\\cX: y""#);
    }
}
