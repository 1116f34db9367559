//! The guide, end to end: from the app's link to the token, and every turn on the way.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use hallpass::config::Settings;
use hallpass_protocol::access_token::TokenSubject;

use crate::support::{
    Form, ISSUER, MIXTAPE, MIXTAPE_URI, PASSWORD, Setup, Site, TestServer, escape, link,
};

/// The `state` of a visit.
const STATE: (&str, &str) = ("state", "34fFs29kd09Pz");

#[tokio::test]
async fn the_guide_from_a_link_to_a_token() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.visit(&link(&[("scope", "email history"), STATE])).await;
    assert_eq!(page.h1(), "Sign in");
    let answer = ada.sign_in_on(&page, "ada").await;
    let page = ada.follow(answer).await;
    assert_eq!((page.status.as_u16(), &*page.h1()), (200, "Mixtape asks for your permission"));

    let answer = ada.agree(&page).await;
    assert_eq!(answer.status, 303);
    let token = answer.landing().fragment("access_token").unwrap().to_owned();
    assert_eq!(
        answer.location(),
        format!(
            "{MIXTAPE_URI}#access_token={token}&token_type=Bearer&expires_in=3600\
             &state=34fFs29kd09Pz&iss=https%3A%2F%2Faccounts.example"
        )
    );
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    assert!(token.bytes().all(plain), "{token}");
}

#[tokio::test]
async fn the_token_says_who_gave_it_to_whom_for_what_and_until_when() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email playlists")])).await;
    let claims = server.claims(&ada.agree(&page).await);

    let session = ada.cookies["__Host-hallpass-session"].clone();
    let session = hallpass_protocol::model::Secret::presented(session);
    let session = hallpass_protocol::model::SessionId::of(&session);
    let account = server.store().session(&session).await.unwrap().unwrap().account;
    assert_eq!(account.username.as_str(), "ada");
    assert_eq!(claims.subject, TokenSubject::Account(account.id));
    assert_eq!(claims.client.as_str(), MIXTAPE);
    assert_eq!(claims.scopes.to_string(), "email playlists");
    assert_eq!(&*claims.audience, ISSUER);
    assert_eq!(claims.expires_at.since(claims.issued_at), Duration::from_secs(3600));
}

#[tokio::test]
async fn who_cancels_goes_back_with_the_denial_in_the_query() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email"), ("state", "123")])).await;
    let answer = ada.cancel(&page).await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.location(),
        format!("{MIXTAPE_URI}?error=access_denied&state=123&iss=https%3A%2F%2Faccounts.example")
    );
}

#[tokio::test]
async fn a_denial_joins_the_query_that_the_redirect_uri_has() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let uri = format!("{MIXTAPE_URI}?from=hallpass");
    let page = ada.get(&link(&[("redirect_uri", &uri)])).await;
    let answer = ada.cancel(&page).await;
    assert_eq!(
        answer.location(),
        format!("{uri}&error=access_denied&iss=https%3A%2F%2Faccounts.example")
    );
    let answer = ada.agree(&page).await;
    assert!(answer.location().starts_with(&format!("{uri}#access_token=")));
}

#[tokio::test]
async fn who_agreed_before_goes_back_without_a_page_after_one_read_and_no_write() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let wish = link(&[("scope", "email"), STATE]);
    let page = ada.get(&wish).await;
    let first = server.claims(&ada.agree(&page).await);
    server.calls();

    let answer = ada.get(&wish).await;
    assert_eq!(answer.status, 302);
    let landing = answer.landing();
    assert_eq!((landing.base.as_str(), landing.query.len()), (MIXTAPE_URI, 0));
    assert_eq!(landing.fragment("state"), Some(STATE.1));
    assert_eq!(server.claims(&answer).consent, first.consent);
    assert_eq!(server.calls(), ["session_with_consent"]);
}

#[tokio::test]
async fn the_wish_for_less_than_was_allowed_needs_no_page_and_gets_no_more() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email history")])).await;
    ada.agree(&page).await;
    let answer = ada.get(&link(&[("scope", "history")])).await;
    assert_eq!(server.claims(&answer).scopes.to_string(), "history");
}

