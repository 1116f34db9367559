//! Acts that meet at the same rows, each pair in the order in which it goes wrong most easily: one has
//! written and not committed, the other has looked, waits, and must see what came of the first.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;
mod story;

use std::sync::Arc;

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{Revoked, ScopeSet, Timestamp};
use hallpass_store::{AccountCreation, Change, Outcome, PostgresSettings, PostgresStore, Store};
use tokio::task::JoinHandle;

use cluster::Schema;
use story::{
    account, approval, authorization, begin, client, code, end, exchange, issue,
    issue_and_exchange, person, rotation, sealed,
};

/// The story, with an approval.
async fn story() -> (Schema, Arc<PostgresStore>) {
    let schema = Schema::empty().await;
    // Who waits does so for as long as the other takes: the deadline has tests of its own.
    let url = schema.url_with("-c statement_timeout=60s");
    let url = format!("{url}&application_name={}", schema.name());
    let store = PostgresStore::open(&PostgresSettings::new(url)).await.unwrap().with_patience();
    let store = Arc::new(store);
    begin(&*store).await;
    store.record_approval(&approval()).await.unwrap().unwrap();
    (schema, store)
}

/// Does `act` while somebody else has done `first` and not committed it: when it waits, that is committed.
async fn behind<T: Send + 'static>(
    schema: &Schema,
    first: &str,
    act: impl Future<Output = T> + Send + 'static,
) -> T {
    schema.run(&format!("BEGIN; {first}")).await;
    let act: JoinHandle<T> = tokio::spawn(act);
    while !schema.is_waited_for().await {
        assert!(!act.is_finished(), "it did not wait for: {first}");
    }
    schema.run("COMMIT").await;
    act.await.unwrap()
}

macro_rules! act {
    ($store:expr, $verb:ident($($argument:expr),*)) => {{
        let store = Arc::clone(&$store);
        async move { store.$verb($($argument),*).await.unwrap() }
    }};
}

/// What an exchange of code 1 writes.
const EXCHANGE: &str = "
    UPDATE consent SET last_used_at = 1;
    UPDATE code SET redeemed_at = 1;
    INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
        generation, created_at, idle_until, absolute_until)
    SELECT authorization_id, consent_id, client_id, account_id, scopes, 0, 1, 1, 1 FROM code";

