//! A guard somewhere else follows the feed, over real sockets; its clock stands still.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hallpass::listener::{self, ShutdownTrigger};
use hallpass_guard::{Checker, ClientId, Denied, Feed, FeedEndpoint, ScopeSet, Secret, Timestamp};

use crate::support::{API, APP, ISSUER, SECRET, Service};

/// Serves until it is dropped; then every connection ends.
struct Line {
    address: SocketAddr,
    _trigger: ShutdownTrigger,
    server: tokio::task::JoinHandle<()>,
}

impl Line {
    async fn open(service: &Service, address: &str) -> Self {
        let socket = listener::bind(address.parse().unwrap()).await.unwrap();
        let address = socket.local_addr().unwrap();
        let (trigger, shutdown) = listener::shutdown();
        let server = listener::serve(socket, service.router.clone(), 100, shutdown);
        Self { address, _trigger: trigger, server: tokio::spawn(server) }
    }

    async fn cut(self) {
        drop(self._trigger);
        self.server.await.unwrap();
    }
}

/// A checker that follows, and the milliseconds on its clock.
struct Follower {
    checker: Checker,
    feed: Arc<Feed>,
    millis: Arc<AtomicI64>,
}

impl Follower {
    fn new(service: &Service, address: SocketAddr, issuer: &str) -> Self {
        let millis = Arc::new(AtomicI64::new(service.app.now().millis()));
        let hands = Arc::clone(&millis);
        let clock = move || Timestamp::from_millis(hands.load(Ordering::SeqCst));
        let endpoint = FeedEndpoint {
            revocations_url: format!("http://{address}/revocations"),
            jwks_url: format!("http://{address}/jwks"),
            issuer: issuer.to_owned(),
            client_id: ClientId::parse(API).unwrap(),
            client_secret: Secret::presented(SECRET),
        };
        let feed = Feed::follow(endpoint, clock.clone()).unwrap();
        let keys = Arc::clone(&service.app.keys);
        let checker = Checker::with_keys(keys, ISSUER, clock).with_revocations(feed.clone());
        Self { checker, feed, millis }
    }

    fn wait(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    async fn check(&self, token: &Secret) -> Result<(), Denied> {
        self.checker.check(token, &ScopeSet::empty()).await.map(|_| ())
    }
}

#[tokio::test]
async fn rv_08_what_is_revoked_here_is_refused_there() {
    let service = Service::start().await;
    let line = Line::open(&service, "127.0.0.1:0").await;
    let guard = Follower::new(&service, line.address, ISSUER);
    let token = service.sealed(&service.claims().await);
    assert_eq!(guard.check(&token).await, Err(Denied::Unavailable), "nothing was heard yet");
    guard.feed.heard().await;
    assert_eq!(guard.check(&token).await, Ok(()));

    assert_eq!(service.post("/revoke", APP, &token).await.status, 200);
    // The answer that was under way when it was revoked, and the one after it.
    guard.feed.heard().await;
    guard.feed.heard().await;
    assert_eq!(guard.check(&token).await, Err(Denied::Revoked));
    let other = service.sealed(&service.claims().await);
    assert_eq!(guard.check(&other).await, Ok(()));
}

#[tokio::test]
async fn rv_08_who_hears_nothing_lets_nobody_in_and_recovers() {
    let service = Service::start().await;
    let line = Line::open(&service, "127.0.0.1:0").await;
    let address = line.address;
    let guard = Follower::new(&service, address, ISSUER);
    let token = service.sealed(&service.claims().await);
    guard.feed.heard().await;
    line.cut().await;
    assert_eq!(guard.check(&token).await, Ok(()), "no time has passed");
    guard.wait(Duration::from_secs(1));
    assert_eq!(guard.check(&token).await, Err(Denied::Unavailable));

    // What was ended meanwhile is known as soon as anything is heard.
    assert_eq!(service.post("/revoke", APP, &token).await.status, 200);
    let _line = Line::open(&service, &address.to_string()).await;
    guard.feed.heard().await;
    assert_eq!(guard.check(&token).await, Err(Denied::Revoked));
    let other = service.sealed(&service.claims().await);
    assert_eq!(guard.check(&other).await, Ok(()));
}
