//! What apps do without a page: renew silently, and say whom they mean.

use std::time::Duration;

use super::{NONCE, ask, read, start, wish};
use crate::support::{Browser, Part, TestServer};

/// The ID token that Cassette gets about whoever is at this browser.
async fn id_token(server: &TestServer, browser: &mut Browser) -> String {
    let answer = ask(browser, &wish(server, "id_token", &[])).await;
    answer.landing().fragment("id_token").unwrap().to_owned()
}

/// What a page renews in a hidden frame: one read, no write, and nothing shown.
#[tokio::test]
async fn a_silent_renewal_of_both_tokens_is_one_read_and_no_write() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let hint = id_token(&server, &mut ada).await;
    server.calls();
    for more in [&[][..], &[("id_token_hint", &*hint)]] {
        let silent = [&[("prompt", "none"), ("state", "s")][..], more].concat();
        let landing = ada.get(&wish(&server, "id_token token", &silent)).await.landing();
        assert_eq!(server.calls(), ["session_with_consent"]);
        let claims = read(&server, landing.fragment("id_token").unwrap()).await;
        assert_eq!((&claims["nonce"], landing.fragment("state")), (&NONCE.into(), Some("s")));
        assert!(server.is_good(landing.fragment("access_token").unwrap()).await);
        server.calls();
    }
}

#[tokio::test]
async fn az_22_where_a_page_would_be_needed_the_app_is_told_so() {
    let server = start().await;
    let silent = wish(&server, "id_token token", &[("prompt", "none"), ("state", "s")]);
    let nobody = server.browser().get(&silent).await;
    nobody.assert_error(Part::Fragment, "login_required", Some("s"));
    let mut ada = server.browser_of("ada").await;
    ada.get(&silent).await.assert_error(Part::Fragment, "consent_required", Some("s"));
    let hint = id_token(&server, &mut ada).await;
    ada.get(&silent).await.landing().fragment("id_token").unwrap();
    let by_name = r#"{"userinfo":{"email":{"essential":true}}}"#;
    let more = wish(&server, "id_token token", &[("prompt", "none"), ("claims", by_name)]);
    ada.get(&more).await.assert_error(Part::Fragment, "consent_required", None);

    let mut grace = server.browser_of("grace").await;
    id_token(&server, &mut grace).await;
    let adas = [("prompt", "none"), ("id_token_hint", &*hint)];
    let answer = grace.get(&wish(&server, "id_token token", &adas)).await;
    answer.assert_error(Part::Fragment, "login_required", None);
}

/// An app that means Ada gets Ada or nobody.
#[tokio::test]
async fn az_47_a_hint_asks_for_one_person_and_signs_nobody_in() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let hint = id_token(&server, &mut ada).await;
    let link = wish(&server, "id_token", &[("id_token_hint", &*hint)]);

    let mut shared = server.browser_of("grace").await;
    let page = shared.visit(&link).await;
    assert_eq!(page.h1(), "Sign in");
    let answer = shared.sign_in_on(&page, "linus").await;
    let answer = shared.follow(answer).await;
    answer.assert_error(Part::Fragment, "login_required", None);

    let page = shared.visit(&link).await;
    let answer = shared.sign_in_on(&page, "ada").await;
    let landing = shared.follow(answer).await.landing();
    let claims = read(&server, landing.fragment("id_token").unwrap()).await;
    assert_eq!(claims["sub"], server.account("ada").await.id.subject().as_str());
    assert_eq!(server.browser().visit(&link).await.h1(), "Sign in");
}

#[tokio::test]
async fn az_47_what_is_no_id_token_of_this_app_is_an_error_and_an_old_one_is_not() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let hint = id_token(&server, &mut ada).await;
    let tokens = server.cassette().tokens(&mut ada, "openid email").await;
    let unsigned = format!("{}.", hint.rsplit_once('.').unwrap().0);
    let forged = format!("{unsigned}AAAA");
    for bad in [&*unsigned, &forged, &tokens.access, tokens.refresh(), "x", "a.b.c"] {
        let wrong = [("id_token_hint", bad), ("prompt", "none")];
        let answer = ada.get(&wish(&server, "id_token", &wrong)).await;
        answer.assert_error(Part::Fragment, "invalid_request", None);
        assert!(!answer.location().contains(bad) || bad.len() < 9);
    }
    let others = crate::support::link(&[("id_token_hint", &hint), ("prompt", "none")]);
    ada.get(&others).await.assert_error(Part::Fragment, "invalid_request", None);

    server.wait(Duration::from_secs(2 * 3600));
    let old = [("id_token_hint", &*hint), ("prompt", "none")];
    let landing = ada.get(&wish(&server, "id_token", &old)).await.landing();
    assert!(landing.fragment("id_token").is_some(), "{landing:?}");
}
