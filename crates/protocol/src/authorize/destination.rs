//! Where an answer may go: the only thing in the program that can become a redirect off the site.

use std::sync::Arc;

use super::Policy;
use super::error::{AuthorizationError, ErrorCode, Refusal};
use super::query::{AuthorizationQuery, Parameter};
use super::response_mode::ResponseMode;
use super::response_type::ResponseType;
use crate::model::{Client, Denial};

/// The longest `state`, in bytes after decoding.
pub const MAX_STATE: usize = 4096;

/// A redirect URI proven to be the client's, with the way that each kind of answer travels there, and what
/// every answer carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    uri: String,
    success: ResponseMode,
    denial: ResponseMode,
    state: Option<Vec<u8>>,
    issuer: Arc<str>,
}

/// A complete answer for a client, made only by a [`Destination`].
#[derive(Clone, PartialEq, Eq)]
pub enum ClientAnswer {
    /// The browser is sent there.
    Redirect(ClientRedirect),
    /// A page of ours has the browser send this form.
    Form(ClientForm),
}

/// A complete URI to send the browser to.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientRedirect(String);

/// A form for the client (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, PartialEq, Eq)]
pub struct ClientForm {
    action: String,
    fields: Vec<(&'static str, String)>,
}

impl ClientForm {
    /// Where it is sent, by POST.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The origin that it leads to, as a person should read it.
    pub fn origin(&self) -> &str {
        origin_of(&self.action)
    }

    /// Its fields, in their order.
    pub fn fields(&self) -> &[(&'static str, String)] {
        &self.fields
    }
}

impl ClientRedirect {
    /// The value for the `Location` header: printable ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Destination {
    /// Proves that an answer may go where `query` wants it. Nothing else of the request matters yet.
    ///
    /// > If the request fails due to a missing, invalid, or mismatching redirection URI, or if the
    /// > client identifier is missing or invalid, the authorization server SHOULD inform the resource
    /// > owner of the error and MUST NOT automatically redirect the user-agent to the invalid
    /// > redirection URI. (RFC 6749 §4.1.2.1)
    pub(super) fn prove(
        query: &AuthorizationQuery,
        client: &Client,
        policy: &Policy,
    ) -> Result<Self, Refusal> {
        let sent = match &query.redirect_uri {
            Parameter::Once(sent) => sent,
            Parameter::Absent => return Err(Refusal::MissingParameter("redirect_uri")),
            Parameter::Repeated | Parameter::Malformed => return Err(Refusal::InvalidRedirectUri),
        };
        let registered = client.redirect_uri(sent).ok_or(Refusal::InvalidRedirectUri)?;
        if !registered.is_permitted(policy.redirect_uris) {
            return Err(Refusal::InsecureRedirectUri);
        }
        let asked = query.response_type.once().and_then(|text| ResponseType::parse(text));
        let success = match asked {
            Some(asked) => ResponseMode::judge(query, asked).unwrap_or(asked.default_mode()),
            // With no type known, an error goes where RFC 6749 §4.1.2.1 puts it: into the query.
            None => ResponseMode::Query,
        };
        let denial = match (asked, success, client.denial) {
            // Deviation: RFC 6749 §4.2.2.1 wants the fragment; the guide, in words, table and
            // example, the query. An app can choose (product decision 1).
            (Some(ResponseType::TOKEN), ResponseMode::Fragment, Denial::Query) => {
                ResponseMode::Query
            }
            _ => success,
        };
        Ok(Self {
            uri: sent.clone(),
            success,
            denial,
            state: query.state.once().cloned(),
            issuer: Arc::clone(&policy.issuer),
        })
    }

    /// The redirect URI as it was sent.
    pub(super) fn as_sent(&self) -> &str {
        &self.uri
    }

    /// Whether the `state` is longer than [`MAX_STATE`].
    pub(super) fn has_long_state(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.len() > MAX_STATE)
    }

