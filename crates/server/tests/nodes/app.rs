//! The people and apps of these stories, and what they do, one request at a time.

use std::net::SocketAddr;

use serde_json::Value;

use crate::support::{Answer, Browser};

/// The operator's file.
pub(crate) const APPS: &str = r#"
[[user]]
username = "linus"
email = "linus@people.example"
password = "a password of linus's"

[[scope]]
name = "email"
text = "see your e-mail address"
group = "data"

[[app]]
name = "Turntable"
client_id = "turntable"
type = "confidential"
client_secret = "33 and a third, all night"
redirect_uris = ["https://turntable.example/callback"]
grants = ["authorization_code", "refresh_token", "client_credentials"]
owner = "linus"
"#;

const CREDENTIALS: [(&str, &str); 2] =
    [("client_id", "turntable"), ("client_secret", "33 and a third, all night")];
const REDIRECT_URI: &str = "https://turntable.example/callback";

/// A proof key (RFC 7636 appendix B), and what is made of it.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REQUEST: &str = "/authorize?response_type=code&client_id=turntable&scope=email\
    &redirect_uri=https%3A%2F%2Fturntable.example%2Fcallback\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

/// What the token endpoint gave.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    /// The tokens of an answer, if that is what it is.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        if answer.status != 200 {
            return None;
        }
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Some(Self { access: text("access_token"), refresh: text("refresh_token") })
    }
}

/// Posts this form as the app.
pub(crate) fn post(at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Answer {
    Browser::at(at).post(path, &[fields, &CREDENTIALS].concat())
}

/// Leads the person at this browser to the code that the app gets, if every request on the way is answered.
pub(crate) fn code(browser: &mut Browser) -> Option<String> {
    let mut answer = browser.get(REQUEST);
    if answer.status == 200 {
        answer = browser.submit(&answer, "/authorize/answer", &[("answer", "agree")]);
    }
    if !matches!(answer.status, 302 | 303) {
        return None;
    }
    let (_, rest) = answer.location().split_once("?code=")?;
    Some(rest.split('&').next().unwrap().to_owned())
}

pub(crate) fn exchange(at: SocketAddr, code: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    post(at, "/api/token", &form)
}

pub(crate) fn refresh(at: SocketAddr, token: &str) -> Answer {
    post(at, "/api/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

pub(crate) fn revoke(at: SocketAddr, token: &str) -> Answer {
    post(at, "/revoke", &[("token", token)])
}

pub(crate) fn introspect(at: SocketAddr, token: &str) -> Answer {
    post(at, "/introspect", &[("token", token)])
}

/// Whether introspection says that this token is good.
pub(crate) fn is_good(at: SocketAddr, token: &str) -> bool {
    let answer = introspect(at, token);
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["active"] == true
}
