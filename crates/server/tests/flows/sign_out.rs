//! Signing out, through the router. Names that begin with an id are rows of the list of refusals.

use std::sync::Arc;
use std::time::Duration;

use hallpass::upkeep;

use crate::support::{Form, Site, TestServer, link};

const SESSION: &str = "__Host-hallpass-session";

#[tokio::test]
async fn lg_29_after_signing_out_the_session_is_dead_for_everybody() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let mut thief = ada.clone();
    let page = ada.get("/sign-out").await;
    assert!(page.text().contains("You are signed in as ada in this browser"), "{page:#?}");
    let answer = ada.submit(page.form("/sign-out")).await;
    assert_eq!((answer.status.as_u16(), answer.h1().as_str()), (200, "You are signed out"));
    assert!(!ada.cookies.contains_key(SESSION), "the cookie is taken away");
    for browser in [&mut ada, &mut thief] {
        assert!(browser.get("/dashboard").await.location().starts_with("/sign-in?"));
        assert!(browser.get(&link(&[])).await.location().starts_with("/sign-in?"));
    }
}

#[tokio::test]
async fn lg_29_no_page_of_a_session_is_kept_by_the_browser() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for path in ["/", "/dashboard", "/dashboard/create", "/sign-out", "/logout", &link(&[])] {
        let answer = ada.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, Some("no-store"))
        );
    }
}

#[tokio::test]
async fn lo_03_a_link_only_asks() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for path in ["/sign-out", "/logout"] {
        assert_eq!(ada.get(path).await.h1(), "Sign out?");
        assert_eq!(ada.get("/dashboard").await.status, 200);
    }
}

#[tokio::test]
async fn lo_03_nobody_is_signed_out_by_somebody_elses_form() {
    let server = TestServer::start().await;
    let mut mallory = server.browser_of("grace").await;
    let mallorys = mallory.get("/sign-out").await.form("/sign-out");
    let mut ada = server.browser_of("ada").await;
    let own = ada.get("/sign-out").await.form("/sign-out");
    let page_token =
        ada.get("/dashboard/create").await.form("/dashboard/create").value("form_token").to_owned();
    for (from, form) in [
        (Site::Ours, mallorys),
        (Site::Ours, Form::new("/sign-out", &[])),
        (Site::Ours, own.clone().with("form_token", &page_token)),
        (Site::Sibling, own.clone()),
    ] {
        let answer = ada.submit_from(from, form.clone()).await;
        assert_eq!(answer.status, 403, "{from:?} {form:?}");
        assert_eq!(ada.get("/dashboard").await.status, 200, "{from:?} {form:?}");
    }
    // A stranger's form comes without the cookies; its answer must not take them away either.
    let answer = ada.submit_from(Site::Strangers, own.clone()).await;
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(ada.get("/dashboard").await.status, 200);
    assert_eq!(ada.submit(own).await.status, 200);
}

#[tokio::test]
async fn the_other_tab_finds_out_and_the_other_browser_stays() {
    let server = TestServer::start().await;
    let mut elsewhere = server.browser_of("ada").await;
    let mut ada = server.browser_of("ada").await;
    let create = ada.get("/dashboard/create").await;
    let (one, other) = (ada.get("/sign-out").await, ada.get("/sign-out").await);
    ada.submit(one.form("/sign-out")).await;
    assert_eq!(ada.submit(other.form("/sign-out")).await.h1(), "You are signed out");
    let form = create.form("/dashboard/create").with("name", "Late");
    assert!(ada.submit(form).await.location().starts_with("/sign-in?"));
    assert_eq!(elsewhere.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn a_form_of_an_earlier_session_does_not_end_the_new_one() {
    let server = TestServer::start().await;
    let mut browser = server.browser_of("ada").await;
    let page = browser.get("/sign-out").await;
    browser.submit(page.form("/sign-out")).await;
    browser.sign_in("grace").await;
    assert_eq!(browser.submit(page.form("/sign-out")).await.status, 403);
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn who_is_signed_out_is_told_so() {
    let server = TestServer::start().await;
    let mut nobody = server.browser();
    for path in ["/sign-out", "/logout"] {
        let answer = nobody.visit(path).await;
        assert_eq!((answer.status.as_u16(), answer.h1().as_str()), (200, "You are signed out"));
    }
}

#[tokio::test]
async fn st_18_sessions_that_have_ended_are_removed_and_no_others() {
    let server = TestServer::start().await;
    for _ in 0..3 {
        server.browser_of("ada").await;
    }
    server.wait(Duration::from_secs(30 * 86_400 - 1));
    let mut grace = server.browser_of("grace").await;
    server.wait(Duration::from_secs(2));
    // It sweeps as it starts, and ends when it is told to.
    upkeep::run(Arc::clone(&server.node), std::future::ready(())).await;
    assert_eq!(upkeep::sweep(server.store(), server.now()).await.unwrap(), 0, "all are gone");
    assert_eq!(server.calls().iter().filter(|call| **call == "purge_expired").count(), 2);
    assert_eq!(grace.get("/dashboard").await.status, 200);
    server.wait(Duration::from_secs(30 * 86_400));
    assert_eq!(upkeep::sweep(server.store(), server.now()).await.unwrap(), 1, "hers too");
}
