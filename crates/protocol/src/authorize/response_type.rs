//! What a client may ask for.

use super::response_mode::ResponseMode;

/// A combination of response types that has a meaning (RFC 6749 §3.1.1; OAuth 2.0 Multiple Response
/// Type Encoding Practices §5), whether or not it is offered here.
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

    /// How the answer travels unless the client asks otherwise: in the query for a code alone, in the
    /// fragment as soon as a token is in it.
    pub const fn default_mode(self) -> ResponseMode {
        if self.token || self.id_token { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

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
    fn a_token_never_goes_into_a_query() {
        let mode = |text| ResponseType::parse(text).map(ResponseType::default_mode);
        assert_eq!(mode("code"), Some(ResponseMode::Query));
        for text in ["token", "id_token", "code token", "code id_token", "code id_token token"] {
            assert_eq!(mode(text), Some(ResponseMode::Fragment), "{text}");
        }
    }
}
