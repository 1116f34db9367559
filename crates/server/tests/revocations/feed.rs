//! `GET /revocations`: who may follow, what they are told, and when.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use hallpass_protocol::model::{ClientId, Revocation, Revoked};
use hallpass_protocol::revocations::News;
use tokio::task::JoinSet;

use crate::support::{API, APP, Answer, ISSUER, SECRET, Service, basic};

async fn ask(service: &Service, authorization: &str, query: &str) -> Answer {
    let request = Request::get(format!("/revocations{query}"));
    let request = match authorization {
        "" => request,
        header => request.header(AUTHORIZATION, header),
    };
    service.send(request.body(Body::empty()).unwrap()).await
}

/// What the API is told.
async fn news(service: &Service, query: &str) -> News {
    let answer = ask(service, &basic(API, SECRET), query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let api = ClientId::parse(API).unwrap();
    let keys = service.app.signers.public();
    News::verify(&answer.body, keys, ISSUER, &api, "").unwrap()
}

/// Gives a token and takes it back, as its app does; answers which authorization has ended.
async fn revoke_one(service: &Service) -> Revoked {
    let claims = service.claims().await;
    let answer = service.post("/revoke", APP, &service.sealed(&claims)).await;
    assert_eq!(answer.status, 200);
    Revoked::Authorization(claims.authorization)
}

fn revoked(news: &News) -> Vec<Revoked> {
    news.revocations.iter().map(|revocation| revocation.revoked.clone()).collect()
}

#[tokio::test]
async fn without_a_cursor_everything_is_told_and_with_one_what_came_after() {
    let service = Service::start().await;
    let first = news(&service, "").await;
    assert_eq!((first.cursor, first.complete, first.more), (0, true, false));
    assert_eq!(revoked(&first), []);

    let (one, two) = (revoke_one(&service).await, revoke_one(&service).await);
    let both = news(&service, "").await;
    assert_eq!((both.cursor, both.complete), (2, true));
    assert_eq!(revoked(&both), [one, two.clone()]);
    let later = news(&service, "?after=1").await;
    assert_eq!((later.cursor, later.complete), (2, false));
    assert_eq!(revoked(&later), [two]);
    let nothing = news(&service, "?after=2").await;
    assert_eq!((nothing.cursor, nothing.complete, revoked(&nothing)), (2, false, vec![]));
}

#[tokio::test]
async fn a_cursor_that_was_never_given_out_gets_everything_at_once() {
    let service = Service::start().await;
    let empty = news(&service, "?after=7&wait=25").await;
    assert_eq!((empty.cursor, empty.complete), (0, true));
    let one = revoke_one(&service).await;
    for cursor in ["2", "18446744073709551615"] {
        let all = news(&service, &format!("?after={cursor}&wait=25")).await;
        assert_eq!((all.cursor, all.complete), (1, true));
        assert_eq!(revoked(&all), std::slice::from_ref(&one));
    }
}

#[tokio::test]
async fn a_question_is_held_until_there_is_something_to_tell() {
    let service = Service::start().await;
    for after in ["0", "1"] {
        let question = format!("?after={after}&wait=25");
        let (news, ended) = tokio::join!(news(&service, &question), revoke_one(&service));
        assert_eq!(revoked(&news), [ended]);
        assert!(news.held < Duration::from_secs(25));
    }
    let nothing = news(&service, "?after=2&wait=0.02").await;
    assert!(nothing.revocations.is_empty() && nothing.held >= Duration::from_millis(20));
}

#[tokio::test]
async fn every_kind_of_act_is_told_with_its_times() {
    let service = Service::start().await;
    let claims = service.claims().await;
    let at = service.app.now();
    for revoked in [
        Revoked::Authorization(claims.authorization),
        Revoked::Consent(claims.consent.unwrap()),
        Revoked::Account(service.ada().await.id),
        Revoked::Client(claims.client.clone()),
    ] {
        let until = at.plus(Duration::from_millis(90_000_123));
        let act = Revocation { revoked, at, until };
        service.app.store.revoke(&act).await.unwrap();
        assert_eq!(news(&service, "").await.revocations.last(), Some(&act));
    }
}

#[tokio::test]
async fn who_does_not_prove_to_be_a_confidential_client_is_told_nothing() {
    let service = Service::start().await;
    let unknown = basic(&"0".repeat(32), SECRET);
    for authorization in ["", "Bearer x", &basic(API, ""), &basic(API, "wrong"), &unknown] {
        let answer = ask(&service, authorization, "").await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")));
    }
    // Not in the address, where logs would keep it.
    let answer = ask(&service, "", &format!("?client_id={API}&client_secret={SECRET}")).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn what_is_no_question_is_a_400() {
    let service = Service::start().await;
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
        let answer = ask(&service, &basic(API, SECRET), &format!("?{query}")).await;
        let error = answer.json()["error"].as_str().map(str::to_owned);
        assert_eq!((answer.status, error.as_deref()), (400, Some("invalid_request")), "{query}");
    }
}

#[tokio::test]
async fn an_answer_is_for_who_asked_and_for_that_question_alone() {
    let service = Service::start().await;
    let keys = service.app.signers.public();
    let text = ask(&service, &basic(API, SECRET), "?nonce=n-1").await.body;
    let (api, app) = (ClientId::parse(API).unwrap(), ClientId::parse(APP).unwrap());
    assert!(News::verify(&text, keys, ISSUER, &api, "n-1").is_ok());
    assert!(News::verify(&text, keys, ISSUER, &api, "n-2").is_err());
    assert!(News::verify(&text, keys, ISSUER, &app, "n-1").is_err());
    assert!(News::verify(&text, keys, "https://other.example", &api, "n-1").is_err());
    let elsewhere = Service::start().await;
    let others = elsewhere.app.signers.public();
    assert!(News::verify(&text, others, ISSUER, &api, "n-1").is_err());
}

#[tokio::test]
async fn rv_05_when_the_store_fails_nothing_is_told() {
    let service = Service::start().await;
    news(&service, "").await;
    service.app.store.close().await;
    assert_eq!(ask(&service, &basic(API, SECRET), "").await.status, 503);
}

#[tokio::test]
async fn more_than_a_thousand_do_not_wait_at_once() {
    let service = Service::start().await;
    let mut waiting = JoinSet::new();
    for _ in 0..1_001 {
        let request = Request::get("/revocations?wait=25")
            .header(AUTHORIZATION, basic(API, SECRET))
            .body(Body::empty())
            .unwrap();
        waiting.spawn(service.sending(request));
    }
    let first = waiting.join_next().await.unwrap().unwrap();
    assert_eq!(first.status, 503, "the others have a place");
    revoke_one(&service).await;
    while let Some(answer) = waiting.join_next().await {
        assert_eq!(answer.unwrap().status, 200);
    }
}
