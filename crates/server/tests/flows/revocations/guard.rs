//! A guard somewhere else follows the feed, over real sockets; its clock stands still.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hallpass::clock::Clock as _;
use hallpass_guard::{Checker, ClientId, Denied, Feed, FeedEndpoint, ScopeSet, Secret};

use super::claims;
use crate::support::{ISSUER, ManualClock, NIGHT_TRAIN, NIGHT_TRAIN_SECRET, TestServer, Wire};

/// A checker that follows, and its clock.
struct Follower {
    checker: Checker,
    feed: Arc<Feed>,
    clock: Arc<ManualClock>,
}

impl Follower {
    fn new(server: &TestServer, address: SocketAddr) -> Self {
        let clock = Arc::new(ManualClock::at(server.now()));
        let hands = Arc::clone(&clock);
        let now = move || hands.now();
        let endpoint = FeedEndpoint {
            revocations_url: format!("http://{address}/revocations"),
            jwks_url: format!("http://{address}/jwks"),
            issuer: ISSUER.to_owned(),
            client_id: ClientId::parse(NIGHT_TRAIN).unwrap(),
            client_secret: Secret::presented(NIGHT_TRAIN_SECRET),
        };
        let feed = Feed::follow(endpoint, now.clone()).unwrap();
        let keys = Arc::clone(&server.app.keys);
        let checker = Checker::with_keys(keys, ISSUER, now).with_revocations(feed.clone());
        Self { checker, feed, clock }
    }

    async fn check(&self, token: &str) -> Result<(), Denied> {
        self.checker.check(&Secret::presented(token), &ScopeSet::empty()).await.map(|_| ())
    }
}

#[tokio::test]
async fn rv_08_what_is_revoked_here_is_refused_there() {
    let server = TestServer::start().await;
    let wire = Wire::open(server.router.clone(), 100).await;
    let guard = Follower::new(&server, wire.address);
    let token = server.sealed(&claims(&server).await);
    assert_eq!(guard.check(&token).await, Err(Denied::Unavailable), "nothing was heard yet");
    guard.feed.heard().await;
    assert_eq!(guard.check(&token).await, Ok(()));

    assert_eq!(server.turntable().revoke(&token).await.status, 200);
    // The answer that was under way when it was revoked, and the one after it.
    guard.feed.heard().await;
    guard.feed.heard().await;
    assert_eq!(guard.check(&token).await, Err(Denied::Revoked));
    let other = server.sealed(&claims(&server).await);
    assert_eq!(guard.check(&other).await, Ok(()));
}

#[tokio::test]
async fn rv_08_who_hears_nothing_lets_nobody_in_and_recovers() {
    let server = TestServer::start().await;
    let wire = Wire::open(server.router.clone(), 100).await;
    let address = wire.address;
    let guard = Follower::new(&server, address);
    let token = server.sealed(&claims(&server).await);
    guard.feed.heard().await;
    wire.cut().await;
    assert_eq!(guard.check(&token).await, Ok(()), "no time has passed");
    guard.clock.advance(Duration::from_secs(1));
    assert_eq!(guard.check(&token).await, Err(Denied::Unavailable));

    // What was ended meanwhile is known as soon as anything is heard.
    assert_eq!(server.turntable().revoke(&token).await.status, 200);
    let _wire = Wire::open_at(address, server.router.clone(), 100).await;
    guard.feed.heard().await;
    assert_eq!(guard.check(&token).await, Err(Denied::Revoked));
    let other = server.sealed(&claims(&server).await);
    assert_eq!(guard.check(&other).await, Ok(()));
}
