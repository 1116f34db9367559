//! Who has joined a session is told of its end, by one of all nodes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::authorize::CodeRecord;
use hallpass_protocol::model::{
    Authentication, Client, ClientId, RequestedClaims, Session, Timestamp,
};
use hallpass_protocol::token::grant::authorization_code::Redemption;

use super::actors::{
    AnyStore, END, LATER, NOW, app, app_of, at_once, client_id, code, end_of, exchange, family,
    family_of, person, rotation, session_id, session_in, sign_in, stored_family, story,
};
use crate::{LOGOUT_NOTICE_LIFETIME, LogoutNotice, Outcome};

/// After which what was claimed is due again.
const WAIT: Duration = Duration::from_secs(60);

/// Claims all notices that are due at `now`.
async fn claimed(store: &AnyStore, now: Timestamp) -> Vec<LogoutNotice> {
    store.claim_logout_notices(now, WAIT, 1_000).await.unwrap()
}

/// Who is told of what at `now`.
async fn told(store: &AnyStore, now: Timestamp) -> BTreeSet<(Vec<u8>, ClientId)> {
    let notices = claimed(store, now).await.into_iter();
    notices.map(|notice| (notice.session.as_bytes().to_vec(), notice.client_id)).collect()
}

fn both(session: &Session, client: &Client) -> (Vec<u8>, ClientId) {
    (session.id.as_bytes().to_vec(), client.id.clone())
}

pub async fn a_closed_session_leaves_a_notice_for_each_client_that_joined(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let radio = app(&store, &ada, "radio").await;
    app(&store, &ada, "stranger").await;
    let phone = sign_in(&store, "phone", &ada).await;
    for client in [&tunes, &radio, &tunes] {
        assert!(store.join_session(&laptop.id, &client.id).await.unwrap());
    }
    assert!(store.join_session(&phone.id, &radio.id).await.unwrap());
    assert_eq!(claimed(&store, END).await, [], "nobody has signed out");

    store.close_session(&laptop.id, LATER).await.unwrap();
    assert_eq!(claimed(&store, NOW).await, [], "not due yet");
    let mut notices = claimed(&store, LATER).await;
    notices.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    let notice = |client: &Client| LogoutNotice {
        session: laptop.id,
        account: ada.id,
        client_id: client.id.clone(),
        client: Some(client.clone()),
        attempts: 1,
    };
    assert_eq!(notices, [notice(&radio), notice(&tunes)]);
}

pub async fn nobody_joins_a_session_that_is_not_there(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    assert!(!store.join_session(&session_id("phone"), &tunes.id).await.unwrap());
    store.close_session(&laptop.id, LATER).await.unwrap();
    assert!(!store.join_session(&laptop.id, &tunes.id).await.unwrap());
    assert_eq!(claimed(&store, END).await, []);
}

pub async fn a_replaced_session_is_closed_like_any_other(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    store.join_session(&laptop.id, &tunes.id).await.unwrap();
    let next = Session { created_at: LATER, ..session_in("laptop anew", &ada) };
    store.open_session(&next, Some(&laptop.id)).await.unwrap();
    assert_eq!(claimed(&store, NOW).await, []);
    assert_eq!(told(&store, LATER).await, BTreeSet::from([both(&laptop, &tunes)]));
}

pub async fn all_sessions_of_an_account_are_closed_and_no_others(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let phone = sign_in(&store, "phone", &ada).await;
    let ben = person(&store, "ben").await;
    let tablet = sign_in(&store, "tablet", &ben).await;
    for session in [&laptop, &phone, &tablet] {
        store.join_session(&session.id, &tunes.id).await.unwrap();
    }

    assert_eq!(store.open_sessions(ada.id, LATER).await.unwrap(), 2);
    assert_eq!(store.open_sessions(ada.id, END).await.unwrap(), 0, "they are over then");
    assert_eq!(store.close_sessions_of(ada.id, LATER).await.unwrap(), 2);
    assert_eq!(store.open_sessions(ada.id, LATER).await.unwrap(), 0);
    assert_eq!(store.session(&laptop.id).await.unwrap(), None);
    assert_eq!(store.session(&phone.id).await.unwrap(), None);
    assert!(store.session(&tablet.id).await.unwrap().is_some());
    let expected = BTreeSet::from([both(&laptop, &tunes), both(&phone, &tunes)]);
    assert_eq!(told(&store, LATER).await, expected);
    assert_eq!(store.close_sessions_of(ada.id, LATER).await.unwrap(), 0);
}

