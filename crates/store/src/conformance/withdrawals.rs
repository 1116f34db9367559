//! What an account allows is listed, and can be taken back.

use std::sync::Arc;

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{Client, Revoked, Session, Timestamp};
use hallpass_protocol::token::grant::refresh_token::Rotation;

use super::actors::{
    AnyStore, END, LATER, NOW, app, approval, at_once, client_id, end, exchange, exchanged, family,
    issued, person, revocations, rotation, scopes, sign_in, stored_code, stored_family,
};
use crate::{ConsentedClient, Outcome, Page};

const FIRST_TEN: Page = Page { offset: 0, limit: 10 };

/// A point in time that many milliseconds after [`NOW`].
fn after(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + millis)
}

/// "Agree", clicked in `session`, that many milliseconds after [`NOW`].
async fn agree(store: &AnyStore, session: &Session, client: &Client, number: u8, millis: i64) {
    let given = Approval {
        authorization: family(number.into()),
        given_at: after(millis),
        ..approval(session, client, "a")
    };
    store.record_approval(&given).await.unwrap().unwrap();
}

async fn listed(store: &AnyStore, session: &Session) -> Vec<ConsentedClient> {
    store.consents_of(session.account, FIRST_TEN).await.unwrap().rows
}

fn ids(rows: &[ConsentedClient]) -> Vec<&str> {
    rows.iter().map(|row| row.client.id.as_str()).collect()
}

pub async fn what_an_account_allows_is_listed_with_what_was_used_last_first(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let bens = sign_in(&store, "bens", &ben).await;
    let tunes = app(&store, &ben, "tunes").await;
    let other = app(&store, &ada, "other").await;
    let third = app(&store, &ada, "third").await;
    app(&store, &ada, "never").await;
    assert_eq!(listed(&store, &laptop).await, []);

    let code = exchanged(&store, &laptop, &tunes, 1).await;
    agree(&store, &laptop, &other, 2, 100_000).await;
    agree(&store, &laptop, &third, 3, 99_999).await;
    agree(&store, &bens, &tunes, 4, 0).await;
    let rows = listed(&store, &laptop).await;
    assert_eq!(ids(&rows), ["other", "third", "tunes"]);
    assert_eq!(rows[2].client, tunes, "with its owner's name");
    assert_eq!(rows[2].consent.scopes, scopes("a b"));
    assert_eq!((rows[2].consent.given_at, rows[2].last_used_at), (NOW, LATER));

    let step = Rotation { at: after(100_001), ..rotation(&code, 0) };
    assert_eq!(store.rotate(&step).await.unwrap(), Outcome::Done);
    assert_eq!(ids(&listed(&store, &laptop).await), ["tunes", "other", "third"]);
    assert_eq!(listed(&store, &bens).await[0].last_used_at, NOW, "each has an own use");
}

pub async fn an_approval_counts_as_use(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let tunes = app(&store, &ada, "tunes").await;

    for (millis, expected) in [(5, 5), (9, 9), (7, 9)] {
        agree(&store, &laptop, &tunes, 1, millis).await;
        let row = listed(&store, &laptop).await.remove(0);
        assert_eq!((row.consent.given_at, row.last_used_at), (after(5), after(expected)));
    }
}

pub async fn a_slow_use_does_not_set_the_time_back(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let tunes = app(&store, &ada, "tunes").await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;

    let slow = Rotation { at: NOW, ..rotation(&code, 0) };
    assert_eq!(store.rotate(&slow).await.unwrap(), Outcome::Done);
    assert_eq!(listed(&store, &laptop).await[0].last_used_at, LATER);
}

