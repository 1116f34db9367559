//! A feed knows which keys are in force: here of an accounts service that changes them when a test says so.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use hallpass_guard::{
    Checker, Claims, ClientId, Denied, Feed, FeedEndpoint, PublicKeys, ScopeSet, Secret, Timestamp,
};
use hallpass_protocol::access_token::jwt;
use hallpass_protocol::jose::{PublicKey, PublicMaterial, Signer, fingerprint};
use hallpass_protocol::model::SignatureAlgorithm;
use hallpass_protocol::revocations::News;
use support::{AUDIENCE, Counted, NOW, claims};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const API: &str = "https://api.example/v1";

/// The key that is made of this one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key(u8);

impl Key {
    fn pair(self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[self.0; 32]).unwrap()
    }

    fn token(self) -> Secret {
        let claims = Claims { audience: API.to_owned(), ..claims("a") };
        jwt::encode(&claims, AUDIENCE, &self, &mut Counted(1))
    }
}

impl Signer for Key {
    fn key_id(&self) -> String {
        format!("k{}", self.0)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EdDsa
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair().sign(message).as_ref().to_vec()
    }
}

fn published(keys: &[Key]) -> String {
    let public = |key: &Key| {
        let point = key.pair().public_key().as_ref().try_into().unwrap();
        PublicKey::new(key.key_id(), PublicMaterial::Ed25519(point)).unwrap()
    };
    keys.iter().map(public).collect::<PublicKeys>().to_json()
}

/// What the accounts service says and does.
struct Service {
    /// The keys in force; the last one signs.
    in_force: Mutex<Vec<Key>>,
    /// The keys that it publishes, if they are others: a cache on the way may be too old.
    cached: Mutex<Option<Vec<Key>>>,
    /// How often it was asked for its keys.
    reads: AtomicI64,
    /// How far the API's clock has moved, in seconds.
    clock: AtomicI64,
}

impl Service {
    fn change_keys(&self, keys: &[Key]) {
        *self.in_force.lock().unwrap() = keys.to_vec();
    }
}

async fn revocations(
    State(service): State<Arc<Service>>,
    Query(query): Query<HashMap<String, String>>,
) -> String {
    let keys = service.in_force.lock().unwrap().clone();
    let news = News {
        issuer: AUDIENCE.to_owned(),
        audience: ClientId::parse("api").unwrap(),
        issued_at: NOW,
        nonce: query["nonce"].clone(),
        held: Duration::ZERO,
        cursor: 1,
        complete: false,
        more: false,
        keys: fingerprint(&published(&keys)),
        revocations: Vec::new(),
    };
    news.sign(keys.last().unwrap())
}

async fn jwks(State(service): State<Arc<Service>>) -> String {
    service.reads.fetch_add(1, Ordering::Relaxed);
    let cached = service.cached.lock().unwrap().clone();
    published(&cached.unwrap_or_else(|| service.in_force.lock().unwrap().clone()))
}

/// An accounts service, and an API that follows it.
struct World {
    service: Arc<Service>,
    feed: Arc<Feed>,
    checker: Checker,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    #[expect(clippy::disallowed_methods, reason = "a test's endpoint needs no limits")]
    async fn begins() -> Self {
        let service = Arc::new(Service {
            in_force: Mutex::new(vec![Key(1)]),
            cached: Mutex::default(),
            reads: AtomicI64::new(0),
            clock: AtomicI64::new(0),
        });
        let router = Router::new()
            .route("/revocations", get(revocations))
            .route("/jwks", get(jwks))
            .with_state(Arc::clone(&service));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let endpoint = FeedEndpoint {
            revocations_url: format!("http://{address}/revocations"),
            jwks_url: format!("http://{address}/jwks"),
            issuer: AUDIENCE.to_owned(),
            client_id: ClientId::parse("api").unwrap(),
            client_secret: Secret::presented("secret"),
        };
        let watched = Arc::clone(&service);
        let clock = move || {
            let passed = watched.clock.load(Ordering::Relaxed);
            Timestamp::from_seconds(NOW.seconds() + passed)
        };
        let feed = Feed::follow(endpoint, clock.clone()).unwrap();
        let checker = Checker::with_feed(Arc::clone(&feed), API, clock);
        Self { service, feed, checker, server }
    }

    async fn check(&self, key: Key) -> Result<(), Denied> {
        self.checker.check(&key.token(), &ScopeSet::empty()).await.map(|_| ())
    }

    /// Until an answer has come to a question that was asked after this.
    async fn hears(&self) {
        self.feed.heard().await;
        self.feed.heard().await;
    }
}

#[tokio::test]
async fn a_key_that_was_revoked_is_forgotten_and_its_successor_known() {
    let world = World::begins().await;
    world.hears().await;
    assert_eq!(world.check(Key(1)).await, Ok(()));

    world.service.change_keys(&[Key(2)]);
    world.hears().await;
    assert_eq!(world.check(Key(1)).await, Err(Denied::Unknown));
    assert_eq!(world.check(Key(2)).await, Ok(()));
}

#[tokio::test]
async fn a_key_that_retired_is_good_as_long_as_it_is_published() {
    let world = World::begins().await;
    world.service.change_keys(&[Key(1), Key(2)]);
    world.hears().await;
    assert_eq!((world.check(Key(1)).await, world.check(Key(2)).await), (Ok(()), Ok(())));
}

#[tokio::test]
async fn the_first_token_of_a_new_key_may_be_quicker_than_the_news() {
    let world = World::begins().await;
    world.hears().await;
    world.service.change_keys(&[Key(1), Key(2)]);
    assert_eq!(world.check(Key(2)).await, Ok(()));
    assert_eq!(world.check(Key(3)).await, Err(Denied::Unknown), "of nobody we know");
}

#[tokio::test]
async fn the_keys_are_read_only_when_others_are_in_force() {
    let world = World::begins().await;
    for _ in 0..5 {
        world.hears().await;
    }
    assert_eq!(world.service.reads.load(Ordering::Relaxed), 1);
    assert_eq!(world.check(Key(9)).await, Err(Denied::Unknown));
    assert_eq!(world.service.reads.load(Ordering::Relaxed), 1, "nobody can make it read");
}

#[tokio::test]
async fn while_the_published_keys_are_not_those_in_force_no_token_is_good() {
    let world = World::begins().await;
    world.hears().await;
    let reads = world.service.reads.load(Ordering::Relaxed);
    *world.service.cached.lock().unwrap() = Some(vec![Key(1)]);
    world.service.change_keys(&[Key(2), Key(1)]);
    while world.service.reads.load(Ordering::Relaxed) < reads + 2 {
        tokio::task::yield_now().await;
    }
    world.service.clock.store(2, Ordering::Relaxed);
    assert_eq!(world.check(Key(1)).await, Err(Denied::Unavailable));

    *world.service.cached.lock().unwrap() = None;
    world.hears().await;
    assert_eq!((world.check(Key(1)).await, world.check(Key(2)).await), (Ok(()), Ok(())));
}

#[tokio::test]
async fn before_anything_was_heard_no_token_is_good() {
    let world = World::begins().await;
    assert_eq!(world.check(Key(1)).await, Err(Denied::Unavailable));
}
