//! What an act of revocation ends, and how it is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use hallpass_protocol::authorize::CodeRecord;
use hallpass_protocol::model::{Revocation, Revoked, Timestamp};
use hallpass_protocol::token::grant::authorization_code::Redemption;

use super::actors::{
    AnyStore, LATER, app, at_once, end, end_of, exchange, exchanged, family, family_of, issued,
    person, revocations, rotation, sign_in, stored_code, stored_family, story,
};
use crate::Outcome;

async fn told(store: &AnyStore, after: u64) -> Vec<Revocation> {
    let acts = revocations(store, after).await;
    acts.into_iter().map(|(_, revocation)| revocation).collect()
}

/// What came of the next refresh, or exchange, of a family and a code.
async fn outcomes(store: &AnyStore, used: &CodeRecord, unused: &CodeRecord) -> [Outcome; 2] {
    let generation = stored_family(store, used).await.map_or(0, |family| family.generation);
    let refreshed = store.rotate(&rotation(used, generation)).await.unwrap();
    [refreshed, store.redeem_code(&exchange(unused)).await.unwrap()]
}

pub async fn acts_are_told_in_the_order_of_their_numbers(store: AnyStore) {
    let (ada, tunes, _) = story(&store).await;
    assert_eq!(revocations(&store, 0).await, []);
    let acts = [
        end(Revoked::Client(tunes.id)),
        end(Revoked::Authorization(family(2))),
        Revocation { at: Timestamp::from_millis(-1), ..end(Revoked::Account(ada.id)) },
        Revocation { until: LATER, ..end(Revoked::Consent(family(1))) },
    ];
    for act in &acts {
        store.revoke(act).await.unwrap();
    }

    let all = revocations(&store, 0).await;
    let numbers: Vec<u64> = all.iter().map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next) && numbers[0] > 0, "{numbers:?}");
    assert_eq!(told(&store, 0).await, acts);
    for (number, rest) in numbers.into_iter().zip(1..) {
        assert_eq!(revocations(&store, number).await, all[rest..]);
    }
    assert_eq!(revocations(&store, u64::MAX).await, []);
}

pub async fn an_act_that_is_on_record_is_recorded_once_more(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;
    let act = end(Revoked::Authorization(code.authorization));
    let later = Revocation { at: Timestamp::from_millis(LATER.millis() + 1), ..act.clone() };

    for act in [&act, &act, &later] {
        store.revoke(act).await.unwrap();
    }
    let ended = stored_family(&store, &code).await.unwrap();
    assert_eq!(ended.ended_at, Some(LATER), "it ended when it first did");
    assert_eq!(told(&store, 0).await, [act.clone(), act, later]);
}

pub async fn of_a_hundred_acts_at_once_each_has_its_number(store: AnyStore) {
    at_once(100, |number| {
        let store = Arc::clone(&store);
        let act = end(Revoked::Authorization(family(number as u128)));
        async move { store.revoke(&act).await.unwrap() }
    })
    .await;

    let all = revocations(&store, 0).await;
    let numbers: BTreeSet<u64> = all.iter().map(|(number, _)| *number).collect();
    let ended: BTreeSet<Revoked> = all.into_iter().map(|(_, act)| act.revoked).collect();
    assert_eq!((numbers.len(), ended.len()), (100, 100));
}

pub async fn rf_01_an_end_is_that_of_one_family_and_no_other(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let ended = exchanged(&store, &laptop, &tunes, 1).await;
    let other = issued(&store, &laptop, &tunes, 2).await;
    let on_the_same_consent =
        Redemption { family: Some(family_of(&other, family(1))), ..exchange(&other) };
    let outcome = store.redeem_code(&on_the_same_consent).await.unwrap();
    assert_eq!(outcome, Outcome::Done);

    store.revoke(&end(Revoked::Authorization(ended.authorization))).await.unwrap();
    assert_eq!(store.rotate(&rotation(&ended, 0)).await.unwrap(), Outcome::Gone);
    assert_eq!(store.rotate(&rotation(&other, 0)).await.unwrap(), Outcome::Done);
    assert_eq!(stored_family(&store, &ended).await.unwrap().ended_at, Some(LATER));
}

