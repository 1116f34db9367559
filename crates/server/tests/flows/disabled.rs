//! An operator shuts an account or an app in their file: from the next start on nothing of it works, and
//! what it had before does not come back when it is opened again.

use std::time::Duration;

use crate::support::{CASSETTE, PASSWORD, TestServer, WORLD};

/// The world's file in which the entry that begins with `line` is shut, or open again.
fn with(line: &str, disabled: bool) -> String {
    assert!(WORLD.contains(line), "{line}");
    WORLD.replace(line, &format!("{line}\ndisabled = {disabled}"))
}

/// Ada's, with her own password.
async fn status_of_sign_in(server: &TestServer) -> u16 {
    let mut browser = server.browser();
    let form = browser.get("/sign-in").await.form("/sign-in");
    let form = form.with("username", "ada").with("password", PASSWORD);
    browser.submit(form).await.status.as_u16()
}

#[tokio::test]
async fn lg_27_a_shut_account_loses_its_session_its_tokens_and_its_way_in() {
    let ada = "username = \"ada\"";
    let server = TestServer::start().await;
    let mut browser = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut browser, "email").await;

    server.wait(Duration::from_secs(1));
    let server = server.restarted_with(&with(ada, true)).await;
    assert!(!server.is_good(&tokens.access).await);
    let refused = server.cassette().refresh(tokens.refresh()).await;
    refused.assert_refused("invalid_grant", "Refresh token revoked");
    assert_eq!(status_of_sign_in(&server).await, 422, "no way in");

    server.wait(Duration::from_secs(1));
    let server = server.restarted_with(WORLD).await;
    assert_eq!(status_of_sign_in(&server).await, 422, "what is not said stays");

    let server = server.restarted_with(&with(ada, false)).await;
    assert!(!server.is_good(&tokens.access).await, "nothing old comes back");
    let mut browser = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut browser, "email").await;
    assert!(server.is_good(&tokens.access).await);
}

#[tokio::test]
async fn tk_08_a_shut_app_is_no_client_and_its_tokens_are_dead() {
    let cassette = format!("client_id = \"{CASSETTE}\"");
    let server = TestServer::start().await;
    let mut browser = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut browser, "email").await;

    server.wait(Duration::from_secs(1));
    let server = server.restarted_with(&with(&cassette, true)).await;
    assert!(!server.is_good(&tokens.access).await);
    let refused = server.cassette().refresh(tokens.refresh()).await;
    refused.assert_refused("invalid_client", "Invalid client");
    let link = server.cassette().link(&[]);
    let page = server.browser().get(&link).await;
    page.assert_page(400, "INVALID_CLIENT: Invalid client");

    server.wait(Duration::from_secs(1));
    let server = server.restarted_with(&with(&cassette, false)).await;
    assert!(!server.is_good(&tokens.access).await, "nothing old comes back");
    let mut browser = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut browser, "email").await;
    assert!(server.is_good(&tokens.access).await);
}
