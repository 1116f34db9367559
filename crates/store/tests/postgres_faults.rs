//! What a store promises while its database is disturbed: an answer in time, nothing twice that must
//! happen once, and that it works again by itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;

use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AuthorizationId, Digest, EmailAddress, Revocation, Revoked,
    SessionId, Timestamp, Username,
};
use hallpass_store::{AccountCreation, PostgresSettings, PostgresStore, Store, StoreError};
use tokio::time::Instant;
use uuid::Uuid;

use cluster::Schema;
use cluster::proxy::{Proxy, Way};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Within which anybody who asks has an answer, whatever it is.
const IN_TIME: Duration = Duration::from_secs(2);

async fn open(url: &str) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::open(&PostgresSettings::new(url)).await.unwrap())
}

/// A store that reaches its database by a way that can be cut, and has been used, so that its statements
/// are prepared.
async fn behind_a_proxy() -> (Schema, Proxy, Arc<PostgresStore>) {
    let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
    let store = open(&proxy.url(&schema)).await;
    sign_up(&store, "first").await.unwrap();
    store.revoke(&end(0)).await.unwrap();
    for _ in 0..4 {
        assert!(store.account(id_of("first")).await.unwrap().is_some());
    }
    (schema, proxy, store)
}

fn id_of(name: &str) -> AccountId {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    AccountId::from_uuid(Uuid::from_bytes(bytes))
}

async fn sign_up(store: &PostgresStore, name: &str) -> Result<AccountCreation, StoreError> {
    let account = Account {
        id: id_of(name),
        username: Username::parse(name).unwrap(),
        email: EmailAddress::parse(&format!("{name}@mail.example")).unwrap(),
        status: AccountStatus::Active,
        created_at: NOW,
    };
    store.create_account(&account, "a hash").await
}

async fn is_there(store: &PostgresStore, name: &str) -> bool {
    store.account(id_of(name)).await.unwrap().is_some()
}

fn end(number: u128) -> Revocation {
    let revoked = Revoked::Authorization(AuthorizationId::from_uuid(Uuid::from_u128(number)));
    Revocation { revoked, at: NOW, until: NOW }
}

async fn ends(store: &PostgresStore) -> usize {
    store.changes(0, 1_000).await.unwrap().len()
}

fn browser() -> SessionId {
    SessionId::from_digest(Digest::from_bytes([7; 32]))
}

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { .. }))
}

