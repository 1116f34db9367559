//! Codes that carry what they stand for: exchanged once.

use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    Account, AccountStatus, Authentication, ClaimSet, Client, ClientStatus, CodeKey,
    RequestedClaims, Session, Timestamp,
};
use hallpass_protocol::token::grant::authorization_code::{Redemption, StoredCode};

use super::actors::{
    AnyStore, END, LATER, NOW, approval, at_once, code, declare, exchange, family, family_of,
    person, rotation, sign_in, stored_family, story,
};
use crate::Outcome;

/// What such a code holds: issued in `session` to `client` on the consent of family 1.
fn held(session: &Session, client: &Client, number: u8) -> CodeRecord {
    let ground = CodeGround::Remembered(family(1));
    CodeRecord { ground, ..code(session, client, "a b", number) }
}

fn sealed(record: &CodeRecord) -> SealedCode {
    let code = StoredCode {
        key: record.key,
        authorization: record.authorization,
        consent: family(1),
        client: record.client.clone(),
        account: record.account,
        redirect_uri: record.redirect_uri.clone(),
        scopes: record.scopes.clone(),
        resource: record.resource.clone(),
        challenge: record.challenge.clone(),
        authentication: record.authentication.clone(),
        expires_at: record.expires_at,
        redeemed_at: None,
    };
    SealedCode { code, session: record.session, issued_at: record.issued_at }
}

/// Its exchange for a family.
fn use_of(record: &CodeRecord) -> Redemption {
    Redemption { family: Some(family_of(record, family(1))), ..exchange(record) }
}

async fn redeem(store: &AnyStore, record: &CodeRecord) -> Outcome {
    store.redeem_sealed_code(&sealed(record), &use_of(record)).await.unwrap()
}

async fn agree(store: &AnyStore, session: &Session, client: &Client) {
    store.record_approval(&approval(session, client, "a b")).await.unwrap().unwrap();
}

async fn redeemed_at(store: &AnyStore, record: &CodeRecord) -> Option<Timestamp> {
    store.sealed_code_redeemed_at(&record.key).await.unwrap()
}

async fn leaves_nothing(store: &AnyStore, record: &CodeRecord) {
    assert_eq!(redeem(store, record).await, Outcome::Gone);
    assert_eq!(redeemed_at(store, record).await, None);
    assert_eq!(stored_family(store, record).await, None);
}

pub async fn the_exchange_of_a_sealed_code_begins_the_family_and_uses_the_consent(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let claims = RequestedClaims { id_token: ClaimSet::of_scope("email"), ..Default::default() };
    let at = Timestamp::from_millis(laptop.created_at.millis() + 1);
    let nonce = Some("n-0S6_WzA2Mj".to_owned());
    let told = Authentication { session: laptop.id, at, nonce, claims };
    for (number, authentication) in [(2, None), (3, Some(told))] {
        let record = CodeRecord { authentication, ..held(&laptop, &tunes, number) };
        assert_eq!(redeemed_at(&store, &record).await, None);
        assert_eq!(redeem(&store, &record).await, Outcome::Done);
        assert_eq!(redeemed_at(&store, &record).await, Some(LATER));
        let began = family_of(&record, family(1));
        assert_eq!(stored_family(&store, &record).await, Some(began));
        assert_eq!(store.rotate(&rotation(&record, 0)).await.unwrap(), Outcome::Done);
    }
    let page = crate::Page { offset: 0, limit: 10 };
    let listing = store.consents_of(ada.id, page).await.unwrap();
    assert_eq!((listing.rows[0].consent.given_at, listing.rows[0].last_used_at), (NOW, LATER));
}

pub async fn a_sealed_code_is_exchanged_without_a_family_where_none_is_wanted(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let record = held(&laptop, &tunes, 2);
    let bare = Redemption { family: None, ..use_of(&record) };
    for expected in [Outcome::Done, Outcome::Late] {
        let outcome = store.redeem_sealed_code(&sealed(&record), &bare).await.unwrap();
        assert_eq!(outcome, expected);
    }
    assert_eq!(redeem(&store, &record).await, Outcome::Late);
    assert_eq!(stored_family(&store, &record).await, None);
}

pub async fn tk_02_of_a_hundred_exchanges_of_one_sealed_code_one_is_done(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let record = held(&laptop, &tunes, 2);
    let outcomes = at_once(100, |_| {
        let (store, record) = (Arc::clone(&store), record.clone());
        async move { redeem(&store, &record).await }
    })
    .await;
    let count = |outcome| outcomes.iter().filter(|other| **other == outcome).count();
    assert_eq!((count(Outcome::Done), count(Outcome::Late)), (1, 99));
    assert_eq!(stored_family(&store, &record).await.unwrap().generation, 0);
}

pub async fn of_a_hundred_sealed_codes_each_is_exchanged(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let outcomes = at_once(100, |number| {
        let number = u8::try_from(number + 2).unwrap();
        let (store, record) = (Arc::clone(&store), held(&laptop, &tunes, number));
        async move { redeem(&store, &record).await }
    })
    .await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done), "{outcomes:?}");
}

