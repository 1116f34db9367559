//! How long a token still passes in a guard elsewhere after its revocation was answered with 200: with
//! real clocks and a real socket. `cargo bench -p hallpass --bench revocation`
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use hallpass::clock;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::Installation;
use hallpass::listener;
use hallpass::router::router;
use hallpass::state::AppState;
use hallpass_guard::{
    Checker, ClientId, Denied, Feed, FeedEndpoint, ScopeSet, Secret, SystemClock,
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

const ROUNDS: usize = 500;
const ISSUER: &str = "https://accounts.example";
const RADIO: &str = "9d24b7e05f6c41d8b3a1e7c90f8d2a64";
const SECRET: &str = "a-secret-that-only-the-radio-knows";

/// One app, which gets tokens for itself and follows the feed as well.
const APPS: &str = r#"
[[user]]
username = "linus"
email = "linus@people.example"
password = "a long enough password"

[[app]]
name = "Night Train Radio"
client_id = "9d24b7e05f6c41d8b3a1e7c90f8d2a64"
type = "confidential"
client_secret = "a-secret-that-only-the-radio-knows"
redirect_uris = ["https://radio.example/callback"]
grants = ["client_credentials"]
owner = "linus"
"#;

#[tokio::main]
async fn main() {
    let directory = tempfile::tempdir().unwrap();
    let app = open(&directory.path().join("data")).await;
    let router = Router::new().fallback_service(router(app.clone()));
    let socket = listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = socket.local_addr().unwrap();
    let (_trigger, shutdown) = listener::shutdown();
    tokio::spawn(listener::serve(socket, router.clone(), 100, shutdown));
    let checker = follower(&app, address).await;

    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let token = token(&router).await;
        let presented = Secret::presented(&token);
        assert!(checker.check(&presented, &ScopeSet::empty()).await.is_ok());
        post(&router, "/revoke", &format!("token={token}")).await;
        let answered = Instant::now();
        while checker.check(&presented, &ScopeSet::empty()).await != Err(Denied::Revoked) {
            tokio::task::yield_now().await;
        }
        times.push(answered.elapsed());
    }
    times.sort();
    let (half, most) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    println!("refused after: p50 {half:?}, p99 {most:?} (bound: 1 s)");
    assert!(most < Duration::from_secs(1), "the bound does not hold");
}

/// The service, new.
async fn open(data: &Path) -> AppState {
    let settings = Settings { data: Some(data.to_owned()), ..Settings::default() };
    let config = settings.into_config().unwrap();
    let clock = Arc::new(clock::SystemClock);
    let installation = Installation::open(config, None, clock).await.unwrap();
    installation.apply_text("apps.toml", APPS).await.unwrap();
    installation.into_node(PublicUrl::parse(ISSUER).unwrap()).await.unwrap().0.app()
}

/// A guard somewhere else, which has heard the feed once.
async fn follower(app: &AppState, address: SocketAddr) -> Checker {
    let endpoint = FeedEndpoint {
        revocations_url: format!("http://{address}/revocations"),
        jwks_url: format!("http://{address}/jwks"),
        issuer: ISSUER.to_owned(),
        client_id: ClientId::parse(RADIO).unwrap(),
        client_secret: Secret::presented(SECRET),
    };
    let feed = Feed::follow(endpoint, SystemClock).unwrap();
    feed.heard().await;
    let keys = Arc::clone(&app.keys);
    Checker::with_keys(keys, ISSUER, SystemClock).with_revocations(feed)
}

/// A token that the app has just got for itself.
async fn token(router: &Router) -> String {
    let answer = post(router, "/api/token", "grant_type=client_credentials").await;
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Posts a form as the app and reads the answer, which is a 200.
async fn post(router: &Router, path: &str, form: &str) -> Vec<u8> {
    let request = Request::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("{form}&client_id={RADIO}&client_secret={SECRET}")))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.into_body().collect().await.unwrap().to_bytes().to_vec()
}
