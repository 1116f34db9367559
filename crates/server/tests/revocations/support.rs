//! An accounts service of one's own, whose clock stands still, with one person, one app and one API.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hallpass::clock::Clock;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::Installation;
use hallpass::router::router;
use hallpass::state::{AppState, SystemRandomness};
use hallpass_protocol::access_token::{Claims, TokenSubject, seal};
use hallpass_protocol::model::{
    Account, AuthorizationId, ClientId, ScopeSet, Secret, Timestamp, Username,
};
use hallpass_store::Identifier;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const ISSUER: &str = "https://accounts.example";
/// The app that tokens are issued to.
pub(crate) const APP: &str = "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93";
/// The API that asks about them.
pub(crate) const API: &str = "9d24b7e05f6c41d8b3a1e7c90f8d2a64";
pub(crate) const SECRET: &str = "a-secret-that-only-two-know";

const WORLD: &str = r#"
[[user]]
username = "ada"
email = "ada@people.example"
password = "a long enough password"

[[app]]
name = "Mixtape"
client_id = "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93"
type = "confidential"
client_secret = "a-secret-that-only-two-know"
redirect_uris = ["https://mixtape.example/callback"]
grants = ["client_credentials"]
owner = "ada"

[[app]]
name = "Music API"
client_id = "9d24b7e05f6c41d8b3a1e7c90f8d2a64"
type = "confidential"
client_secret = "a-secret-that-only-two-know"
redirect_uris = ["https://music.example/callback"]
grants = ["client_credentials"]
owner = "ada"
"#;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// See the module.
pub(crate) struct Service {
    pub(crate) app: AppState,
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    _directory: TempDir,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000)));
        let settings = Settings {
            data: Some(directory.path().join("data")),
            hashing_threads: Some(1),
            ..Settings::default()
        };
        let config = settings.into_config().unwrap();
        let installation = Installation::open(config, None, clock.clone()).await.unwrap();
        installation.apply_text("apps.toml", WORLD).await.unwrap();
        let app = installation.into_app(PublicUrl::parse(ISSUER).unwrap()).await.unwrap();
        Self { router: router(app.clone()), app, clock, _directory: directory }
    }

    pub(crate) fn wait(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) async fn ada(&self) -> Account {
        let ada = Identifier::Username(Username::parse("ada").unwrap());
        self.app.store.credentials(&ada).await.unwrap().unwrap().account
    }

    /// What a token says that ada has just given the app.
    pub(crate) async fn claims(&self) -> Claims {
        let now = self.app.now();
        let id = || AuthorizationId::mint(&mut SystemRandomness, now);
        Claims {
            client: ClientId::parse(APP).unwrap(),
            subject: TokenSubject::Account(self.ada().await.id),
            authorization: id(),
            consent: Some(id()),
            scopes: ScopeSet::empty(),
            audience: ISSUER.to_owned(),
            issued_at: now,
            expires_at: now.plus(Duration::from_secs(3600)),
        }
    }

    pub(crate) fn sealed(&self, claims: &Claims) -> Secret {
        seal(claims, self.app.keys.active(), &mut SystemRandomness)
    }

    /// Posts a form with the right secret of `caller`.
    pub(crate) async fn post(&self, path: &str, caller: &str, token: &Secret) -> Answer {
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, basic(caller, SECRET))
            .body(Body::from(format!("token={}", token.reveal())))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.sending(request).await
    }

    /// The same, for a task of its own.
    pub(crate) fn sending(&self, request: Request<Body>) -> impl Future<Output = Answer> + use<> {
        let router = self.router.clone();
        async move { Answer::read(router.oneshot(request).await.unwrap()).await }
    }

    /// Whether the API is told that a token is good.
    pub(crate) async fn is_active(&self, token: &Secret) -> bool {
        let answer = self.post("/introspect", API, token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["active"].as_bool().unwrap()
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status.as_u16(), body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