pub async fn tk_08_a_sealed_code_is_gone_when_its_client_or_its_account_is_shut(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let record = held(&laptop, &tunes, 2);
    let shut = Client { status: ClientStatus::Disabled, ..tunes.clone() };
    let banned = Account { status: AccountStatus::Disabled, ..ada.clone() };
    for (account, client) in [(&ada, &shut), (&banned, &tunes)] {
        declare(&store, &[account], &[client]).await;
        leaves_nothing(&store, &record).await;
    }
    declare(&store, &[&ada], &[&tunes]).await;
    assert_eq!(redeem(&store, &record).await, Outcome::Done);
}

pub async fn tk_08_a_sealed_code_is_gone_when_its_consent_is(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let record = held(&laptop, &tunes, 2);
    leaves_nothing(&store, &record).await;
    agree(&store, &laptop, &tunes).await;
    store.withdraw_consent(laptop.account, &tunes.id, LATER, END).await.unwrap().unwrap();
    leaves_nothing(&store, &record).await;
    // Another consent is another: what rested on the old one does not rest on it.
    let anew = Approval { authorization: family(7), ..approval(&laptop, &tunes, "a b") };
    store.record_approval(&anew).await.unwrap().unwrap();
    leaves_nothing(&store, &record).await;
}

pub async fn tk_08_a_sealed_code_is_gone_when_its_session_is(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let ben = person(&store, "ben").await;
    let phone = sign_in(&store, "phone", &ada).await;
    let bens = sign_in(&store, "bens", &ben).await;
    agree(&store, &laptop, &tunes).await;
    let record = held(&phone, &tunes, 2);
    leaves_nothing(&store, &CodeRecord { session: bens.id, ..record.clone() }).await;
    let at_the_end = Redemption { at: END, ..use_of(&record) };
    let outcome = store.redeem_sealed_code(&sealed(&record), &at_the_end).await.unwrap();
    assert_eq!(outcome, Outcome::Gone);
    store.close_session(&laptop.id, LATER).await.unwrap();
    leaves_nothing(&store, &held(&laptop, &tunes, 3)).await;
    assert_eq!(redeem(&store, &record).await, Outcome::Done);
    store.close_session(&phone.id, LATER).await.unwrap();
    assert_eq!(redeem(&store, &record).await, Outcome::Late, "a replay");
    assert!(stored_family(&store, &record).await.is_some(), "what it brought stays");
}

pub async fn an_exchange_that_cannot_be_stored_leaves_a_sealed_code_unused(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let [first, second] = [2, 3].map(|number| held(&laptop, &tunes, number));
    assert_eq!(redeem(&store, &first).await, Outcome::Done);
    let taken = Redemption { family: Some(family_of(&first, family(1))), ..use_of(&second) };
    let outcome = store.redeem_sealed_code(&sealed(&second), &taken).await;
    assert!(outcome.is_err(), "a family has one beginning");
    assert_eq!(redeemed_at(&store, &second).await, None);
    assert_eq!(redeem(&store, &second).await, Outcome::Done);
}

pub async fn a_sealed_exchange_that_races_a_withdrawal_leaves_no_family(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let record = held(&laptop, &tunes, 2);
    let outcomes = at_once(50, |number| {
        let (store, record) = (Arc::clone(&store), record.clone());
        let (account, client) = (laptop.account, tunes.id.clone());
        async move {
            if number == 25 {
                store.withdraw_consent(account, &client, LATER, END).await.unwrap().unwrap();
            }
            (number, redeem(&store, &record).await)
        }
    })
    .await;
    // After the withdrawal nothing is exchanged; that somebody was before it is still known.
    assert!(!outcomes.contains(&(25, Outcome::Done)), "{outcomes:?}");
    assert_eq!(stored_family(&store, &record).await, None);
}

pub async fn the_use_of_a_sealed_code_stays_known_for_as_long_as_that_of_any(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    let used = held(&laptop, &tunes, 2);
    let younger = CodeKey::derive(Timestamp::from_millis(NOW.millis() + 1), &[3; 32]).1;
    let younger = CodeRecord { key: younger, ..held(&laptop, &tunes, 3) };
    for code in [&used, &younger] {
        assert_eq!(redeem(&store, code).await, Outcome::Done);
    }
    // An hour for the consent page, a minute for the code, and an hour for the replay.
    let forgotten = NOW.plus(Duration::from_secs(2 * 60 * 60 + 60));
    store.purge_expired(forgotten, 100).await.unwrap();
    assert_eq!(redeem(&store, &used).await, Outcome::Late);
    store.purge_expired(Timestamp::from_millis(forgotten.millis() + 1), 100).await.unwrap();
    assert_eq!(redeemed_at(&store, &used).await, None);
    assert_eq!(redeemed_at(&store, &younger).await, Some(LATER));
}
