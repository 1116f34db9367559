//! Introspection reads nothing from the store: what it needs is remembered, and forgotten in time.

use std::time::Duration;

use hallpass_protocol::access_token::{Claims, TokenSubject};
use hallpass_protocol::model::{ClientId, ClientStatus, Revocation, Revoked, Secret};
use hallpass_store::Declaration;

use crate::support::{API, APP, Service};

#[tokio::test]
async fn a_second_question_reads_nothing_from_the_store() {
    let service = Service::start().await;
    let token = service.sealed(&service.claims().await);
    assert!(service.is_active(&token).await);
    // A closed store refuses every call, so whatever is still answered came without one.
    service.app.store.close().await;
    assert!(service.is_active(&token).await);
    let own = service.post("/introspect", API, &token).await.json();
    assert_eq!(own["username"], "ada");
    let garbage = Secret::presented("garbage");
    assert!(!service.is_active(&garbage).await);
}

#[tokio::test]
async fn in_08_what_is_not_remembered_any_more_is_never_made_up() {
    let service = Service::start().await;
    let token = service.sealed(&service.claims().await);
    assert!(service.is_active(&token).await);
    service.app.store.close().await;
    service.wait(Duration::from_secs(1));
    assert_eq!(service.post("/introspect", API, &token).await.status, 503);
}

#[tokio::test]
async fn in_05_no_positive_answer_survives_a_revocation() {
    let service = Service::start().await;
    let claims = service.claims().await;
    let token = service.sealed(&claims);
    assert!(service.is_active(&token).await);
    assert_eq!(service.post("/revoke", APP, &token).await.status, 200);
    assert!(!service.is_active(&token).await);
}

#[tokio::test]
async fn lg_27_db_13_whatever_was_ended_is_inactive_at_the_next_question() {
    let service = Service::start().await;
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
        let claims = service.claims().await;
        let token = service.sealed(&claims);
        assert!(service.is_active(&token).await);
        let (revoked, at) = (part(&claims), service.app.now());
        let until = at.plus(Duration::from_secs(90_000));
        service.app.revocations.add(&Revocation { revoked: revoked.clone(), at, until });
        assert!(!service.is_active(&token).await, "{revoked:?}");
        service.wait(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_caller_whose_access_was_shut_by_another_process_is_noticed_within_a_second() {
    let service = Service::start().await;
    let token = service.sealed(&service.claims().await);
    assert!(service.is_active(&token).await);

    let api = ClientId::parse(API).unwrap();
    let mut client = service.app.store.client(&api).await.unwrap().unwrap();
    client.status = ClientStatus::Disabled;
    let declaration = Declaration { clients: vec![client], ..Declaration::default() };
    service.app.store.declare(&declaration).await.unwrap();

    service.wait(Duration::from_secs(1));
    assert_eq!(service.post("/introspect", API, &token).await.status, 401);
}

#[tokio::test]
async fn of_a_person_who_is_not_there_nothing_is_told() {
    let service = Service::start().await;
    let elsewhere = Service::start().await;
    // Sealed with this service's key, for a person of another's.
    let token = service.sealed(&elsewhere.claims().await);
    let answer = service.post("/introspect", API, &token).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"active\":false}"));
}
