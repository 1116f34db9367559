//! Reads the one place where a token may be: `Authorization: Bearer …` (RFC 6750 §2.1).
//!
//! A token in the query is never used: it would stand in histories and logs (RFC 9700 §4.3.2). One in
//! the body is never used either; bodies belong to the API and are not looked at.

use hallpass_protocol::access_token;
use hallpass_protocol::model::Secret;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};

use crate::Denied;

const SCHEME: &[u8] = b"bearer";

/// The token that a request bears, for an endpoint that checks it in its own way.
///
/// # Errors
/// [`Denied`]: there is none, it came in another way, or it is the text of no token.
pub fn token(headers: &HeaderMap, uri: &Uri) -> Result<Secret, Denied> {
    borne(headers, uri).map(Secret::presented)
}

/// The same where it stands in the header: who judges it at once needs no copy of it.
pub(crate) fn borne<'a>(headers: &'a HeaderMap, uri: &Uri) -> Result<&'a str, Denied> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Denied::NoToken)?.as_bytes();
    // RFC 6750 §2: "Clients MUST NOT use more than one method to transmit the token in each request."
    if values.next().is_some() || has_token(uri.query().unwrap_or_default()) {
        return Err(Denied::NotBearer);
    }
    let (scheme, rest) =
        value.trim_ascii().split_at_checked(SCHEME.len()).ok_or(Denied::NotBearer)?;
    // RFC 9110 §11.1: the scheme is a case-insensitive token, with a space before what follows it.
    if !scheme.eq_ignore_ascii_case(SCHEME) || !rest.starts_with(b" ") {
        return Err(Denied::NotBearer);
    }
    let token = rest.trim_ascii_start();
    // Longer than any of ours: not even asked about, for who is asked would turn the question away, and
    // that is no answer about the token.
    if !is_b64token(token) || token.len() > access_token::MAX_LENGTH {
        return Err(Denied::Unknown);
    }
    str::from_utf8(token).map_err(|_| Denied::Unknown)
}

/// Whether a query holds the parameter of RFC 6750 §2.3.
fn has_token(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

/// RFC 6750 §2.1: `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_b64token(token: &[u8]) -> bool {
    let end = token.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let allowed = |byte: &u8| {
        byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    // All of it is looked at without stopping, many bytes at a time.
    end > 0 && token[..end].iter().fold(true, |all, byte| all & allowed(byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use http::HeaderValue;

    use super::*;

    fn read(values: &[&[u8]], uri: &str) -> Result<String, Denied> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        token(&headers, &uri.parse().unwrap()).map(|token| token.reveal().to_owned())
    }

    #[test]
    fn in_03_a_token_longer_than_any_of_ours_is_unknown() {
        let longest = "a".repeat(access_token::MAX_LENGTH);
        assert_eq!(read(&[format!("Bearer {longest}").as_bytes()], "/").as_deref(), Ok(&*longest));
        let longer = read(&[format!("Bearer {longest}a").as_bytes()], "/");
        assert_eq!(longer, Err(Denied::Unknown));
    }

    #[test]
    fn ui_11_the_scheme_has_no_case_and_outer_spaces_mean_nothing() {
        for value in ["Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", "Bearer abc  "] {
            assert_eq!(read(&[value.as_bytes()], "/").as_deref(), Ok("abc"), "{value:?}");
        }
    }

    #[test]
    fn ui_11_another_scheme_no_token_and_two_headers_are_refused() {
        for value in
            ["BearerX abc", "Basic YTpi", "Bearer", "Bearer ", "", " ", "abc", "Bearer\tabc"]
        {
            assert_eq!(read(&[value.as_bytes()], "/"), Err(Denied::NotBearer), "{value:?}");
        }
        assert_eq!(read(&[b"Bearer abc", b"Bearer abc"], "/"), Err(Denied::NotBearer));
        assert_eq!(read(&[b"Bearer abc", b"Basic YTpi"], "/"), Err(Denied::NotBearer));
    }

    #[test]
    fn ui_04_text_that_cannot_be_a_token_is_an_unknown_token() {
        for value in [
            b"Bearer a b".as_slice(),
            b"Bearer \"abc\"",
            b"Bearer \xff\xfe",
            b"Bearer =",
            b"Bearer a=b",
        ] {
            assert_eq!(read(&[value], "/"), Err(Denied::Unknown), "{value:?}");
        }
        assert_eq!(read(&[b"Bearer a.b-c_d~e+f/g=="], "/").as_deref(), Ok("a.b-c_d~e+f/g=="));
    }

    #[test]
    fn ui_01_a_token_in_the_query_is_no_token() {
        assert_eq!(read(&[], "/v1/me?access_token=abc"), Err(Denied::NoToken));
    }

    #[test]
    fn ui_02_a_token_in_the_header_and_one_in_the_query_are_refused() {
        let bearer: &[u8] = b"Bearer abc";
        assert_eq!(read(&[bearer], "/v1/me?a=b&access_token=abc"), Err(Denied::NotBearer));
        assert_eq!(read(&[bearer], "/v1/me?my_access_token=abc").as_deref(), Ok("abc"));
    }
}
