//! Follows what the accounts service ended before its time: `GET /revocations`, over and over.
//!
//! ```text
//! question (cursor, nonce) -> answer, signed -> list in memory        -> judge: no I/O
//!             └────────── held for 0.4 s ──────────┘  └─ heard up to: question + held
//! ```
//!
//! Each answer also says which keys are in force; where they are not the ones at hand, they are read anew
//! before the answer counts. So a revoked key is forgotten within the same bound.
//!
//! An act is told the moment it happens. That nothing happened must be heard as well: what was heard up
//! to more than [`BOUND`] ago says nothing about now, and every token is then unchecked. So a token
//! is refused at the latest one second after it was ended, however the line fails.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hallpass_protocol::access_token::{Claims, RevocationList};
use hallpass_protocol::jose::{PublicKeys, fingerprint};
use hallpass_protocol::model::{ClientId, Secret, Timestamp};
use hallpass_protocol::revocations::{MAX_LENGTH, News};
use reqwest::{RequestBuilder, StatusCode};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
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
/// How many tokens at once may wait for the key that they name.
const PLACES: usize = 64;

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

/// What ended before its time, as far as was heard, and the keys in force. Stops following when it is
/// dropped.
pub struct Feed {
    heard: Arc<Heard>,
    issuer: String,
    clock: Arc<dyn Clock>,
    places: Semaphore,
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
    keys: Arc<PublicKeys>,
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
    #[error("the published keys are not those in force")]
    OtherKeys,
}

/// The key set as it was read last.
#[derive(Default)]
struct Published {
    keys: Arc<PublicKeys>,
    fingerprint: String,
}

/// What was told, by whoever has these keys, to a question asked at that moment.
struct Told<'a> {
    news: &'a News,
    keys: &'a Arc<PublicKeys>,
    asked: Duration,
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
        let issuer = endpoint.issuer.clone();
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
        Ok(Arc::new(Self { heard, issuer, clock, places: Semaphore::new(PLACES), task }))
    }

    /// Waits for the next answer: before it listens, an API may want to have heard the first.
    pub async fn heard(&self) {
        // The sender lives as long as this does.
        let _ = self.heard.answers.subscribe().changed().await;
    }

    /// Whose feed it is.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys in force; `None` while nobody knows which those are.
    pub(crate) fn keys(&self) -> Option<Arc<PublicKeys>> {
        let state = self.heard.state.read().unwrap_or_else(PoisonError::into_inner);
        state.is_current(self.clock.steady()).then(|| Arc::clone(&state.keys))
    }

    /// The keys in force after the next answer: the first token of a new key may be quicker than the news
    /// of it. Where many wait for that already, those that are known now.
    pub(crate) async fn next_keys(&self) -> Option<Arc<PublicKeys>> {
        if let Ok(_place) = self.places.try_acquire() {
            let _ = timeout(BOUND, self.heard()).await;
        }
        self.keys()
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
        if self.is_current(now) { Standing::Good } else { Standing::Unknown }
    }

    fn is_current(&self, now: Duration) -> bool {
        self.up_to.is_some_and(|up_to| now < up_to + BOUND)
    }

    /// Takes in what was told, at `now`.
    fn take(&mut self, told: &Told<'_>, now: Duration, today: Timestamp) {
        let Told { news, keys, asked } = told;
        self.keys = Arc::clone(keys);
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
            self.up_to = self.up_to.max(Some((*asked + news.held).min(now)));
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
        let mut published = Published::default();
        let mut is_reread = false;
        for number in 0_u64.. {
            let failure = match self.ask(&published, number).await {
                Ok(()) => {
                    is_reread = false;
                    continue;
                }
                Err(failure @ (Failure::NotSigned | Failure::OtherKeys)) => match self.read().await
                {
                    // At once, but not again and again: two nodes may differ for a moment.
                    Ok(read) if read.fingerprint != published.fingerprint && !is_reread => {
                        published = read;
                        is_reread = true;
                        continue;
                    }
                    Ok(read) => {
                        published = read;
                        failure
                    }
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            is_reread = false;
            let failure = with_causes(&failure);
            tracing::warn!(host = self.revocations.host_str(), %failure, "revocations are not heard");
            let jitter = self.random.hash_one((number, "pause")) % PAUSE_MILLIS;
            tokio::time::sleep(Duration::from_millis(PAUSE_MILLIS + jitter)).await;
        }
    }

    async fn ask(&self, published: &Published, number: u64) -> Result<(), Failure> {
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
        let keys = &published.keys;
        let news = News::verify(&text, keys, &endpoint.issuer, &endpoint.client_id, &nonce)
            .map_err(|_| Failure::NotSigned)?;
        if news.keys != published.fingerprint {
            return Err(Failure::OtherKeys);
        }
        let now = self.clock.steady();
        let mut state = self.heard.state.write().unwrap_or_else(PoisonError::into_inner);
        state.take(&Told { news: &news, keys, asked }, now, self.clock.now());
        drop(state);
        self.heard.answers.send_modify(|answers| *answers += 1);
        Ok(())
    }

    async fn read(&self) -> Result<Published, Failure> {
        let text = fetch(self.client.get(self.jwks.clone()), MAX_KEYS).await?;
        let keys = Arc::new(PublicKeys::parse(&text).ok_or(Failure::Keys)?);
        Ok(Published { keys, fingerprint: fingerprint(&text) })
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
