//! Introspection reads nothing from the store: what it needs is remembered, and forgotten in time.

use std::time::Duration;

use hallpass_protocol::access_token::{Claims, TokenSubject};
use hallpass_protocol::model::{Revocation, Revoked};

use super::claims;
use crate::support::TestServer;

#[tokio::test]
async fn a_second_question_reads_nothing_from_the_store() {
    let server = TestServer::start().await;
    let token = server.sealed(&claims(&server).await);
    assert!(server.is_good(&token).await);
    // A closed store refuses every call, so whatever is still answered came without one.
    server.store().close().await;
    assert!(server.is_good(&token).await);
    let own = server.told_of(&token).await;
    assert_eq!(own["username"], "ada");
    assert!(!server.is_good("garbage").await);
}

#[tokio::test]
async fn in_08_what_is_not_remembered_is_never_made_up() {
    let server = TestServer::start().await;
    let token = server.sealed(&claims(&server).await);
    server.store().close().await;
    assert_eq!(server.night_train().post("/introspect", &[("token", &token)]).await.status, 503);
}

#[tokio::test]
async fn in_05_no_positive_answer_survives_a_revocation() {
    let server = TestServer::start().await;
    let claims = claims(&server).await;
    let token = server.sealed(&claims);
    assert!(server.is_good(&token).await);
    assert_eq!(server.turntable().revoke(&token).await.status, 200);
    assert!(!server.is_good(&token).await);
}

#[tokio::test]
async fn lg_27_db_13_whatever_was_ended_is_inactive_at_the_next_question() {
    let server = TestServer::start().await;
    type Part = fn(&Claims) -> Revoked;
    let parts: [Part; 4] = [
        |claims| Revoked::Authorization(claims.authorization),
        |claims| Revoked::Consent(claims.consent.unwrap()),
        |claims| match claims.subject {
            TokenSubject::Account(account) => Revoked::Account(account),
            TokenSubject::Client => panic!("it is ada's"),
        },
        |claims| Revoked::Client(claims.client.clone()),
    ];
    for part in parts {
        let claims = claims(&server).await;
        let token = server.sealed(&claims);
        assert!(server.is_good(&token).await);
        let (revoked, at) = (part(&claims), server.now());
        let until = at.plus(Duration::from_secs(90_000));
        server.app.revocations.add(&Revocation { revoked: revoked.clone(), at, until });
        assert!(!server.is_good(&token).await, "{revoked:?}");
        server.wait(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn of_a_person_who_is_not_there_nothing_is_told() {
    let server = TestServer::start().await;
    let elsewhere = TestServer::elsewhere().await;
    // Sealed with this server's key, for a person of another's.
    let token = server.sealed(&claims(&elsewhere).await);
    let answer = server.night_train().post("/introspect", &[("token", &token)]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "{\"active\":false}"));
}
