//! Tokens that the accounts service is asked about (RFC 7662), here one that says what a test wants.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use hallpass_guard::{
    Access, Checker, ClientId, Denied, IntrospectionEndpoint, ScopeSet, Secret, Timestamp,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use support::{NOW, ada, client};
use tokio::net::TcpListener;

/// What the endpoint answers, and what it was asked.
struct Endpoint {
    status: StatusCode,
    body: String,
    asked: Mutex<Vec<(String, String)>>,
}

/// Starts an endpoint on a free port of this machine; it ends with the test.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's endpoint needs no limits and no graceful stop"
)]
async fn endpoint(status: u16, body: impl ToString) -> (Arc<Endpoint>, String) {
    let endpoint = Arc::new(Endpoint {
        status: StatusCode::from_u16(status).unwrap(),
        body: body.to_string(),
        asked: Mutex::default(),
    });
    let router = Router::new()
        .route("/introspect", post(answer))
        .route("/elsewhere", post(async || StatusCode::IM_A_TEAPOT))
        .with_state(Arc::clone(&endpoint));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/introspect", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (endpoint, url)
}

async fn answer(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let authorization = parts.headers["authorization"].to_str().unwrap().to_owned();
    endpoint.asked.lock().unwrap().push((authorization, String::from_utf8(body.to_vec()).unwrap()));
    Response::builder()
        .status(endpoint.status)
        .header("location", "/elsewhere")
        .body(Body::from(endpoint.body.clone()))
        .unwrap()
}

fn checker(url: &str) -> Checker {
    let endpoint = IntrospectionEndpoint {
        url: url.to_owned(),
        client_id: ClientId::parse("music-api").unwrap(),
        client_secret: Secret::presented("s:e c+r/e%t"),
    };
    Checker::with_introspection(endpoint, || NOW).unwrap()
}

async fn check(url: &str, needed: &str) -> Result<Access, Denied> {
    let needed = ScopeSet::parse(needed).unwrap();
    checker(url).check(&Secret::presented("hpa_abc"), &needed).await
}

