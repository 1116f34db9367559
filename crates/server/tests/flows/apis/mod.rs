//! APIs with tokens of their own: asked for by name, signed, verified with what is published. Turntable
//! asks for the tokens, Night Train is the music API. Names that begin with an id are rows of the list of
//! refusals.

mod interop;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_guard::{Checker, Denied, PublicKeys, ScopeSet, Secret};
use serde_json::Value;

use crate::support::{APIS, Client, ISSUER, Setup, TestServer};

/// The usual server, started with the file of APIs.
async fn start() -> TestServer {
    start_with(Setup::default()).await
}

/// The same, set up differently.
async fn start_with(setup: Setup) -> TestServer {
    TestServer::with(setup).await.restarted_with(APIS).await
}

/// A token for this API, or the error.
async fn token(server: &TestServer, resource: &str) -> Result<String, Value> {
    let form = [("grant_type", "client_credentials"), ("scope", "history"), ("resource", resource)];
    let answer = server.turntable().post("/token", &form).await;
    let body = answer.json();
    match answer.status.as_u16() {
        200 => Ok(body["access_token"].as_str().unwrap().to_owned()),
        _ => Err(body["error"].clone()),
    }
}

async fn jwks(server: &TestServer) -> String {
    server.browser().get("/jwks").await.body
}

async fn is_active(caller: &Client, token: &str) -> Value {
    caller.post("/introspect", &[("token", token)]).await.json()["active"].clone()
}

fn header(token: &str) -> Value {
    let part = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// What an API says to a token that knows nothing but these keys.
async fn check(server: &TestServer, keys: &str, api: &str, token: &str) -> Result<(), Denied> {
    let keys = PublicKeys::parse(keys).unwrap();
    let now = server.now();
    let checker = Checker::with_jwks(keys, ISSUER, api, move || now);
    let needed = ScopeSet::parse("history").unwrap();
    checker.check(&Secret::presented(token), &needed).await.map(|_| ())
}

#[tokio::test]
async fn an_api_verifies_its_tokens_with_what_is_published() {
    let server = start().await;
    let jwks = jwks(&server).await;
    for (api, algorithm) in [
        ("https://music.example", "EdDSA"),
        ("https://video.example", "ES256"),
        ("https://old.example", "RS256"),
    ] {
        let token = token(&server, api).await.unwrap();
        assert_eq!(header(&token)["alg"], algorithm);
        assert_eq!(header(&token)["typ"], "at+jwt");
        assert_eq!(check(&server, &jwks, api, &token).await, Ok(()));
        // TK-28: and nobody else's.
        assert_eq!(
            check(&server, &jwks, "https://sealed.example", &token).await,
            Err(Denied::Unknown)
        );
    }
    assert!(token(&server, "https://sealed.example").await.unwrap().starts_with("hpa_"));
}

#[tokio::test]
async fn az_53_the_token_endpoint_knows_the_same_apis() {
    let server = start().await;
    for bad in ["https://other.example", "music", "https://music.example#a"] {
        assert_eq!(token(&server, bad).await, Err("invalid_target".into()), "{bad}");
    }
}

#[tokio::test]
async fn in_02_an_api_is_told_of_its_own_tokens_and_of_no_others() {
    let server = start().await;
    let music = token(&server, "https://music.example").await.unwrap();
    let video = token(&server, "https://video.example").await.unwrap();
    let (app, api) = (server.turntable(), server.night_train());
    assert_eq!(is_active(&api, &music).await, true);
    assert_eq!(is_active(&api, &video).await, false);
    assert_eq!(is_active(&app, &music).await, false);
    assert_eq!(is_active(&app, &video).await, true);
}

#[tokio::test]
async fn rv_06_a_signed_token_is_revoked_like_a_sealed_one() {
    let server = start().await;
    let token = token(&server, "https://music.example").await.unwrap();
    let (app, music) = (server.turntable(), server.night_train());
    assert_eq!(music.revoke(&token).await.status, 200);
    assert_eq!(is_active(&music, &token).await, true, "it is not that client's");
    assert_eq!(app.revoke(&token).await.status, 200);
    assert_eq!(is_active(&music, &token).await, false);
}

#[tokio::test]
async fn a_signed_token_that_was_verified_is_known_again_by_every_letter_until_its_end() {
    let server = start().await;
    let token = token(&server, "https://music.example").await.unwrap();
    let music = server.night_train();
    assert_eq!(is_active(&music, &token).await, true);
    let (payload, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    assert_eq!(is_active(&music, &format!("{payload}.{first}{}", &signature[1..])).await, false);
    server.wait(Duration::from_secs(3_599));
    assert_eq!(is_active(&music, &token).await, true);
    server.wait(Duration::from_secs(1));
    assert_eq!(is_active(&music, &token).await, false);
    server.wait(Duration::from_secs(3_600));
    assert_eq!(is_active(&music, &token).await, false);
}

#[tokio::test]
async fn the_published_keys_are_public_and_stay_the_same_over_a_restart() {
    let server = TestServer::start().await;
    let answer = server.browser().get("/jwks").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys: Value = serde_json::from_str(&answer.body).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    let algorithms: BTreeSet<_> = keys.iter().map(|key| key["alg"].as_str().unwrap()).collect();
    assert_eq!((algorithms.len(), keys.len()), (3, 3), "one for each algorithm");
    for key in keys {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
    server.wait(Duration::from_secs(1));
    let again = server.restarted_with(APIS).await;
    assert_eq!(jwks(&again).await, answer.body);
}
