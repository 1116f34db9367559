//! Back-channel logout: apps are told, by one of all nodes, and nobody waits for it.

use std::sync::Arc;
use std::time::Duration;

use hallpass::logout_notices::{run, tell_due};
use hallpass_protocol::id_token;
use hallpass_protocol::jose::{self, Object};
use hallpass_protocol::logout::TYP;
use hallpass_protocol::model::SignatureAlgorithm;
use tokio::sync::oneshot;

use super::listening_app::ListeningApp;
use super::{mixtape, server, server_that, session, settle};
use crate::support::{Browser, ISSUER, MIXTAPE, Sharing, TestServer};

/// Ada has signed in to Mixtape, which listens there.
async fn ada_at(server: &TestServer, app: &ListeningApp) -> Browser {
    let client = settle(server, Some(&app.address())).await;
    let ada = server.browser_of("ada").await;
    assert!(server.app.join_session(&session(&ada), &client).await.unwrap());
    ada
}

async fn sign_out(browser: &mut Browser) {
    let page = browser.get("/sign-out").await;
    assert_eq!(browser.submit(page.form("/sign-out")).await.status, 200);
}

async fn tell(server: &TestServer) {
    tell_due(&server.app).await.unwrap();
}

#[tokio::test]
async fn an_app_is_told_who_has_signed_out_of_which_session() {
    let (server, mut app) = (server().await, ListeningApp::answering(&[200]).await);
    let mut ada = ada_at(&server, &app).await;
    let session = session(&ada);
    tell(&server).await;
    assert_eq!(app.unread(), 0, "nobody has signed out");
    sign_out(&mut ada).await;
    tell(&server).await;

    let token = app.next().await;
    let payload = jose::verify(&token, TYP, server.app.signers.public(), 4096).unwrap();
    let payload = Object::parse(&payload).unwrap();
    let client = mixtape(&server).await;
    assert_eq!(client.openid.id_token_algorithm, SignatureAlgorithm::Rs256);
    assert_eq!((payload.text("iss"), payload.text("aud")), (Some(ISSUER), Some(MIXTAPE)));
    assert_eq!(payload.text("sid"), Some(&*id_token::sid(&session, &client.id)));
    let account = server.account("ada").await.id;
    assert_eq!(payload.text("sub"), Some(account.subject().as_str()));
    server.wait(Duration::from_secs(3600));
    tell(&server).await;
    assert_eq!(app.unread(), 0, "once is enough");
}

#[tokio::test]
async fn what_is_on_record_is_not_written_again() {
    let (server, app) = (server().await, ListeningApp::answering(&[200]).await);
    let ada = ada_at(&server, &app).await;
    let client = mixtape(&server).await;
    server.calls();
    for _ in 0..3 {
        assert!(server.app.join_session(&session(&ada), &client).await.unwrap());
    }
    assert_eq!(server.calls(), [""; 0]);
    let silent = settle(&server, None).await;
    server.calls();
    assert!(server.app.join_session(&session(&ada), &silent).await.unwrap());
    assert_eq!(server.calls(), [""; 0], "who does not want to be told is not written down");
}

#[tokio::test]
async fn who_signs_in_anew_has_left_the_session_before() {
    let (server, mut app) = (server().await, ListeningApp::answering(&[204]).await);
    let mut ada = ada_at(&server, &app).await;
    let page = ada.get("/sign-in?switch=true").await;
    ada.sign_in_on(&page, "grace").await;
    tell(&server).await;
    assert_eq!(app.unread(), 1);
    server.wait(Duration::from_secs(3600));
    tell(&server).await;
    assert_eq!(app.unread(), 0, "204 is as good as 200");
}

#[tokio::test]
async fn lo_06_an_app_that_fails_is_told_again_later_and_not_for_ever() {
    let (server, mut app) = (server().await, ListeningApp::answering(&[500]).await);
    let mut ada = ada_at(&server, &app).await;
    sign_out(&mut ada).await;
    for tries in 1..=5_u64 {
        tell(&server).await;
        tell(&server).await;
        assert_eq!(app.unread(), 1, "try {tries}");
        server.wait(Duration::from_secs(30 * tries * tries));
    }
    tell(&server).await;
    server.wait(Duration::from_secs(86_400));
    tell(&server).await;
    assert_eq!(app.unread(), 0, "five times in a quarter of an hour");
}