#[tokio::test]
async fn show_dialog_asks_again_in_whatever_case_it_is_written() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    ada.agree(&page).await;
    for yes in ["true", "True", "TRUE"] {
        let page = ada.get(&link(&[("scope", "email"), ("show_dialog", yes)])).await;
        assert_eq!(page.status, 200, "{yes}");
        assert!(page.text().contains("You have allowed this app all of this before."), "{yes}");
    }
    for no in ["false", "False", ""] {
        let answer = ada.get(&link(&[("scope", "email"), ("show_dialog", no)])).await;
        assert_eq!(answer.status, 302, "{no:?}");
    }
}

#[tokio::test]
async fn the_wish_for_more_is_asked_for_and_only_what_is_new_is_marked() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    assert!(!page.lines().contains(&"New".to_owned()), "{:?}", page.lines());
    let first = server.claims(&ada.agree(&page).await);

    let page = ada.get(&link(&[("scope", "email history")])).await;
    let lines = page.lines();
    let after = |text: &str| {
        let place = lines.iter().position(|line| line == text);
        place.and_then(|place| lines.get(place + 1)).map(String::as_str)
    };
    assert_eq!(after("see what you listened to"), Some("New"), "{lines:?}");
    assert_ne!(after("see your e-mail address"), Some("New"), "{lines:?}");
    let second = server.claims(&ada.agree(&page).await);
    assert_eq!(second.scopes.to_string(), "email history");
    assert_eq!(second.consent, first.consent, "one consent");

    let answer = ada.get(&link(&[("scope", "history email")])).await;
    assert_eq!(answer.status, 302, "both are remembered");
}

#[tokio::test]
async fn a_wish_without_scopes_is_for_what_is_public() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for wish in [link(&[]), format!("{}&scope=", link(&[("show_dialog", "true")]))] {
        let page = ada.get(&wish).await;
        assert!(page.text().contains("This app asks for nothing of its own."), "{}", page.text());
        let answer = ada.agree(&page).await;
        assert_eq!(server.claims(&answer).scopes.to_string(), "");
        assert_eq!(answer.landing().fragment("scope"), None);
    }
}

#[tokio::test]
async fn a_scope_that_the_operator_ignores_is_left_out_and_the_answer_says_so() {
    let unknown_scopes = Some(hallpass::config::UnknownScopesSetting::Ignore);
    let settings = Settings { unknown_scopes, ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email moonwalk"), STATE])).await;
    let answer = ada.agree(&page).await;
    let names: Vec<_> = answer.landing().fragment.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["access_token", "token_type", "expires_in", "state", "scope", "iss"]);
    assert_eq!(answer.landing().fragment("scope"), Some("email"));
}

#[tokio::test]
async fn a_language_before_the_path_and_a_slash_after_it_are_let_pass() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let query = link(&[STATE]).replace("/authorize", "");
    for path in ["/authorize/", "/en/authorize", "/pt-BR/authorize", "/zh-Hans-CN/authorize"] {
        let page = ada.get(&format!("{path}{query}")).await;
        assert_eq!(page.h1(), "Mixtape asks for your permission", "{path}");
    }
    let page = ada.get(&format!("/authorize?&{}", &query[1..])).await;
    assert_eq!(page.status, 200, "a stray & does no harm");
}

#[tokio::test]
async fn a_redirect_uri_may_be_escaped_in_any_way() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let head = "/authorize?response_type=token&show_dialog=true&client_id=";
    for written in [
        "http%3A%2F%2Flocalhost%3A8888%2Fcallback",
        "http%3a%2f%2flocalhost%3a8888%2fcallback",
        "http://localhost:8888/callback",
        "http:%2F/localhost:8888/call%62ack",
    ] {
        let page = ada.get(&format!("{head}{MIXTAPE}&redirect_uri={written}")).await;
        let answer = ada.agree(&page).await;
        assert_eq!(answer.landing().base, "http://localhost:8888/callback", "{written}");
    }
}

#[tokio::test]
async fn an_app_on_a_loopback_address_chooses_its_port() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("redirect_uri", "http://127.0.0.1:51004/callback")])).await;
    assert!(page.text().contains("http://127.0.0.1:51004"), "{}", page.text());
    let answer = ada.agree(&page).await;
    assert_eq!(answer.landing().base, "http://127.0.0.1:51004/callback");
}

#[tokio::test]
async fn an_app_on_a_phone_has_a_scheme_of_its_own() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("redirect_uri", "mixtape.app:/callback")])).await;
    assert!(page.text().contains("mixtape.app:"), "{}", page.text());
    let answer = ada.agree(&page).await;
    assert!(answer.location().starts_with("mixtape.app:/callback#access_token="));
}