fn active() -> Value {
    json!({
        "active": true,
        "client_id": client().as_str(),
        "sub": ada().subject().as_str(),
        "username": "ada",
        "scope": "user-read-email",
        "token_type": "Bearer",
        "exp": NOW.seconds() + 60,
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut answer = active();
    answer[member] = value;
    answer
}

#[tokio::test]
async fn an_active_token_tells_who_may_do_what_until_when() {
    let (endpoint, url) = endpoint(200, active()).await;
    let access = check(&url, "user-read-email").await.unwrap();
    assert_eq!((access.client.clone(), access.user()), (client(), Some(ada().subject())));
    assert_eq!(access.username.as_deref(), Some("ada"));
    assert_eq!(access.expires_at, Timestamp::from_seconds(NOW.seconds() + 60));

    // RFC 6749 §2.3.1: id and secret are form-encoded inside Basic: music-api:s%3Ae+c%2Br%2Fe%25t
    let asked = endpoint.asked.lock().unwrap();
    let (authorization, body) = &asked[0];
    assert_eq!(authorization, "Basic bXVzaWMtYXBpOnMlM0FlK2MlMkJyJTJGZSUyNXQ=");
    assert_eq!(body, "token=hpa_abc&token_type_hint=access_token");
}

#[tokio::test]
async fn each_request_asks_anew() {
    let (endpoint, url) = endpoint(200, active()).await;
    let checker = checker(&url);
    for _ in 0..3 {
        checker.check(&Secret::presented("hpa_abc"), &ScopeSet::empty()).await.unwrap();
    }
    assert_eq!(endpoint.asked.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn ui_06_an_apps_own_token_has_no_user() {
    for sub in [Value::Null, json!(client().as_str())] {
        let (_endpoint, url) = endpoint(200, with("sub", sub)).await;
        assert_eq!(check(&url, "").await.unwrap().user(), None);
    }
}

#[tokio::test]
async fn ui_04_an_inactive_token_is_unknown_or_expired_if_that_is_known() {
    let expired = json!({"active": false, "exp": NOW.seconds()});
    let cases = [
        (json!({"active": false}), Denied::Unknown),
        (json!({"active": false, "exp": NOW.seconds() + 1}), Denied::Unknown),
        (expired, Denied::Expired),
        (with("exp", json!(NOW.seconds())), Denied::Expired),
    ];
    for (answer, denied) in cases {
        let (_endpoint, url) = endpoint(200, &answer).await;
        assert_eq!(check(&url, "").await, Err(denied), "{answer}");
    }
}

#[tokio::test]
async fn ui_07_a_token_bound_to_a_key_is_no_bearer_token() {
    let (_endpoint, url) = endpoint(200, with("token_type", json!("DPoP"))).await;
    assert_eq!(check(&url, "").await, Err(Denied::Unknown));
}

#[tokio::test]
async fn a_missing_scope_is_told() {
    let (_endpoint, url) = endpoint(200, active()).await;
    let needed = ScopeSet::parse("user-top-read").unwrap();
    assert_eq!(check(&url, "user-top-read").await, Err(Denied::InsufficientScope(needed)));
}

#[tokio::test]
async fn an_answer_that_is_not_understood_lets_nobody_in() {
    let answers = [
        json!("active"),
        json!({}),
        json!({"active": "true"}),
        with("exp", Value::Null),
        with("exp", json!("soon")),
        with("exp", json!(1e300)),
        with("client_id", Value::Null),
        with("client_id", json!("a b")),
        with("sub", json!("somebody")),
        with("scope", json!("a  b")),
    ];
    for answer in answers {
        let (_endpoint, url) = endpoint(200, &answer).await;
        assert_eq!(check(&url, "").await, Err(Denied::Unavailable), "{answer}");
    }
    let (_endpoint, url) = endpoint(200, r#"{"active":false,"active":true}"#).await;
    assert_eq!(check(&url, "").await, Err(Denied::Unavailable));
}

#[tokio::test]
async fn sf_05_an_endless_answer_is_not_read_to_its_end() {
    let answer = with("padding", json!("x".repeat(64 * 1024)));
    let (_endpoint, url) = endpoint(200, answer).await;
    assert_eq!(check(&url, "").await, Err(Denied::Unavailable));
}

#[tokio::test]
async fn sf_03_a_redirect_is_not_followed() {
    let (_endpoint, url) = endpoint(307, active()).await;
    assert_eq!(check(&url, "").await, Err(Denied::Unavailable));
}

#[tokio::test]
async fn an_endpoint_that_refuses_or_is_away_makes_the_token_unchecked_and_not_wrong() {
    for status in [400, 401, 403, 404, 500, 503] {
        let (_endpoint, url) = endpoint(status, active()).await;
        assert_eq!(check(&url, "").await, Err(Denied::Unavailable), "{status}");
    }
    // A port that was free a moment ago: nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/introspect", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(check(&url, "").await, Err(Denied::Unavailable));
}

#[test]
fn sf_04_a_secret_is_sent_in_clear_only_to_this_machine() {
    let made = |url: &str| {
        let endpoint = IntrospectionEndpoint {
            url: url.to_owned(),
            client_id: client(),
            client_secret: Secret::presented("secret"),
        };
        Checker::with_introspection(endpoint, || NOW).map(|_| ())
    };
    for url in [
        "https://accounts.example/i",
        "http://127.0.0.1:8080/i",
        "http://[::1]/i",
        "http://localhost/i",
    ] {
        assert!(made(url).is_ok(), "{url}");
    }
    for url in
        ["http://accounts.example/i", "http://127.0.0.1.example/i", "ftp://localhost/i", "/i", ""]
    {
        assert!(made(url).is_err(), "{url}");
    }
}
