//! The token endpoint as a client's developer meets it: what it takes, what it says, in which words.
//! Names that begin with an id are rows of the list of refusals.

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::support::{
    Answer, CASSETTE, Client, MIXTAPE, TURNTABLE, TURNTABLE_SECRET, TestServer, Trouble, basic,
    escape,
};

/// The paths of the endpoint.
const PATHS: [&str; 3] = ["/api/token", "/api/token/", "/token"];

/// A form that asks for the app itself.
const FOR_ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// Posts this body in the name of Turntable.
async fn say(server: &TestServer, body: &str) -> Answer {
    let header = basic(TURNTABLE, TURNTABLE_SECRET);
    server.turntable().send("/api/token", &[("authorization", &header)], body).await
}

/// Posts this body with no header.
async fn say_bare(client: &Client, body: &str) -> Answer {
    client.send("/api/token", &[], body).await
}

#[tokio::test]
async fn every_path_of_the_endpoint_is_the_same_endpoint() {
    let server = TestServer::start().await;
    for path in PATHS {
        let answer = server.turntable().post(path, &FOR_ITSELF).await;
        assert_eq!(answer.tokens().refresh, None, "{path}");
    }
    for path in ["/token/", "/api//token", "/api/Token", "/api/token/x"] {
        assert_eq!(server.turntable().post(path, &FOR_ITSELF).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn tk_09_an_unknown_a_missing_and_a_doubled_grant_type_are_told_apart() {
    let server = TestServer::start().await;
    for body in ["", "grant_type=", "code=x", "scope=email"] {
        let answer = say(&server, body).await;
        answer.assert_refused("invalid_request", "grant_type parameter is missing");
    }
    let twice = "grant_type=client_credentials&grant_type=client_credentials";
    let answer = say(&server, twice).await;
    answer.assert_refused("invalid_request", "A parameter was sent more than once");
    for unknown in [
        "implicit",
        "Authorization_Code",
        "authorization_code ",
        "token",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:device_code",
        "\u{1f3b7}",
    ] {
        let answer = say(&server, &format!("grant_type={}", escape(unknown))).await;
        let (status, error, description) = answer.error();
        assert_eq!((status, &*error), (400, "unsupported_grant_type"), "{unknown}");
        for offered in ["authorization_code", "refresh_token", "client_credentials"] {
            assert!(description.contains(offered), "{description}");
        }
    }
}

#[tokio::test]
async fn tk_09_a_grant_that_is_not_switched_on_is_not_allowed() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let code = server.cassette().code(&mut ada, &[]).await;
    let refresh = server.turntable().tokens(&mut ada, "").await.refresh().to_owned();
    let night_train = server.night_train();
    for answer in [
        night_train.exchange(&code).await,
        night_train.refresh(&refresh).await,
        server.jukebox().refresh(&refresh).await,
        server.jukebox().post("/api/token", &FOR_ITSELF).await,
    ] {
        let (status, error, _) = answer.error();
        assert_eq!((status, &*error), (400, "unauthorized_client"), "{answer:?}");
    }
    server.turntable().refresh(&refresh).await.tokens();
}

#[tokio::test]
async fn tk_10_there_is_no_password_grant() {
    let server = TestServer::start().await;
    server.calls();
    let body = "grant_type=password&username=ada&password=a%20long%20enough%20password";
    assert_eq!(say(&server, body).await.error().1, "unsupported_grant_type");
    assert_eq!(server.calls(), ["client"], "nobody's password was looked up");
}

#[tokio::test]
async fn tk_13_no_assertion_stands_for_a_person() {
    let server = TestServer::start().await;
    let body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c";
    assert_eq!(say(&server, body).await.error().1, "unsupported_grant_type");
}

#[tokio::test]
async fn tk_14_nothing_is_read_from_the_url() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    for query in [
        "grant_type=client_credentials".to_owned(),
        format!("client_id={TURNTABLE}&client_secret={}", escape(TURNTABLE_SECRET)),
        "x".to_owned(),
    ] {
        let path = format!("/api/token?{query}");
        let answer = turntable.post(&path, &FOR_ITSELF).await;
        assert_eq!(answer.error().1, "invalid_request", "{query}");
        assert!(!answer.body.contains(TURNTABLE_SECRET));
    }
    turntable.post("/api/token?", &FOR_ITSELF).await.tokens();
}

#[tokio::test]
async fn tk_15_only_post_is_taken() {
    let server = TestServer::start().await;
    for path in PATHS {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE] {
            let uri = format!("{path}?grant_type=client_credentials&client_id={CASSETTE}");
            let request = Request::builder().method(method).uri(uri).body(Body::empty());
            let answer = server.browser().send(request.unwrap()).await;
            assert_eq!(answer.status, 405, "{path}");
            let allowed = answer.header("allow").unwrap();
            assert!(allowed.contains("POST") && !allowed.contains("GET"), "{allowed}");
        }
    }
}