pub async fn consents_are_listed_page_by_page(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    for number in 0..3 {
        let client = app(&store, &ada, &format!("app{number}")).await;
        agree(&store, &laptop, &client, number, 0).await;
    }

    let mut seen = Vec::new();
    for offset in 0..4 {
        let page = store.consents_of(ada.id, Page { offset, limit: 1 }).await.unwrap();
        assert_eq!(page.total, 3);
        seen.extend(page.rows.into_iter().map(|row| row.client.id));
    }
    seen.sort();
    assert_eq!(seen, ["app0", "app1", "app2"].map(client_id), "equal dates have a fixed order");
    let nothing = store.consents_of(ada.id, Page { offset: u32::MAX, limit: 0 }).await.unwrap();
    assert_eq!((nothing.rows, nothing.total), (vec![], 3));
}

pub async fn a_withdrawn_consent_goes_with_all_that_rests_on_it(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let bens = sign_in(&store, "bens", &ben).await;
    let tunes = app(&store, &ada, "tunes").await;
    let other = app(&store, &ada, "other").await;
    let used = exchanged(&store, &laptop, &tunes, 1).await;
    let unused = issued(&store, &laptop, &tunes, 2).await;
    let untouched =
        [exchanged(&store, &laptop, &other, 3).await, exchanged(&store, &bens, &tunes, 4).await];

    let act = store.withdraw_consent(ada.id, &tunes.id, LATER, END).await.unwrap().unwrap();
    assert_eq!(act, end(Revoked::Consent(family(1))));
    let acts = revocations(&store, 0).await;
    assert_eq!(acts.into_iter().map(|(_, act)| act).collect::<Vec<_>>(), [act]);
    assert_eq!(ids(&listed(&store, &laptop).await), ["other"]);
    let facts = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    assert_eq!(facts.consent, None);
    for code in [&used, &unused] {
        assert_eq!(stored_code(&store, code).await, None);
        assert_eq!(store.redeem_code(&exchange(code)).await.unwrap(), Outcome::Gone);
        assert_eq!(stored_family(&store, code).await, None);
        assert_eq!(store.rotate(&rotation(code, 0)).await.unwrap(), Outcome::Gone);
    }
    for code in &untouched {
        assert!(stored_code(&store, code).await.is_some());
        assert_eq!(store.rotate(&rotation(code, 0)).await.unwrap(), Outcome::Done);
    }
}

pub async fn what_was_never_allowed_cannot_be_withdrawn(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let tunes = app(&store, &ada, "tunes").await;
    agree(&store, &laptop, &tunes, 1, 0).await;

    for (account, client) in [(ben.id, tunes.id), (ada.id, client_id("unknown"))] {
        let act = store.withdraw_consent(account, &client, LATER, END).await.unwrap();
        assert_eq!(act, None);
    }
    assert_eq!(revocations(&store, 0).await, []);
    assert_eq!(listed(&store, &laptop).await.len(), 1);
}

pub async fn of_a_hundred_withdrawals_one_takes_the_consent(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let tunes = app(&store, &ada, "tunes").await;
    agree(&store, &laptop, &tunes, 1, 0).await;

    let acts = at_once(100, |_| {
        let (store, client) = (Arc::clone(&store), tunes.id.clone());
        async move { store.withdraw_consent(ada.id, &client, LATER, END).await.unwrap() }
    })
    .await;
    assert_eq!(acts.iter().flatten().count(), 1);
    assert_eq!(revocations(&store, 0).await.len(), 1);
}

pub async fn after_a_withdrawal_another_consent_begins(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let tunes = app(&store, &ada, "tunes").await;
    agree(&store, &laptop, &tunes, 1, 0).await;
    store.withdraw_consent(ada.id, &tunes.id, LATER, END).await.unwrap().unwrap();

    agree(&store, &laptop, &tunes, 2, 1).await;
    let row = listed(&store, &laptop).await.remove(0);
    assert_eq!((row.consent.authorization, row.consent.given_at), (family(2), after(1)));
    assert_eq!(row.consent.scopes, scopes("a"));
    let act = store.withdraw_consent(ada.id, &tunes.id, LATER, END).await.unwrap();
    assert_eq!(act, Some(end(Revoked::Consent(family(2)))));
}
