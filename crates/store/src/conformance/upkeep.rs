//! The store stays small, says how it is, and is closed.

use hallpass_protocol::model::{Session, Timestamp};

use super::actors::{AnyStore, END, person, session_in, sign_in};
use crate::StoreError;

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
    let closed = store.close_session(&laptop.id).await;
    assert!(matches!(closed, Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.session(&laptop.id).await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(store.check().await, Err(StoreError::Unavailable { .. })));
}
