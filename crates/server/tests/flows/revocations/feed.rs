//! `GET /revocations`: who may follow, what they are told, and when.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use hallpass_protocol::model::{ClientId, Revocation, Revoked};
use hallpass_protocol::revocations::News;
use tokio::task::JoinSet;

use super::claims;
use crate::support::{
    Answer, ISSUER, NIGHT_TRAIN, NIGHT_TRAIN_SECRET, TURNTABLE, TestServer, basic,
};

/// The header by which the API proves who it is.
fn api() -> String {
    basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET)
}

async fn ask(server: &TestServer, authorization: &str, query: &str) -> Answer {
    let request = Request::get(format!("/revocations{query}"));
    let request = match authorization {
        "" => request,
        header => request.header(AUTHORIZATION, header),
    };
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

/// What the API is told.
async fn news(server: &TestServer, query: &str) -> News {
    let answer = ask(server, &api(), query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let api = ClientId::parse(NIGHT_TRAIN).unwrap();
    let keys = server.app.signers.public();
    News::verify(&answer.body, keys, ISSUER, &api, "").unwrap()
}

/// Gives a token and takes it back, as its app does; answers which authorization has ended.
async fn revoke_one(server: &TestServer) -> Revoked {
    let claims = claims(server).await;
    let answer = server.turntable().revoke(&server.sealed(&claims)).await;
    assert_eq!(answer.status, 200);
    Revoked::Authorization(claims.authorization)
}

fn revoked(news: &News) -> Vec<Revoked> {
    news.revocations.iter().map(|revocation| revocation.revoked.clone()).collect()
}

/// The number of the last change. The world's own keys, apps and scopes are changes too, though none that
/// an API is told of.
async fn cursor(server: &TestServer) -> u64 {
    news(server, "").await.cursor
}

#[tokio::test]
async fn without_a_cursor_everything_is_told_and_with_one_what_came_after() {
    let server = TestServer::start().await;
    let first = news(&server, "").await;
    assert_eq!((first.complete, first.more, revoked(&first)), (true, false, vec![]));

    let start = first.cursor;
    let (one, two) = (revoke_one(&server).await, revoke_one(&server).await);
    let both = news(&server, "").await;
    assert_eq!((both.cursor, both.complete), (start + 2, true));
    assert_eq!(revoked(&both), [one, two.clone()]);
    let later = news(&server, &format!("?after={}", start + 1)).await;
    assert_eq!((later.cursor, later.complete), (start + 2, false));
    assert_eq!(revoked(&later), [two]);
    let nothing = news(&server, &format!("?after={}", start + 2)).await;
    assert_eq!((nothing.cursor, nothing.complete, revoked(&nothing)), (start + 2, false, vec![]));
}

#[tokio::test]
async fn a_cursor_that_was_never_given_out_gets_everything_at_once() {
    let server = TestServer::start().await;
    let start = cursor(&server).await;
    let empty = news(&server, &format!("?after={}&wait=25", start + 7)).await;
    assert_eq!((empty.cursor, empty.complete), (start, true));
    let one = revoke_one(&server).await;
    for unknown in [start + 2, u64::MAX] {
        let all = news(&server, &format!("?after={unknown}&wait=25")).await;
        assert_eq!((all.cursor, all.complete), (start + 1, true));
        assert_eq!(revoked(&all), std::slice::from_ref(&one));
    }
}

#[tokio::test]
async fn a_question_is_held_until_there_is_something_to_tell() {
    let server = TestServer::start().await;
    let start = cursor(&server).await;
    for after in [start, start + 1] {
        let question = format!("?after={after}&wait=25");
        let (news, ended) = tokio::join!(news(&server, &question), revoke_one(&server));
        assert_eq!(revoked(&news), [ended]);
        assert!(news.held < Duration::from_secs(25));
    }
    let question = format!("?after={}&wait=0.02", start + 2);
    let nothing = news(&server, &question).await;
    assert!(nothing.revocations.is_empty() && nothing.held >= Duration::from_millis(20));
}

#[tokio::test]
async fn every_kind_of_act_is_told_with_its_times() {
    let server = TestServer::start().await;
    let claims = claims(&server).await;
    let at = server.now();
    for revoked in [
        Revoked::Authorization(claims.authorization),
        Revoked::Consent(claims.consent.unwrap()),
        Revoked::Account(server.account("ada").await.id),
        Revoked::Client(claims.client.clone()),
    ] {
        let until = at.plus(Duration::from_millis(90_000_123));
        let act = Revocation { revoked, at, until };
        server.store().revoke(&act).await.unwrap();
        assert_eq!(news(&server, "").await.revocations.last(), Some(&act));
    }
}

#[tokio::test]
async fn who_does_not_prove_to_be_a_confidential_client_is_told_nothing() {
    let server = TestServer::start().await;
    let unknown = basic(&"0".repeat(32), NIGHT_TRAIN_SECRET);
    for authorization in
        ["", "Bearer x", &basic(NIGHT_TRAIN, ""), &basic(NIGHT_TRAIN, "wrong"), &unknown]
    {
        let answer = ask(&server, authorization, "").await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.json()["error"], "invalid_client");
    }
    // Not in the address, where logs would keep it.
    let query = format!("?client_id={NIGHT_TRAIN}&client_secret={NIGHT_TRAIN_SECRET}");
    let answer = ask(&server, "", &query).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn what_is_no_question_is_a_400() {
    let server = TestServer::start().await;
    let long = format!("nonce={}", "x".repeat(65));
    for query in [
        "after=",
        "after=-1",
        "after=x",
        "wait=",
        "wait=25.1",
        "wait=-1",
        "wait=NaN",
        "wait=inf",
        "wait=1e9",
        &long,
    ] {
        let answer = ask(&server, &api(), &format!("?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json()["error"], "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn an_answer_is_for_who_asked_and_for_that_question_alone() {
    let server = TestServer::start().await;
    let keys = server.app.signers.public();
    let text = ask(&server, &api(), "?nonce=n-1").await.body;
    let (api, app) = (ClientId::parse(NIGHT_TRAIN).unwrap(), ClientId::parse(TURNTABLE).unwrap());
    assert!(News::verify(&text, keys, ISSUER, &api, "n-1").is_ok());
    assert!(News::verify(&text, keys, ISSUER, &api, "n-2").is_err());
    assert!(News::verify(&text, keys, ISSUER, &app, "n-1").is_err());
    assert!(News::verify(&text, keys, "https://other.example", &api, "n-1").is_err());
    let elsewhere = TestServer::elsewhere().await;
    let others = elsewhere.app.signers.public();
    assert!(News::verify(&text, others, ISSUER, &api, "n-1").is_err());
}

#[tokio::test]
async fn rv_05_when_the_store_fails_nothing_is_told() {
    let server = TestServer::start().await;
    news(&server, "").await;
    server.store().close().await;
    assert_eq!(ask(&server, &api(), "").await.status, 503);
}

#[tokio::test]
async fn more_than_a_thousand_do_not_wait_at_once() {
    let server = TestServer::start().await;
    let question = format!("/revocations?after={}&wait=25", cursor(&server).await);
    let mut waiting = JoinSet::new();
    for _ in 0..1_001 {
        let request =
            Request::get(&question).header(AUTHORIZATION, api()).body(Body::empty()).unwrap();
        let mut browser = server.browser();
        waiting.spawn(async move { browser.send(request).await });
    }
    let first = waiting.join_next().await.unwrap().unwrap();
    assert_eq!(first.status, 503, "the others have a place");
    revoke_one(&server).await;
    while let Some(answer) = waiting.join_next().await {
        assert_eq!(answer.unwrap().status, 200);
    }
}
