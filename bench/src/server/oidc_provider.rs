//! The npm package `oidc-provider`, as `bench/peers/oidc-provider` sets it up.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::apps::{CHALLENGE, PAGE_APP, REDIRECT, SECRET, SERVICE, VERIFIER};
use super::pinning::Cores;
use super::program::{Announcement, Program, address_in};
use crate::wire::{Answer, Connection, Request, form};

/// Its fixture.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/oidc-provider");
/// How many redirects lead to an answer: two questions, there and back.
const MOST_REDIRECTS: usize = 8;

/// A running oidc-provider.
pub(crate) struct OidcProvider {
    /// The process.
    pub(crate) program: Program,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    host: String,
    cookies: Vec<(String, String)>,
}

impl OidcProvider {
    /// Starts it on the server's core.
    ///
    /// # Errors
    /// Node or the package is missing.
    pub(crate) fn start(cores: Cores) -> anyhow::Result<Self> {
        let modules = Path::new(FOLDER).join("node_modules");
        if !modules.exists() {
            bail!("oidc-provider is not installed: npm ci --prefix bench/peers/oidc-provider");
        }
        let mut command = cores.command("node");
        command.arg(Path::new(FOLDER).join("server.mjs")).env("NODE_ENV", "production");
        let (program, address) = Program::start(command, Announcement::Output, address_in)?;
        Ok(Self { program, address, host: address.to_string(), cookies: Vec::new() })
    }

    /// Signs somebody in and lets them agree, so that it remembers both.
    ///
    /// # Errors
    /// It does not lead to an answer.
    pub(crate) async fn sign_in(&mut self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.address).await?;
        let mut path = format!("/auth?{}&login_hint=bench-0", query("id_token token"));
        for _ in 0..MOST_REDIRECTS {
            let request = self.with_cookies(Request::get(&self.host, &path));
            let answer = connection.ask(&request.bytes()).await?;
            let location = answer.header("location");
            let location = location.with_context(|| format!("no redirect: {answer}"))?.to_owned();
            self.take_cookies(&answer);
            if location.starts_with(REDIRECT) {
                return Ok(());
            }
            let origin = format!("http://{}", self.host);
            path = location.strip_prefix(&origin).unwrap_or(&location).to_owned();
        }
        bail!("{MOST_REDIRECTS} redirects led nowhere")
    }

    /// Asks for a token by the implicit grant.
    pub(crate) fn implicit(&self) -> Request {
        self.authorize(&query("id_token token"))
    }

    /// Asks for a code, and the request that exchanges it.
    pub(crate) fn code(&self) -> (Request, Request) {
        let proof = form([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", PAGE_APP),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let exchange = Request::post(&self.host, "/token", form(fields) + "&code=");
        (self.authorize(&format!("{}&{proof}", query("code"))), exchange)
    }

    /// A token for an app itself.
    pub(crate) fn client_credentials(&self) -> Request {
        let fields = form([("grant_type", "client_credentials")]);
        Request::post(&self.host, "/token", fields).basic(SERVICE, SECRET)
    }

    /// Asks about a token.
    pub(crate) fn introspect(&self, token: &str) -> Request {
        let fields = form([("token", token)]);
        Request::post(&self.host, "/token/introspection", fields).basic(SERVICE, SECRET)
    }

    /// Asks whose token this is.
    pub(crate) fn userinfo(&self, token: &str) -> Request {
        Request::get(&self.host, "/me").header("authorization", &format!("Bearer {token}"))
    }

    /// A token of whoever is signed in.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn token(&self) -> anyhow::Result<String> {
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.ask(&self.implicit().bytes()).await?;
        let location = answer.header("location").unwrap_or_default();
        let token = location.split('&').find_map(|pair| pair.strip_prefix("access_token="));
        Ok(token.with_context(|| format!("no token: {answer}"))?.to_owned())
    }

    fn authorize(&self, query: &str) -> Request {
        self.with_cookies(Request::get(&self.host, &format!("/auth?{query}")))
    }

    fn with_cookies(&self, request: Request) -> Request {
        if self.cookies.is_empty() {
            return request;
        }
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header("cookie", &pairs.join("; "))
    }

    fn take_cookies(&mut self, answer: &Answer<'_>) {
        for line in answer.headers("set-cookie") {
            let pair = line.split(';').next().and_then(|pair| pair.split_once('='));
            let Some((name, value)) = pair else { continue };
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

fn query(response_type: &str) -> String {
    form([
        ("response_type", response_type),
        ("client_id", PAGE_APP),
        ("redirect_uri", REDIRECT),
        ("scope", "openid"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("state", "Rk9vYmFyIGJhega2NjY"),
    ])
}
