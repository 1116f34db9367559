//! Answers that lead elsewhere: the only place that writes a `Location`.
//!
//! Never 307 or 308, which would make the browser repeat a POST, password and all, at the new address
//! (RFC 9700 §4.12).

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hallpass_protocol::authorize::ClientRedirect;
use hallpass_protocol::logout::LogoutRedirect;

/// How the request came that is answered with a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// By following a link: the page's address may have a fragment, which a browser carries over to
    /// the new address unless that has one of its own.
    ByLink,
    /// By sending a form: there is no fragment to carry over.
    ByForm,
}

/// Sends the browser to another page of this site: a path, with its query.
pub(crate) fn to_page(path: &str, asked: Asked) -> Response {
    answer(StatusCode::SEE_OTHER, path, asked)
}

/// Sends the browser back to the client, with an answer in the address.
pub(crate) fn to_client(redirect: &ClientRedirect, asked: Asked) -> Response {
    let status = match asked {
        Asked::ByLink => StatusCode::FOUND,
        Asked::ByForm => StatusCode::SEE_OTHER,
    };
    answer(status, redirect.as_str(), asked)
}

/// Sends the browser to the client, now that nobody is signed in any more: to the registered address, byte for
/// byte. What brought the browser here has no fragment worth hiding.
pub(crate) fn after_logout(redirect: &LogoutRedirect) -> Response {
    answer(StatusCode::SEE_OTHER, redirect.as_str(), Asked::ByForm)
}

fn answer(status: StatusCode, location: &str, asked: Asked) -> Response {
    let explicit = match asked {
        Asked::ByLink if !location.contains('#') => HeaderValue::try_from(format!("{location}#")),
        Asked::ByLink | Asked::ByForm => HeaderValue::from_str(location),
    };
    match explicit {
        Ok(mut value) => {
            // It may hold a token: not to be shown in a debug print of the headers.
            value.set_sensitive(true);
            let mut response = super::answer_without_body(status);
            response.headers_mut().insert(LOCATION, value);
            response
        }
        // Both kinds of address are ASCII without control characters by their types.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(response: &Response) -> &str {
        response.headers()[LOCATION].to_str().expect("ASCII")
    }

    #[test]
    fn az_36_an_answer_to_a_link_always_has_a_fragment_of_its_own() {
        assert_eq!(location(&to_page("/sign-in", Asked::ByLink)), "/sign-in#");
        assert_eq!(location(&to_page("/sign-in", Asked::ByForm)), "/sign-in");
    }

    #[test]
    fn az_37_a_form_is_never_repeated_at_the_new_address() {
        for asked in [Asked::ByLink, Asked::ByForm] {
            assert_eq!(to_page("/", asked).status(), StatusCode::SEE_OTHER);
        }
    }
}
