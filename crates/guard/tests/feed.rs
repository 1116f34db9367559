//! A feed hears only its accounts service: here one that says what a test wants. Its clock stands still.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use hallpass_guard::{ClientId, Feed, FeedEndpoint, PublicKeys, Revocations, Secret, Standing};
use hallpass_protocol::jose::{PublicKey, PublicMaterial, Signer, fingerprint};
use hallpass_protocol::model::{Revocation, Revoked, SignatureAlgorithm};
use hallpass_protocol::revocations::News;
use support::{NOW, claims};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const ISSUER: &str = "https://accounts.example";
const API: &str = "music-api";

struct Key(Ed25519KeyPair);

impl Key {
    fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    fn published(&self) -> PublicKeys {
        let point = self.0.public_key().as_ref().try_into().unwrap();
        [PublicKey::new("k1", PublicMaterial::Ed25519(point)).unwrap()].into_iter().collect()
    }
}

impl Signer for Key {
    fn key_id(&self) -> String {
        "k1".to_owned()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EdDsa
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

type Answering = dyn Fn(&Key, News) -> String + Send + Sync;

/// An accounts service whose answers a test makes from the right ones.
struct Service {
    key: Key,
    answering: Box<Answering>,
    asked: Mutex<u32>,
    third: Notify,
}

async fn revocations(
    State(service): State<Arc<Service>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<String, StatusCode> {
    let mut asked = service.asked.lock().unwrap();
    *asked += 1;
    if *asked == 3 {
        service.third.notify_one();
    }
    let ended = Revoked::Authorization(claims("").authorization);
    let news = News {
        issuer: ISSUER.to_owned(),
        audience: ClientId::parse(API).unwrap(),
        issued_at: NOW,
        nonce: query["nonce"].clone(),
        held: Duration::ZERO,
        cursor: 1,
        complete: true,
        more: false,
        keys: fingerprint(&service.key.published().to_json()),
        revocations: vec![Revocation {
            revoked: ended,
            at: NOW,
            until: NOW.plus(Duration::from_secs(90_000)),
        }],
    };
    Ok((service.answering)(&service.key, news))
}

async fn jwks(State(service): State<Arc<Service>>) -> String {
    service.key.published().to_json()
}

/// How the token that was ended stands, once the feed has heard the answer or asked three times.
#[expect(clippy::disallowed_methods, reason = "a test's endpoint needs no limits")]
async fn standing(answering: impl Fn(&Key, News) -> String + Send + Sync + 'static) -> Standing {
    let service = Arc::new(Service {
        key: Key::new(),
        answering: Box::new(answering),
        asked: Mutex::default(),
        third: Notify::new(),
    });
    let router = Router::new()
        .route("/revocations", get(revocations))
        .route("/jwks", get(jwks))
        .with_state(Arc::clone(&service));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let endpoint = FeedEndpoint {
        revocations_url: format!("http://{address}/revocations"),
        jwks_url: format!("http://{address}/jwks"),
        issuer: ISSUER.to_owned(),
        client_id: ClientId::parse(API).unwrap(),
        client_secret: Secret::presented("secret"),
    };
    let feed = Feed::follow(endpoint, || NOW).unwrap();
    tokio::select! {
        () = feed.heard() => {}
        () = service.third.notified() => {}
    }
    server.abort();
    feed.judge(&claims(""), NOW)
}

#[tokio::test]
async fn the_right_answer_is_heard() {
    assert_eq!(standing(|key, news| news.sign(key)).await, Standing::Revoked);
}

#[tokio::test]
async fn rv_08_an_answer_that_is_forged_unsigned_or_for_another_is_not_heard() {
    let unknown = Standing::Unknown;
    assert_eq!(standing(|_, news| news.sign(&Key::new())).await, unknown, "forged");
    let unsigned = |key: &Key, news: News| {
        let text = news.sign(key);
        text[..=text.rfind('.').unwrap()].to_owned()
    };
    assert_eq!(standing(unsigned).await, unknown, "unsigned");
    let other = |key: &Key, news: News| {
        News { issuer: "https://other.example".to_owned(), ..news }.sign(key)
    };
    assert_eq!(standing(other).await, unknown, "another issuer's");
    let other = |key: &Key, news: News| {
        News { audience: ClientId::parse("another-api").unwrap(), ..news }.sign(key)
    };
    assert_eq!(standing(other).await, unknown, "another API's");
    let older = |key: &Key, news: News| News { nonce: "older".to_owned(), ..news }.sign(key);
    assert_eq!(standing(older).await, unknown, "an older answer");
    assert_eq!(standing(|_, _| "no news".to_owned()).await, unknown, "no JWS");
}
