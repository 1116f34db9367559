//! The end-session endpoint (RP-Initiated Logout).

use super::{AFTERWARDS, SESSION, hint, server, session};
use crate::support::{Answer, Browser, Form, MIXTAPE, Site, TestServer, escape, link};

/// A request with these parameters.
fn request(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", escape(value)));
    format!("/logout?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// The request as an app sends it.
fn by_hint(hint: &str) -> [(&str, &str); 3] {
    [("id_token_hint", hint), ("post_logout_redirect_uri", AFTERWARDS), ("state", "s 1")]
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/dashboard").await.status == 200
}

#[track_caller]
fn assert_gone(answer: &Answer, location: &str) {
    assert_eq!((answer.status.as_u16(), answer.location()), (303, location), "{answer:#?}");
}

#[tokio::test]
async fn lo_04_after_a_sign_out_at_an_apps_wish_the_session_is_dead_for_everybody() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let mut thief = ada.clone();
    let hint = hint(&server, &ada, "ada").await;
    let answer = ada.get(&request(&by_hint(&hint))).await;
    assert_gone(&answer, &format!("{AFTERWARDS}?state=s%201"));
    assert!(!ada.cookies.contains_key(SESSION), "the cookie is taken away");
    for browser in [&mut ada, &mut thief] {
        assert!(!is_signed_in(browser).await);
        let silent = browser.get(&link(&[("prompt", "none")])).await;
        assert_eq!(silent.landing().fragment("error"), Some("login_required"));
    }
    // Once more: nobody is there, and the app gets its answer all the same.
    let again = ada.get(&request(&by_hint(&hint))).await;
    assert_gone(&again, &format!("{AFTERWARDS}?state=s%201"));
}

#[tokio::test]
async fn without_an_address_the_page_says_that_nobody_is_signed_in() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let hint = hint(&server, &ada, "ada").await;
    let answer = ada.visit(&request(&[("id_token_hint", &hint)])).await;
    assert_eq!(answer.h1(), "You are signed out");
    assert!(!is_signed_in(&mut ada).await);
}

#[tokio::test]
async fn lo_01_a_bad_hint_is_one_page_and_no_redirect() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let good = hint(&server, &ada, "ada").await;
    let elsewhere = TestServer::elsewhere().await;
    let mut other = elsewhere.browser_of("ada").await;
    let foreign = hint(&elsewhere, &other, "ada").await;
    let mut pages = Vec::new();
    for bad in ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", &foreign, &good[1..], &"x".repeat(40 << 10)] {
        let answer = ada.get(&request(&by_hint(bad))).await;
        answer.assert_page(400, "Invalid id_token_hint");
        pages.push(answer.text().replace(answer.text().split("Reference").last().unwrap(), ""));
        assert!(is_signed_in(&mut ada).await);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "the same whatever is wrong");
    let huge = Form::new("/logout", &[("id_token_hint", &"x".repeat(1 << 20))]);
    assert_eq!(ada.submit_from(Site::Strangers, huge).await.status, 413);
    assert!(is_signed_in(&mut ada).await);
    assert!(is_signed_in(&mut other).await);
}

#[tokio::test]
async fn lo_02_an_address_that_is_not_registered_is_a_page_and_nobody_is_signed_out() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let hint = hint(&server, &ada, "ada").await;
    for address in [
        "https://mixtape.example/",
        "https://mixtape.example/signed-out/more",
        "https://mixtape.example/signed-out?a=b",
        "https://mixtape.example/callback",
        "javascript:alert(1)",
        "https://evil.example/",
    ] {
        let asked = [("id_token_hint", &*hint), ("post_logout_redirect_uri", address)];
        let answer = ada.get(&request(&asked)).await;
        answer.assert_page(400, "Invalid post_logout_redirect_uri");
        assert!(is_signed_in(&mut ada).await, "{address}");
    }
    let nobodys = ada.get(&request(&[("post_logout_redirect_uri", AFTERWARDS)])).await;
    nobodys.assert_page(400, "Invalid post_logout_redirect_uri");
    let twice = ada.get("/logout?state=a&state=b").await;
    twice.assert_page(400, "Invalid request to sign out");
    let another = [("id_token_hint", &*hint), ("client_id", "another")];
    ada.get(&request(&another)).await.assert_page(400, "Invalid client");
    assert!(is_signed_in(&mut ada).await);
}

