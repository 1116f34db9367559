//! APIs with tokens of their own: asked for by name, signed, verified with what is published. Names that
//! begin with an id are rows of the list of refusals.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod interop;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hallpass::clock::SystemClock;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::{Installation, InstallationError};
use hallpass::router::router;
use hallpass_guard::{Checker, Denied, PublicKeys, ScopeSet, Secret};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

const ISSUER: &str = "https://accounts.example";
const APP: &str = "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93";
const MUSIC: &str = "9d24b7e05f6c41d8b3a1e7c90f8d2a64";
const SECRET: &str = "a-secret-that-only-two-know";

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

[[scope]]
name = "listen"
text = "listen"
group = "data"

[[api]]
identifier = "https://music.example"
format = "jwt"
client_id = "9d24b7e05f6c41d8b3a1e7c90f8d2a64"

[[api]]
identifier = "https://video.example"
format = "jwt"
algorithm = "ES256"

[[api]]
identifier = "https://old.example"
format = "jwt"
algorithm = "RS256"

[[api]]
identifier = "https://sealed.example"
format = "opaque"
"#;

struct Service {
    router: Router,
    directory: TempDir,
}

async fn installation(directory: &TempDir) -> Installation {
    let settings = Settings {
        data: Some(directory.path().join("data")),
        hashing_threads: Some(1),
        ..Settings::default()
    };
    let config = settings.into_config().unwrap();
    Installation::open(config, None, Arc::new(SystemClock)).await.unwrap()
}

impl Service {
    async fn start(apps: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), apps).await
    }

    async fn start_in(directory: TempDir, apps: &str) -> Self {
        let installation = installation(&directory).await;
        installation.apply_text("apps.toml", apps).await.unwrap();
        let app = installation.into_app(PublicUrl::parse(ISSUER).unwrap()).await.unwrap();
        Self { router: router(app), directory }
    }

    async fn send(&self, request: Request<Body>) -> (u16, HeaderMap, String) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn post(&self, path: &str, caller: &str, form: &str) -> (u16, Value) {
        let basic = format!("Basic {}", STANDARD.encode(format!("{caller}:{SECRET}")));
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, basic)
            .body(Body::from(form.to_owned()))
            .unwrap();
        let (status, _, body) = self.send(request).await;
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    async fn token(&self, resource: &str) -> Result<String, Value> {
        let form = format!("grant_type=client_credentials&scope=listen&resource={resource}");
        let (status, body) = self.post("/token", APP, &form).await;
        match status {
            200 => Ok(body["access_token"].as_str().unwrap().to_owned()),
            _ => Err(body["error"].clone()),
        }
    }

    async fn jwks(&self) -> String {
        self.send(Request::get("/jwks").body(Body::empty()).unwrap()).await.2
    }

    async fn is_active(&self, caller: &str, token: &str) -> Value {
        self.post("/introspect", caller, &format!("token={token}")).await.1["active"].clone()
    }
}

fn header(token: &str) -> Value {
    let part = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn check(keys: &str, audience: &str, token: &str) -> Result<(), Denied> {
    let keys = PublicKeys::parse(keys).unwrap();
    let checker = Checker::with_jwks(keys, ISSUER, audience, hallpass_guard::SystemClock);
    let needed = ScopeSet::parse("listen").unwrap();
    checker.check(&Secret::presented(token), &needed).await.map(|_| ())
}

#[tokio::test]
async fn an_api_verifies_its_tokens_with_what_is_published() {
    let service = Service::start(WORLD).await;
    let jwks = service.jwks().await;
    for (api, algorithm) in [
        ("https://music.example", "EdDSA"),
        ("https://video.example", "ES256"),
        ("https://old.example", "RS256"),
    ] {
        let token = service.token(api).await.unwrap();
        assert_eq!(header(&token)["alg"], algorithm);
        assert_eq!(header(&token)["typ"], "at+jwt");
        assert_eq!(check(&jwks, api, &token).await, Ok(()));
        // TK-28: and nobody else's.
        assert_eq!(check(&jwks, "https://sealed.example", &token).await, Err(Denied::Unknown));
    }
    assert!(service.token("https://sealed.example").await.unwrap().starts_with("hpa_"));
}

#[tokio::test]
async fn az_53_the_token_endpoint_knows_the_same_apis() {
    let service = Service::start(WORLD).await;
    for bad in ["https://other.example", "music", "https://music.example%23a"] {
        assert_eq!(service.token(bad).await, Err("invalid_target".into()), "{bad}");
    }
}

#[tokio::test]
async fn in_02_an_api_is_told_of_its_own_tokens_and_of_no_others() {
    let service = Service::start(WORLD).await;
    let music = service.token("https://music.example").await.unwrap();
    let video = service.token("https://video.example").await.unwrap();
    assert_eq!(service.is_active(MUSIC, &music).await, true);
    assert_eq!(service.is_active(MUSIC, &video).await, false);
    assert_eq!(service.is_active(APP, &music).await, false);
    assert_eq!(service.is_active(APP, &video).await, true);
}

#[tokio::test]
async fn rv_06_a_signed_token_is_revoked_like_a_sealed_one() {
    let service = Service::start(WORLD).await;
    let token = service.token("https://music.example").await.unwrap();
    let form = format!("token={token}");
    assert_eq!(service.post("/revoke", MUSIC, &form).await.0, 200);
    assert_eq!(service.is_active(MUSIC, &token).await, true, "it is not that client's");
    assert_eq!(service.post("/revoke", APP, &form).await.0, 200);
    assert_eq!(service.is_active(MUSIC, &token).await, false);
}

#[tokio::test]
async fn the_published_keys_are_public_and_stay_the_same_over_a_restart() {
    let service = Service::start("").await;
    let (status, headers, body) =
        service.send(Request::get("/jwks").body(Body::empty()).unwrap()).await;
    assert_eq!((status, &headers["access-control-allow-origin"]), (200, &"*".parse().unwrap()));
    assert_eq!(headers["cache-control"], "public, max-age=300");
    let keys: Value = serde_json::from_str(&body).unwrap();
    let [key] = keys["keys"].as_array().unwrap().as_slice() else { panic!("{body}") };
    assert_eq!((&key["alg"], &key["use"]), (&"EdDSA".into(), &"sig".into()));
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert_eq!(key.get(private), None);
    }
    let Service { router, directory } = service;
    drop(router);
    let again = Service::start_in(directory, WORLD).await;
    let more: Value = serde_json::from_str(&again.jwks().await).unwrap();
    assert_eq!(more["keys"].as_array().unwrap().len(), 3, "one for each algorithm");
    assert_eq!(more["keys"][0], *key);
}

#[tokio::test]
async fn only_a_confidential_app_may_ask_for_an_api() {
    let directory = tempfile::tempdir().unwrap();
    let installation = installation(&directory).await;
    let nobodys = WORLD.replacen(
        "format = \"jwt\"\nclient_id = \"9d24b7e05f6c41d8b3a1e7c90f8d2a64\"",
        "format = \"jwt\"\nclient_id = \"nobody\"",
        1,
    );
    let refused = installation.apply_text("apps.toml", &nobodys).await.err().unwrap();
    assert!(matches!(refused, InstallationError::Apply(_)));
    assert!(refused.to_string().contains("nobody is no confidential app"), "{refused}");
}
