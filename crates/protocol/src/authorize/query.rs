//! The parameters of an authorization request, decoded and typed; nothing is judged yet.

use std::borrow::Cow;

use thiserror::Error;

/// The longest query that is looked at, in bytes. A `state` of the longest kind, every byte escaped,
/// fits with room to spare.
pub const MAX_LENGTH: usize = 32 * 1024;

/// The most parameters that are looked at.
pub const MAX_PARAMETERS: usize = 100;

/// A request to `/authorize`, as it was sent: each parameter decoded once, none believed.
///
/// Unknown parameters are ignored (RFC 6749 §3.1), and so is a stray `&`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationQuery {
    /// Which client asks.
    pub client_id: Parameter,
    /// Where it wants the answer.
    pub redirect_uri: Parameter,
    /// What it wants.
    pub response_type: Parameter,
    /// In which part of the URI it wants that.
    pub response_mode: Parameter,
    /// What it wants to be allowed.
    pub scope: Parameter,
    /// For which API it wants that (RFC 8707 §2.1); the same one may be named twice.
    pub resource: Parameter,
    /// What it wants back unchanged: bytes, because they are.
    pub state: Parameter<Vec<u8>>,
    /// Whether it wants the dialog even if the person agreed before (the guide).
    pub show_dialog: Parameter,
    /// How the person is to be met (OpenID Connect Core §3.1.2.1).
    pub prompt: Parameter,
    /// For how many seconds the person's last sign-in counts (OpenID Connect Core §3.1.2.1).
    pub max_age: Parameter,
    /// By what name the person may sign in (OpenID Connect Core §3.1.2.1).
    pub login_hint: Parameter,
    /// An ID token that says whom the client means (OpenID Connect Core §3.1.2.1).
    pub id_token_hint: Parameter,
    /// What the client wants back in the ID token (OpenID Connect Core §3.1.2.1).
    pub nonce: Parameter,
    /// Which claims it wants, in JSON (OpenID Connect Core §5.5).
    pub claims: Parameter,
    /// A request object by value (OpenID Connect Core §6.1).
    pub request: Parameter,
    /// A request object by reference (OpenID Connect Core §6.2).
    pub request_uri: Parameter,
    /// What a code's proof key was hashed to (RFC 7636 §4.3).
    pub code_challenge: Parameter,
    /// How it was hashed.
    pub code_challenge_method: Parameter,
    /// Whether any parameter at all, known or not, came twice (RFC 6749 §3.1).
    pub has_repetition: bool,
}

/// One parameter, as it was sent. One without a value was not sent (RFC 6749 §3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parameter<T = String> {
    /// Not sent, or sent without a value.
    #[default]
    Absent,
    /// Sent once.
    Once(T),
    /// Sent more than once.
    Repeated,
    /// Sent in a form that cannot be read: a bad escape, bytes that are not UTF-8, or `name[…]`.
    Malformed,
}

/// Why a query is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QueryProblem {
    /// More than [`MAX_LENGTH`] bytes.
    #[error("the request is longer than 32 KiB")]
    TooLong,
    /// More than [`MAX_PARAMETERS`].
    #[error("the request has more than 100 parameters")]
    TooManyParameters,
}

impl<T> Parameter<T> {
    /// The value, if it was sent once and could be read.
    pub const fn once(&self) -> Option<&T> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Repeated | Self::Malformed => None,
        }
    }

    /// Whether it was sent in a way that must not be answered with a guess.
    const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Repeated | Self::Malformed)
    }

    fn add(&mut self, value: Option<T>) {
        *self = match (std::mem::take(self), value) {
            (Self::Absent, Some(value)) => Self::Once(value),
            (Self::Absent | Self::Malformed, None) | (Self::Malformed, Some(_)) => Self::Malformed,
            (Self::Once(_) | Self::Repeated, _) => Self::Repeated,
        };
    }
}

impl AuthorizationQuery {
    /// Reads the query string of a request (or the body of one that was posted): pairs in the form
    /// `application/x-www-form-urlencoded`, decoded strictly and once.
    ///
    /// # Errors
    /// [`QueryProblem`] if it is too large to be looked at.
    pub fn parse(raw: &str) -> Result<Self, QueryProblem> {
        if raw.len() > MAX_LENGTH {
            return Err(QueryProblem::TooLong);
        }
        let mut query = Self::empty();
        let mut seen: Vec<Cow<'_, [u8]>> = Vec::new();
        for (position, pair) in raw.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if position == MAX_PARAMETERS {
                return Err(QueryProblem::TooManyParameters);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A name that cannot be decoded is none that is known here. And RFC 6749 §3.1:
            // "Parameters sent without a value MUST be treated as if they were omitted".
            let Some(name) = decode(name).filter(|_| !value.is_empty()) else { continue };
            // RFC 8707 §2: of all parameters only `resource` may come more than once.
            query.has_repetition |= *name != *b"resource" && seen.contains(&name);
            query.add(&name, value);
            seen.push(name);
        }
        Ok(query)
    }

    /// Whether a parameter other than the client and its redirect URI cannot be read.
    pub(super) const fn is_unreadable(&self) -> bool {
        self.response_type.is_unreadable()
            || self.response_mode.is_unreadable()
            || self.scope.is_unreadable()
            || self.state.is_unreadable()
            || self.show_dialog.is_unreadable()
            || self.prompt.is_unreadable()
            || self.max_age.is_unreadable()
            || self.id_token_hint.is_unreadable()
            || self.nonce.is_unreadable()
            || self.claims.is_unreadable()
            || self.request.is_unreadable()
            || self.request_uri.is_unreadable()
    }

