//! What is told to those who keep something in memory.

use std::sync::Arc;

use hallpass_protocol::model::{Client, KeyId, KeyPurpose, KeyState, Revoked, SealedKey};

use super::actors::{
    AnyStore, LATER, NOW, app, app_of, at_once, changes, declare, end, end_of, family, person,
    story,
};
use crate::Change;

fn key(id: u32, purpose: KeyPurpose) -> SealedKey {
    let sealed = vec![7; 48];
    SealedKey { id: KeyId::from_u32(id), purpose, state: KeyState::Active, sealed, created_at: NOW }
}

/// What was told, without the numbers.
async fn told(store: &AnyStore) -> Vec<Change> {
    changes(store).await.into_iter().map(|(_, change)| change).collect()
}

pub async fn a_client_that_is_added_changed_or_deleted_is_told(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let renamed = Client { name: "Other".to_owned(), ..tunes.clone() };
    assert!(store.update_client(&renamed, LATER).await.unwrap());
    assert!(store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());

    let changed = Change::Client(tunes.id.clone());
    assert_eq!(told(&store).await, [changed.clone(), changed, Change::Revoked(end_of(&tunes))]);
}

pub async fn what_changed_nothing_is_not_told(store: AnyStore) {
    let (ada, tunes, _) = story(&store).await;
    store.initialise_keys(&[key(1, KeyPurpose::AccessToken)]).await.unwrap();
    let before = changes(&store).await;

    assert!(!store.update_client(&app_of(&ada, "unknown"), LATER).await.unwrap());
    let nobody = app_of(&ada, "unknown");
    assert!(!store.delete_client(ada.id, &nobody.id, &end_of(&nobody)).await.unwrap());
    assert!(store.create_client(&tunes).await.is_err(), "that id is taken");
    store.initialise_keys(&[key(2, KeyPurpose::AccessToken)]).await.unwrap();
    assert_eq!(changes(&store).await, before);
}

pub async fn a_declaration_and_new_keys_are_told(store: AnyStore) {
    let ada = person(&store, "ada").await;
    declare(&store, &[], &[&app_of(&ada, "tunes")]).await;
    store.initialise_keys(&[key(1, KeyPurpose::AccessToken)]).await.unwrap();
    assert_eq!(told(&store).await, [Change::Declared, Change::Keys]);
}

pub async fn changes_are_told_page_by_page(store: AnyStore) {
    for number in 0..5 {
        store.revoke(&end(Revoked::Authorization(family(number)))).await.unwrap();
    }
    let all = changes(&store).await;
    assert_eq!(all.len(), 5);
    let mut paged = Vec::new();
    loop {
        let after = paged.last().map_or(0, |(number, _)| *number);
        let page = store.changes(after, 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

pub async fn who_follows_misses_nothing_while_a_hundred_acts_are_taken(store: AnyStore) {
    let follower = Arc::clone(&store);
    let follower = tokio::spawn(async move {
        let mut seen: Vec<(u64, Change)> = Vec::new();
        while seen.len() < 100 {
            let after = seen.last().map_or(0, |(number, _)| *number);
            seen.extend(follower.changes(after, u32::MAX).await.unwrap());
            tokio::task::yield_now().await;
        }
        seen
    });
    at_once(100, |number| {
        let store = Arc::clone(&store);
        let act = end(Revoked::Authorization(family(number as u128)));
        async move { store.revoke(&act).await.unwrap() }
    })
    .await;
    let seen = follower.await.unwrap();
    assert_eq!(
        seen,
        changes(&store).await,
        "in the order of their numbers, none twice, none left out"
    );
}
