//! How an answer travels: `response_mode`.

use hallpass::config::Settings;

use crate::support::{ISSUER, MIXTAPE_URI, TestServer, link};

const FORM: (&str, &str) = ("response_mode", "form_post");
const STATE: (&str, &str) = ("state", "34fFs29kd09Pz");

#[tokio::test]
async fn form_post_brings_a_code_by_a_page_that_sends_a_form() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let question = ada.get(&cassette.link(&[FORM, STATE])).await;
    let page = ada.agree(&question).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(policy.contains("form-action https: http:;"), "{policy}");

    let form = page.form(cassette.redirect_uri);
    assert_eq!(form.value("state"), STATE.1);
    assert_eq!(form.value("iss"), ISSUER);
    cassette.exchange(form.value("code")).await.tokens();
    assert!(page.body.contains("data-send-at-once") && page.body.contains("<button"));
}

#[tokio::test]
async fn form_post_brings_tokens_and_errors_alike() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let uri = MIXTAPE_URI;
    let question = ada.get(&link(&[FORM, STATE])).await;
    let denied = ada.cancel(&question).await;
    assert_eq!(denied.form(uri).value("error"), "access_denied");
    assert_eq!(denied.form(uri).value("state"), STATE.1);
    let token = ada.agree(&question).await;
    assert!(server.is_good(token.form(uri).value("access_token")).await);
    let unknown = ada.get(&link(&[FORM, ("scope", "moonwalk")])).await;
    assert_eq!(unknown.form(uri).value("error"), "invalid_scope");
}

#[tokio::test]
async fn az_20_nothing_that_was_sent_becomes_part_of_the_page() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let state = "\"><script>alert(1)</script>";
    let question = ada.get(&link(&[FORM, ("state", state)])).await;
    let page = ada.agree(&question).await;
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(page.form(MIXTAPE_URI).value("state"), state);
}

#[tokio::test]
async fn a_code_may_be_asked_for_in_the_fragment() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let question = ada.get(&cassette.link(&[("response_mode", "fragment"), STATE])).await;
    let landing = ada.agree(&question).await.landing();
    assert_eq!((landing.query("code"), landing.fragment("state")), (None, Some(STATE.1)));
    cassette.exchange(landing.fragment("code").unwrap()).await.tokens();
}

#[tokio::test]
async fn ru_25_where_a_person_is_asked_first_an_error_waits_for_their_click() {
    let settings = Settings { confirm_error_redirects: Some(true), ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[FORM, ("scope", "moonwalk")])).await;
    assert!(!page.body.contains("data-send-at-once"), "{}", page.body);
    assert_eq!(page.form(MIXTAPE_URI).value("error"), "invalid_scope");
    let page = ada.get(&link(&[("scope", "moonwalk")])).await;
    page.assert_page(400, "This app's request cannot be granted");
}
