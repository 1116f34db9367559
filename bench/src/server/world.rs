//! A measured server with people who are signed in and have agreed: what the walks start from.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};

use super::Hallpass;
use super::apps::{
    CHALLENGE, NEW_APP, PAGE_APP, PEOPLE, REDIRECT, SCOPE, SECRET, SERVICE, SIGNED_API,
    SIGNED_SERVICE, VERIFIER,
};
use super::browser::{Browser, SignInForm};
use crate::wire::{Connection, Request, form};

/// How many browsers sign in. Beyond that, connections share them: signing in is slow on purpose.
const MOST_BROWSERS: usize = 64;

/// What is known about a server that is about to be measured.
pub(crate) struct World {
    address: SocketAddr,
    /// Where the sample API listens, if it runs.
    api: Option<SocketAddr>,
    host: String,
    browsers: Vec<Browser>,
}

impl World {
    /// Signs in a browser for each connection there will be, up to a bound, and lets everybody agree once.
    ///
    /// # Errors
    /// The server does not do what it should.
    pub(crate) async fn prepare(hallpass: &Hallpass, connections: usize) -> anyhow::Result<Self> {
        let Hallpass { address, api, .. } = *hallpass;
        let host = address.to_string();
        let mut connection = Connection::open(address).await?;
        let mut browsers = Vec::new();
        for number in 0..connections.min(MOST_BROWSERS) {
            browsers.push(Browser::sign_in(&mut connection, &host, number).await?);
        }
        for browser in browsers.iter().take(PEOPLE) {
            let query = query("token", PAGE_APP);
            browser.authorize(&mut connection, &host, &query).await?;
        }
        Ok(Self { address, api, host, browsers })
    }

    /// Asks for a token by the implicit grant.
    pub(crate) fn implicit(&self, number: usize) -> Request {
        self.authorize(number, &query("token", PAGE_APP))
    }

    /// Asks for a code, and the request that exchanges it.
    pub(crate) fn code(&self, number: usize) -> (Request, Request) {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", PAGE_APP),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let exchange = Request::post(&self.host, "/api/token", form(fields) + "&code=");
        (self.authorize(number, &code_query()), exchange)
    }

    /// A token for an app itself.
    pub(crate) fn client_credentials(&self) -> Request {
        let fields = form([("grant_type", "client_credentials")]);
        Request::post(&self.host, "/api/token", fields).basic(SERVICE, SECRET)
    }

    /// Asks about an opaque token.
    pub(crate) fn introspect(&self, token: &str) -> Request {
        Request::post(&self.host, "/introspect", form([("token", token)])).basic(SERVICE, SECRET)
    }

    /// Asks about a signed one.
    pub(crate) fn introspect_signed(&self, token: &str) -> Request {
        let fields = form([("token", token)]);
        Request::post(&self.host, "/introspect", fields).basic(SIGNED_SERVICE, SECRET)
    }

    /// Gives a token of the service back, which is to follow.
    pub(crate) fn revoke(&self) -> Request {
        Request::post(&self.host, "/revoke", "token=".to_owned()).basic(SERVICE, SECRET)
    }

    /// Renews with a refresh token, which is to follow.
    pub(crate) fn refresh(&self) -> Request {
        let fields = form([("grant_type", "refresh_token"), ("client_id", PAGE_APP)]);
        Request::post(&self.host, "/api/token", fields + "&refresh_token=")
    }

    /// A reverse proxy's question.
    pub(crate) fn forward_auth(&self, token: &str) -> Request {
        let path = format!("/forward-auth?{}", form([("scope", "bench-email")]));
        Request::get(&self.host, &path).header("authorization", &format!("Bearer {token}"))
    }

    /// A call of the sample API, which runs beside the server.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) fn api_call(&self, token: &str) -> anyhow::Result<Request> {
        let api = self.api.context("the sample API does not run")?.to_string();
        Ok(Request::get(&api, "/v1/me").header("authorization", &format!("Bearer {token}")))
    }

    /// A page or document that anybody may see.
    pub(crate) fn document(&self, path: &str) -> Request {
        Request::get(&self.host, path)
    }

    /// The consent page of an app that was never allowed anything.
    pub(crate) fn question(&self, number: usize) -> Request {
        self.authorize(number, &query("token", NEW_APP))
    }

    /// A sign-in form, filled in.
    ///
    /// # Errors
    /// The page is not there.
    pub(crate) async fn sign_in(&self, number: usize) -> anyhow::Result<Request> {
        let mut connection = Connection::open(self.address).await?;
        Ok(SignInForm::load(&mut connection, &self.host, number).await?.request)
    }

    /// A token of the `number`th browser's person.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn token(&self, number: usize) -> anyhow::Result<String> {
        self.token_for(number, &query("token", PAGE_APP)).await
    }

    /// A signed one.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn signed_token(&self, number: usize) -> anyhow::Result<String> {
        let resource = form([("resource", SIGNED_API)]);
        self.token_for(number, &format!("{}&{resource}", query("token", PAGE_APP))).await
    }

    async fn token_for(&self, number: usize, query: &str) -> anyhow::Result<String> {
        let location = self.walk(number, query).await?;
        let token = parameter(&location, "access_token");
        Ok(token.with_context(|| format!("no token in {location}"))?.to_owned())
    }

    /// The first refresh token of a new family.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn refresh_token(&self, number: usize) -> anyhow::Result<String> {
        let location = self.walk(number, &code_query()).await?;
        let code = parameter(&location, "code").with_context(|| format!("no code: {location}"))?;
        let (_, exchange) = self.code(number);
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.ask(exchange.ending().with(code)).await?;
        ensure!(answer.status == 200, "the code was not exchanged: {answer}");
        let body: serde_json::Value = serde_json::from_str(answer.body)?;
        let token = body.get("refresh_token").and_then(serde_json::Value::as_str);
        Ok(token.context("no refresh token")?.to_owned())
    }

    async fn walk(&self, number: usize, query: &str) -> anyhow::Result<String> {
        let mut connection = Connection::open(self.address).await?;
        self.browser(number).authorize(&mut connection, &self.host, query).await
    }

    fn authorize(&self, number: usize, query: &str) -> Request {
        let path = format!("/authorize?{query}");
        Request::get(&self.host, &path).header("cookie", &self.browser(number).cookie)
    }

    fn browser(&self, number: usize) -> &Browser {
        &self.browsers[number % self.browsers.len()]
    }
}

fn query(response_type: &str, client: &str) -> String {
    form([
        ("response_type", response_type),
        ("client_id", client),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
        ("state", "Rk9vYmFyIGJhega2NjY"),
    ])
}

fn code_query() -> String {
    let proof = form([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    format!("{}&{proof}", query("code", PAGE_APP))
}

fn parameter<'a>(location: &'a str, name: &str) -> Option<&'a str> {
    location.split(['?', '#', '&']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