#[tokio::test]
async fn who_has_no_account_makes_one_on_the_way() {
    let server = TestServer::start().await;
    let mut niels = server.browser();
    let page = niels.visit(&link(&[("scope", "email"), STATE])).await;
    assert!(page.text().contains("to continue to Mixtape"), "{}", page.text());
    let page = niels.get(&page.link("Sign up")).await;
    assert!(page.text().contains("Mixtape"), "{}", page.text());
    let form = page.form("/sign-up").with("username", "niels").with("password", PASSWORD);
    let answer = niels.submit(form.with("email", "niels@people.example")).await;
    let page = niels.follow(answer).await;
    assert!(page.text().contains("Signed in as niels"), "{}", page.text());
    let answer = niels.agree(&page).await;
    assert_eq!(answer.landing().fragment("state"), Some(STATE.1));
}

#[tokio::test]
async fn who_agreed_before_and_signs_in_on_the_way_sees_no_other_page() {
    let server = TestServer::start().await;
    let wish = link(&[("scope", "email"), STATE]);
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&wish).await;
    ada.agree(&page).await;

    let mut elsewhere = server.browser();
    let page = elsewhere.visit(&wish).await;
    let answer = elsewhere.sign_in_on(&page, "ada").await;
    let answer = elsewhere.follow(answer).await;
    assert_eq!(answer.landing().base, MIXTAPE_URI);
    assert!(answer.landing().fragment("access_token").is_some());
}

#[tokio::test]
async fn a_request_may_come_as_a_form_of_the_apps_page() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let fields = [
        ("response_type", "token"),
        ("client_id", MIXTAPE),
        ("redirect_uri", MIXTAPE_URI),
        ("state", "a b+c&d=e;\"é"),
    ];
    let answer = ada.submit_from(Site::Strangers, Form::new("/authorize", &fields)).await;
    assert_eq!(answer.status, 303);
    let expected = fields.map(|(name, value)| format!("{name}={}", escape(value))).join("&");
    assert_eq!(answer.location(), format!("/authorize?{expected}"));
    let page = ada.follow(answer).await;
    let answer = ada.agree(&page).await;
    assert_eq!(answer.landing().fragment("state"), Some("a b+c&d=e;\"é"));
}

#[tokio::test]
async fn a_state_comes_back_as_the_javascript_of_the_app_would_write_it() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for state in ["a b", "A-Z_a.z~0'9!*()", "=;&#\"{}", "100% + 1", "🎷 é", "a\r\nb: c\0d"] {
        let page = ada.get(&link(&[("state", state), ("show_dialog", "true")])).await;
        let answer = ada.agree(&page).await;
        let written = format!("&state={}&iss=", escape(state));
        assert!(answer.location().contains(&written), "{state:?}: {}", answer.location());
    }
}

#[tokio::test]
async fn a_head_request_is_a_get_without_a_body() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let head =
        |path: &str| Request::builder().method(Method::HEAD).uri(path).body(Body::empty()).unwrap();
    server.calls();
    let answer = ada.send(head(&link(&[]))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.calls(), ["client", "session_with_consent"]);
    let answer = ada.send(head(&link(&[("client_id", "nobody")]))).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn on_a_loopback_address_everything_works_without_https() {
    let issuer = "http://127.0.0.1:8080";
    let server = TestServer::with(Setup { issuer, ..Setup::default() }).await;
    let mut ada = server.browser_of("ada").await;
    let names: Vec<_> = ada.cookies.keys().map(String::as_str).collect();
    assert_eq!(names, ["hallpass-session", "hallpass-visitor"]);
    let page = ada.get(&link(&[])).await;
    assert_eq!(page.header("strict-transport-security"), None);
    let answer = ada.agree(&page).await;
    assert_eq!(answer.landing().fragment("iss"), Some(issuer));
}

#[tokio::test]
async fn a_token_lives_as_long_as_the_operator_says() {
    let settings = Settings { token_lifetime: Some(60), ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    assert!(page.text().contains("Access lasts 1 minute at a time."), "{}", page.text());
    let answer = ada.agree(&page).await;
    assert_eq!(answer.landing().fragment("expires_in"), Some("60"));
}
