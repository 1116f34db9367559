//! Refresh families move on, one generation after the other, until they end.

use std::sync::Arc;

use hallpass_protocol::model::{Account, AccountStatus, Client, ClientStatus, Revoked, Timestamp};
use hallpass_protocol::token::grant::refresh_token::{Facts, Rotation};

use super::actors::{
    AnyStore, END, LATER, app, at_once, client_id, code, declare, end, exchanged, family,
    family_of, rotation, stored_family, story,
};
use crate::{Outcome, Page};

pub async fn of_a_family_that_is_not_known_there_is_nothing(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let unknown = code(&laptop, &tunes, "a", 1);

    let facts = store.refresh_facts(&client_id("unknown"), family(1)).await.unwrap();
    assert_eq!(facts, Facts::default());
    let facts = store.refresh_facts(&tunes.id, family(1)).await.unwrap();
    assert_eq!(facts, Facts { client: Some(tunes.into()), ..Facts::default() });
    assert_eq!(store.rotate(&rotation(&unknown, 0)).await.unwrap(), Outcome::Gone);
}

pub async fn a_family_is_shown_to_whoever_brings_its_token(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let other = app(&store, &ada, "other").await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;

    // Whether it is the caller's is for the rules to judge.
    let facts = store.refresh_facts(&other.id, code.authorization).await.unwrap();
    assert_eq!(facts.client, Some(other.into()));
    assert_eq!(facts.family, Some(family_of(&code, family(1))));
    assert_eq!(facts.account, Some(ada));
    let consent = facts.consent.unwrap();
    assert_eq!((consent.client, consent.authorization), (tunes.id, family(1)));
}

pub async fn a_rotation_moves_the_family_on_and_uses_the_consent(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;
    let used = Timestamp::from_millis(LATER.millis() + 1);
    let idle_until = Timestamp::from_millis(END.millis() - 1);

    let step = Rotation { at: used, idle_until, ..rotation(&code, 0) };
    assert_eq!(store.rotate(&step).await.unwrap(), Outcome::Done);
    let moved = stored_family(&store, &code).await.unwrap();
    let mut expected = family_of(&code, family(1));
    expected.generation = 1;
    expected.idle_until = idle_until;
    assert_eq!(moved, expected);
    let listing = store.consents_of(ada.id, Page { offset: 0, limit: 1 }).await.unwrap();
    assert_eq!(listing.rows[0].last_used_at, used);
}

pub async fn only_the_newest_generation_is_rotated(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;
    for generation in 0..3 {
        let outcome = store.rotate(&rotation(&code, generation)).await.unwrap();
        assert_eq!(outcome, Outcome::Done);
    }

    for generation in 0..3 {
        let outcome = store.rotate(&rotation(&code, generation)).await.unwrap();
        assert_eq!(outcome, Outcome::Late, "from {generation}");
    }
    let not_issued_yet = store.rotate(&rotation(&code, 4)).await.unwrap();
    assert_eq!(not_issued_yet, Outcome::Gone);
    assert_eq!(stored_family(&store, &code).await.unwrap().generation, 3);
}

pub async fn rf_02_of_a_hundred_refreshes_from_one_generation_one_is_done(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;

    let outcomes = at_once(100, |_| {
        let (store, step) = (Arc::clone(&store), rotation(&code, 0));
        async move { store.rotate(&step).await.unwrap() }
    })
    .await;
    let count = |outcome| outcomes.iter().filter(|other| **other == outcome).count();
    assert_eq!((count(Outcome::Done), count(Outcome::Late)), (1, 99));
    assert_eq!(stored_family(&store, &code).await.unwrap().generation, 1);
}

pub async fn rf_03_after_a_revocation_no_refresh_is_done(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;

    // Each goes on from the newest generation it sees; one of them ends the family first.
    let generations = at_once(100, |number| {
        let (store, code) = (Arc::clone(&store), code.clone());
        async move {
            if number == 50 {
                let ended = end(Revoked::Authorization(code.authorization));
                store.revoke(&ended).await.unwrap();
            }
            let newest = stored_family(&store, &code).await.unwrap().generation;
            let outcome = store.rotate(&rotation(&code, newest)).await.unwrap();
            assert!(number != 50 || outcome == Outcome::Gone);
            (number, newest)
        }
    })
    .await;
    let (_, when_ended) = generations.into_iter().find(|(number, _)| *number == 50).unwrap();
    let ended = stored_family(&store, &code).await.unwrap();
    assert_eq!((ended.generation, ended.ended_at), (when_ended, Some(LATER)));
    assert_eq!(store.rotate(&rotation(&code, when_ended)).await.unwrap(), Outcome::Gone);
    assert_eq!(store.rotate(&rotation(&code, 0)).await.unwrap(), Outcome::Gone);
}

pub async fn rf_10_a_family_goes_with_its_consent(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;

    store.withdraw_consent(ada.id, &tunes.id, LATER, END).await.unwrap().unwrap();
    assert_eq!(store.rotate(&rotation(&code, 0)).await.unwrap(), Outcome::Gone);
    assert_eq!(stored_family(&store, &code).await, None);
}

pub async fn rf_11_a_family_stands_still_while_its_client_or_its_account_is_shut(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;
    let shut = Client { status: ClientStatus::Disabled, ..tunes.clone() };
    let banned = Account { status: AccountStatus::Disabled, ..ada.clone() };

    for (account, client) in [(&ada, &shut), (&banned, &tunes), (&banned, &shut)] {
        declare(&store, &[account], &[client]).await;
        assert_eq!(store.rotate(&rotation(&code, 0)).await.unwrap(), Outcome::Gone);
        assert_eq!(stored_family(&store, &code).await.unwrap().generation, 0);
    }
    declare(&store, &[&ada], &[&tunes]).await;
    assert_eq!(store.rotate(&rotation(&code, 0)).await.unwrap(), Outcome::Done);
}