pub async fn a_claimed_notice_is_due_again_until_it_is_forgotten(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    store.join_session(&laptop.id, &tunes.id).await.unwrap();
    store.forget_logout_notice(&laptop.id, &tunes.id).await.unwrap();
    store.close_session(&laptop.id, LATER).await.unwrap();
    // Closed once more: that is no second end.
    store.close_session(&laptop.id, NOW).await.unwrap();

    let mut due = LATER;
    for attempts in 1..=5 {
        let too_early = Timestamp::from_millis(due.millis() - 1);
        assert_eq!(claimed(&store, too_early).await, []);
        let tries: Vec<_> = claimed(&store, due).await.iter().map(|one| one.attempts).collect();
        assert_eq!(tries, [attempts]);
        due = due.plus(WAIT * attempts * attempts);
    }
    store.forget_logout_notice(&laptop.id, &tunes.id).await.unwrap();
    store.forget_logout_notice(&laptop.id, &tunes.id).await.unwrap();
    assert_eq!(claimed(&store, Timestamp::from_seconds(1_900_000_000)).await, []);
}

pub async fn a_claim_takes_no_more_than_it_may_and_the_longest_due_first(store: AnyStore) {
    let (ada, tunes, _) = story(&store).await;
    for number in [2, 0, 1] {
        let browser = sign_in(&store, &format!("browser{number}"), &ada).await;
        store.join_session(&browser.id, &tunes.id).await.unwrap();
        let at = Timestamp::from_millis(LATER.millis() + number);
        store.close_session(&browser.id, at).await.unwrap();
    }
    assert_eq!(store.claim_logout_notices(END, WAIT, 0).await.unwrap(), []);
    for number in 0..3 {
        let notices = store.claim_logout_notices(END, WAIT, 1).await.unwrap();
        let sessions: Vec<_> = notices.iter().map(|notice| notice.session).collect();
        assert_eq!(sessions, [session_id(&format!("browser{number}"))]);
    }
}

pub async fn lo_06_of_a_hundred_claims_at_once_each_notice_has_one(store: AnyStore) {
    const NOTICES: usize = 20;
    let (ada, _, laptop) = story(&store).await;
    for number in 0..NOTICES {
        let client = app(&store, &ada, &format!("app{number}")).await;
        store.join_session(&laptop.id, &client.id).await.unwrap();
    }
    store.close_session(&laptop.id, LATER).await.unwrap();

    let claims = at_once(100, |_| {
        let store = Arc::clone(&store);
        async move { store.claim_logout_notices(LATER, WAIT, 7).await.unwrap() }
    });
    let notices: Vec<_> = claims.await.into_iter().flatten().collect();
    assert!(notices.iter().all(|notice| notice.attempts == 1));
    let clients: BTreeSet<_> = notices.iter().map(|notice| &notice.client_id).collect();
    assert_eq!((clients.len(), notices.len()), (NOTICES, NOTICES));
}

pub async fn a_client_that_joins_while_a_session_is_closed_is_told_if_it_was_answered(
    store: AnyStore,
) {
    let (ada, _, _) = story(&store).await;
    for round in 0..10 {
        let browser = sign_in(&store, &format!("browser{round}"), &ada).await;
        let results = at_once(10, |number| {
            let (store, id) = (Arc::clone(&store), browser.id);
            async move {
                if number == 5 {
                    store.close_session(&id, LATER).await.unwrap();
                    return None;
                }
                let client = client_id(&format!("app{number}"));
                store.join_session(&id, &client).await.unwrap().then_some(client)
            }
        });
        let joined: BTreeSet<_> = results.await.into_iter().flatten().collect();
        let notices = claimed(&store, LATER).await;
        let told: BTreeSet<_> = notices.into_iter().map(|notice| notice.client_id).collect();
        assert_eq!(told, joined, "round {round}");
    }
}

