//! The layer in front of axum routes: what passes, and what is answered instead.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use axum::body::Body;
use axum::routing::get;
use axum::{Extension, Router};
use hallpass_guard::{Access, ErrorShape, Guard, Standing};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use support::{LIFETIME, Told, ada, checker_at, claims, keys, sealed};
use tower::ServiceExt as _;

/// An API with one route for any token and one that needs two scopes, some time after the tokens of the
/// tests were issued.
fn api_at(seconds: i64, errors: ErrorShape) -> Router {
    let guard = Guard::new(checker_at(keys(1), seconds)).with_realm("music").with_errors(errors);
    Router::new()
        .route("/any", get(who).route_layer(guard.require_token()))
        .route("/both", get(who).route_layer(guard.require(&["a", "b"])))
}

async fn who(Extension(access): Extension<Access>) -> String {
    access.user().unwrap().to_string()
}

async fn send(api: Router, path: &str, authorization: &[&str]) -> Response<Body> {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header(AUTHORIZATION, *value);
    }
    api.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn bearer(scopes: &str) -> String {
    format!("Bearer {}", sealed(&claims(scopes), &keys(1)).reveal())
}

fn challenge(response: &Response<Body>) -> &str {
    response.headers()[WWW_AUTHENTICATE].to_str().unwrap()
}

#[tokio::test]
async fn a_request_with_a_good_token_reaches_the_route_and_carries_its_access() {
    for path in ["/any", "/both"] {
        let response = send(api_at(1, ErrorShape::Guide), path, &[&bearer("b a")]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response).await, ada().subject().to_string());
    }
}

#[tokio::test]
async fn ui_11_the_scheme_has_no_case() {
    let value = bearer("").replacen("Bearer", "bEARER", 1);
    let response = send(api_at(1, ErrorShape::Guide), "/any", &[&value]).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn ui_03_no_token_is_401_without_an_error() {
    let response = send(api_at(1, ErrorShape::Guide), "/any", &[]).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&response), r#"Bearer realm="music""#);
    assert!(text(response).await.contains(r#""message": "No token provided""#));
}

#[tokio::test]
async fn ui_01_a_token_in_the_query_is_not_accepted() {
    let token = sealed(&claims("a b"), &keys(1));
    let path = format!("/any?access_token={}", token.reveal());
    let response = send(api_at(1, ErrorShape::Guide), &path, &[]).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(text(response).await.contains("No token provided"));
}

#[tokio::test]
async fn ui_02_a_token_in_the_header_and_one_in_the_query_is_400() {
    let response = send(api_at(1, ErrorShape::Guide), "/any?access_token=x", &[&bearer("")]).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(challenge(&response), r#"Bearer realm="music", error="invalid_request""#);
}

#[tokio::test]
async fn ui_11_two_headers_another_scheme_and_an_empty_token_are_400() {
    let good = bearer("");
    let beside = good.replacen("Bearer", "BearerX", 1);
    for headers in
        [vec![good.as_str(), good.as_str()], vec![&beside], vec!["Basic YTpi"], vec!["Bearer "]]
    {
        let response = send(api_at(1, ErrorShape::Guide), "/any", &headers).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{headers:?}");
        assert_eq!(challenge(&response), r#"Bearer realm="music", error="invalid_request""#);
        assert!(text(response).await.contains("Only valid bearer authentication supported"));
    }
}

#[tokio::test]
async fn ui_04_unknown_and_expired_tokens_are_401_and_told_apart() {
    let cases = [
        (1, "Bearer hpa_AAAA".to_owned(), "Invalid access token"),
        (LIFETIME, bearer("a b"), "The access token expired"),
    ];
    for (seconds, header, message) in cases {
        let response = send(api_at(seconds, ErrorShape::Guide), "/both", &[&header]).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let expected = format!(
            r#"Bearer realm="music", error="invalid_token", error_description="{message}""#
        );
        assert_eq!(challenge(&response), expected);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert!(text(response).await.contains(message));
    }
}

#[tokio::test]
async fn a_revoked_token_is_401_and_one_that_nobody_can_judge_503() {
    let api = |standing| {
        let checker = checker_at(keys(1), 1).with_revocations(Told::that(standing));
        let guard = Guard::new(checker).with_realm("music").with_errors(ErrorShape::Guide);
        Router::new().route("/any", get(who).route_layer(guard.require_token()))
    };
    let response = send(api(Standing::Revoked), "/any", &[&bearer("")]).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let description = r#"error_description="The access token was revoked""#;
    let expected = format!(r#"Bearer realm="music", error="invalid_token", {description}"#);
    assert_eq!(challenge(&response), expected);
    assert!(text(response).await.contains(r#""message": "The access token was revoked""#));

    let response = send(api(Standing::Unknown), "/any", &[&bearer("")]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[RETRY_AFTER], "5");
    assert_eq!(response.headers().get(WWW_AUTHENTICATE), None, "the token may be good");
}

#[tokio::test]
async fn a_missing_scope_is_403_and_names_what_is_needed() {
    let response = send(api_at(1, ErrorShape::Guide), "/both", &[&bearer("a c")]).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        challenge(&response),
        r#"Bearer realm="music", error="insufficient_scope", scope="a b""#
    );
    assert!(text(response).await.contains("Insufficient client scope"));
}

#[tokio::test]
async fn errors_in_the_rfcs_shape_have_the_same_status_and_challenge_and_no_body() {
    let response = send(api_at(LIFETIME, ErrorShape::Rfc6750), "/any", &[&bearer("")]).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&response).contains(r#"error="invalid_token""#));
    assert_eq!(response.headers().get(CONTENT_TYPE), None);
    assert_eq!(text(response).await, "");
}

#[test]
#[should_panic(expected = "cannot be required")]
fn a_name_that_cannot_be_a_scope_is_found_when_the_routes_are_built() {
    let _ = Guard::new(checker_at(keys(1), 0)).require(&["user read"]);
}
