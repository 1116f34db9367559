//! What came back: a page, a redirect, JSON.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::html::{self, Form};

/// The part of an address that carries an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// After the `?`.
    Query,
    /// After the `#`.
    Fragment,
}

/// An answer of the server, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Where a redirect leads, taken apart and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Landing {
    /// What stands before `?` and `#`.
    pub(crate) base: String,
    /// What stands in the query, in its order.
    pub(crate) query: Vec<(String, String)>,
    /// What stands in the fragment, in its order.
    pub(crate) fragment: Vec<(String, String)>,
}

impl Answer {
    /// The value of a header that came once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().expect("a header that can be read");
        assert!(values.next().is_none(), "{name} came twice: {:?}", self.headers);
        Some(value)
    }

    /// The `Location`, as it was sent.
    pub(crate) fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no redirect: {self:#?}"))
    }

    /// The `Location`, taken apart.
    pub(crate) fn landing(&self) -> Landing {
        let location = self.location();
        let (rest, fragment) = location.split_once('#').unwrap_or((location, ""));
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        Landing { base: base.to_owned(), query: pairs(query), fragment: pairs(fragment) }
    }

    /// The page's first heading.
    pub(crate) fn h1(&self) -> String {
        html::h1(&self.body)
    }

    /// What a person reads on the page, piece by piece.
    pub(crate) fn lines(&self) -> Vec<String> {
        html::main_text(&self.body)
    }

    /// What a person reads on the page.
    pub(crate) fn text(&self) -> String {
        self.lines().join(" ")
    }

    /// The page's form that goes to `action`.
    pub(crate) fn form(&self, action: &str) -> Form {
        html::form(&self.body, action)
            .unwrap_or_else(|| panic!("no form for {action} on this page: {self:#?}"))
    }

    /// Where the link with this label leads.
    pub(crate) fn link(&self, label: &str) -> String {
        html::link(&self.body, label)
            .unwrap_or_else(|| panic!("no link {label:?} on this page: {self:#?}"))
    }
}

/// What an endpoint for clients says.
impl Answer {
    /// The body, which is JSON that nobody keeps.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:#?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:#?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// The status, `error` and `error_description`; there is nothing else.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().expect("a text").to_owned();
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        (self.status.as_u16(), text("error"), text("error_description"))
    }

    /// A 400 with this `error` and this `error_description`.
    pub(crate) fn assert_refused(&self, error: &str, description: &str) {
        assert_eq!(self.error(), (400, error.to_owned(), description.to_owned()), "{self:#?}");
        assert_eq!(self.header("www-authenticate"), None);
    }
}

/// What every refusal is, whatever it says (the short forms of the table of refusals).
impl Answer {
    /// A page of our own with `sentence` as its first line, and nothing else: nobody is redirected, the
    /// page is kept nowhere, framed nowhere, and tells nobody where the person came from.
    pub(crate) fn assert_page(&self, status: u16, sentence: &str) {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(self.header("location"), None);
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(self.header("x-frame-options"), Some("DENY"));
        let policy = self.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(self.lines().first().map(String::as_str), Some(sentence), "{}", self.body);
        assert_eq!(self.h1(), sentence);
        assert!(!self.body.contains("access_token"), "{}", self.body);
    }

    /// A redirect that tells the client `error` in this part and in no other, with its `state`, with
    /// the issuer, and without a token or a code.
    pub(crate) fn assert_error(&self, part: Part, error: &str, state: Option<&str>) {
        assert!(matches!(self.status.as_u16(), 302 | 303), "{self:#?}");
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"));
        let landing = self.landing();
        let (told, other) = match part {
            Part::Query => (&landing.query, &landing.fragment),
            Part::Fragment => (&landing.fragment, &landing.query),
        };
        assert_eq!(only(told, "error"), Some(error), "{landing:?}");
        assert_eq!(only(told, "state"), state, "{landing:?}");
        assert_eq!(only(told, "iss"), Some(super::world::ISSUER), "{landing:?}");
        for name in ["error", "error_description", "state", "iss"] {
            assert_eq!(only(other, name), None, "{landing:?}");
        }
        for name in ["access_token", "token_type", "code"] {
            assert_eq!((only(told, name), only(other, name)), (None, None), "{landing:?}");
        }
    }
}

impl Landing {
    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        only(&self.query, name)
    }

    /// A parameter of the fragment.
    pub(crate) fn fragment(&self, name: &str) -> Option<&str> {
        only(&self.fragment, name)
    }
}

fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| &**value);
    let value = values.next();
    assert!(values.next().is_none(), "{name} came twice: {pairs:?}");
    value
}

/// Pairs in the form of JavaScript's `encodeURIComponent`, where `+` is a plus.
fn pairs(text: &str) -> Vec<(String, String)> {
    let text = text.replace('+', "%2B");
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
