//! An installation gets its keys, once, and each of them a successor.

use std::sync::Arc;

use hallpass_protocol::model::{KeyId, KeyPurpose, SealedKey, SignatureAlgorithm, Timestamp};

use super::actors::{AnyStore, LATER, NOW, at_once, changes};
use crate::Change;

fn key(id: u32, purpose: KeyPurpose) -> SealedKey {
    let sealed = (0..=u8::MAX).chain([0, 0]).collect();
    SealedKey { id: KeyId::from_u32(id), purpose, active_from: NOW, created_at: NOW, sealed }
}

/// The same, active some time later.
fn later(id: u32, purpose: KeyPurpose) -> SealedKey {
    SealedKey { active_from: LATER, ..key(id, purpose) }
}

const fn id(id: u32) -> KeyId {
    KeyId::from_u32(id)
}

const ACCESS: KeyPurpose = KeyPurpose::AccessToken;
const SIGN: KeyPurpose = KeyPurpose::Sign(SignatureAlgorithm::EdDsa);

/// How often other keys were told of.
async fn told(store: &AnyStore) -> usize {
    changes(store).await.iter().filter(|(_, change)| *change == Change::Keys).count()
}

pub async fn keys_come_back_in_the_order_in_which_they_become_active(store: AnyStore) {
    let coming = SealedKey { created_at: Timestamp::from_millis(3), ..key(1, ACCESS) };
    let active = SealedKey { active_from: Timestamp::from_millis(2), ..key(u32::MAX, SIGN) };
    let retired = SealedKey { active_from: Timestamp::from_millis(1), ..key(3, KeyPurpose::Form) };
    assert_eq!(store.keys().await.unwrap(), []);

    store.initialise_keys(&[]).await.unwrap();
    let keys = [coming.clone(), retired.clone(), active.clone()];
    store.initialise_keys(&keys).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), [retired, active, coming]);
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

pub async fn the_next_key_comes_after_the_newest_and_is_told(store: AnyStore) {
    let first = [key(1, ACCESS), key(2, SIGN)];
    store.initialise_keys(&first).await.unwrap();
    let next = later(3, ACCESS);
    assert!(store.add_key(&next, id(1)).await.unwrap());
    assert_eq!(told(&store).await, 2);

    for newest in [1, 2, 9].map(id) {
        assert!(!store.add_key(&later(4, ACCESS), newest).await.unwrap(), "not the newest");
    }
    assert!(
        !store.add_key(&later(4, KeyPurpose::Form), id(3)).await.unwrap(),
        "of another purpose"
    );
    let [access, sign] = first;
    assert_eq!(store.keys().await.unwrap(), [access, sign, next]);
    assert_eq!(told(&store).await, 2);
}

pub async fn of_twenty_next_keys_at_once_one_is_added(store: AnyStore) {
    store.initialise_keys(&[key(1, SIGN)]).await.unwrap();
    let added = at_once(20, |node| {
        let store = Arc::clone(&store);
        let next = later(u32::try_from(node).unwrap() + 10, SIGN);
        async move { store.add_key(&next, id(1)).await.unwrap() }
    })
    .await;
    assert_eq!(added.into_iter().filter(|is_added| *is_added).count(), 1);
    assert_eq!((store.keys().await.unwrap().len(), told(&store).await), (2, 2));
}

pub async fn a_revoked_key_goes_as_its_successor_comes(store: AnyStore) {
    store.initialise_keys(&[key(1, SIGN), key(2, ACCESS)]).await.unwrap();
    let successor = later(3, SIGN);
    assert!(store.replace_key(id(1), &successor).await.unwrap());
    let keys = [key(2, ACCESS), successor];
    assert_eq!((store.keys().await.unwrap(), told(&store).await), (keys.to_vec(), 2));

    for (revoked, successor) in [(1, later(4, SIGN)), (9, later(4, SIGN)), (2, later(4, SIGN))] {
        let is_replaced = store.replace_key(id(revoked), &successor).await.unwrap();
        assert!(!is_replaced, "gone, unknown, or of another purpose");
    }
    assert!(store.replace_key(id(2), &later(3, ACCESS)).await.is_err(), "that id is taken");
    assert_eq!((store.keys().await.unwrap(), told(&store).await), (keys.to_vec(), 2));
}

pub async fn of_twenty_revocations_of_a_key_at_once_one_replaces_it(store: AnyStore) {
    store.initialise_keys(&[key(1, SIGN)]).await.unwrap();
    let replaced = at_once(20, |node| {
        let store = Arc::clone(&store);
        let successor = key(u32::try_from(node).unwrap() + 10, SIGN);
        async move {
            let is_replaced = store.replace_key(id(1), &successor).await.unwrap();
            is_replaced.then_some(successor)
        }
    })
    .await;
    let winners: Vec<_> = replaced.into_iter().flatten().collect();
    assert_eq!((store.keys().await.unwrap(), winners.len()), (winners, 1));
}

pub async fn keys_are_removed_but_never_the_last_of_a_purpose(store: AnyStore) {
    let keys = [key(1, ACCESS), key(2, SIGN), later(3, ACCESS), later(4, ACCESS)];
    store.initialise_keys(&keys).await.unwrap();
    assert_eq!(store.remove_keys(&[], LATER).await.unwrap(), 0);
    assert_eq!(store.remove_keys(&[2, 9].map(id), LATER).await.unwrap(), 0);
    assert_eq!(told(&store).await, 1, "nothing has changed");

    assert_eq!(store.remove_keys(&[1, 2].map(id), LATER).await.unwrap(), 1);
    assert_eq!(store.remove_keys(&[3, 4].map(id), LATER).await.unwrap(), 1);
    assert_eq!((store.keys().await.unwrap().len(), told(&store).await), (2, 3));
}
