//! Redirect URIs as they are sent to the authorization endpoint. The rules themselves, with a table of
//! some hundred strings, are tested in `hallpass_protocol`; here, that the rules decide every answer.

use hallpass::config::Settings;
use hallpass_protocol::model::{ClientId, RedirectUri, RedirectUriPolicy};

use crate::support::{MIXTAPE, MIXTAPE_URI, NIGHT_TRAIN, TestServer, link};

const INVALID: &str = "INVALID_CLIENT: Invalid redirect URI";

/// Asserts that each of `sent` gets a page, for somebody who is signed in and has agreed before, and
/// for somebody who is nobody yet.
async fn assert_refused(sent: &[&str]) {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    for browser in [&mut ada, &mut server.browser()] {
        for uri in sent {
            let answer = browser.get(&link(&[("redirect_uri", uri)])).await;
            assert_eq!(answer.status, 400, "{uri:?} is let pass: {answer:#?}");
            answer.assert_page(400, INVALID);
            assert!(!answer.body.contains("evil"), "{uri:?} is on the page: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn ru_01_to_08_nothing_but_the_registered_string_is_redirected_to() {
    assert_refused(&[
        "https://mixtape.example.evil.test/callback",
        "https://mixtape.example@evil.test/callback",
        "https://evilmixtape.example/callback",
        "https://mixtape.example/callback/../evil",
        "https://mixtape.example/%2e%2e/evil",
        "https://mixtape.example/callback/..;/evil",
        "https://mixtape.example//callback",
        "https://mixtape.example/callback/*",
        "https://mixtapeXexample/callback",
        "https://evil.test\\@mixtape.example/callback",
        "https:/\\evil.test",
        "https://mixtape.example/callback\t",
        "https://mixtape.example/Callback",
        "https://MIXTAPE.example/callback",
        "https://mixtape.example/callback?from=evil",
        "https://mixtape.example/callback?from=hallpass&x=1",
        "https://mixtape.example/callback/",
        "https://mixtape.example:443/callback",
        "https://mixtape.example/callback?",
        "https://mixtape.example/callback#",
    ])
    .await;
}

#[tokio::test]
async fn ru_11_no_scheme_that_runs_something_is_ever_followed_or_linked() {
    assert_refused(&[
        "javascript:alert(1)//evil",
        "JaVaScRiPt:alert(1)//evil",
        " javascript:alert(1)//evil",
        "data:text/html,evil",
        "vbscript:evil",
        "file:///evil",
        "blob:https://mixtape.example/evil",
    ])
    .await;
}

#[tokio::test]
async fn ru_14_to_18_of_a_loopback_address_only_the_port_is_free() {
    assert_refused(&[
        "http://127.0.0.1:5000/evil",
        "http://u:p@127.0.0.1/callback",
        "http://127.0.0.1:5000/callback?x",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:80@evil.test/callback",
        "http://localhost.evil.test/callback",
        "http://localhost:80@evil.test/callback",
        "http://127.0.0.1.evil.test/callback",
        "http://localhost:9999/callback",
        "http://localhost/callback",
        "http://[::1]/callback",
        "http://127.1/callback",
        "http://0x7f.1/callback",
        "http://2130706433/callback",
        "http://[::ffff:127.0.0.1]/callback",
        "https://127.0.0.1:5000/callback",
        "http://0.0.0.0/callback",
    ])
    .await;
}

#[tokio::test]
async fn ru_13_a_loopback_address_may_come_with_any_port() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for uri in ["http://127.0.0.1/callback", "http://127.0.0.1:51004/callback"] {
        let page = ada.get(&link(&[("redirect_uri", uri), ("show_dialog", "true")])).await;
        assert_eq!(ada.agree(&page).await.landing().base, uri);
    }
}

#[tokio::test]
async fn ru_19_to_21_what_no_host_is_made_of_breaks_nothing() {
    assert_refused(&[
        "https://mixt\u{430}pe.example/callback",
        "https://xn--mixtpe-9kg.example/callback",
        "https://mixtape.example/callback\0",
        "https://mixtape.example/callback\r\nSet-Cookie: evil=1",
        "https://mixtape.example/callback ",
        "https://mixtape.example/callback\u{7f}",
        "http://[::1/callback",
        "http://[:",
        ":",
    ])
    .await;
    let server = TestServer::start().await;
    let bare = link(&[("redirect_uri", "")]);
    let not_utf8 = format!("{bare}&redirect_uri=https://mixtape.example/%ff");
    server.browser().get(&not_utf8).await.assert_page(400, INVALID);
}

#[tokio::test]
async fn ru_23_the_redirect_uri_of_another_app_is_not_this_ones() {
    assert_refused(&["https://radio.example/callback"]).await;
    let server = TestServer::start().await;
    let swapped = [("client_id", NIGHT_TRAIN), ("redirect_uri", MIXTAPE_URI)];
    server.browser().get(&link(&swapped)).await.assert_page(400, INVALID);
}

#[tokio::test]
async fn ru_10_a_kind_of_address_that_is_no_longer_permitted_is_a_page_of_its_own() {
    let server = TestServer::start().await;
    let client = ClientId::parse(MIXTAPE).unwrap();
    let mut client = server.store().client(&client).await.unwrap().unwrap();
    // What an operator permitted once, or an older version wrote.
    client.redirect_uris =
        vec![RedirectUri::from_stored("http://mixtape.example/callback").unwrap()];
    server.edit(&client).await;
    let sent = link(&[("redirect_uri", "http://mixtape.example/callback")]);
    server.browser().get(&sent).await.assert_page(400, "INVALID_CLIENT: Insecure redirect URI");
}

#[tokio::test]
async fn ru_25_an_operator_can_have_people_asked_before_an_error_leads_them_on() {
    let settings = Settings { confirm_error_redirects: Some(true), ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "moonwalk"), ("state", "s")])).await;
    page.assert_page(400, "This app's request cannot be granted");
    assert!(page.text().contains("https://mixtape.example"), "{}", page.text());
    let onward = page.link("Go back to the app");
    assert!(onward.starts_with(&format!("{MIXTAPE_URI}#error=invalid_scope&")), "{onward}");

    let page = ada.get(&link(&[("state", "s")])).await;
    assert_eq!(ada.cancel(&page).await.status, 303, "who cancelled was asked already");
}

#[tokio::test]
async fn ru_26_a_redirect_uri_deleted_while_the_page_is_open_gets_no_token() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    let client = ClientId::parse(MIXTAPE).unwrap();
    let mut client = server.store().client(&client).await.unwrap().unwrap();
    let policy = RedirectUriPolicy { localhost: true };
    let other = RedirectUri::register("https://mixtape.example/other", policy).unwrap();
    client.redirect_uris = vec![other];
    server.edit(&client).await;
    server.calls();
    for answer in [ada.agree(&page).await, ada.cancel(&page).await] {
        answer.assert_page(400, INVALID);
    }
    assert_eq!(
        server.calls(),
        ["client", "session_with_consent", "session_with_consent"],
        "nothing was stored"
    );
}
