//! What can be asked of a Hallpass, and by whom.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};

use super::apps::{
    CHALLENGE, NEW_APP, OPENID_SCOPE, REDIRECT, SCOPE, SECRET, SERVICE, SIGNED_API, SIGNED_SERVICE,
    VERIFIER,
};
use super::browser::authorize;
use crate::wire::{Connection, Request, form};

/// Somebody who is signed in, and the app that they are using.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// The `Cookie` header of their browser.
    pub(crate) cookie: String,
    /// The app's client id.
    pub(crate) app: String,
}

/// The endpoints of one server.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    address: SocketAddr,
    host: String,
}

impl Endpoints {
    /// Of the server that listens there.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { address, host: address.to_string() }
    }

    /// Asks for a token by the implicit grant.
    pub(crate) fn implicit(&self, who: &Who) -> Request {
        self.authorize(who, &query("token", &who.app))
    }

    /// The consent page of an app that was never allowed anything.
    pub(crate) fn question(&self, who: &Who) -> Request {
        self.authorize(who, &query("token", NEW_APP))
    }

    /// Asks for a code, and the request that exchanges it when the code stands at its end.
    pub(crate) fn code(&self, who: &Who) -> (Request, Request) {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &who.app),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let exchange = Request::post(&self.host, "/api/token", form(fields) + "&code=");
        (self.authorize(who, &code_query(&who.app)), exchange)
    }

    /// Renews with the refresh token that is to stand at its end.
    pub(crate) fn refresh(&self, who: &Who) -> Request {
        let fields = form([("grant_type", "refresh_token"), ("client_id", &who.app)]);
        Request::post(&self.host, "/api/token", fields + "&refresh_token=")
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

    /// Gives back the token of the service that is to stand at its end.
    pub(crate) fn revoke(&self) -> Request {
        Request::post(&self.host, "/revoke", "token=".to_owned()).basic(SERVICE, SECRET)
    }

    /// A reverse proxy's question.
    pub(crate) fn forward_auth(&self, token: &str) -> Request {
        let path = format!("/forward-auth?{}", form([("scope", "bench-email")]));
        Request::get(&self.host, &path).header("authorization", &format!("Bearer {token}"))
    }

    /// Asks who somebody is.
    pub(crate) fn userinfo(&self, token: &str) -> Request {
        Request::get(&self.host, "/userinfo").header("authorization", &format!("Bearer {token}"))
    }

    /// A page or document that anybody may see.
    pub(crate) fn document(&self, path: &str) -> Request {
        Request::get(&self.host, path)
    }

    /// A token of somebody.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn token(&self, who: &Who) -> anyhow::Result<String> {
        let location = self.location(who, &query("token", &who.app)).await?;
        Ok(parameter(&location, "access_token")?.to_owned())
    }

    /// One that says who they are.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn openid_token(&self, who: &Who) -> anyhow::Result<String> {
        let location = self.location(who, &query_for("token", &who.app, OPENID_SCOPE)).await?;
        Ok(parameter(&location, "access_token")?.to_owned())
    }

    /// A signed one, for an API that has such.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn signed_token(&self, who: &Who) -> anyhow::Result<String> {
        let resource = form([("resource", SIGNED_API)]);
        let query = format!("{}&{resource}", query("token", &who.app));
        let location = self.location(who, &query).await?;
        Ok(parameter(&location, "access_token")?.to_owned())
    }

    /// The first refresh token of a new family.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn refresh_token(&self, who: &Who) -> anyhow::Result<String> {
        let location = self.location(who, &code_query(&who.app)).await?;
        let code = parameter(&location, "code")?;
        let (_, exchange) = self.code(who);
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.ask(exchange.ending().with(code)).await?;
        ensure!(answer.status == 200, "the code was not exchanged: {answer}");
        let body: serde_json::Value = serde_json::from_str(answer.body)?;
        let token = body.get("refresh_token").and_then(serde_json::Value::as_str);
        Ok(token.context("no refresh token")?.to_owned())
    }

    /// Where an authorization leads; they agree if they are asked.
    async fn location(&self, who: &Who, query: &str) -> anyhow::Result<String> {
        let mut connection = Connection::open(self.address).await?;
        authorize(&mut connection, &self.host, &who.cookie, query).await
    }

    fn authorize(&self, who: &Who, query: &str) -> Request {
        Request::get(&self.host, &format!("/authorize?{query}")).header("cookie", &who.cookie)
    }
}

fn query(response_type: &str, client: &str) -> String {
    query_for(response_type, client, SCOPE)
}

fn query_for(response_type: &str, client: &str, scope: &str) -> String {
    form([
        ("response_type", response_type),
        ("client_id", client),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "Rk9vYmFyIGJhega2NjY"),
    ])
}

fn code_query(client: &str) -> String {
    let proof = form([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    format!("{}&{proof}", query("code", client))
}

fn parameter<'a>(location: &'a str, name: &str) -> anyhow::Result<&'a str> {
    let mut pairs = location.split(['?', '#', '&']);
    let found = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.with_context(|| format!("no {name} in {location}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_parameter_is_found_in_the_query_and_in_the_fragment() {
        assert_eq!(parameter("https://a/?code=c&state=s#", "code").unwrap(), "c");
        assert_eq!(parameter("https://a/#access_token=t&x=y", "access_token").unwrap(), "t");
        assert!(parameter("https://a/?barcode=c", "code").is_err());
    }
}
