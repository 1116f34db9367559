//! Follows what the accounts service ended before its time: `GET /revocations`, over and over.
//!
//! ```text
//! question (cursor, nonce) -> answer, signed -> list in memory        -> judge: no I/O
//!             └────────── held for 0.4 s ──────────┘  └─ heard up to: question + held
//! ```
//!
//! An act is told the moment it happens. That nothing happened must be heard as well: what was heard up
//! to more than [`BOUND`] ago says nothing about now, and every token is then unchecked. So a token
//! is refused at the latest one second after it was ended, however the line fails.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hallpass_protocol::access_token::{Claims, RevocationList};
use hallpass_protocol::jose::PublicKeys;
use hallpass_protocol::model::{ClientId, Secret, Timestamp};
use hallpass_protocol::revocations::{MAX_LENGTH, News};
use reqwest::{RequestBuilder, StatusCode};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::introspection::{IntrospectionProblem, bounded_to, http_client, is_usable, with_causes};
use crate::{Clock, Revocations, Standing};

/// How old what was heard may be before nothing is let through any more.
pub const BOUND: Duration = Duration::from_secs(1);
/// How long a question may be held: two of them fit into the bound, with time for the way.
const WAIT: &str = "0.4";
/// How long an answer may take: the line is dead then, and a new one may still be in time.
const PATIENCE: Duration = Duration::from_millis(900);
/// The pause after a failure is between this and twice this, so that not all followers come at once.
const PAUSE_MILLIS: u64 = 100;
/// A published key set is shorter.
const MAX_KEYS: usize = 64 * 1024;

/// Where to hear of what was ended, and as whom.
pub struct FeedEndpoint {
    /// The address, `https://accounts.example/revocations`. Plain `http` only to this machine.
    pub revocations_url: String,
    /// Where the accounts service publishes its keys, `https://accounts.example/jwks`.
    pub jwks_url: String,
    /// Who the accounts service says it is, `https://accounts.example`.
    pub issuer: String,
    /// The API's own registration at the accounts service: a confidential client.
    pub client_id: ClientId,
    /// That client's secret.
    pub client_secret: Secret,
}

/// What ended before its time, as far as was heard. Stops following when it is dropped.
pub struct Feed {
    heard: Arc<Heard>,
    clock: Arc<dyn Clock>,
    task: JoinHandle<()>,
}

/// What the task writes and the checks read.
struct Heard {
    state: RwLock<State>,
    answers: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    list: RevocationList,
    cursor: u64,
    /// Up to when everything was heard, by [`Clock::steady`].
    up_to: Option<Duration>,
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
    #[error("the answer is too long")]
    TooLong,
    #[error("the published keys are not understood")]
    Keys,
    #[error("the answer is not signed by the issuer for this API and this question")]
    NotSigned,
}

impl Feed {
    /// Begins to follow, on the tokio runtime that this is called on. Until the first answer has come
    /// every token is unchecked: see [`Feed::heard`].
    ///
    /// # Errors
    /// [`IntrospectionProblem`] if an address cannot be one; nothing is fetched yet.
    pub fn follow(
        endpoint: FeedEndpoint,
        clock: impl Clock + 'static,
    ) -> Result<Arc<Self>, IntrospectionProblem> {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let heard = Arc::new(Heard { state: RwLock::default(), answers: watch::Sender::new(0) });
        let follower = Follower {
            revocations: is_usable(&endpoint.revocations_url)?,
            jwks: is_usable(&endpoint.jwks_url)?,
            client: http_client(PATIENCE)?,
            random: RandomState::new(),
            endpoint,
            clock: Arc::clone(&clock),
            heard: Arc::clone(&heard),
        };
        let task = tokio::spawn(follower.run());
        Ok(Arc::new(Self { heard, clock, task }))
    }

