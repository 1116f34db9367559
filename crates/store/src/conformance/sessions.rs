//! Browsers sign in and out.

use hallpass_protocol::model::SignedIn;

use super::actors::{
    AnyStore, LATER, app, approval, person, session_id, session_in, sign_in, stranger,
};

pub async fn an_open_session_leads_to_its_account(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;

    let signed_in = store.session(&laptop.id).await.unwrap();
    assert_eq!(signed_in, Some(SignedIn { session: laptop, account: ada }));
    assert_eq!(store.session(&session_id("phone")).await.unwrap(), None);
}

pub async fn a_new_session_closes_the_one_that_it_replaces(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let before = sign_in(&store, "before", &ada).await;

    let after = session_in("after", &ben);
    store.open_session(&after, Some(&before.id)).await.unwrap();
    assert_eq!(store.session(&before.id).await.unwrap(), None);
    assert_eq!(store.session(&after.id).await.unwrap().unwrap().account, ben);

    let another = session_in("another", &ben);
    store.open_session(&another, Some(&before.id)).await.unwrap();
    assert!(store.session(&another.id).await.unwrap().is_some(), "what is gone can be replaced");
}

pub async fn a_replacement_that_fails_closes_nothing(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let before = sign_in(&store, "before", &ada).await;

    let after = session_in("after", &stranger("nobody"));
    assert!(store.open_session(&after, Some(&before.id)).await.is_err());
    assert!(store.session(&before.id).await.unwrap().is_some());
    assert_eq!(store.session(&after.id).await.unwrap(), None);
}

pub async fn lg_29_a_closed_session_is_shown_by_no_fact(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();

    store.close_session(&laptop.id, LATER).await.unwrap();
    store.close_session(&laptop.id, LATER).await.unwrap();
    assert_eq!(store.session(&laptop.id).await.unwrap(), None);
    let facts = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    assert_eq!((facts.signed_in, facts.consent), (None, None));
    assert_eq!(facts.client.as_deref(), Some(&tunes));
}

pub async fn closing_one_session_leaves_the_others(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let phone = sign_in(&store, "phone", &ada).await;

    store.close_session(&laptop.id, LATER).await.unwrap();
    assert_eq!(store.session(&phone.id).await.unwrap().unwrap().session, phone);
}

pub async fn a_session_of_nobody_is_refused(store: AnyStore) {
    let session = session_in("laptop", &stranger("nobody"));
    assert!(store.open_session(&session, None).await.is_err());
    assert_eq!(store.session(&session.id).await.unwrap(), None);
}
