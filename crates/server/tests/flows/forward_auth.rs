//! Forward authentication, through the router: what a reverse proxy is answered about its clients'
//! requests. A real proxy asks in `tests/nginx.rs`. Names that begin with an id are rows of the list of
//! refusals.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Method, Request};
use hallpass_protocol::access_token::{self, Claims, TokenSubject};
use hallpass_protocol::model::{AuthorizationId, ClientId, Revocation, Revoked, ScopeSet};

use crate::support::{Answer, ISSUER, MIXTAPE, NIGHT_TRAIN, TestServer, Trouble, link};

const TOLD: [&str; 4] = ["x-auth-subject", "x-auth-client", "x-auth-scope", "x-auth-expires"];

/// A proxy asks at `path`, with the `Authorization` headers of its client's request.
async fn ask(server: &TestServer, path: &str, authorization: &[&str]) -> Answer {
    let request = Request::get(path);
    let request = authorization.iter().fold(request, |r, value| r.header(AUTHORIZATION, *value));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

async fn ask_about(server: &TestServer, path: &str, token: &str) -> Answer {
    ask(server, path, &[&format!("Bearer {token}")]).await
}

/// A token that ada gave Mixtape, for `email history`.
async fn token(server: &TestServer) -> String {
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email history")])).await;
    let answer = ada.agree(&page).await;
    answer.landing().fragment("access_token").unwrap().to_owned()
}

fn claims(server: &TestServer, token: &str) -> Claims {
    access_token::open(token, &server.app.keys).unwrap()
}

/// Status and challenge of an answer that lets nobody in: no body, kept nowhere, nobody named.
fn denied(answer: &Answer) -> (u16, Option<&str>) {
    assert_ne!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body, "");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(TOLD.iter().all(|name| answer.header(name).is_none()), "{answer:?}");
    (answer.status.as_u16(), answer.header("www-authenticate"))
}

fn invalid_token(description: &str) -> String {
    format!(
        "Bearer realm=\"Hallpass\", error=\"invalid_token\", error_description=\"{description}\""
    )
}

#[tokio::test]
async fn of_a_good_token_the_proxy_is_told_whose_it_is_without_a_read_of_the_store() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let claims = claims(&server, &token);
    let TokenSubject::Account(ada) = claims.subject else { panic!("{claims:?}") };
    server.calls();
    server.trouble_store(Trouble::Panics);
    for path in ["/forward-auth", "/forward-auth?scope=email", "/forward-auth?scope="] {
        let answer = ask_about(&server, path, &token).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{path}");
        assert_eq!(answer.header("x-auth-subject"), Some(ada.subject().to_string().as_str()));
        assert_eq!(answer.header("x-auth-client"), Some(MIXTAPE));
        assert_eq!(answer.header("x-auth-scope"), Some("email history"));
        let expires = (server.now().seconds() + 3600).to_string();
        assert_eq!(answer.header("x-auth-expires"), Some(expires.as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(server.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn ui_06_of_an_apps_own_token_no_user_is_made_up() {
    let server = TestServer::start().await;
    let client = ClientId::parse(NIGHT_TRAIN).unwrap();
    let token = token(&server).await;
    let own = Claims {
        client,
        subject: TokenSubject::Client,
        consent: None,
        scopes: ScopeSet::empty(),
        ..claims(&server, &token)
    };
    let answer = ask_about(&server, "/forward-auth", &server.sealed(&own)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-auth-subject"), Some(NIGHT_TRAIN), "the app and nobody else");
    assert_eq!(answer.header("x-auth-client"), Some(NIGHT_TRAIN));
    assert_eq!(answer.header("x-auth-scope"), Some(""), "there, so that no other can stay");
}

#[tokio::test]
async fn any_method_and_any_path_below_is_the_same_question() {
    let server = TestServer::start().await;
    let authorization = format!("Bearer {}", token(&server).await);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        for path in
            ["/forward-auth", "/forward-auth/", "/forward-auth/v1/me?a=b", "/forward-auth//x"]
        {
            let request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
            let request = request.uri(path).header(AUTHORIZATION, &authorization);
            let request = request.body(Body::from("what the client sent")).unwrap();
            let answer = server.browser().send(request).await;
            assert_eq!(answer.status, 200, "{method} {path}");
            assert_eq!(answer.header("x-auth-client"), Some(MIXTAPE));
        }
    }
    for path in ["/forward-authx", "/forward_auth", "/FORWARD-AUTH", "//forward-auth"] {
        assert_eq!(ask(&server, path, &[&authorization]).await.status, 404, "HT-10 {path}");
    }
}

#[tokio::test]
async fn ui_03_without_a_token_the_challenge_names_no_error() {
    let server = TestServer::start().await;
    let answer = ask(&server, "/forward-auth?scope=email", &[]).await;
    assert_eq!(denied(&answer), (401, Some("Bearer realm=\"Hallpass\"")));
}

#[tokio::test]
async fn ui_01_ui_02_a_token_in_the_query_is_never_read() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let path = format!("/forward-auth/v1/me?access_token={token}");
    assert_eq!(denied(&ask(&server, &path, &[]).await), (401, Some("Bearer realm=\"Hallpass\"")));
    let both = ask_about(&server, &path, &token).await;
    let challenge = "Bearer realm=\"Hallpass\", error=\"invalid_request\"";
    assert_eq!(denied(&both), (400, Some(challenge)));
}

#[tokio::test]
async fn ui_11_what_is_not_one_bearer_token_is_400() {
    let server = TestServer::start().await;
    let bearer = format!("Bearer {}", token(&server).await);
    for headers in [vec!["Basic YTpi"], vec!["Bearer"], vec![""], vec![&bearer, &bearer]] {
        let answer = ask(&server, "/forward-auth", &headers).await;
        let challenge = "Bearer realm=\"Hallpass\", error=\"invalid_request\"";
        assert_eq!(denied(&answer), (400, Some(challenge)), "{headers:?}");
    }
    let answer = ask(&server, "/forward-auth", &[&bearer.replacen("Bearer", "bEARER", 1)]).await;
    assert_eq!(answer.status, 200, "the scheme has no case");
}

#[tokio::test]
async fn ui_04_in_02_tokens_of_others_for_others_and_no_tokens_are_invalid() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let elsewhere = TestServer::elsewhere().await;
    let elsewhere = self::token(&elsewhere).await;
    let audience = format!("{ISSUER}/other");
    let for_others = server.sealed(&Claims { audience, ..claims(&server, &token) });
    for bad in [elsewhere.as_str(), &for_others, &token[..40], "garbage", "a.b.c"] {
        let answer = ask_about(&server, "/forward-auth", bad).await;
        let challenge = invalid_token("Invalid access token");
        assert_eq!(denied(&answer), (401, Some(challenge.as_str())), "{bad}");
    }
}

#[tokio::test]
async fn ui_04_a_token_is_good_to_its_last_second_and_no_longer() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    server.wait(Duration::from_secs(3599));
    assert_eq!(ask_about(&server, "/forward-auth", &token).await.status, 200);
    server.wait(Duration::from_secs(1));
    let answer = ask_about(&server, "/forward-auth", &token).await;
    assert_eq!(denied(&answer), (401, Some(invalid_token("The access token expired").as_str())));
}

#[tokio::test]
async fn a_missing_scope_is_403_and_all_that_are_needed_are_named() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for (query, needed) in [
        ("scope=profile", "profile"),
        ("scope=email%20profile&scope=", "email profile"),
        ("scope=email&scope=profile+history", "email profile history"),
    ] {
        let answer = ask_about(&server, &format!("/forward-auth?{query}"), &token).await;
        let scope = format!("error=\"insufficient_scope\", scope=\"{needed}\"");
        let challenge = format!("Bearer realm=\"Hallpass\", {scope}");
        assert_eq!(denied(&answer), (403, Some(challenge.as_str())), "{query}");
    }
    let enough = "/forward-auth?scope=history&scope=email+history";
    assert_eq!(ask_about(&server, enough, &token).await.status, 200);
    // Of a proxy that appends its client's address, the client can only make it stricter.
    for clients in ["/v1/me?scope=email", "/v1/me?x&scope=", "/v1/me&scope=email#"] {
        let path = format!("/forward-auth/?scope=profile&path={clients}");
        assert_eq!(ask_about(&server, &path, &token).await.status, 403, "{clients}");
    }
}

