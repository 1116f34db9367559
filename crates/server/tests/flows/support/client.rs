//! An app on its side of the wire: its link, what it keeps, and what it asks of the endpoints for clients.

use axum::Router;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Answer;
use super::browser::Browser;
use super::html::Form;
use super::world::{ISSUER, link_with};

/// A proof key (RFC 7636 appendix B), and what is made of it.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// See the module.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    pub(crate) id: &'static str,
    pub(crate) secret: Option<&'static str>,
    pub(crate) redirect_uri: &'static str,
}

/// What the token endpoint gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) scope: String,
}

impl Client {
    pub(super) fn new(
        router: &Router,
        id: &'static str,
        secret: Option<&'static str>,
        redirect_uri: &'static str,
    ) -> Self {
        Self { router: router.clone(), id, secret, redirect_uri }
    }

    /// The same app, with another way to the service.
    pub(super) fn at(self, router: &Router) -> Self {
        Self { router: router.clone(), ..self }
    }

    /// Its link to `/authorize` for a code, with a proof key, changed in the way of [`super::link`].
    pub(crate) fn link(&self, changed: &[(&str, &str)]) -> String {
        let own = [
            ("response_type", "code"),
            ("client_id", self.id),
            ("redirect_uri", self.redirect_uri),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        link_with(&own, changed)
    }

    /// The code for what its link asks, which the person at this browser agrees to if they are asked.
    pub(crate) async fn code(&self, browser: &mut Browser, changed: &[(&str, &str)]) -> String {
        let answer = browser.get(&self.link(changed)).await;
        let answer = if answer.status == 200 { browser.agree(&answer).await } else { answer };
        let landing = answer.landing();
        landing.query("code").unwrap_or_else(|| panic!("no code: {landing:?}")).to_owned()
    }

    /// What the code for this `scope` is exchanged for.
    pub(crate) async fn tokens(&self, browser: &mut Browser, scope: &str) -> Tokens {
        let code = self.code(browser, &[("scope", scope)]).await;
        self.exchange(&code).await.tokens()
    }

    /// Exchanges a code that was asked for with [`Client::link`].
    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        self.post("/api/token", &self.exchange_form(code)).await
    }

    /// The form that exchanges a code, without credentials.
    pub(crate) fn exchange_form<'a>(&self, code: &'a str) -> [(&'static str, &'a str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", VERIFIER),
        ]
    }

    /// Uses a refresh token.
    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/api/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Gives a token back.
    pub(crate) async fn revoke(&self, token: &str) -> Answer {
        self.post("/revoke", &[("token", token)]).await
    }

    /// Posts this form with its own credentials: a secret in the header, a bare name in the form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = Form::new(path, fields);
        match self.secret {
            Some(secret) => {
                let header = basic(self.id, secret);
                self.send(path, &[("authorization", &header)], &form.encoded()).await
            }
            None => self.send(path, &[], &form.with("client_id", self.id).encoded()).await,
        }
    }

    /// Posts this body with these headers and nothing of its own.
    pub(crate) async fn send(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::post(path);
        if headers.iter().all(|(name, _)| *name != CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_owned().into()).unwrap();
        Browser::new(self.router.clone(), ISSUER).send(request).await
    }

    /// This form as the bytes of a request that a real listener gets.
    pub(crate) fn on_the_wire(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let form = Form::new(path, fields);
        let (credentials, body) = match self.secret {
            Some(secret) => {
                (format!("{AUTHORIZATION}: {}\r\n", basic(self.id, secret)), form.encoded())
            }
            None => (String::new(), form.with("client_id", self.id).encoded()),
        };
        format!(
            "POST {path} HTTP/1.1\r\nHost: accounts.example\r\nConnection: close\r\n{credentials}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl Tokens {
    /// The refresh token, which there must be.
    pub(crate) fn refresh(&self) -> &str {
        self.refresh.as_deref().expect("a refresh token")
    }
}

/// The header for this name and secret, form-encoded inside (RFC 6749 §2.3.1).
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let (id, secret): (String, String) = (encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

impl Answer {
    /// The tokens of a successful answer, which is exactly that (RFC 6749 §5.1).
    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, 200, "{self:#?}");
        let body = self.json();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        assert_eq!(body["token_type"], "Bearer", "{body}");
        assert!(body["expires_in"].is_u64(), "{body}");
        let tokens = Tokens {
            access: text("access_token").unwrap(),
            refresh: text("refresh_token"),
            id_token: text("id_token"),
            scope: text("scope").expect("a scope, always"),
        };
        let members =
            4 + usize::from(tokens.refresh.is_some()) + usize::from(tokens.id_token.is_some());
        assert_eq!(body.as_object().unwrap().len(), members, "{body}");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        for token in tokens.refresh.iter().chain([&tokens.access]) {
            assert!(token.bytes().all(plain), "{token}");
        }
        tokens
    }
}