#[tokio::test]
async fn tk_16_only_a_form_is_read() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let header = basic(TURNTABLE, TURNTABLE_SECRET);
    let form = "grant_type=client_credentials";
    for content_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded, text/plain",
        "",
    ] {
        let headers = [("authorization", &*header), ("content-type", content_type)];
        let answer = turntable.send("/api/token", &headers, form).await;
        let expected = "Expected application/x-www-form-urlencoded".to_owned();
        assert_eq!(answer.error(), (415, "invalid_request".to_owned(), expected));
    }
    let utf8 = "application/x-www-form-urlencoded; charset=UTF-8";
    let headers = [("authorization", &*header), ("content-type", utf8)];
    turntable.send("/api/token", &headers, form).await.tokens();
    let none = Request::post("/api/token").header("authorization", &header);
    let answer = server.browser().send(none.body(Body::from(form)).unwrap()).await;
    assert_eq!(answer.error().0, 415);
    let both = Request::post("/api/token").header("content-type", "application/json");
    let both = both.header("content-type", utf8).header("authorization", &header);
    let answer = server.browser().send(both.body(Body::from(form)).unwrap()).await;
    assert_eq!(answer.error().0, 415);
}

#[tokio::test]
async fn tk_17_a_doubled_parameter_is_refused_and_neither_value_is_picked() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let code = cassette.code(&mut server.browser_of("ada").await, &[]).await;
    let form =
        cassette.exchange_form(&code).map(|(name, value)| format!("{name}={}", escape(value)));
    let form = format!("client_id={CASSETTE}&{}", form.join("&"));
    for doubled in form.split('&').chain(["client_id=x", "code=", "x=1&x=2"]) {
        let answer = say_bare(&cassette, &format!("{form}&{doubled}")).await;
        answer.assert_refused("invalid_request", "A parameter was sent more than once");
    }
    cassette.exchange(&code).await.tokens();
}

#[tokio::test]
async fn tk_18_what_is_too_large_is_refused_before_any_work() {
    let server = TestServer::start().await;
    server.calls();
    let many = (0..10_000).map(|n| format!("&p{n}=1")).collect::<String>();
    for more in [format!("&code={}", "x".repeat(1 << 20)), many] {
        let answer = say(&server, &format!("grant_type=authorization_code{more}")).await;
        assert_eq!(answer.error().0, 413);
    }
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn tk_19_a_success_is_exact_json_that_nobody_keeps() {
    let server = TestServer::start().await;
    let answer = server.turntable().post("/api/token", &FOR_ITSELF).await;
    let token = answer.tokens().access;
    assert_eq!(
        answer.body,
        format!(
            "{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":\"\"}}"
        )
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("etag"), None, "HT-21");
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn tk_22_bad_bytes_are_refused_and_break_nothing() {
    let server = TestServer::start().await;
    for bad in ["%", "%zz", "%f", "%ff", "%c0%af", "%ed%a0%80"] {
        for name in ["code", "refresh_token", "scope", "client_secret", bad] {
            let body = format!("grant_type=authorization_code&{name}={bad}");
            assert_eq!(say(&server, &body).await.error().1, "invalid_request", "{body}");
        }
    }
    for odd in ["%00", "%c3%a9", "%0d%0a", "%F0%9F%8E%B7", "%22%5C"] {
        for body in [
            format!("grant_type=authorization_code&code={odd}&redirect_uri={odd}"),
            format!("grant_type=refresh_token&refresh_token={odd}"),
            format!("grant_type=client_credentials&scope={odd}"),
            format!("grant_type={odd}"),
        ] {
            let (status, error, description) = say(&server, &body).await.error();
            assert_eq!(status, 400, "{body}: {error}");
            assert!(description.is_ascii() && !description.contains('\r'), "{description}");
        }
        let nobody = format!("grant_type=client_credentials&client_id={odd}");
        let answer = say_bare(&server.cassette(), &nobody).await;
        assert_eq!(answer.error().1, "invalid_client", "{odd}");
    }
}

#[tokio::test]
async fn tk_29_when_the_store_fails_nothing_is_granted_and_it_is_told_in_json() {
    let server = TestServer::start().await;
    server.trouble_store(Trouble::Fails);
    for body in [
        "grant_type=authorization_code&code=hpc_x",
        "grant_type=refresh_token&refresh_token=hpr_x",
        "grant_type=client_credentials",
        "grant_type=nonsense",
    ] {
        let answer = say(&server, body).await;
        let (status, error, description) = answer.error();
        assert_eq!((status, &*error), (503, "temporarily_unavailable"), "{body}");
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert!(!description.contains("disk"), "{description}");
    }
    server.trouble_store(Trouble::None);
    server.turntable().post("/api/token", &FOR_ITSELF).await.tokens();
}

/// The table of texts that published clients and forum answers know, row by row; the rows about codes
/// and refresh tokens stand with those.
#[tokio::test]
async fn what_is_missing_is_named_in_the_stable_words() {
    let server = TestServer::start().await;
    for (body, description) in [
        ("grant_type=authorization_code", "code must be supplied"),
        ("grant_type=authorization_code&code=", "code must be supplied"),
        ("grant_type=refresh_token", "refresh_token must be supplied"),
        ("grant_type=refresh_token&refresh_token=", "refresh_token must be supplied"),
    ] {
        say(&server, body).await.assert_refused("invalid_request", description);
    }
    let answer = say(&server, "grant_type=authorization_code&code=x&redirect_uri=x").await;
    answer.assert_refused("invalid_grant", "Invalid authorization code");
    let answer = say(&server, "grant_type=refresh_token&refresh_token=x").await;
    answer.assert_refused("invalid_grant", "Invalid refresh token");
}

#[tokio::test]
async fn ca_03_ca_06_an_unknown_client_and_a_wrong_secret_are_told_in_the_stable_words() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let form = "grant_type=client_credentials";
    let unknown = "0".repeat(32);
    let mut remembered = vec![""];
    for (id, secret, description) in [
        (&*unknown, TURNTABLE_SECRET, "Invalid client"),
        ("nobody", TURNTABLE_SECRET, "Invalid client"),
        ("", "", "Invalid client"),
        (TURNTABLE, "wrong", "Invalid client secret"),
        (TURNTABLE, "", "Invalid client secret"),
        (TURNTABLE, &TURNTABLE_SECRET.to_uppercase(), "Invalid client secret"),
        (CASSETTE, "any", "Invalid client secret"),
        (CASSETTE, "", "Invalid client secret"),
    ] {
        server.calls();
        let answer = cassette.send("/token", &[("authorization", &basic(id, secret))], form).await;
        let calls = server.calls();
        let expected = (401, "invalid_client".to_owned(), description.to_owned());
        assert_eq!(answer.error(), expected, "{id}");
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"hallpass\""), "CA-09");
        let reads = if remembered.contains(&id) { &[][..] } else { &["client"] };
        assert_eq!(calls, reads, "the same work for every name, whoever's it is");
        remembered.push(id);

        let body = format!("{form}&client_id={id}&client_secret={}", escape(secret));
        let answer = say_bare(&cassette, &body).await;
        answer.assert_refused("invalid_client", description);
    }
    let answer = say_bare(&cassette, &format!("{form}&client_id={TURNTABLE}")).await;
    answer.assert_refused("invalid_client", "Invalid client secret");
    say_bare(&cassette, form).await.assert_refused("invalid_client", "Invalid client");
}