#[tokio::test]
async fn lo_06_an_app_that_comes_back_is_told_and_one_that_refuses_is_left_alone() {
    for (statuses, tries) in [(&[503, 200][..], 2), (&[400], 1), (&[307, 302, 204], 3)] {
        let (server, mut app) = (server().await, ListeningApp::answering(statuses).await);
        let mut ada = ada_at(&server, &app).await;
        sign_out(&mut ada).await;
        for _ in 0..10 {
            tell(&server).await;
            server.wait(Duration::from_secs(3600));
        }
        assert_eq!(app.unread(), tries, "{statuses:?}");
    }
}

#[tokio::test]
async fn lo_06_nobody_who_signs_out_waits_for_an_app() {
    let (server, app) = (server().await, ListeningApp::answering(&[200]).await);
    let mut ada = ada_at(&server, &app).await;
    server.calls();
    sign_out(&mut ada).await;
    let calls = server.calls();
    assert!(calls.contains(&"close_session"), "{calls:?}");
    assert!(!calls.contains(&"claim_logout_notices"), "{calls:?}");
}

#[tokio::test]
async fn lo_06_an_address_inside_is_never_asked() {
    let (server, mut app) = (TestServer::start().await, ListeningApp::answering(&[200]).await);
    let mut ada = ada_at(&server, &app).await;
    sign_out(&mut ada).await;
    for _ in 0..6 {
        tell(&server).await;
        server.wait(Duration::from_secs(3600));
    }
    assert_eq!(app.unread(), 0, "outgoing_requests is public");
}

#[tokio::test]
async fn an_app_that_is_gone_or_does_not_want_it_any_more_is_not_told() {
    let (server, mut app) = (server().await, ListeningApp::answering(&[200]).await);
    let mut ada = ada_at(&server, &app).await;
    let mut elsewhere = server.browser_of("ada").await;
    let client = mixtape(&server).await;
    assert!(server.app.join_session(&session(&elsewhere), &client).await.unwrap());
    settle(&server, None).await;
    sign_out(&mut ada).await;
    tell(&server).await;
    server.delete(&client).await;
    sign_out(&mut elsewhere).await;
    tell(&server).await;
    assert_eq!(app.unread(), 0);
    server.calls();
    server.wait(Duration::from_secs(3600));
    tell(&server).await;
    assert_eq!(server.calls(), ["claim_logout_notices"], "both are forgotten");
}

#[tokio::test]
async fn a_sign_out_wakes_whoever_tells() {
    let (server, mut app) = (server().await, ListeningApp::answering(&[200]).await);
    let mut ada = ada_at(&server, &app).await;
    let (end, ended) = oneshot::channel::<()>();
    let telling = tokio::spawn(run(Arc::clone(&server.node), async {
        let _ = ended.await;
    }));
    sign_out(&mut ada).await;
    app.next().await;
    end.send(()).unwrap();
    telling.await.unwrap();
}

#[tokio::test]
async fn one_node_tells_and_another_goes_on_where_it_has_died() {
    let one = server_that(Sharing::WithOthers).await;
    let mut app = ListeningApp::answering(&[200]).await;
    let other = one.beside(one.now()).await;
    let mut ada = ada_at(&one, &app).await;
    sign_out(&mut ada).await;
    tokio::join!(tell(&one), tell(&other));
    assert_eq!(app.unread(), 1, "one of the two");

    let mut again = ada_at(&one, &app).await;
    sign_out(&mut again).await;
    // One has it in hand, and is heard of no more.
    let wait = Duration::from_secs(30);
    let in_hand = one.store().claim_logout_notices(one.now(), wait, 10).await.unwrap();
    assert_eq!(in_hand.len(), 1);
    tell(&other).await;
    assert_eq!(app.unread(), 0);
    other.wait(wait);
    tell(&other).await;
    assert_eq!(app.unread(), 1);
}
