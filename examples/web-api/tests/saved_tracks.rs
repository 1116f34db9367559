//! Saved tracks: how an app changes what its user saved.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, StatusCode};
use serde_json::json;
use support::{Answer, Api, Who};

const LIBRARY: &str = "user-library-read user-library-modify";

fn saved_ids(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let items = body["items"].as_array().unwrap();
    items.iter().map(|item| item["track"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_track_is_removed_and_saved_again() {
    let api = Api::new();
    let list = async || api.get("/v1/me/tracks?limit=50", Who::Ada, LIBRARY).await;
    let before = saved_ids(&list().await);
    let (first, second) = (&before[3], &before[4]);

    let path = format!("/v1/me/tracks?ids={first},{second}");
    let removed = api.ask("DELETE", &path, Who::Ada, LIBRARY).await;
    assert_eq!((removed.status, removed.body.as_str()), (StatusCode::OK, ""));
    let between = saved_ids(&list().await);
    assert!(!between.contains(first) && !between.contains(second));

    assert_eq!(api.ask("PUT", &path, Who::Ada, LIBRARY).await.status, StatusCode::OK);
    let after = list().await;
    assert_eq!(saved_ids(&after)[..2], [first.clone(), second.clone()]);
    assert_eq!(after.json()["items"][0]["added_at"], "2027-01-15T08:00:01Z");

    let graces = api.get("/v1/me/tracks", Who::Grace, LIBRARY).await;
    assert_eq!(graces.body, Api::new().get("/v1/me/tracks", Who::Grace, LIBRARY).await.body);
}

async fn put(api: &Api, body: impl Into<Body>) -> Answer {
    let request = Request::put("/v1/me/tracks")
        .header(AUTHORIZATION, api.bearer(Who::Ada, LIBRARY))
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    api.send(request).await
}

#[tokio::test]
async fn the_ids_may_come_as_json() {
    let api = Api::new();
    let graces = saved_ids(&api.get("/v1/me/tracks?limit=50", Who::Grace, LIBRARY).await);
    let own = saved_ids(&api.get("/v1/me/tracks?limit=50", Who::Ada, LIBRARY).await);
    let new = graces.iter().find(|id| !own.contains(id)).unwrap();
    let answer = put(&api, json!({"ids": [new]}).to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let now = saved_ids(&api.get("/v1/me/tracks?limit=50", Who::Ada, LIBRARY).await);
    assert!(now.contains(new));
}

#[tokio::test]
async fn ids_that_cannot_be_meant_are_400_and_change_nothing() {
    let api = Api::new();
    let before = api.get("/v1/me/tracks", Who::Ada, LIBRARY).await;
    let id = saved_ids(&before)[0].clone();
    let many = vec![id.as_str(); 51].join(",");
    for query in [
        "",
        "?ids=",
        "?ids=,",
        "?ids=x",
        &format!("?ids={id},x"),
        &format!("?ids={many}"),
        &format!("?ids={id}&ids={id}"),
    ] {
        let answer = api.ask("DELETE", &format!("/v1/me/tracks{query}"), Who::Ada, LIBRARY).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        answer.message();
    }
    let nested = "[".repeat(10_000);
    for body in [
        "",
        "{}",
        "[]",
        "{\"ids\":[]}",
        "{\"ids\":\"x\"}",
        "{\"ids\":[1]}",
        "{\"ids\":[\"x\"]}",
        "not json",
        &nested,
    ] {
        let answer = put(&api, body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:.20}");
        answer.message();
    }
    assert_eq!(api.get("/v1/me/tracks", Who::Ada, LIBRARY).await.body, before.body);
}

#[tokio::test]
async fn ht_06_a_body_that_is_too_long_is_413_in_the_same_shape() {
    let answer = put(&Api::new(), "x".repeat(17 * 1024)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.message(), "Request body too large");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