    /// Waits for the next answer: before it listens, an API may want to have heard the first.
    pub async fn heard(&self) {
        // The sender lives as long as this does.
        let _ = self.heard.answers.subscribe().changed().await;
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Revocations for Feed {
    fn judge(&self, claims: &Claims, _now: Timestamp) -> Standing {
        let state = self.heard.state.read().unwrap_or_else(PoisonError::into_inner);
        state.judge(claims, self.clock.steady())
    }
}

impl State {
    fn judge(&self, claims: &Claims, now: Duration) -> Standing {
        // What was ended stays so, however long ago that was heard.
        if self.list.covers(claims) {
            return Standing::Revoked;
        }
        match self.up_to {
            Some(up_to) if now < up_to + BOUND => Standing::Good,
            _ => Standing::Unknown,
        }
    }

    /// Takes in what was told to a question asked at `asked`, at `now`.
    fn take(&mut self, news: &News, asked: Duration, now: Duration, today: Timestamp) {
        if news.complete {
            self.list = RevocationList::default();
        }
        for revocation in &news.revocations {
            self.list.add(revocation);
        }
        self.list.forget_ended(today);
        self.cursor = news.cursor;
        if !news.more {
            // Never beyond now, whatever is claimed.
            self.up_to = self.up_to.max(Some((asked + news.held).min(now)));
        }
    }
}

/// The task.
struct Follower {
    endpoint: FeedEndpoint,
    revocations: Url,
    jwks: Url,
    client: reqwest::Client,
    random: RandomState,
    clock: Arc<dyn Clock>,
    heard: Arc<Heard>,
}

impl Follower {
    async fn run(self) {
        let mut keys = PublicKeys::default();
        for number in 0_u64.. {
            let failure = match self.ask(&keys, number).await {
                Ok(()) => continue,
                // The key may be newer than the set: the set is read again, and the next answer tells.
                Err(Failure::NotSigned) => match self.keys().await {
                    Ok(read) if read.to_json() != keys.to_json() => {
                        keys = read;
                        continue;
                    }
                    Ok(_) => Failure::NotSigned,
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            let failure = with_causes(&failure);
            tracing::warn!(host = self.revocations.host_str(), %failure, "revocations are not heard");
            let jitter = self.random.hash_one((number, "pause")) % PAUSE_MILLIS;
            tokio::time::sleep(Duration::from_millis(PAUSE_MILLIS + jitter)).await;
        }
    }

    async fn ask(&self, keys: &PublicKeys, number: u64) -> Result<(), Failure> {
        // Of a source of its own for each follower, and never the same twice.
        let nonce = format!("{:016x}-{number:x}", self.random.hash_one(number));
        let cursor = self.heard.state.read().unwrap_or_else(PoisonError::into_inner).cursor;
        let asked = self.clock.steady();
        let endpoint = &self.endpoint;
        // RFC 6749 §2.3.1: id and secret are form-encoded before they become user name and password.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let mut url = self.revocations.clone();
        url.query_pairs_mut()
            .append_pair("after", &cursor.to_string())
            .append_pair("wait", WAIT)
            .append_pair("nonce", &nonce);
        let request = self.client.get(url).basic_auth(
            encoded(endpoint.client_id.as_str()),
            Some(encoded(endpoint.client_secret.reveal())),
        );
        let text = fetch(request, MAX_LENGTH).await?;
        let news = News::verify(&text, keys, &endpoint.issuer, &endpoint.client_id, &nonce)
            .map_err(|_| Failure::NotSigned)?;
        let now = self.clock.steady();
        let mut state = self.heard.state.write().unwrap_or_else(PoisonError::into_inner);
        state.take(&news, asked, now, self.clock.now());
        drop(state);
        self.heard.answers.send_modify(|answers| *answers += 1);
        Ok(())
    }

    async fn keys(&self) -> Result<PublicKeys, Failure> {
        let text = fetch(self.client.get(self.jwks.clone()), MAX_KEYS).await?;
        PublicKeys::parse(&text).ok_or(Failure::Keys)
    }
}

async fn fetch(request: RequestBuilder, max_length: usize) -> Result<String, Failure> {
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    match response.status() {
        StatusCode::OK => {
            let read =
                bounded_to(response, max_length).await.map_err(reqwest::Error::without_url)?;
            String::from_utf8(read.ok_or(Failure::TooLong)?).map_err(|_| Failure::NotSigned)
        }
        StatusCode::UNAUTHORIZED => Err(Failure::Credentials),
        other => Err(Failure::Status(other)),
    }
}
