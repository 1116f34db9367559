//! Who may read an answer of the token service in a browser: pages of the public app that asks, errors
//! included, and nobody else. Names that begin with an id are rows of the list of refusals.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::support::{
    Answer, CASSETTE, MIXTAPE, TURNTABLE, TURNTABLE_SECRET, TestServer, Trouble, basic, escape,
};

const CASSETTES: &str = "https://cassette.example";
const PATHS: [&str; 4] = ["/api/token", "/api/token/", "/token", "/revoke"];
const ALLOWED: &str = "access-control-allow-origin";

async fn preflight(server: &TestServer, path: &str, origin: &str) -> Answer {
    let request = Request::builder().method(Method::OPTIONS).uri(path);
    let request = request
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization, content-type");
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

/// Posts this body as a page of `origin` does.
async fn post(server: &TestServer, path: &str, origin: &str, body: &str) -> Answer {
    server.cassette().send(path, &[("origin", origin)], body).await
}

fn assert_no_cookies(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("set-cookie"), None);
    assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"), "{answer:?}");
}

#[tokio::test]
async fn tk_21_a_preflight_is_good_for_the_origins_of_public_apps() {
    let server = TestServer::start().await;
    for path in PATHS {
        for origin in
            [CASSETTES, "http://127.0.0.1", "http://127.0.0.1:51004", "http://localhost:8888"]
        {
            let answer = preflight(&server, path, origin).await;
            assert_eq!(answer.status, 204, "{origin}");
            assert_eq!(answer.header(ALLOWED), Some(origin), "{path}");
            assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
            let allowed = answer.header("access-control-allow-headers").unwrap();
            assert_eq!(allowed, "authorization, content-type");
            assert_no_cookies(&answer);
        }
    }
}

#[tokio::test]
async fn tk_21_rv_07_a_preflight_from_anywhere_else_allows_nothing() {
    let server = TestServer::start().await;
    for origin in [
        "https://evil.example",
        "https://turntable.example",
        "https://radio.example",
        "http://cassette.example",
        "https://cassette.example:8443",
        "http://localhost:9999",
        "https://127.0.0.1:51004",
        "http://127.0.0.1.evil.example:51004",
        "https://cassette.example.evil.example",
        "https://CASSETTE.example",
        "https://cassette.example/",
        "mixtape.app:",
        "null",
        "*",
        "\u{fc}",
    ] {
        for path in PATHS {
            let answer = preflight(&server, path, origin).await;
            assert_eq!(answer.header(ALLOWED), None, "{path} {origin}");
            assert_eq!(answer.header("access-control-allow-methods"), None);
            assert_no_cookies(&answer);
        }
    }
}

#[tokio::test]
async fn a_page_of_the_app_reads_its_tokens() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let code = cassette.code(&mut server.browser_of("ada").await, &[]).await;
    let form =
        cassette.exchange_form(&code).map(|(name, value)| format!("{name}={}", escape(value)));
    let body = format!("client_id={CASSETTE}&{}", form.join("&"));
    let answer = post(&server, "/api/token", CASSETTES, &body).await;
    assert_eq!(answer.header(ALLOWED), Some(CASSETTES));
    assert_no_cookies(&answer);
    let tokens = answer.tokens();
    let body = format!("client_id={CASSETTE}&token={}", tokens.access);
    let answer = post(&server, "/revoke", CASSETTES, &body).await;
    assert_eq!((answer.status.as_u16(), answer.header(ALLOWED)), (200, Some(CASSETTES)));
}

#[tokio::test]
async fn a_page_of_the_app_reads_its_errors() {
    let server = TestServer::start().await;
    for (path, body, error) in [
        ("/api/token", "", "invalid_request"),
        ("/api/token", "&grant_type=password", "unsupported_grant_type"),
        ("/api/token", "&grant_type=authorization_code&code=x", "invalid_grant"),
        ("/api/token", "&grant_type=refresh_token&refresh_token=x", "invalid_grant"),
        ("/api/token", "&grant_type=client_credentials", "unauthorized_client"),
        ("/api/token", "&grant_type=refresh_token&x=1&x=2", "invalid_request"),
        (
            "/api/token",
            "&client_secret=x&grant_type=refresh_token&refresh_token=x",
            "invalid_client",
        ),
        ("/api/token?x", "&grant_type=refresh_token", "invalid_request"),
        ("/revoke", "", "invalid_request"),
        ("/revoke", "&token=x&token=y", "invalid_request"),
    ] {
        let answer = post(&server, path, CASSETTES, &format!("client_id={CASSETTE}{body}")).await;
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (400, error), "{body}");
        assert_eq!(answer.header(ALLOWED), Some(CASSETTES), "{path} {body}");
        assert_no_cookies(&answer);
    }
}

/// A widely used browser library sends this when an implicit token is about to end.
#[tokio::test]
async fn an_empty_refresh_token_is_told_at_once_and_can_be_read() {
    let server = TestServer::start().await;
    let body = format!("grant_type=refresh_token&refresh_token=&client_id={MIXTAPE}");
    let answer = post(&server, "/api/token", "https://mixtape.example", &body).await;
    answer.assert_refused("invalid_request", "refresh_token must be supplied");
    assert_eq!(answer.header(ALLOWED), Some("https://mixtape.example"));
}

#[tokio::test]
async fn tk_21_pages_of_others_read_nothing() {
    let server = TestServer::start().await;
    let refused = format!("client_id={CASSETTE}&grant_type=refresh_token&refresh_token=x");
    for origin in ["https://evil.example", "https://mixtape.example", "null"] {
        let answer = post(&server, "/api/token", origin, &refused).await;
        assert_eq!(answer.header(ALLOWED), None, "{origin}");
        assert_no_cookies(&answer);
    }
}

#[tokio::test]
async fn tk_21_an_app_with_a_secret_does_not_belong_into_a_browser() {
    let server = TestServer::start().await;
    let secret = escape(TURNTABLE_SECRET);
    let body =
        format!("client_id={TURNTABLE}&client_secret={secret}&grant_type=client_credentials");
    let own = "https://turntable.example";
    let answer = post(&server, "/api/token", own, &body).await;
    assert_eq!(answer.header(ALLOWED), None);
    answer.tokens();
    let header = basic(TURNTABLE, TURNTABLE_SECRET);
    let headers = [("origin", own), ("authorization", &*header)];
    let form = "token=x&callback=steal";
    for path in ["/introspect", "/revoke"] {
        let answer = server.turntable().send(path, &headers, form).await;
        assert_eq!((answer.status.as_u16(), answer.header(ALLOWED)), (200, None), "{path}");
        assert!(!answer.body.contains("steal"), "RV-07: no JSONP");
    }
}

#[tokio::test]
async fn when_the_store_fails_no_preflight_is_granted() {
    let server = TestServer::start().await;
    server.trouble_store(Trouble::Fails);
    let answer = preflight(&server, "/api/token", CASSETTES).await;
    assert_eq!((answer.status.as_u16(), answer.header(ALLOWED)), (503, None));
}