pub async fn a_code_of_an_ended_authorization_is_gone_and_a_used_one_stays_known(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let used = exchanged(&store, &laptop, &tunes, 1).await;
    let unused = issued(&store, &laptop, &tunes, 2).await;
    let other = issued(&store, &laptop, &tunes, 3).await;

    for code in [&used, &unused] {
        store.revoke(&end(Revoked::Authorization(code.authorization))).await.unwrap();
    }
    assert_eq!(store.redeem_code(&exchange(&unused)).await.unwrap(), Outcome::Gone);
    assert_eq!(store.redeem_code(&exchange(&used)).await.unwrap(), Outcome::Late);
    assert!(stored_code(&store, &used).await.unwrap().redeemed_at.is_some());
    assert_eq!(store.redeem_code(&exchange(&other)).await.unwrap(), Outcome::Done);
}

pub async fn the_end_of_a_consent_takes_it_and_all_that_rests_on_it(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let other = app(&store, &ada, "other").await;
    let used = exchanged(&store, &laptop, &tunes, 1).await;
    let unused = issued(&store, &laptop, &tunes, 2).await;
    let others = exchanged(&store, &laptop, &other, 3).await;
    let others_unused = issued(&store, &laptop, &other, 4).await;

    store.revoke(&end(Revoked::Consent(family(1)))).await.unwrap();
    let facts = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    assert_eq!(facts.consent, None, "it never comes back");
    assert_eq!(outcomes(&store, &used, &unused).await, [Outcome::Gone; 2]);
    assert_eq!(outcomes(&store, &others, &others_unused).await, [Outcome::Done; 2]);
}

pub async fn the_end_of_an_account_is_that_of_all_its_families_and_codes(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let ben = person(&store, "ben").await;
    let bens = sign_in(&store, "bens", &ben).await;
    let other = app(&store, &ben, "other").await;
    let mut codes = Vec::new();
    for (number, session, client) in
        [(1, &laptop, &tunes), (3, &laptop, &other), (5, &bens, &tunes)]
    {
        let used = exchanged(&store, session, client, number).await;
        codes.push((used, issued(&store, session, client, number + 1).await));
    }

    store.revoke(&end(Revoked::Account(ada.id))).await.unwrap();
    let mut after = Vec::new();
    for (used, unused) in &codes {
        after.push(outcomes(&store, used, unused).await);
    }
    assert_eq!(after, [[Outcome::Gone; 2], [Outcome::Gone; 2], [Outcome::Done; 2]]);
}

pub async fn the_end_of_a_client_is_that_of_all_its_families_and_codes(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let ben = person(&store, "ben").await;
    let bens = sign_in(&store, "bens", &ben).await;
    let other = app(&store, &ben, "other").await;
    let mut codes = Vec::new();
    for (number, session, client) in [(1, &laptop, &tunes), (3, &bens, &tunes), (5, &bens, &other)]
    {
        let used = exchanged(&store, session, client, number).await;
        codes.push((used, issued(&store, session, client, number + 1).await));
    }

    store.revoke(&end_of(&tunes)).await.unwrap();
    let mut after = Vec::new();
    for (used, unused) in &codes {
        after.push(outcomes(&store, used, unused).await);
    }
    assert_eq!(after, [[Outcome::Gone; 2], [Outcome::Gone; 2], [Outcome::Done; 2]]);
}

pub async fn the_deletion_of_a_client_is_told(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let ben = person(&store, "ben").await;
    let used = exchanged(&store, &laptop, &tunes, 1).await;
    let unused = issued(&store, &laptop, &tunes, 2).await;

    assert!(!store.delete_client(ben.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    assert_eq!(told(&store, 0).await, []);
    assert!(store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    assert_eq!(told(&store, 0).await, [end_of(&tunes)]);
    assert_eq!(outcomes(&store, &used, &unused).await, [Outcome::Gone; 2]);

    // A new client of the same id inherits nothing.
    store.create_client(&tunes).await.unwrap();
    issued(&store, &laptop, &tunes, 3).await;
    assert_eq!(stored_code(&store, &used).await, None);
    assert_eq!(stored_code(&store, &unused).await, None);
    assert_eq!(stored_family(&store, &used).await, None);
}