#[tokio::test]
async fn az_12_a_question_that_cannot_be_read_lets_nobody_in() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let many: String = (0..101).map(|n| format!("scope=s{n}&")).collect();
    for query in
        ["scope=%22", "scope=email%20%20history", "scope=email&scope=%ff", "scopes=x", &many]
    {
        let answer = ask_about(&server, &format!("/forward-auth?{query}"), &token).await;
        assert_eq!(denied(&answer), (400, None), "{query}");
    }
}

#[tokio::test]
async fn rv_08_what_was_ended_is_refused_by_the_next_check() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let claims = claims(&server, &token);
    let TokenSubject::Account(ada) = claims.subject else { panic!("{claims:?}") };
    for revoked in [
        Revoked::Authorization(claims.authorization),
        Revoked::Consent(claims.consent.unwrap()),
        Revoked::Account(ada),
        Revoked::Client(claims.client.clone()),
    ] {
        // A server of its own for each act: none hides another.
        let server = TestServer::start().await;
        let token = server.sealed(&claims);
        let beside = Claims {
            client: ClientId::parse(NIGHT_TRAIN).unwrap(),
            subject: TokenSubject::Client,
            authorization: AuthorizationId::mint(&mut server.app.rng(), server.now()),
            consent: None,
            ..claims.clone()
        };
        let beside = server.sealed(&beside);
        assert_eq!(ask_about(&server, "/forward-auth", &token).await.status, 200);
        let at = server.now();
        server.app.revocations.add(&Revocation { revoked, at, until: claims.expires_at });
        let answer = ask_about(&server, "/forward-auth?scope=profile", &token).await;
        let challenge = invalid_token("The access token was revoked");
        assert_eq!(denied(&answer), (401, Some(challenge.as_str())));
        let answer = ask_about(&server, "/forward-auth", &beside).await;
        assert_eq!(answer.status, 200, "and nothing else was ended");
    }
}

/// They become part of the API's site, whose owner has said nothing about frames or encryption.
#[tokio::test]
async fn its_answers_carry_no_header_of_our_pages() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for answer in [
        ask_about(&server, "/forward-auth", &token).await,
        ask_about(&server, "/forward-auth?scope=profile", &token).await,
        ask(&server, "/forward-auth", &[]).await,
    ] {
        for name in [
            "strict-transport-security",
            "x-frame-options",
            "content-security-policy",
            "cross-origin-opener-policy",
            "set-cookie",
            "content-type",
        ] {
            assert_eq!(answer.header(name), None, "{name}");
        }
    }
}
