//! Facts and hot acts cost one round trip each, counted on the way.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;
mod story;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use hallpass_protocol::model::Revoked;
use hallpass_protocol::token::grant::authorization_code::Redemption;
use hallpass_store::{
    Change, Identifier, Outcome, Page, PostgresSettings, PostgresStore, Store as _,
};

use cluster::Schema;
use cluster::proxy::Proxy;
use story::{
    NOW, account, approval, authorization, begin, client, code, end, exchange, issue, person,
    rotation, sealed, session,
};

const WAIT: Duration = Duration::from_secs(30);

/// How many round trips `asked` takes, if it takes no more than the second time: the first one on a
/// connection may prepare the statement.
macro_rules! round_trips {
    ($proxy:expr, $asked:expr) => {{
        let before = $proxy.round_trips();
        $asked.await.unwrap();
        $proxy.round_trips() - before
    }};
}

/// A store with one connection for facts and one for acts, and the story in it with an approval.
async fn store(proxy: &Proxy, schema: &Schema, prepared: bool) -> PostgresStore {
    let url = format!("{}&application_name={}", proxy.url(schema), schema.name());
    let settings = PostgresSettings { connections: 2, prepared, ..PostgresSettings::new(url) };
    let store = PostgresStore::open(&settings).await.unwrap();
    begin(&store).await;
    store.record_approval(&approval()).await.unwrap().unwrap();
    store
}

/// Each fact twice: how many round trips the second took.
async fn facts(store: &PostgresStore, proxy: &Proxy) -> Vec<u64> {
    let page = Page { offset: 0, limit: 10 };
    let (client, session) = (client().id, session("laptop").id);
    let name = Identifier::Username(account().username);
    let key = code(1).key;
    let mut second = Vec::new();
    for _ in 0..2 {
        second = vec![
            round_trips!(proxy, store.authorization_facts(&client, Some(&session))),
            round_trips!(proxy, store.session_with_consent(&session, &client)),
            round_trips!(proxy, store.session(&session)),
            round_trips!(proxy, store.open_sessions(account().id, NOW)),
            round_trips!(proxy, store.credentials(&name)),
            round_trips!(proxy, store.account(account().id)),
            round_trips!(proxy, store.person(account().id)),
            round_trips!(proxy, store.client(&client)),
            round_trips!(proxy, store.owned_client(account().id, &client)),
            round_trips!(proxy, store.clients_of(account().id, page)),
            round_trips!(proxy, store.code_facts(&client, &key)),
            round_trips!(proxy, store.refresh_facts(&client, authorization(1))),
            round_trips!(proxy, store.knows_origin("https://app.example")),
            round_trips!(proxy, store.consents_of(account().id, page)),
            round_trips!(proxy, store.changes(0, 10)),
            round_trips!(proxy, store.scopes()),
            round_trips!(proxy, store.apis()),
            round_trips!(proxy, store.keys()),
        ];
    }
    second
}

/// Each hot act twice, with what it needs new each time: how many round trips the second took.
async fn hot_acts(store: &PostgresStore, proxy: &Proxy) -> Vec<u64> {
    let mut second = Vec::new();
    for number in [1, 2] {
        let [browser, next] = ["one", "next"].map(|name| session(&format!("{name}{number}")));
        let (code, exchange) = (code(number), exchange(number));
        let (sealed, sealed_exchange) = (sealed(number + 10), story::exchange(number + 10));
        let act = end(Revoked::Authorization(code.authorization));
        second = vec![
            round_trips!(proxy, store.open_session(&browser, None)),
            round_trips!(proxy, store.open_session(&next, Some(&browser.id))),
            round_trips!(proxy, store.close_session(&next.id, NOW)),
            round_trips!(proxy, store.record_code(&code)),
            round_trips!(proxy, store.redeem_code(&exchange)),
            round_trips!(proxy, store.redeem_sealed_code(&sealed, &sealed_exchange)),
            round_trips!(proxy, store.rotate(&rotation(number, 0))),
            round_trips!(proxy, store.revoke(&act)),
            round_trips!(proxy, store.check()),
        ];
        assert_eq!(store.rotate(&rotation(number, 1)).await.unwrap(), Outcome::Gone);
    }
    second
}

