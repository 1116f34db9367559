//! ID tokens in the hands of others: of a verifier with the published keys, and at endpoints that want
//! something else.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hallpass::config::Settings;
use hallpass_protocol::model::{ClientId, SignatureAlgorithm, SubjectType};
use jsonwebtoken::decode_header;

use super::{ask, read, settle, start, wish, with_every_grant};
use crate::keys::verifier::Verifier;
use crate::support::{Answer, CASSETTE, ISSUER, TURNTABLE, TestServer};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// OpenID Connect Core §3.1.3.3 and §12.2: the code's ID token has the nonce, the refreshed one has not.
#[tokio::test]
async fn a_code_brings_an_id_token_and_a_refresh_a_newer_one_of_the_same_sign_in() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let signed_in = server.now().seconds();
    server.wait(MINUTE);
    let cassette = server.cassette();
    let code = cassette.code(&mut ada, &[("scope", "openid"), ("nonce", "n")]).await;
    let tokens = cassette.exchange(&code).await.tokens();
    let first = read(&server, tokens.id_token.as_ref().unwrap()).await;
    assert_eq!(first["iss"], ISSUER);
    assert_eq!((&first["aud"], &first["azp"]), (&CASSETTE.into(), &CASSETTE.into()));
    assert_eq!((&first["auth_time"], &first["nonce"]), (&signed_in.into(), &"n".into()));
    server.wait(MINUTE);
    let tokens = cassette.refresh(tokens.refresh()).await.tokens();
    let second = read(&server, tokens.id_token.as_ref().unwrap()).await;
    for same in ["iss", "sub", "aud", "azp", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    assert_eq!((second.get("nonce"), &second["iat"]), (None, &server.now().seconds().into()));
    let plain = cassette.tokens(&mut ada, "email").await;
    assert_eq!(plain.id_token, None);
}

#[tokio::test]
async fn an_app_chooses_what_its_id_tokens_are_signed_with_and_by_what_it_knows_people() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let sub = server.account("ada").await.id.subject();
    for algorithm in SignatureAlgorithm::ALL {
        settle(&server, |cassette| cassette.openid.id_token_algorithm = algorithm).await;
        let landing = ask(&mut ada, &wish(&server, "id_token", &[])).await.landing();
        let id_token = landing.fragment("id_token").unwrap();
        assert_eq!(format!("{:?}", decode_header(id_token).unwrap().alg), algorithm.as_str());
        assert_eq!(read(&server, id_token).await["sub"], sub.as_str());
    }
    settle(&server, |cassette| cassette.openid.subject_type = SubjectType::Pairwise).await;
    let tokens = server.cassette().tokens(&mut ada, "openid").await;
    let pairwise = read(&server, tokens.id_token.as_ref().unwrap()).await["sub"].clone();
    assert!(pairwise.as_str().is_some_and(|pairwise| pairwise != sub.as_str()));
    let landing = ask(&mut ada, &wish(&server, "id_token", &[])).await.landing();
    assert_eq!(read(&server, landing.fragment("id_token").unwrap()).await["sub"], pairwise);
}

/// OpenID Connect Core §8.1: an app that asks about its own token learns no other name of the person.
#[tokio::test]
async fn a_pairwise_app_is_told_by_introspection_what_it_knows_already() {
    let server = start().await;
    let id = ClientId::parse(TURNTABLE).unwrap();
    let mut turntable = server.store().client(&id).await.unwrap().unwrap();
    turntable.openid.subject_type = SubjectType::Pairwise;
    server.edit(&turntable).await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.turntable().tokens(&mut ada, "openid").await;
    let id_token = tokens.id_token.as_ref().unwrap();
    let (_, claims) = Verifier::default().read(&server, id_token, TURNTABLE).await;
    let told = server.turntable().post("/introspect", &[("token", &tokens.access)]).await.json();
    assert_eq!((&told["active"], &told["sub"]), (&true.into(), &claims["sub"]));
    assert_eq!(told.get("username"), None);
    let told = server.told_of(&tokens.access).await;
    assert_eq!(told["sub"], server.account("ada").await.id.subject().as_str());
}

/// Keys change while ID tokens are issued: what was signed before is verified after, with the keys that are
/// published then, and is still a hint.
#[tokio::test]
async fn ds_05_id_tokens_verify_before_and_after_the_rsa_key_is_followed_by_the_next() {
    let daily = Settings { key_lifetime: Some(86_400), ..Settings::default() };
    let server = with_every_grant(TestServer::with_settings(daily).await).await;
    let mut verifier = Verifier::default();
    let mut got = Vec::new();
    for pause in [MINUTE, DAY - 10 * MINUTE, 5 * MINUTE, 2 * MINUTE, 8 * MINUTE, MINUTE] {
        server.wait(pause);
        server.node.keep_keys().await.unwrap();
        let mut ada = server.browser_of("ada").await;
        let landing = ask(&mut ada, &wish(&server, "id_token", &[])).await.landing();
        let id_token = landing.fragment("id_token").unwrap().to_owned();
        let (key, _) = verifier.read(&server, &id_token, CASSETTE).await;
        got.push((key, id_token));
    }
    let (first, last) = (got.first().unwrap(), got.last().unwrap());
    assert_ne!(first.0, last.0, "another key signs");
    for (key, id_token) in &got[1..] {
        let mut fresh = Verifier::default();
        assert_eq!(fresh.verify(&server, id_token, CASSETTE).await, *key);
    }
    let hint = [("id_token_hint", &*first.1), ("prompt", "none")];
    let mut ada = server.browser_of("ada").await;
    let landing = ada.get(&wish(&server, "id_token", &hint)).await.landing();
    assert!(landing.fragment("id_token").is_some(), "{landing:?}");
}

/// What tells an app who somebody is opens nothing.
#[tokio::test]
async fn jw_07_an_id_token_is_no_access_token_anywhere() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    for algorithm in SignatureAlgorithm::ALL {
        settle(&server, |cassette| cassette.openid.id_token_algorithm = algorithm).await;
        let tokens = server.cassette().tokens(&mut ada, "openid").await;
        let id_token = tokens.id_token.as_ref().unwrap();
        assert_eq!(server.told_of(id_token).await, serde_json::json!({ "active": false }));
        assert_eq!(bears(&server, "/forward-auth", id_token).await.status, 401);
        assert_eq!(server.cassette().revoke(id_token).await.status, 200);
        assert!(server.is_good(&tokens.access).await, "nothing was given back");
        server.cassette().refresh(tokens.refresh()).await.tokens();
        assert_eq!(server.cassette().refresh(id_token).await.error().1, "invalid_grant");
        assert_eq!(server.cassette().exchange(id_token).await.error().1, "invalid_grant");
    }
}

#[tokio::test]
async fn jw_07_an_id_token_opens_no_userinfo() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut ada, "openid").await;
    let id_token = tokens.id_token.as_ref().unwrap();
    assert_eq!(bears(&server, "/userinfo", id_token).await.status, 401);
    assert_eq!(bears(&server, "/userinfo", &tokens.access).await.status, 200);
}

/// The answer to whoever bears this text.
async fn bears(server: &TestServer, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

/// TK-11: with client credentials there is nobody whom an ID token could name.
#[tokio::test]
async fn tk_11_an_app_for_itself_gets_no_id_token() {
    let server = start().await;
    let turntable = server.turntable();
    let ask = async |scope| {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        turntable.post("/api/token", &form).await
    };
    assert_eq!(ask("openid").await.error().1, "invalid_scope");
    assert_eq!(ask("profile").await.tokens().id_token, None);
}