    const fn empty() -> Self {
        Self {
            client_id: Parameter::Absent,
            redirect_uri: Parameter::Absent,
            response_type: Parameter::Absent,
            response_mode: Parameter::Absent,
            scope: Parameter::Absent,
            resource: Parameter::Absent,
            state: Parameter::Absent,
            show_dialog: Parameter::Absent,
            prompt: Parameter::Absent,
            max_age: Parameter::Absent,
            login_hint: Parameter::Absent,
            id_token_hint: Parameter::Absent,
            nonce: Parameter::Absent,
            claims: Parameter::Absent,
            request: Parameter::Absent,
            request_uri: Parameter::Absent,
            code_challenge: Parameter::Absent,
            code_challenge_method: Parameter::Absent,
            has_repetition: false,
        }
    }

    fn add(&mut self, name: &[u8], value: &str) {
        let (name, bytes) = match name.iter().position(|byte| *byte == b'[') {
            Some(array) => (&name[..array], None),
            None => (name, decode(value)),
        };
        if name == b"state" {
            return self.state.add(bytes.map(Cow::into_owned));
        }
        let text = |bytes: Cow<'_, [u8]>| String::from_utf8(bytes.into_owned()).ok();
        if name == b"resource" {
            return self.name_resource(bytes.and_then(text));
        }
        let parameter = match name {
            b"client_id" => &mut self.client_id,
            b"redirect_uri" => &mut self.redirect_uri,
            b"response_type" => &mut self.response_type,
            b"response_mode" => &mut self.response_mode,
            b"scope" => &mut self.scope,
            b"show_dialog" => &mut self.show_dialog,
            b"prompt" => &mut self.prompt,
            b"max_age" => &mut self.max_age,
            b"login_hint" => &mut self.login_hint,
            b"id_token_hint" => &mut self.id_token_hint,
            b"nonce" => &mut self.nonce,
            b"claims" => &mut self.claims,
            b"request" => &mut self.request,
            b"request_uri" => &mut self.request_uri,
            b"code_challenge" => &mut self.code_challenge,
            b"code_challenge_method" => &mut self.code_challenge_method,
            _ => return,
        };
        parameter.add(bytes.and_then(text));
    }

    fn name_resource(&mut self, value: Option<String>) {
        let is_named = matches!((&self.resource, &value), (Parameter::Once(a), Some(b)) if a == b);
        if !is_named {
            self.resource.add(value);
        }
    }
}

/// Decodes `%XX` and `+` once; `None` for a `%` without two hexadecimal digits.
fn decode(text: &str) -> Option<Cow<'_, [u8]>> {
    // Most names and many values hold nothing to decode.
    if !text.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hexadecimal(bytes.next()?)? << 4 | hexadecimal(bytes.next()?)?,
            _ => byte,
        });
    }
    Some(Cow::Owned(decoded))
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> AuthorizationQuery {
        AuthorizationQuery::parse(raw).expect("a query within the limits")
    }

    fn once(text: &str) -> Parameter {
        Parameter::Once(text.to_owned())
    }

    #[test]
    fn parameters_are_decoded_once_however_they_were_encoded() {
        for sent in [
            "redirect_uri=http%3A%2F%2Fhost%2Fcb",
            "redirect_uri=http%3a%2f%2fhost%2fcb",
            "redirect_uri=http://host/cb",
            "&redirect_uri=http:%2F/host/cb&",
        ] {
            assert_eq!(parse(sent).redirect_uri, once("http://host/cb"), "{sent}");
        }
        assert_eq!(parse("redirect_uri=a%2520b").redirect_uri, once("a%20b"));
        assert_eq!(parse("scope=a+b%20c").scope, once("a b c"));
    }

    #[test]
    fn az_10_a_parameter_without_a_value_was_not_sent() {
        let query = parse("scope=&state&show_dialog=&scope=a&scope=");
        assert!(!query.has_repetition);
        assert_eq!(query.state, Parameter::Absent);
        assert_eq!(query.show_dialog, Parameter::Absent);
        assert_eq!(query.scope, once("a"));
    }

    #[test]
    fn az_09_a_repeated_parameter_is_noticed_known_or_not() {
        assert_eq!(parse("scope=a&scope=a").scope, Parameter::Repeated);
        assert_eq!(parse("st%61te=a&state=b").state, Parameter::Repeated);
        assert!(parse("colour=red&colour=blue").has_repetition);
        assert!(!parse("resource=a&resource=b").has_repetition);
        assert!(!parse("colour=red").has_repetition);
    }

    #[test]
    fn az_11_arrays_and_objects_are_no_values() {
        assert_eq!(parse("client_id[]=x").client_id, Parameter::Malformed);
        assert_eq!(parse("scope[a]=b").scope, Parameter::Malformed);
        assert_eq!(parse("scope%5Ba%5D=b").scope, Parameter::Malformed);
        assert_eq!(parse("scope=a&scope[a]=b").scope, Parameter::Repeated);
    }

    #[test]
    fn ht_09_bad_escapes_are_not_guessed_at() {
        for bad in ["%", "%4", "%zz", "%+1", "%C3%28", "%ff"] {
            assert_eq!(parse(&format!("scope={bad}")).scope, Parameter::Malformed, "{bad}");
        }
    }

    #[test]
    fn az_34_a_state_is_bytes() {
        assert_eq!(parse("state=%00%ff%0D%0A").state, Parameter::Once(vec![0, 255, 13, 10]));
    }

    #[test]
    fn az_46_a_query_too_large_is_not_looked_at() {
        let long = format!("state={}", "x".repeat(MAX_LENGTH));
        assert_eq!(AuthorizationQuery::parse(&long), Err(QueryProblem::TooLong));
        let many = "a=b&".repeat(5_000);
        assert_eq!(AuthorizationQuery::parse(&many), Err(QueryProblem::TooManyParameters));
    }
}