pub async fn a_hundred_joins_of_one_client_are_one(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let joins = at_once(100, |_| {
        let (store, session, client) = (Arc::clone(&store), laptop.id, tunes.id.clone());
        async move { store.join_session(&session, &client).await.unwrap() }
    });
    assert_eq!(joins.await, [true; 100]);
    store.close_session(&laptop.id, LATER).await.unwrap();
    assert_eq!(claimed(&store, LATER).await.len(), 1);
}

pub async fn a_notice_tells_that_its_client_is_gone(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let never = app_of(&ada, "never");
    for client in [&tunes, &never] {
        assert!(store.join_session(&laptop.id, &client.id).await.unwrap());
    }
    assert!(store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    store.close_session(&laptop.id, LATER).await.unwrap();
    let notices = claimed(&store, LATER).await;
    assert_eq!(notices.len(), 2);
    assert!(notices.iter().all(|notice| notice.client.is_none()));
}

pub async fn a_purge_removes_who_joined_what_expired_and_notices_that_are_too_old(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let phone = sign_in(&store, "phone", &ada).await;
    for session in [&laptop, &phone] {
        store.join_session(&session.id, &tunes.id).await.unwrap();
    }
    store.close_session(&phone.id, LATER).await.unwrap();

    let after = |time: Timestamp| Timestamp::from_millis(time.millis() + 1);
    assert_eq!(store.purge_expired(END, 100).await.unwrap(), 0);
    assert_eq!(store.purge_expired(after(END), 100).await.unwrap(), 2, "the laptop's session");
    let last_moment = LATER.plus(LOGOUT_NOTICE_LIFETIME);
    assert_eq!(store.purge_expired(last_moment, 100).await.unwrap(), 0);
    assert_eq!(told(&store, last_moment).await, BTreeSet::from([both(&phone, &tunes)]));
    assert_eq!(store.purge_expired(after(last_moment), 100).await.unwrap(), 1);
    store.close_session(&laptop.id, END).await.unwrap();
    assert_eq!(claimed(&store, Timestamp::from_seconds(1_900_000_000)).await, []);
}

pub async fn rf_11_what_follows_from_a_session_ends_with_it_unless_it_may_outlast_it(
    store: AnyStore,
) {
    let (ada, tunes, laptop) = story(&store).await;
    let phone = sign_in(&store, "phone", &ada).await;
    let in_session = |session: &Session, list: &str, number| CodeRecord {
        authentication: Some(Authentication {
            session: session.id,
            at: NOW,
            nonce: None,
            claims: RequestedClaims::default(),
        }),
        ..code(session, &tunes, list, number)
    };
    let codes = [
        in_session(&laptop, "openid", 1),
        in_session(&laptop, "openid offline_access", 2),
        in_session(&phone, "openid", 3),
        code(&laptop, &tunes, "a", 4),
    ];
    for code in &codes {
        assert!(store.record_code(code).await.unwrap());
        let family = family_of(code, family(1));
        let exchange = Redemption { family: Some(family), ..exchange(code) };
        assert_eq!(store.redeem_code(&exchange).await.unwrap(), Outcome::Done);
    }

    store.close_session(&laptop.id, LATER).await.unwrap();
    let mut outcomes = Vec::new();
    for code in &codes {
        outcomes.push(store.rotate(&rotation(code, 0)).await.unwrap());
    }
    assert_eq!(outcomes, [Outcome::Gone, Outcome::Done, Outcome::Done, Outcome::Done]);
    assert_eq!(stored_family(&store, &codes[0]).await.unwrap().ended_at, Some(LATER));

    assert_eq!(store.close_sessions_of(ada.id, LATER).await.unwrap(), 1);
    assert_eq!(stored_family(&store, &codes[2]).await.unwrap().ended_at, Some(LATER));
    assert_eq!(stored_family(&store, &codes[1]).await.unwrap().ended_at, None);
}