async fn ended_at(store: &PostgresStore, number: u8) -> Option<Timestamp> {
    let family = store.refresh_facts(&client().id, authorization(number.into())).await.unwrap();
    family.family.unwrap().ended_at
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_behind_another_comes_late() {
    let (schema, store) = story().await;
    issue(&*store, 1).await;
    let outcome = behind(&schema, EXCHANGE, act!(store, redeem_code(&exchange(1)))).await;
    assert_eq!(outcome, Outcome::Late);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_behind_a_withdrawal_finds_nothing() {
    let (schema, store) = story().await;
    issue(&*store, 1).await;
    let outcome =
        behind(&schema, "DELETE FROM consent", act!(store, redeem_code(&exchange(1)))).await;
    assert_eq!(outcome, Outcome::Gone);
    assert_eq!(store.refresh_facts(&client().id, authorization(1)).await.unwrap().family, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_behind_a_revocation_finds_nothing() {
    let (schema, store) = story().await;
    issue(&*store, 1).await;
    let outcome = behind(&schema, "DELETE FROM code", act!(store, redeem_code(&exchange(1)))).await;
    assert_eq!(outcome, Outcome::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_exchange_behind_another_comes_late() {
    let (schema, store) = story().await;
    let key: String = code(1).key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let first = format!("INSERT INTO used_code (key, used_at) VALUES (decode('{key}', 'hex'), 1)");
    let act = act!(store, redeem_sealed_code(&sealed(1), &exchange(1)));
    assert_eq!(behind(&schema, &first, act).await, Outcome::Late);
    assert_eq!(store.refresh_facts(&client().id, authorization(1)).await.unwrap().family, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_exchange_behind_the_use_of_its_consent_is_done() {
    let (schema, store) = story().await;
    let act = act!(store, redeem_sealed_code(&sealed(1), &exchange(1)));
    let first = "UPDATE consent SET last_used_at = 1";
    assert_eq!(behind(&schema, first, act).await, Outcome::Done);
    let used = schema.texts("SELECT last_used_at::TEXT FROM consent").await;
    assert_eq!(used, [story::NOW.millis().to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_exchange_behind_a_withdrawal_finds_nothing() {
    let (schema, store) = story().await;
    let act = act!(store, redeem_sealed_code(&sealed(1), &exchange(1)));
    assert_eq!(behind(&schema, "DELETE FROM consent", act).await, Outcome::Gone);
    assert_eq!(store.refresh_facts(&client().id, authorization(1)).await.unwrap().family, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_behind_an_exchange_takes_the_family_too() {
    let (schema, store) = story().await;
    issue(&*store, 1).await;
    let withdrawal =
        act!(store, withdraw_consent(account().id, &client().id, story::NOW, story::END));
    assert!(behind(&schema, EXCHANGE, withdrawal).await.is_some());
    assert_eq!(store.refresh_facts(&client().id, authorization(1)).await.unwrap().family, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn rf_03_a_revocation_behind_an_exchange_ends_the_family_that_began() {
    let (schema, store) = story().await;
    let acts = [
        Revoked::Authorization(authorization(1)),
        Revoked::Account(account().id),
        Revoked::Client(client().id),
    ];
    for act in acts {
        schema.run("DELETE FROM code; DELETE FROM refresh_family").await;
        issue(&*store, 1).await;
        behind(&schema, EXCHANGE, act!(store, revoke(&end(act)))).await;
        assert_eq!(ended_at(&store, 1).await, Some(story::NOW));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_waits_for_others_holds_up_no_other() {
    for held in ["UPDATE code SET redeemed_at = NULL", "UPDATE refresh_family SET ended_at = NULL"]
    {
        let (schema, store) = story().await;
        issue(&*store, 1).await;
        issue_and_exchange(&*store, 2).await;
        let [one, other, third] =
            [1, 2, 3].map(|number| end(Revoked::Authorization(authorization(number))));
        schema.run(&format!("BEGIN; {held}")).await;
        let held_up = tokio::spawn({
            let store = Arc::clone(&store);
            async move { tokio::join!(store.revoke(&one), store.revoke(&other)) }
        });
        while !schema.is_waited_for().await {
            assert!(!held_up.is_finished(), "it did not wait for: {held}");
        }
        store.revoke(&third).await.unwrap();
        assert!(!held_up.is_finished());
        schema.run("COMMIT").await;
        let (one, other) = held_up.await.unwrap();
        one.unwrap();
        other.unwrap();
        assert_eq!(ended_at(&store, 2).await, Some(story::NOW));
        assert_eq!(store.redeem_code(&exchange(1)).await.unwrap(), Outcome::Gone);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_behind_another_comes_late() {
    let (schema, store) = story().await;
    issue_and_exchange(&*store, 1).await;
    let first = "UPDATE consent SET last_used_at = 1; UPDATE refresh_family SET generation = 1";
    let outcome = behind(&schema, first, act!(store, rotate(&rotation(1, 0)))).await;
    assert_eq!(outcome, Outcome::Late);
}

#[tokio::test(flavor = "multi_thread")]
async fn rf_03_a_refresh_behind_a_revocation_is_refused() {
    for first in ["UPDATE refresh_family SET ended_at = 1", "DELETE FROM consent"] {
        let (schema, store) = story().await;
        issue_and_exchange(&*store, 1).await;
        let outcome = behind(&schema, first, act!(store, rotate(&rotation(1, 0)))).await;
        assert_eq!(outcome, Outcome::Gone, "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_behind_a_refresh_ends_the_newest_generation() {
    let (schema, store) = story().await;
    issue_and_exchange(&*store, 1).await;
    let first = "UPDATE consent SET last_used_at = 1; UPDATE refresh_family SET generation = 1";
    let act = end(Revoked::Authorization(authorization(1)));
    behind(&schema, first, act!(store, revoke(&act))).await;
    assert_eq!(store.rotate(&rotation(1, 1)).await.unwrap(), Outcome::Gone);
    assert_eq!(ended_at(&store, 1).await, Some(story::NOW));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_behind_the_withdrawal_of_its_consent_is_not_recorded() {
    let (schema, store) = story().await;
    let recorded = behind(&schema, "DELETE FROM consent", act!(store, record_code(&code(1)))).await;
    assert!(!recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_behind_a_sign_out_or_a_deletion_counts_for_nothing() {
    for first in ["DELETE FROM session", "DELETE FROM client"] {
        let (schema, store) = story().await;
        schema.run("DELETE FROM consent").await;
        let answer = behind(&schema, first, act!(store, record_approval(&approval()))).await;
        assert_eq!(answer, None, "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_behind_another_widens_what_that_agreed_to() {
    let (schema, store) = story().await;
    let first = "UPDATE consent SET scopes = 'a b'";
    let wider = Approval { scopes: ScopeSet::parse("c").unwrap(), ..approval() };
    let answer = behind(&schema, first, act!(store, record_approval(&wider))).await;
    assert_eq!(answer, Some(authorization(1)));
    assert_eq!(schema.texts("SELECT scopes FROM consent").await, ["a b c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_somebody_else_is_taking_is_taken() {
    let (schema, store) = story().await;
    let first = "INSERT INTO sign_in_name (name, account_id) VALUES ('ben', '')";
    let ben = person(2, "ben");
    let creation = behind(&schema, first, act!(store, create_account(&ben, "a hash"))).await;
    assert_eq!(creation, AccountCreation::UsernameTaken);
    assert_eq!(store.account(person(2, "ben").id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_for_the_one_with_the_number_before_it() {
    let (schema, store) = story().await;
    let told = store.changes(0, 10).await.unwrap();
    let first = "UPDATE change_number SET last = last + 1;
        INSERT INTO change (seq, kind, key, at, until) SELECT last, 'declared', '', 1, 1
        FROM change_number";
    let act = end(Revoked::Authorization(authorization(1)));
    let mine = act.clone();
    behind(&schema, first, act!(store, revoke(&mine))).await;
    let last = told.last().unwrap().0;
    let since = store.changes(last, 10).await.unwrap();
    assert_eq!(since, [(last + 1, Change::Declared), (last + 2, Change::Revoked(act))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_cannot_be_told_is_not_acknowledged() {
    let (schema, store) = story().await;
    issue_and_exchange(&*store, 1).await;
    schema.run("DELETE FROM change_number").await;
    for act in [Revoked::Authorization(authorization(1)), Revoked::Account(account().id)] {
        assert!(store.revoke(&end(act)).await.is_err());
    }
    assert!(store.update_client(&client(), story::NOW).await.is_err());
}
