//! How long a token still passes in a guard elsewhere after its revocation was answered with 200: with
//! real clocks and a real socket. `cargo bench -p hallpass --bench revocation`
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/revocations/support.rs"]
mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hallpass::listener;
use hallpass_guard::{
    Checker, ClientId, Denied, Feed, FeedEndpoint, ScopeSet, Secret, SystemClock,
};

use support::{API, APP, ISSUER, SECRET, Service};

const ROUNDS: usize = 500;

#[tokio::main]
async fn main() {
    let service = Service::start().await;
    let socket = listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = socket.local_addr().unwrap();
    let (_trigger, shutdown) = listener::shutdown();
    tokio::spawn(listener::serve(socket, service.router.clone(), 100, shutdown));
    let endpoint = FeedEndpoint {
        revocations_url: format!("http://{address}/revocations"),
        jwks_url: format!("http://{address}/jwks"),
        issuer: ISSUER.to_owned(),
        client_id: ClientId::parse(API).unwrap(),
        client_secret: Secret::presented(SECRET),
    };
    let feed = Feed::follow(endpoint, SystemClock).unwrap();
    feed.heard().await;
    let checker = Checker::with_keys(Arc::clone(&service.app.keys), ISSUER, SystemClock)
        .with_revocations(feed);

    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let token = service.sealed(&service.claims().await);
        assert!(checker.check(&token, &ScopeSet::empty()).await.is_ok());
        assert_eq!(service.post("/revoke", APP, &token).await.status, 200);
        let answered = Instant::now();
        while checker.check(&token, &ScopeSet::empty()).await != Err(Denied::Revoked) {
            tokio::task::yield_now().await;
        }
        times.push(answered.elapsed());
    }
    times.sort();
    let (half, most) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    println!("refused after: p50 {half:?}, p99 {most:?} (bound: 1 s)");
    assert!(most < Duration::from_secs(1), "the bound does not hold");
}
