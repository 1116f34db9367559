//! The store stays small, says how it is, and is closed.

use hallpass_protocol::authorize::CodeRecord;
use hallpass_protocol::model::{CodeKey, RefreshFamily, Revocation, Revoked, Session, Timestamp};
use hallpass_protocol::token::grant::authorization_code::Redemption;

use super::actors::{
    AnyStore, END, LATER, NOW, app, code, end, exchange, exchanged, family, family_of, issued,
    person, revocations, rotation, session_in, sign_in, stored_code, stored_family,
};
use crate::{Outcome, StoreError};

/// A point in time that many milliseconds after `time`.
fn after(time: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(time.millis() + millis)
}

pub async fn a_purge_removes_what_has_ended_and_nothing_else(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let [before, at, after] = [-1, 0, 1].map(|offset| Session {
        expires_at: Timestamp::from_millis(END.millis() + offset),
        ..session_in(&format!("browser{offset}"), &ada)
    });
    for session in [&before, &at, &after] {
        store.open_session(session, None).await.unwrap();
    }

    assert_eq!(store.purge_expired(END, 100).await.unwrap(), 1);
    assert_eq!(store.session(&before.id).await.unwrap(), None);
    assert!(store.session(&at.id).await.unwrap().is_some());
    assert!(store.session(&after.id).await.unwrap().is_some());
    assert_eq!(store.account(ada.id).await.unwrap(), Some(ada));
    assert_eq!(store.purge_expired(END, 100).await.unwrap(), 0);
}

pub async fn a_purge_removes_no_more_than_it_may_and_the_oldest_first(store: AnyStore) {
    let ada = person(&store, "ada").await;
    for number in [3, 0, 4, 1, 2] {
        let expires_at = Timestamp::from_millis(number);
        let session = Session { expires_at, ..session_in(&format!("browser{number}"), &ada) };
        store.open_session(&session, None).await.unwrap();
    }

    assert_eq!(store.purge_expired(END, 0).await.unwrap(), 0);
    assert_eq!(store.purge_expired(END, 3).await.unwrap(), 3);
    for number in 0..5 {
        let session = session_in(&format!("browser{number}"), &ada);
        let is_there = store.session(&session.id).await.unwrap().is_some();
        assert_eq!(is_there, number >= 3, "browser {number}");
    }
    assert_eq!(store.purge_expired(END, 3).await.unwrap(), 2);
}

pub async fn a_used_code_stays_known_for_an_hour_after_its_longest_life(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let used = exchanged(&store, &laptop, &tunes, 1).await;
    let unused = issued(&store, &laptop, &tunes, 2).await;
    let younger = CodeRecord {
        key: CodeKey::derive(after(NOW, 1), &[3; 32]).1,
        ..code(&laptop, &tunes, "a", 3)
    };
    assert!(store.record_code(&younger).await.unwrap());

    // An hour for the consent page, a minute for the code, and an hour for the replay.
    let last_moment = after(NOW, (60 + 1 + 60) * 60 * 1000);
    store.purge_expired(last_moment, 100).await.unwrap();
    for code in [&used, &unused, &younger] {
        assert!(stored_code(&store, code).await.is_some());
    }
    assert_eq!(store.redeem_code(&exchange(&used)).await.unwrap(), Outcome::Late);
    assert_eq!(store.purge_expired(after(last_moment, 1), 100).await.unwrap(), 2);
    assert_eq!(stored_code(&store, &used).await, None);
    assert_eq!(stored_code(&store, &unused).await, None);
    assert!(stored_code(&store, &younger).await.is_some());
}

pub async fn a_family_is_purged_when_its_time_is_over_also_an_ended_one(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let session = Session { expires_at: after(END, 1000), ..session_in("laptop", &ada) };
    store.open_session(&session, None).await.unwrap();
    let mut codes = Vec::new();
    for (number, idle_until) in [(1, after(END, -1)), (2, after(END, -1)), (3, END)] {
        let code = issued(&store, &session, &tunes, number).await;
        let family = RefreshFamily { idle_until, ..family_of(&code, family(1)) };
        let exchange = Redemption { family: Some(family), ..exchange(&code) };
        assert_eq!(store.redeem_code(&exchange).await.unwrap(), Outcome::Done);
        codes.push(code);
    }
    for code in [&codes[1], &codes[2]] {
        store.revoke(&end(Revoked::Authorization(code.authorization))).await.unwrap();
    }

    assert_eq!(store.purge_expired(after(END, -1), 100).await.unwrap(), 0);
    assert_eq!(store.purge_expired(END, 100).await.unwrap(), 2);
    assert_eq!(stored_family(&store, &codes[0]).await, None);
    assert_eq!(store.rotate(&rotation(&codes[0], 0)).await.unwrap(), Outcome::Gone);
    let ended = stored_family(&store, &codes[2]).await.unwrap();
    assert!(ended.ended_at.is_some(), "known as ended until its time is over");
}

pub async fn numbers_of_revocations_rise_over_a_purge(store: AnyStore) {
    let act = |number, until| Revocation { until, ..end(Revoked::Authorization(family(number))) };
    let mut last = 0;
    for round in 0..3 {
        store.revoke(&act(round, END)).await.unwrap();
        store.revoke(&act(round, after(END, -1))).await.unwrap();
        let acts = revocations(&store, last).await;
        assert_eq!(acts.len(), 2, "both are after what was told before");
        last = acts[1].0;
        store.purge_expired(END, 100).await.unwrap();
    }
    let all = revocations(&store, 0).await;
    let lasting = all.iter().filter(|(_, act)| act.until == END).count();
    assert_eq!((lasting, all.len()), (3, 4), "of what is over, the last act alone is kept");
}

pub async fn a_purge_takes_no_more_than_it_may_of_each_kind(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    for browser in ["laptop", "phone"] {
        sign_in(&store, browser, &ada).await;
    }
    let laptop = session_in("laptop", &ada);
    for number in 1..=3 {
        let code = exchanged(&store, &laptop, &tunes, number).await;
        store.revoke(&end(Revoked::Authorization(code.authorization))).await.unwrap();
    }

    let much_later = after(END, 24 * 60 * 60 * 1000);
    assert_eq!(store.purge_expired(much_later, 0).await.unwrap(), 0);
    assert_eq!(store.purge_expired(much_later, 2).await.unwrap(), 8, "two of each kind");
    assert_eq!(
        store.purge_expired(much_later, 2).await.unwrap(),
        3,
        "a code, a family, the client"
    );
    assert_eq!(store.purge_expired(much_later, 2).await.unwrap(), 0);
}

pub async fn a_good_store_answers_a_check(store: AnyStore) {
    store.check().await.unwrap();
    person(&store, "ada").await;
    store.check().await.unwrap();
}

pub async fn a_closed_store_refuses_instead_of_forgetting(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;

    store.close().await;
    store.close().await;
    let closed = store.close_session(&laptop.id, LATER).await;
    assert!(matches!(closed, Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.session(&laptop.id).await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.check().await, Err(StoreError::Unavailable { .. })));
}