/// What ends sessions that a client has joined, twice: how many round trips the second took.
async fn acts_of_signing_out(store: &PostgresStore, proxy: &Proxy) -> Vec<u64> {
    let (client, account) = (client().id, account().id);
    let mut second = Vec::new();
    for number in [1, 2] {
        let [one, next] = ["one", "next"].map(|name| session(&format!("{name}{number}")));
        let last = session(&format!("last{number}"));
        store.open_session(&one, None).await.unwrap();
        second = vec![
            round_trips!(proxy, store.join_session(&one.id, &client)),
            round_trips!(proxy, store.join_session(&one.id, &client)),
            round_trips!(proxy, store.open_session(&next, Some(&one.id))),
        ];
        store.join_session(&next.id, &client).await.unwrap();
        second.push(round_trips!(proxy, store.close_session(&next.id, NOW)));
        second.push(round_trips!(proxy, store.claim_logout_notices(NOW, WAIT, 10)));
        second.push(round_trips!(proxy, store.forget_logout_notice(&next.id, &client)));
        store.open_session(&last, None).await.unwrap();
        store.join_session(&last.id, &client).await.unwrap();
        second.push(round_trips!(proxy, store.close_sessions_of(account, NOW)));
    }
    second
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_of_signing_out_is_one_round_trip() {
    let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
    let store = store(&proxy, &schema, true).await;
    assert_eq!(acts_of_signing_out(&store, &proxy).await, [1; 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_is_one_round_trip() {
    for prepared in [true, false] {
        let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
        let store = store(&proxy, &schema, prepared).await;
        assert_eq!(facts(&store, &proxy).await, [1; 18], "prepared: {prepared}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hot_act_is_one_round_trip() {
    for prepared in [true, false] {
        let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
        let store = store(&proxy, &schema, prepared).await;
        assert_eq!(hot_acts(&store, &proxy).await, [1; 9], "prepared: {prepared}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_is_one_round_trip_and_an_exchange_without_a_family_too() {
    let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
    let store = store(&proxy, &schema, true).await;
    let mut counted = Vec::new();
    for number in [1_u8, 2] {
        let somebody = person(100 + u128::from(number), &format!("user{number}"));
        issue(&store, number).await;
        let bare = Redemption { family: None, ..exchange(number) };
        counted = vec![
            round_trips!(proxy, store.create_account(&somebody, "a hash")),
            round_trips!(proxy, store.redeem_code(&bare)),
        ];
    }
    assert_eq!(counted, [1, 1]);
}

/// How many round trips it takes to ask all of this, if `lock` is held until the first waits for it and the
/// others have asked as well.
async fn together<T>(
    (schema, proxy): (&Schema, &Proxy),
    lock: &str,
    asked: Vec<impl Future<Output = T>>,
) -> (u64, Vec<T>) {
    let before = proxy.round_trips();
    schema.run(&format!("BEGIN; {lock}")).await;
    let mut asked: Vec<_> = asked.into_iter().map(Box::pin).collect();
    for asked in &mut asked {
        let is_waiting = poll_fn(|context| Poll::Ready(asked.as_mut().poll(context).is_pending()));
        assert!(is_waiting.await);
        while !schema.is_waited_for().await {}
    }
    schema.run("COMMIT").await;
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await);
    }
    (proxy.round_trips() - before, answers)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_while_the_same_is_under_way_goes_together_in_one_round_trip() {
    let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
    let store = store(&proxy, &schema, true).await;
    let (mine, others) = (session("laptop").id, session("stranger's").id);
    store.session_with_consent(&mine, &client().id).await.unwrap();

    let client = client().id;
    let asked = [&mine, &mine, &others, &mine, &others];
    let asked = asked.map(|session| store.session_with_consent(session, &client)).into();
    let lock = "LOCK TABLE session IN ACCESS EXCLUSIVE MODE";
    let (round_trips, answers) = together((&schema, &proxy), lock, asked).await;
    let known: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().is_some()).collect();
    assert_eq!(known, [true, true, false, true, false], "each its own answer");
    assert_eq!(round_trips, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocations_that_come_while_one_is_under_way_are_one_round_trip() {
    let (schema, proxy) = (Schema::empty().await, Proxy::start().await);
    let store = store(&proxy, &schema, true).await;
    for number in 1..=5 {
        issue(&store, number).await;
        assert_eq!(store.redeem_code(&exchange(number)).await.unwrap(), Outcome::Done);
    }
    store.revoke(&end(Revoked::Authorization(authorization(6)))).await.unwrap();
    let last = store.changes(0, 100).await.unwrap().last().unwrap().0;

    let acts: Vec<_> =
        (1..=5).map(|number| end(Revoked::Authorization(authorization(number)))).collect();
    let lock = "UPDATE change_number SET last = last";
    let asked = acts.iter().map(|act| store.revoke(act)).collect();
    let (round_trips, outcomes) = together((&schema, &proxy), lock, asked).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(round_trips, 2);

    let told = store.changes(last, 100).await.unwrap();
    assert_eq!(
        told.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5].map(|next| last + next)
    );
    assert!(
        acts.iter()
            .all(|act| told.iter().any(|(_, change)| *change == Change::Revoked(act.clone())))
    );
    for number in 1..=5 {
        assert_eq!(store.rotate(&rotation(number, 0)).await.unwrap(), Outcome::Gone);
    }
}
