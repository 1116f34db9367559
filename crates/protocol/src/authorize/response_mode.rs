//! In which way an answer travels to the client.

use super::error::{AuthorizationError, ErrorCode};
use super::query::{AuthorizationQuery, Parameter};
use super::response_type::ResponseType;

/// The way of an answer: a part of the redirect URI, or the body of a POST to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// After the `?`.
    Query,
    /// After the `#`.
    Fragment,
    /// In a form that a page sends (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The value of `response_mode`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// How the answer to `query` is to travel: as the client asks, or else as its response type has it
    /// (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
    ///
    /// # Errors
    /// `invalid_request` for a mode that is not known or that the answer cannot take.
    pub(super) fn judge(
        query: &AuthorizationQuery,
        response_type: ResponseType,
    ) -> Result<Self, AuthorizationError> {
        let sent = match &query.response_mode {
            Parameter::Absent => return Ok(response_type.default_mode()),
            other => other.once().map_or("", String::as_str),
        };
        match Self::ALL.into_iter().find(|mode| mode.as_str() == sent) {
            // Multiple Response Types §3.0: it would end up in logs.
            Some(Self::Query) if response_type.default_mode() != Self::Query => {
                Err(refused("response_mode query is not possible for an answer with a token"))
            }
            Some(Self::FormPost) if !is_web(query) => {
                Err(refused("response_mode form_post needs a redirect URI of the web"))
            }
            Some(Self::FormPost) if !is_text(query) => {
                Err(refused("response_mode form_post needs a state that is text on one line"))
            }
            Some(mode) => Ok(mode),
            None => Err(refused("This response_mode is not supported")),
        }
    }
}

fn refused(description: &str) -> AuthorizationError {
    AuthorizationError::new(ErrorCode::InvalidRequest, description)
}

/// Whether a browser can send a form there. What a private scheme opens is no place for a POST.
fn is_web(query: &AuthorizationQuery) -> bool {
    let uri = query.redirect_uri.once().map_or("", String::as_str);
    uri.starts_with("https://") || uri.starts_with("http://")
}

/// Whether a form brings the `state` back unchanged: a browser writes its fields as UTF-8, with line
/// ends of its own.
fn is_text(query: &AuthorizationQuery) -> bool {
    let Some(state) = query.state.once() else { return true };
    str::from_utf8(state).is_ok_and(|text| !text.contains(['\r', '\n', '\0']))
}
