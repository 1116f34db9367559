//! An installation gets its keys, once.

use std::sync::Arc;

use hallpass_protocol::model::{KeyId, KeyPurpose, KeyState, SealedKey, Timestamp};

use super::actors::{AnyStore, NOW, at_once};

fn key(id: u32, purpose: KeyPurpose) -> SealedKey {
    let sealed = (0..=u8::MAX).chain([0, 0]).collect();
    SealedKey { id: KeyId::from_u32(id), purpose, state: KeyState::Active, created_at: NOW, sealed }
}

pub async fn keys_come_back_oldest_first(store: AnyStore) {
    let newest = key(1, KeyPurpose::AccessToken);
    let older = SealedKey {
        created_at: Timestamp::from_millis(2),
        state: KeyState::Retired,
        ..key(u32::MAX, KeyPurpose::AccessToken)
    };
    let oldest = SealedKey { created_at: Timestamp::from_millis(1), ..key(3, KeyPurpose::Form) };
    assert_eq!(store.keys().await.unwrap(), []);

    store.initialise_keys(&[]).await.unwrap();
    store.initialise_keys(&[newest.clone(), oldest.clone(), older.clone()]).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), [oldest, older, newest]);
}

pub async fn keys_that_are_there_are_not_replaced(store: AnyStore) {
    let first = [key(1, KeyPurpose::AccessToken)];
    store.initialise_keys(&first).await.unwrap();

    let others = [2, 3, 4].map(|id| key(id, KeyPurpose::AccessToken));
    store.initialise_keys(&others).await.unwrap();
    store.initialise_keys(&others[..1]).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), first);
}

pub async fn a_key_is_added_for_each_purpose_that_has_none(store: AnyStore) {
    let there = [key(1, KeyPurpose::AccessToken), key(2, KeyPurpose::Form)];
    store.initialise_keys(&there).await.unwrap();

    let all = [
        key(3, KeyPurpose::AccessToken),
        key(4, KeyPurpose::RefreshToken),
        key(5, KeyPurpose::Form),
        key(6, KeyPurpose::AccessToken),
    ];
    store.initialise_keys(&all).await.unwrap();
    let [access, form] = there;
    let [_, refresh, ..] = all;
    assert_eq!(store.keys().await.unwrap(), [access, form, refresh]);
}

pub async fn of_twenty_processes_that_start_at_once_one_makes_the_keys(store: AnyStore) {
    let seen = at_once(20, |process| {
        let store = Arc::clone(&store);
        async move {
            let id = u32::try_from(process).unwrap() * 2;
            let keys = [key(id, KeyPurpose::AccessToken), key(id + 1, KeyPurpose::Form)];
            store.initialise_keys(&keys).await.unwrap();
            store.keys().await.unwrap()
        }
    })
    .await;

    let winner = &seen[0];
    assert_eq!(winner.len(), 2);
    assert_eq!(winner[0].id.as_u32() + 1, winner[1].id.as_u32(), "both are of one process");
    assert!(seen.iter().all(|keys| keys == winner), "all read the winner's");
}
