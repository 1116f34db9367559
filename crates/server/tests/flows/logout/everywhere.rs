//! Signing out of every browser at once.

use hallpass::logout_notices::tell_due;

use super::listening_app::ListeningApp;
use super::{SESSION, server, session, settle};
use crate::support::Site;

const EVERYWHERE: &str = "/account/sign-out-everywhere";

#[tokio::test]
async fn all_browsers_of_a_person_are_signed_out_and_nobody_elses() {
    let (server, mut app) = (server().await, ListeningApp::answering(&[200]).await);
    let client = settle(&server, Some(&app.address())).await;
    let mut phone = server.browser_of("ada").await;
    let mut laptop = server.browser_of("ada").await;
    let mut grace = server.browser_of("grace").await;
    for browser in [&phone, &laptop, &grace] {
        assert!(server.app.join_session(&session(browser), &client).await.unwrap());
    }

    let page = laptop.get(EVERYWHERE).await;
    assert!(page.text().contains("signed in as ada in 2 browsers"), "{page:#?}");
    let answer = laptop.submit(page.form(EVERYWHERE)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.h1().as_str()),
        (200, "You are signed out everywhere")
    );
    assert!(!laptop.cookies.contains_key(SESSION), "the cookie is taken away");
    for browser in [&mut phone, &mut laptop] {
        assert!(browser.get("/dashboard").await.location().starts_with("/sign-in?"));
    }
    assert_eq!(grace.get("/dashboard").await.status, 200);
    tell_due(&server.app).await.unwrap();
    assert_eq!(app.unread(), 2);
}

#[tokio::test]
async fn lo_03_nobody_is_signed_out_everywhere_by_somebody_elses_form() {
    let server = server().await;
    let mut ada = server.browser_of("ada").await;
    let own = ada.get(EVERYWHERE).await.form(EVERYWHERE);
    let foreign = server.browser_of("grace").await.get(EVERYWHERE).await.form(EVERYWHERE);
    for (from, form) in [(Site::Ours, foreign), (Site::Sibling, own.clone())] {
        assert_eq!(ada.submit_from(from, form).await.status, 403, "{from:?}");
    }
    let answer = ada.submit_from(Site::Strangers, own).await;
    assert!(answer.location().starts_with("/sign-in?"));
    assert_eq!(ada.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_first() {
    let server = server().await;
    let mut nobody = server.browser();
    assert!(nobody.get(EVERYWHERE).await.location().starts_with("/sign-in?"));
}