#[tokio::test]
async fn ca_01_ca_02_one_client_says_once_who_it_is() {
    let server = TestServer::start().await;
    let form = format!("grant_type=client_credentials&client_id={TURNTABLE}");
    say(&server, &form).await.tokens();
    for more in [
        format!("client_id={MIXTAPE}"),
        format!("client_secret={}", escape(TURNTABLE_SECRET)),
        format!("client_id={TURNTABLE}&client_secret={}", escape(TURNTABLE_SECRET)),
    ] {
        let answer = say(&server, &format!("grant_type=client_credentials&{more}")).await;
        assert_eq!(answer.error().1, "invalid_request", "{more}");
    }
}

#[tokio::test]
async fn ca_08_the_encodings_and_places_of_published_clients_are_taken() {
    let server = TestServer::start().await;
    let form = "grant_type=client_credentials";
    let plain = format!("{TURNTABLE}:{TURNTABLE_SECRET}");
    let escaped = format!("{TURNTABLE}:{}", escape(TURNTABLE_SECRET));
    let plus = plain.replace(' ', "+");
    for text in [&plain, &escaped, &plus] {
        for header in [STANDARD.encode(text), URL_SAFE_NO_PAD.encode(text)] {
            let headers = [("authorization", &*format!("Basic {header}"))];
            server.turntable().send("/token", &headers, form).await.tokens();
        }
    }
    let secret = escape(TURNTABLE_SECRET);
    let body = format!("{form}&client_id={TURNTABLE}&client_secret={secret}&state=x&scope=");
    say_bare(&server.turntable(), &body).await.tokens();
}

/// A Node client sends its secret in the form for the code, and in the header for what follows.
#[tokio::test]
async fn a_client_may_change_its_method_from_call_to_call() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let code = turntable.code(&mut server.browser_of("ada").await, &[]).await;
    let mut form = turntable.exchange_form(&code).to_vec();
    form.extend([("client_id", TURNTABLE), ("client_secret", TURNTABLE_SECRET)]);
    let pairs = form.iter().map(|(name, value)| format!("{name}={}", escape(value)));
    let body = pairs.collect::<Vec<_>>().join("&");
    let tokens = say_bare(&turntable, &body).await.tokens();
    turntable.refresh(tokens.refresh()).await.tokens();
}