#[tokio::test]
async fn lo_03_without_a_hint_the_person_is_asked_and_the_app_is_named() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let asked = [("client_id", MIXTAPE), ("post_logout_redirect_uri", AFTERWARDS)];
    let page = ada.get(&request(&asked)).await;
    assert_eq!((page.status.as_u16(), page.h1().as_str()), (200, "Sign out?"));
    assert!(page.text().contains("Mixtape asks you to sign out of Hallpass"), "{page:#?}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' https://mixtape.example;"), "{policy}");
    assert!(is_signed_in(&mut ada).await);

    let form = page.form("/logout/confirm");
    let refused = ada.submit_from(Site::Sibling, form.clone()).await;
    assert_eq!(refused.status, 403);
    let refused = ada.submit(form.clone().with("form_token", "x")).await;
    assert_eq!(refused.status, 403);
    let stranger = ada.submit_from(Site::Strangers, form.clone()).await;
    assert_eq!(stranger.header("set-cookie"), None, "nor is the cookie taken away");
    assert!(is_signed_in(&mut ada).await);

    assert_gone(&ada.submit(form).await, AFTERWARDS);
    assert!(!is_signed_in(&mut ada).await);
}

#[tokio::test]
async fn lo_05_the_hint_of_somebody_else_asks_the_person_who_is_there() {
    let server = server().await;
    let grace = server.browser_of("grace").await;
    let graces = hint(&server, &grace, "grace").await;
    let mut elsewhere = server.browser_of("ada").await;
    let earlier = hint(&server, &elsewhere, "ada").await;
    let mut ada = server.browser_of("ada").await;
    for hint in [graces, earlier] {
        let page = ada.get(&request(&by_hint(&hint))).await;
        assert_eq!(page.h1(), "Sign out?");
        assert!(page.text().contains("You are signed in as ada"), "{page:#?}");
        assert!(is_signed_in(&mut ada).await);
    }
    assert!(is_signed_in(&mut elsewhere).await, "nor is anybody elsewhere signed out");
    assert!(server.store().session(&session(&grace)).await.unwrap().is_some());
}

#[tokio::test]
async fn lo_08_a_state_breaks_neither_the_header_nor_the_page() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let state = "\r\nSet-Cookie: a=b <script>alert(1)</script>";
    let asked =
        [("client_id", MIXTAPE), ("post_logout_redirect_uri", AFTERWARDS), ("state", state)];
    let page = ada.get(&request(&asked)).await;
    assert!(!page.body.contains("<script>alert"), "{page:#?}");
    let answer = ada.submit(page.form("/logout/confirm")).await;
    assert_gone(
        &answer,
        &format!(
            "{AFTERWARDS}?state=%0D%0ASet-Cookie%3A%20a%3Db%20%3Cscript%3Ealert%281%29%3C%2Fscript%3E"
        ),
    );
}

#[tokio::test]
async fn a_form_of_the_app_is_sent_again_from_a_page_of_ours() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let hint = hint(&server, &ada, "ada").await;
    let theirs = Form::new("/logout", &by_hint(&hint));
    let page = ada.submit_from(Site::Strangers, theirs).await;
    assert_eq!((page.status.as_u16(), page.h1().as_str()), (200, "Signing out"));
    assert_eq!(page.header("set-cookie"), None);
    assert!(is_signed_in(&mut ada).await);

    let ours = page.form("/logout/again");
    assert!(page.body.contains("data-send-at-once"), "{page:#?}");
    assert_gone(&ada.submit(ours).await, &format!("{AFTERWARDS}?state=s%201"));
    assert!(!is_signed_in(&mut ada).await);
}

#[tokio::test]
async fn a_form_of_the_app_that_is_no_good_is_a_page() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let twice = Form::new("/logout?state=a", &[("state", "b")]);
    let answer = ada.submit_from(Site::Strangers, twice).await;
    answer.assert_page(400, "Invalid request to sign out");
    let bad = Form::new("/logout", &[("id_token_hint", "a.b.c")]);
    let page = ada.submit_from(Site::Strangers, bad).await;
    let answer = ada.submit(page.form("/logout/again")).await;
    answer.assert_page(400, "Invalid id_token_hint");
    assert!(is_signed_in(&mut ada).await);
}