    /// Whether anybody but the client's owner could receive the answer: a private scheme or a
    /// loopback address (RFC 8252 §8.6).
    pub(super) fn could_be_anybodys(&self) -> bool {
        !self.uri.starts_with("https:")
    }

    /// The answer of a grant. The guide's parameters come first and `state` after them, then what the
    /// RFCs add: `scope` if it differs from what was asked, and `iss` (product decision 2).
    pub(super) fn success(
        &self,
        granted: &[(&'static str, &str)],
        scope: Option<&str>,
    ) -> ClientAnswer {
        let mut answer = Parts::begin(&self.uri, self.success);
        for (name, value) in granted {
            answer.add(name, value.as_bytes());
        }
        self.finish(answer, scope)
    }

    /// The answer of a refusal, by the person or by a rule.
    pub(super) fn error(&self, error: &AuthorizationError) -> ClientAnswer {
        let mode = match error.code {
            ErrorCode::AccessDenied => self.denial,
            _ => self.success,
        };
        let mut answer = Parts::begin(&self.uri, mode);
        answer.add("error", error.code.as_str().as_bytes());
        if let Some(description) = &error.description {
            answer.add("error_description", description.as_bytes());
        }
        self.finish(answer, None)
    }

    fn finish(&self, mut answer: Parts, scope: Option<&str>) -> ClientAnswer {
        if let Some(state) = &self.state {
            answer.add("state", state);
        }
        if let Some(scope) = scope {
            answer.add("scope", scope.as_bytes());
        }
        // RFC 9207 §2: in every answer, errors included.
        answer.add("iss", self.issuer.as_bytes());
        answer.end()
    }

    /// Where the browser will land, as a person should read it: scheme, host and port, or the scheme
    /// alone where it is private. A registered URI spells them as a browser does.
    pub fn origin(&self) -> String {
        match self.scheme() {
            "http" | "https" => origin_of(&self.uri).to_owned(),
            private => format!("{private}:"),
        }
    }

    /// The source for a page's `form-action` directive, without which Chromium stops a form's answer
    /// from redirecting here (CSP 3 §6.3.2). Content security policies cannot name an IPv6 address, so
    /// that becomes its scheme.
    pub fn form_action_source(&self) -> String {
        let origin = self.origin();
        if origin.contains('[') { format!("{}:", self.scheme()) } else { origin }
    }

    fn scheme(&self) -> &str {
        self.uri.split(':').next().unwrap_or_default()
    }
}

/// Scheme, host and port of a web URI.
fn origin_of(uri: &str) -> &str {
    let authority = uri.find("://").map_or(0, |at| at + "://".len());
    let end = uri[authority..].find(['/', '?']).map_or(uri.len(), |end| authority + end);
    &uri[..end]
}

/// An answer that grows by parameters.
enum Parts {
    Uri(AnswerUri),
    Form(ClientForm),
}

impl Parts {
    fn begin(redirect_uri: &str, mode: ResponseMode) -> Self {
        let separator = match mode {
            ResponseMode::Fragment => Some('#'),
            ResponseMode::Query if !redirect_uri.contains('?') => Some('?'),
            ResponseMode::Query if redirect_uri.ends_with(['?', '&']) => None,
            ResponseMode::Query => Some('&'),
            ResponseMode::FormPost => {
                return Self::Form(ClientForm { action: redirect_uri.to_owned(), fields: vec![] });
            }
        };
        let mut uri = String::with_capacity(redirect_uri.len() + 512);
        uri.push_str(redirect_uri);
        Self::Uri(AnswerUri { uri, separator })
    }

    fn add(&mut self, name: &'static str, value: &[u8]) {
        match self {
            Self::Uri(uri) => uri.add(name, value),
            // Everything is text: a state that is none was refused.
            Self::Form(form) => {
                form.fields.push((name, String::from_utf8_lossy(value).into_owned()));
            }
        }
    }

    fn end(self) -> ClientAnswer {
        match self {
            Self::Uri(answer) => ClientAnswer::Redirect(ClientRedirect(answer.uri)),
            Self::Form(form) => ClientAnswer::Form(form),
        }
    }
}

/// A URI whose parameters are each exactly one `name=value`.
struct AnswerUri {
    uri: String,
    separator: Option<char>,
}

impl AnswerUri {
    fn add(&mut self, name: &str, value: &[u8]) {
        self.uri.extend(self.separator.replace('&'));
        self.uri.push_str(name);
        self.uri.push('=');
        escape(value, &mut self.uri);
    }
}

/// Escapes like JavaScript's `encodeURIComponent`: a space is `%20`, never `+`.
fn escape(mut bytes: &[u8], into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    loop {
        // A token is one long run of plain bytes, so a run is copied at once. It is ASCII.
        let run = bytes.iter().position(|byte| !is_plain(*byte)).unwrap_or(bytes.len());
        into.push_str(str::from_utf8(&bytes[..run]).unwrap_or_default());
        let Some((byte, rest)) = bytes[run..].split_first() else { return };
        into.push('%');
        into.push(char::from(DIGITS[usize::from(byte >> 4)]));
        into.push(char::from(DIGITS[usize::from(byte & 15)]));
        bytes = rest;
    }
}

fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte = 0;
        while byte < u8::MAX {
            plain[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')');
            byte += 1;
        }
        plain
    };
    PLAIN[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(uri: &str, success: ResponseMode, denial: ResponseMode) -> Destination {
        let state = Some(b"a b;=&#\"{}\xff~.'".to_vec());
        Destination {
            uri: uri.to_owned(),
            success,
            denial,
            state,
            issuer: "https://a.example".into(),
        }
    }

    fn redirect(answer: ClientAnswer) -> String {
        match answer {
            ClientAnswer::Redirect(redirect) => redirect.as_str().to_owned(),
            ClientAnswer::Form(_) => panic!("a form"),
        }
    }

    #[test]
    fn values_are_escaped_like_javascript_does() {
        let place =
            destination("https://app.example/cb", ResponseMode::Fragment, ResponseMode::Query);
        let answer = place.success(&[("access_token", "hpa_x-_")], Some("a b"));
        assert_eq!(
            redirect(answer),
            "https://app.example/cb#access_token=hpa_x-_&state=a%20b%3B%3D%26%23%22%7B%7D%FF~.'\
             &scope=a%20b&iss=https%3A%2F%2Fa.example"
        );
    }

    #[test]
    fn an_answer_in_the_query_joins_a_query_that_is_there() {
        for (uri, begin) in [
            ("https://app.example/cb", "https://app.example/cb?error="),
            ("https://app.example/cb?", "https://app.example/cb?error="),
            ("https://app.example/cb?x=1", "https://app.example/cb?x=1&error="),
            ("https://app.example/cb?x=1&", "https://app.example/cb?x=1&error="),
        ] {
            let place = destination(uri, ResponseMode::Fragment, ResponseMode::Query);
            let answer = redirect(place.error(&AuthorizationError::denied()));
            assert!(answer.starts_with(begin), "{answer}");
        }
    }

    #[test]
    fn a_fragment_goes_after_the_query_that_is_there() {
        let mode = ResponseMode::Fragment;
        let place = destination("https://app.example/cb?x=1", mode, mode);
        let answer = redirect(place.error(&AuthorizationError::denied()));
        assert!(answer.starts_with("https://app.example/cb?x=1#error=access_denied&"));
    }

    #[test]
    fn az_55_the_form_action_names_the_clients_origin() {
        for (uri, source) in [
            ("https://app.example/cb?x", "https://app.example"),
            ("http://127.0.0.1:8888/cb", "http://127.0.0.1:8888"),
            ("http://[::1]:8888/cb", "http:"),
            ("https://[::1]/cb", "https:"),
            ("https://app.example", "https://app.example"),
            ("my.app://host;x/cb", "my.app:"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            let destination = destination(uri, ResponseMode::Query, ResponseMode::Query);
            assert_eq!(destination.form_action_source(), source);
        }
    }
}
