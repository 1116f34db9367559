//! The layer around an API that pages call: what it says, and what it leaves as it was.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::any;
use hallpass_guard::OpenToPages;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, Method, Request, StatusCode};
use tower::{Layer as _, ServiceExt as _};

/// What an API with one route says to a request of that method for that path.
async fn said(method: Method, path: &str) -> (StatusCode, HeaderMap) {
    let routes = Router::new().route("/kept", any(kept)).route("/private", any("somebody's own"));
    let open = OpenToPages::new(
        &[Method::GET, Method::PUT],
        &[AUTHORIZATION, CONTENT_TYPE],
        &[RETRY_AFTER],
    );
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = open.layer(routes).oneshot(request).await.unwrap();
    (response.status(), response.headers().clone())
}

async fn kept() -> impl IntoResponse {
    [(CACHE_CONTROL, "public, max-age=60"), (VARY, "accept")]
}

#[tokio::test]
async fn a_preflight_is_answered_without_the_routes() {
    let (status, headers) = said(Method::OPTIONS, "/kept").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["access-control-allow-methods"], "GET,PUT");
    assert_eq!(headers["access-control-allow-headers"], "authorization,content-type");
    assert_eq!(headers["access-control-max-age"], "604800");
    assert_eq!(headers.get(CACHE_CONTROL), None);
}

#[tokio::test]
async fn pages_may_read_answers_and_errors() {
    for (path, status) in [("/private", StatusCode::OK), ("/nowhere", StatusCode::NOT_FOUND)] {
        let (told, headers) = said(Method::GET, path).await;
        assert_eq!(told, status);
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers["access-control-expose-headers"], "retry-after");
        assert_eq!(headers.get("access-control-allow-credentials"), None);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn what_a_handler_says_of_keeping_its_answer_stands() {
    let (_, headers) = said(Method::GET, "/kept").await;
    assert_eq!(headers[CACHE_CONTROL], "public, max-age=60");
    assert_eq!(headers[VARY], "accept");
}
