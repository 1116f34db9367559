//! What a client may ask for.

use super::error::{AuthorizationError, ErrorCode};
use super::query::AuthorizationQuery;
use super::response_mode::ResponseMode;
use crate::model::{Client, GrantType};

/// A combination of response types that has a meaning (RFC 6749 §3.1.1; OAuth 2.0 Multiple Response
/// Type Encoding Practices §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseType {
    code: bool,
    id_token: bool,
    token: bool,
}

impl ResponseType {
    /// The authorization code grant's.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };
    /// The implicit grant's.
    pub const TOKEN: Self = Self { code: false, id_token: false, token: true };

    /// All that are offered, as they are written.
    pub const ALL: [&'static str; 7] = [
        "code",
        "token",
        "id_token",
        "id_token token",
        "code id_token",
        "code token",
        "code id_token token",
    ];

    /// Takes a space-separated list in any order; `None` for an unknown, repeated or missing word.
    /// Words are compared with their case.
    pub fn parse(text: &str) -> Option<Self> {
        let mut asked = Self { code: false, id_token: false, token: false };
        for word in text.split(' ') {
            let part = match word {
                "code" => &mut asked.code,
                "id_token" => &mut asked.id_token,
                "token" => &mut asked.token,
                _ => return None,
            };
            if std::mem::replace(part, true) {
                return None;
            }
        }
        Some(asked)
    }

    /// What `query` asks for, if `client` may have it.
    ///
    /// # Errors
    /// `invalid_request` without a type, `unsupported_response_type` for an unknown one,
    /// `unauthorized_client` for one that the client does not use.
    pub(super) fn judge(
        query: &AuthorizationQuery,
        client: &Client,
    ) -> Result<Self, AuthorizationError> {
        let Some(text) = query.response_type.once() else {
            let description = "Missing required parameter: response_type";
            return Err(AuthorizationError::new(ErrorCode::InvalidRequest, description));
        };
        let Some(asked) = Self::parse(text) else {
            let description = format!("This response_type is not supported: use {LIST}");
            return Err(AuthorizationError::new(ErrorCode::UnsupportedResponseType, description));
        };
        // RFC 9700 §2.1.2 advises against the implicit grant; it is off until the app's owner ticks it.
        // Whatever comes straight from here is of that kind (OpenID Connect Dynamic Client Registration §2).
        let grants = client.grant_types;
        let missing = if asked.code && !grants.contains(GrantType::AuthorizationCode) {
            "The authorization code grant is not switched on for this app"
        } else if asked.is_front_channel() && !grants.contains(GrantType::Implicit) {
            "The implicit grant is not switched on for this app"
        } else {
            return Ok(asked);
        };
        Err(AuthorizationError::new(ErrorCode::UnauthorizedClient, missing))
    }

    /// Whether there is a code in the answer.
    pub const fn has_code(self) -> bool {
        self.code
    }

    /// Whether there is an access token in the answer.
    pub const fn has_token(self) -> bool {
        self.token
    }

    /// Whether there is an ID token in the answer.
    pub const fn has_id_token(self) -> bool {
        self.id_token
    }

    /// Whether the client gets an access token in the end: here, or for the code.
    pub const fn brings_access_token(self) -> bool {
        self.token || self.code
    }

    /// How the answer travels unless the client asks otherwise: in the query for a code alone, in the
    /// fragment as soon as a token is in it.
    pub const fn default_mode(self) -> ResponseMode {
        if self.is_front_channel() { ResponseMode::Fragment } else { ResponseMode::Query }
    }

    const fn is_front_channel(self) -> bool {
        self.token || self.id_token
    }
}

/// [`ResponseType::ALL`] in a sentence.
const LIST: &str = "code, token, id_token, or several of them";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_05_only_known_words_each_once_and_in_lower_case() {
        for text in ["Token", "token token", "tokens", " token", "token ", "", "code  token"] {
            assert_eq!(ResponseType::parse(text), None, "{text:?}");
        }
        assert_eq!(ResponseType::parse("token"), Some(ResponseType::TOKEN));
    }

    #[test]
    fn az_06_the_order_of_words_is_free() {
        assert_eq!(ResponseType::parse("id_token token"), ResponseType::parse("token id_token"));
        assert!(ResponseType::parse("id_token token").is_some());
    }

    #[test]
    fn all_are_different_and_known() {
        let parsed = ResponseType::ALL.map(|text| ResponseType::parse(text).expect(text));
        for (place, one) in parsed.iter().enumerate() {
            assert!(!parsed[..place].contains(one), "{one:?}");
        }
    }

    #[test]
    fn a_token_never_goes_into_a_query() {
        let mode = |text| ResponseType::parse(text).map(ResponseType::default_mode);
        assert_eq!(mode("code"), Some(ResponseMode::Query));
        for text in &ResponseType::ALL[1..] {
            assert_eq!(mode(text), Some(ResponseMode::Fragment), "{text}");
        }
    }
}
