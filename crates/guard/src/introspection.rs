//! Asks the accounts service about a token (RFC 7662).
//!
//! What goes wrong on the way is the operator's matter and goes to the log; the app hears only that its
//! token could not be checked. No token and no secret is ever logged.

use std::error::Error;
use std::iter;
use std::time::Duration;

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::model::{ClientId, ScopeSet, Secret, Subject, Timestamp};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;
use url::{Host, Url};

use crate::{Access, Denied};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ANSWER: usize = 64 * 1024;

/// Where to ask about tokens, and as whom.
pub struct IntrospectionEndpoint {
    /// The address, `https://accounts.example/introspect`. Plain `http` only to this machine.
    pub url: String,
    /// The API's own registration at the accounts service: a confidential client.
    pub client_id: ClientId,
    /// That client's secret.
    pub client_secret: Secret,
}

/// Why an endpoint of the accounts service cannot be used. The API's operator mends its settings.
#[derive(Debug, thiserror::Error)]
pub enum IntrospectionProblem {
    /// The address is not an absolute URL.
    #[error("the address {0:?} is not a URL like https://accounts.example/introspect")]
    Address(String),
    /// The secret would travel in clear.
    #[error("the address {0} must begin with https:// (http:// is only for this machine)")]
    NotEncrypted(Url),
    /// The client for HTTPS could not be made, for example because there are no root certificates.
    #[error("no HTTPS client could be made to ask about tokens")]
    Client(#[from] reqwest::Error),
}

/// Why an answer cannot be used; for the log.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no answer")]
    Transport(#[from] reqwest::Error),
    #[error("the endpoint refused the client id or secret of this API")]
    Credentials,
    #[error("the endpoint answered with status {0}")]
    Status(StatusCode),
    #[error("the answer is longer than {MAX_ANSWER} bytes")]
    TooLong,
    #[error("the answer is not the JSON of RFC 7662 §2.2")]
    NotJson(#[from] serde_json::Error),
    #[error("the answer's {0} is missing or not understood")]
    Member(&'static str),
}

/// What RFC 7662 §2.2 lets an endpoint say, as far as it is of use here.
#[derive(Deserialize)]
struct Answer {
    active: bool,
    client_id: Option<String>,
    username: Option<String>,
    sub: Option<String>,
    scope: Option<String>,
    exp: Option<i64>,
    token_type: Option<String>,
}

pub(crate) struct Introspection {
    endpoint: IntrospectionEndpoint,
    url: Url,
    client: Client,
}

impl Introspection {
    pub(crate) fn new(endpoint: IntrospectionEndpoint) -> Result<Self, IntrospectionProblem> {
        let url = is_usable(&endpoint.url)?;
        Ok(Self { endpoint, url, client: http_client(TIMEOUT)? })
    }

    /// What the accounts service says of a token.
    pub(crate) async fn ask(&self, token: &Secret, now: Timestamp) -> Result<Access, Denied> {
        let answer =
            self.answer(token).await.map_err(|failure| unavailable(&self.url, &failure))?;
        if !answer.active {
            // Most endpoints say nothing more (RFC 7662 §2.2), but some do.
            let ended = answer.exp.is_some_and(|exp| now >= Timestamp::from_seconds(exp));
            return Err(if ended { Denied::Expired } else { Denied::Unknown });
        }
        // A token bound to a key is worth nothing as a bearer token (RFC 9449 §7.2).
        if answer.token_type.as_ref().is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(Denied::Unknown);
        }
        answer.access().map_err(|failure| unavailable(&self.url, &failure))
    }

    async fn answer(&self, token: &Secret) -> Result<Answer, Failure> {
        // RFC 6749 §2.3.1: id and secret are form-encoded before they become user name and password.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let endpoint = &self.endpoint;
        let response = self
            .client
            .post(self.url.clone())
            .basic_auth(
                encoded(endpoint.client_id.as_str()),
                Some(encoded(endpoint.client_secret.reveal())),
            )
            .header("accept", "application/json")
            .form(&[("token", token.reveal()), ("token_type_hint", "access_token")])
            .send()
            .await
            .map_err(without_url)?;
        match response.status() {
            StatusCode::OK => Ok(serde_json::from_slice(&bounded(response).await?)?),
            StatusCode::UNAUTHORIZED => Err(Failure::Credentials),
            other => Err(Failure::Status(other)),
        }
    }
}

impl Answer {
    fn access(self) -> Result<Access, Failure> {
        let client = self.client_id.ok_or(Failure::Member("client_id"))?;
        let client = ClientId::parse(&client).map_err(|_| Failure::Member("client_id"))?;
        let subject = match self.sub {
            None => TokenSubject::Client,
            Some(sub) if sub == client.as_str() => TokenSubject::Client,
            Some(sub) => {
                Subject::account(&sub).map(TokenSubject::Account).ok_or(Failure::Member("sub"))?
            }
        };
        let scopes = ScopeSet::parse(self.scope.as_deref().unwrap_or_default())
            .map_err(|_| Failure::Member("scope"))?;
        // A token without an end is not one of ours, and must not become one by silence.
        let exp = self.exp.ok_or(Failure::Member("exp"))?;
        Ok(Access {
            client,
            subject,
            scopes,
            expires_at: Timestamp::from_seconds(exp),
            username: self.username,
        })
    }
}

/// An address that a secret may be sent to.
pub(crate) fn is_usable(address: &str) -> Result<Url, IntrospectionProblem> {
    let not_one = || IntrospectionProblem::Address(address.to_owned());
    let url = Url::parse(address).map_err(|_| not_one())?;
    // RFC 7662 §4: the server "MUST use Transport Layer Security".
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_this_machine(&url) => Ok(url),
        "http" => Err(IntrospectionProblem::NotEncrypted(url)),
        _ => Err(not_one()),
    }
}

/// What asks the accounts service, and waits for so long for each answer.
pub(crate) fn http_client(timeout: Duration) -> Result<Client, reqwest::Error> {
    // Another provider may have been chosen by the program already; then that one serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        // The secret goes to the address in the settings and nowhere else.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
}

async fn bounded(response: Response) -> Result<Vec<u8>, Failure> {
    bounded_to(response, MAX_ANSWER).await.map_err(without_url)?.ok_or(Failure::TooLong)
}

/// The body, if it is not longer than `max_length`.
pub(crate) async fn bounded_to(
    mut response: Response,
    max_length: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_length {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn without_url(error: reqwest::Error) -> Failure {
    // The address is logged beside it already.
    Failure::Transport(error.without_url())
}

fn unavailable(url: &Url, failure: &Failure) -> Denied {
    let failure = with_causes(failure);
    tracing::warn!(host = url.host_str(), path = url.path(), %failure, "a token could not be checked");
    Denied::Unavailable
}

/// An error and what lies below it: "connection refused" is what the operator looks for.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let causes = iter::successors(error.source(), |cause| (**cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