fn named(schema: &Schema) -> String {
    format!("{}&application_name={}", schema.url(), schema.name())
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_killed_while_nobody_asked_are_replaced() {
    let schema = Schema::empty().await;
    let store = open(&named(&schema)).await;
    for name in ["one", "two", "three"] {
        assert_eq!(sign_up(&store, name).await.unwrap(), AccountCreation::Created);
        assert!(is_there(&store, name).await);
        schema.kill("state = 'idle'").await;
        schema.wait_until_gone().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_whose_connection_is_killed_is_asked_again() {
    let schema = Schema::empty().await;
    let store = open(&named(&schema)).await;
    sign_up(&store, "ann").await.unwrap();
    schema.run("BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE").await;
    let asking = tokio::spawn({
        let store = Arc::clone(&store);
        async move { is_there(&store, "ann").await }
    });
    schema.kill("wait_event_type = 'Lock'").await;
    schema.run("COMMIT").await;
    assert!(asking.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_must_not_happen_twice_is_given_up_with_its_connection() {
    let schema = Schema::empty().await;
    let store = open(&named(&schema)).await;
    schema.run("BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE").await;
    let act = tokio::spawn({
        let store = Arc::clone(&store);
        async move { sign_up(&store, "ann").await }
    });
    schema.kill("wait_event_type = 'Lock'").await;
    schema.run("COMMIT").await;
    assert!(is_unavailable(&act.await.unwrap()));
    assert!(!is_there(&store, "ann").await);
    assert_eq!(sign_up(&store, "ann").await.unwrap(), AccountCreation::Created);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_may_happen_twice_survives_its_connection() {
    let schema = Schema::empty().await;
    let store = open(&named(&schema)).await;
    schema.run("BEGIN; LOCK TABLE session IN ACCESS EXCLUSIVE MODE").await;
    let act = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.close_session(&browser(), NOW).await }
    });
    schema.kill("wait_event_type = 'Lock'").await;
    schema.run("COMMIT").await;
    act.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_answer_only_what_may_happen_twice_is_done_again() {
    let (_schema, proxy, store) = behind_a_proxy().await;
    let before = ends(&store).await;

    proxy.set(Way::LosesAnAnswer);
    assert!(
        is_unavailable(&sign_up(&store, "ann").await),
        "done again it would find the name taken"
    );
    assert!(is_there(&store, "ann").await, "it had happened");

    store.revoke(&end(1)).await.unwrap();
    assert_eq!(ends(&store).await, before + 1);
    proxy.set(Way::LosesAnAnswer);
    store.revoke(&end(2)).await.unwrap();
    assert_eq!(ends(&store).await, before + 3, "recorded twice");
}

/// The clock stands still but for what is waited for, so this takes no time and the limit is exact.
#[tokio::test]
async fn a_database_that_says_nothing_is_given_up_in_time() {
    let (_schema, proxy, store) = behind_a_proxy().await;
    proxy.set(Way::Silent);
    tokio::task::yield_now().await;
    tokio::time::pause();
    for _ in 0..3 {
        let begin = Instant::now();
        assert!(is_unavailable(&store.account(id_of("first")).await));
        assert!(begin.elapsed() < IN_TIME);
        let begin = Instant::now();
        assert!(is_unavailable(&sign_up(&store, "ann").await));
        assert!(begin.elapsed() < IN_TIME);
    }
    tokio::time::resume();
    proxy.set(Way::Open);
    assert!(is_there(&store, "first").await, "it works again by itself");
    assert!(sign_up(&store, "bob").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_gone_is_used_again_when_it_is_back() {
    let (_schema, proxy, store) = behind_a_proxy().await;
    for _ in 0..2 {
        proxy.set(Way::Cut);
        assert!(is_unavailable(&store.account(id_of("first")).await));
        assert!(is_unavailable(&sign_up(&store, "ann").await));
        proxy.set(Way::Open);
        assert!(is_there(&store, "first").await);
    }
    assert_eq!(sign_up(&store, "ann").await.unwrap(), AccountCreation::Created);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_absence_is_waited_out() {
    let (_schema, proxy, store) = behind_a_proxy().await;
    proxy.set(Way::Cut);
    let asking = tokio::spawn({
        let store = Arc::clone(&store);
        async move { (is_there(&store, "first").await, store.close_session(&browser(), NOW).await) }
    });
    tokio::task::yield_now().await;
    proxy.set(Way::Open);
    let (is_there, closed) = asking.await.unwrap();
    assert!(is_there && closed.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_of_two_hosts_goes_the_other_is_used() {
    let schema = Schema::empty().await;
    let (one, two) = (Proxy::start().await, Proxy::start().await);
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", one.port(), two.port());
    let store = open(&format!("postgres://hallpass@{hosts}/hallpass?{}", schema.options())).await;
    sign_up(&store, "ann").await.unwrap();
    for gone in [&one, &two, &one] {
        gone.set(Way::Cut);
        assert!(is_there(&store, "ann").await);
        store.revoke(&end(1)).await.unwrap();
        gone.set(Way::Open);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_wait_for_their_turn_on_few_connections() {
    let schema = Schema::empty().await;
    let settings = PostgresSettings { connections: 2, ..PostgresSettings::new(named(&schema)) };
    let store = Arc::new(PostgresStore::open(&settings).await.unwrap());
    let acts: Vec<_> = (0..100)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { sign_up(&store, &format!("person{number}")).await })
        })
        .collect();
    for act in acts {
        assert_eq!(act.await.unwrap().unwrap(), AccountCreation::Created);
    }
    assert!(is_there(&store, "person99").await);
    assert_eq!(schema.connections().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_whose_turn_does_not_come_is_refused_in_time() {
    let schema = Schema::empty().await;
    let settings = PostgresSettings { connections: 2, ..PostgresSettings::new(named(&schema)) };
    let store = Arc::new(PostgresStore::open(&settings).await.unwrap());
    schema.run("BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE").await;
    let acts = ["one", "two", "three"].map(|name| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { sign_up(&store, name).await })
    });
    for act in acts {
        assert!(is_unavailable(&act.await.unwrap()));
    }
    schema.run("COMMIT").await;
    assert_eq!(sign_up(&store, "four").await.unwrap(), AccountCreation::Created);
}

#[tokio::test]
async fn a_closed_store_stays_closed() {
    let (_schema, _proxy, store) = behind_a_proxy().await;
    store.close().await;
    assert!(is_unavailable(&store.account(id_of("first")).await));
    assert!(is_unavailable(&sign_up(&store, "ann").await));
}
