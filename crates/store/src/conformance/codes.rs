//! Codes are recorded, and exchanged once.

use std::sync::Arc;

use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord};
use hallpass_protocol::model::{
    Account, AccountStatus, Authentication, Claim, ClaimSet, Client, ClientStatus, Consent,
    RequestedClaims, Revocation, Session, Timestamp,
};
use hallpass_protocol::token::grant::authorization_code::{Facts, Redemption, StoredCode};

use super::actors::{
    AnyStore, END, LATER, NOW, app, app_of, approval, at_once, client_id, code, declare, exchange,
    exchanged, family, family_of, issued, person, rotation, scopes, session_in, sign_in, sign_up,
    stored_code, stored_family, story, stranger,
};
use crate::Outcome;

async fn consent(store: &AnyStore, session: &Session, client: &Client) -> Option<Consent> {
    store.authorization_facts(&client.id, Some(&session.id)).await.unwrap().consent
}

async fn withdraw(store: &AnyStore, session: &Session, client: &Client) -> Option<Revocation> {
    store.withdraw_consent(session.account, &client.id, LATER, END).await.unwrap()
}

pub async fn a_code_is_on_record_with_the_approval_that_it_was_issued_on(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let issued = issued(&store, &laptop, &tunes, 1).await;

    let stored = StoredCode {
        key: issued.key,
        authorization: issued.authorization,
        consent: family(1),
        client: tunes.id.clone(),
        account: ada.id,
        redirect_uri: issued.redirect_uri.clone(),
        scopes: scopes("a b"),
        challenge: issued.challenge.clone(),
        authentication: issued.authentication.clone(),
        expires_at: issued.expires_at,
        redeemed_at: None,
        resource: None,
    };
    let allowed = Consent {
        account: ada.id,
        client: tunes.id.clone(),
        scopes: scopes("a b"),
        authorization: family(1),
        given_at: NOW,
    };
    let expected = Facts {
        client: Some(tunes.clone().into()),
        code: Some(stored),
        account: Some(ada),
        consent: Some(allowed),
    };
    assert_eq!(store.code_facts(&tunes.id, &issued.key).await.unwrap(), expected);

    let bare = CodeRecord { challenge: None, ..code(&laptop, &tunes, "", 2) };
    assert!(store.record_code(&bare).await.unwrap());
    let stored = stored_code(&store, &bare).await.unwrap();
    assert_eq!((stored.challenge, stored.scopes), (None, scopes("")));
}

pub async fn of_a_code_that_is_not_known_there_is_nothing(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let unknown = code(&laptop, &tunes, "a", 1);

    let facts = store.code_facts(&client_id("unknown"), &unknown.key).await.unwrap();
    assert_eq!(facts, Facts::default());
    let facts = store.code_facts(&tunes.id, &unknown.key).await.unwrap();
    assert_eq!(facts, Facts { client: Some(tunes.into()), ..Facts::default() });
    let outcome = store.redeem_code(&exchange(&unknown)).await.unwrap();
    assert_eq!(outcome, Outcome::Gone);
    assert_eq!(stored_family(&store, &unknown).await, None);
}

pub async fn a_code_is_shown_to_whoever_brings_it(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let other = app(&store, &ada, "other").await;
    let code = issued(&store, &laptop, &tunes, 1).await;

    // Whether it is the caller's is for the rules to judge, and whose consent it rests on.
    let facts = store.code_facts(&other.id, &code.key).await.unwrap();
    assert_eq!(facts.client, Some(other.into()));
    assert_eq!(facts.code.unwrap().client, tunes.id);
    assert_eq!(facts.consent.unwrap().client, tunes.id);
    let facts = store.code_facts(&client_id("unknown"), &code.key).await.unwrap();
    assert_eq!((facts.client, facts.code.is_some()), (None, true));
}

pub async fn a_code_rests_on_the_consent_in_force(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    issued(&store, &laptop, &tunes, 1).await;

    let second = code(&laptop, &tunes, "c", 2);
    assert!(store.record_code(&second).await.unwrap());
    let stored = stored_code(&store, &second).await.unwrap();
    assert_eq!((stored.authorization, stored.consent), (family(2), family(1)));
    assert_eq!(stored.scopes, scopes("c"), "what was granted now, not all that ever was");
    assert_eq!(consent(&store, &laptop, &tunes).await.unwrap().scopes, scopes("a b c"));
}

pub async fn a_code_on_an_earlier_consent_is_recorded_only_while_that_is_there(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let on = |consent, number| CodeRecord {
        ground: CodeGround::Remembered(family(consent)),
        ..code(&laptop, &tunes, "a", number)
    };

    assert!(!store.record_code(&on(1, 2)).await.unwrap(), "nothing was agreed to");
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();
    assert!(store.record_code(&on(1, 3)).await.unwrap());
    assert!(!store.record_code(&on(9, 4)).await.unwrap(), "another consent");
    withdraw(&store, &laptop, &tunes).await.unwrap();
    assert!(!store.record_code(&on(1, 5)).await.unwrap());
    for number in 2..=5 {
        assert_eq!(stored_code(&store, &on(1, number)).await, None, "{number}");
    }
}

pub async fn a_code_is_recorded_only_in_an_open_session_of_its_account(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let ben = person(&store, "ben").await;
    let bens = sign_in(&store, "bens", &ben).await;
    let never_open = session_in("phone", &ada);
    let good = code(&laptop, &tunes, "a", 1);
    let in_the_name_of_ben = Approval { account: ben.id, ..approval(&laptop, &tunes, "a") };
    let too_late = Approval { given_at: END, ..approval(&laptop, &tunes, "a") };

    let refused = [
        code(&never_open, &tunes, "a", 1),
        CodeRecord {
            account: ben.id,
            ground: CodeGround::Approved(in_the_name_of_ben),
            ..good.clone()
        },
        CodeRecord { issued_at: END, ground: CodeGround::Approved(too_late), ..good.clone() },
    ];
    for code in &refused {
        assert!(!store.record_code(code).await.unwrap());
    }
    // An approval of something else than the code is the caller's error, and not stored either.
    let mixed = CodeRecord { account: ben.id, ..good.clone() };
    assert!(store.record_code(&mixed).await.is_err());
    assert_eq!(stored_code(&store, &good).await, None);
    assert_eq!(consent(&store, &laptop, &tunes).await, None);
    assert_eq!(consent(&store, &bens, &tunes).await, None);

    assert!(store.record_code(&good).await.unwrap());
    store.close_session(&laptop.id, LATER).await.unwrap();
    for ground in [good.ground.clone(), CodeGround::Remembered(family(1))] {
        let closed = CodeRecord { ground, ..code(&laptop, &tunes, "b", 2) };
        assert!(!store.record_code(&closed).await.unwrap());
        assert_eq!(stored_code(&store, &closed).await, None);
    }
}

pub async fn a_code_is_recorded_only_while_account_and_client_are_active(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let shut = Client { status: ClientStatus::Disabled, ..app_of(&ada, "shut") };
    store.create_client(&shut).await.unwrap();
    let banned = Account { status: AccountStatus::Disabled, ..stranger("banned") };
    sign_up(&store, &banned).await;
    let banneds = sign_in(&store, "banneds", &banned).await;
    let unknown = app_of(&ada, "unknown");

    for (session, client) in [(&laptop, &shut), (&banneds, &tunes), (&laptop, &unknown)] {
        let refused = code(session, client, "a", 1);
        assert!(!store.record_code(&refused).await.unwrap());
        assert_eq!(stored_code(&store, &refused).await, None);
        assert_eq!(consent(&store, session, client).await, None);
    }
}

pub async fn an_answer_sent_twice_makes_one_code(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let first = issued(&store, &laptop, &tunes, 1).await;
    let again = CodeRecord {
        authorization: family(2),
        expires_at: END,
        issued_at: LATER,
        ..code(&laptop, &tunes, "a b", 1)
    };

    let again = |ground: &CodeGround| CodeRecord { ground: ground.clone(), ..again.clone() };
    let agreed = Approval { given_at: LATER, ..approval(&laptop, &tunes, "a b") };
    let grounds = [CodeGround::Remembered(family(1)), CodeGround::Approved(agreed)];
    let before = stored_code(&store, &first).await;
    for ground in &grounds {
        assert!(store.record_code(&again(ground)).await.unwrap());
        assert_eq!(stored_code(&store, &first).await, before);
    }
    assert_eq!(store.redeem_code(&exchange(&first)).await.unwrap(), Outcome::Done);
    for ground in &grounds {
        assert!(!store.record_code(&again(ground)).await.unwrap(), "it is used");
        assert_eq!(store.redeem_code(&exchange(&first)).await.unwrap(), Outcome::Late);
    }
}

pub async fn of_a_hundred_equal_answers_one_makes_the_code(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let answers = at_once(100, |number| {
        let authorization = family(100 + number as u128);
        let given = Approval { authorization, ..approval(&laptop, &tunes, "a") };
        let record = CodeRecord {
            authorization,
            ground: CodeGround::Approved(given),
            ..code(&laptop, &tunes, "a", 1)
        };
        let store = Arc::clone(&store);
        async move { store.record_code(&record).await.unwrap() }
    })
    .await;

    assert!(answers.iter().all(|recorded| *recorded));
    let stored = stored_code(&store, &code(&laptop, &tunes, "a", 1)).await.unwrap();
    assert_eq!(stored.authorization, stored.consent, "both are of the answer that came first");
    let allowed = consent(&store, &laptop, &tunes).await.unwrap();
    assert_eq!(allowed.authorization, stored.consent);
}

pub async fn an_exchange_begins_the_family_and_uses_the_consent(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let code = exchanged(&store, &laptop, &tunes, 1).await;

    let stored = stored_code(&store, &code).await.unwrap();
    assert_eq!(stored.redeemed_at, Some(LATER));
    assert_eq!(stored_family(&store, &code).await, Some(family_of(&code, family(1))));
    let page = crate::Page { offset: 0, limit: 10 };
    let listing = store.consents_of(ada.id, page).await.unwrap();
    assert_eq!(listing.rows[0].last_used_at, LATER);
    assert_eq!(listing.rows[0].consent.given_at, NOW);
}

pub async fn a_code_is_exchanged_without_a_family_where_none_is_wanted(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = issued(&store, &laptop, &tunes, 1).await;

    let bare = Redemption { family: None, ..exchange(&code) };
    assert_eq!(store.redeem_code(&bare).await.unwrap(), Outcome::Done);
    assert_eq!(store.redeem_code(&bare).await.unwrap(), Outcome::Late);
    assert_eq!(store.redeem_code(&exchange(&code)).await.unwrap(), Outcome::Late);
    assert_eq!(stored_family(&store, &code).await, None);
}

pub async fn tk_02_of_a_hundred_exchanges_of_one_code_one_is_done(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = issued(&store, &laptop, &tunes, 1).await;

    let outcomes = at_once(100, |_| {
        let (store, exchange) = (Arc::clone(&store), exchange(&code));
        async move { store.redeem_code(&exchange).await.unwrap() }
    })
    .await;
    let count = |outcome| outcomes.iter().filter(|other| **other == outcome).count();
    assert_eq!((count(Outcome::Done), count(Outcome::Late)), (1, 99));
    assert_eq!(stored_family(&store, &code).await.unwrap().generation, 0);
}

pub async fn tk_08_a_code_is_gone_when_its_client_or_its_account_is_shut(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let code = issued(&store, &laptop, &tunes, 1).await;
    let shut = Client { status: ClientStatus::Disabled, ..tunes.clone() };
    let banned = Account { status: AccountStatus::Disabled, ..ada.clone() };

    for (account, client) in [(&ada, &shut), (&banned, &tunes)] {
        declare(&store, &[account], &[client]).await;
        assert_eq!(store.redeem_code(&exchange(&code)).await.unwrap(), Outcome::Gone);
        assert_eq!(stored_code(&store, &code).await.unwrap().redeemed_at, None);
        assert_eq!(stored_family(&store, &code).await, None);
    }
}

pub async fn tk_08_a_code_is_gone_when_its_consent_is(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = issued(&store, &laptop, &tunes, 1).await;

    withdraw(&store, &laptop, &tunes).await.unwrap();
    // Another consent is another: what rested on the old one does not rest on it.
    let anew = Approval { authorization: family(7), ..approval(&laptop, &tunes, "a b") };
    store.record_approval(&anew).await.unwrap().unwrap();
    assert_eq!(store.redeem_code(&exchange(&code)).await.unwrap(), Outcome::Gone);
    assert_eq!(stored_family(&store, &code).await, None);
}

pub async fn tk_08_a_code_is_gone_when_its_session_is(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let phone = sign_in(&store, "phone", &ada).await;
    let closed = issued(&store, &laptop, &tunes, 1).await;
    let late = issued(&store, &phone, &tunes, 2).await;
    let open = issued(&store, &phone, &tunes, 3).await;

    store.close_session(&laptop.id, LATER).await.unwrap();
    assert_eq!(store.redeem_code(&exchange(&closed)).await.unwrap(), Outcome::Gone);
    let at_the_end = Redemption { at: END, ..exchange(&late) };
    assert_eq!(store.redeem_code(&at_the_end).await.unwrap(), Outcome::Gone);
    assert_eq!(stored_family(&store, &closed).await, None);
    assert_eq!(stored_family(&store, &late).await, None);
    assert_eq!(store.redeem_code(&exchange(&open)).await.unwrap(), Outcome::Done);
    store.close_session(&phone.id, LATER).await.unwrap();
    assert_eq!(store.redeem_code(&exchange(&open)).await.unwrap(), Outcome::Late, "a replay");
    assert!(stored_family(&store, &open).await.is_some(), "what it brought stays");
}

pub async fn an_exchange_that_cannot_be_stored_leaves_the_code_unused(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let first = exchanged(&store, &laptop, &tunes, 1).await;
    let second = issued(&store, &laptop, &tunes, 2).await;

    let taken = Redemption { family: Some(family_of(&first, family(1))), ..exchange(&second) };
    assert!(store.redeem_code(&taken).await.is_err(), "a family has one beginning");
    assert_eq!(stored_code(&store, &second).await.unwrap().redeemed_at, None);
}

pub async fn an_exchange_that_races_a_withdrawal_leaves_no_family(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let code = issued(&store, &laptop, &tunes, 1).await;

    let outcomes = at_once(50, |number| {
        let (store, exchange) = (Arc::clone(&store), exchange(&code));
        let (account, client) = (laptop.account, tunes.id.clone());
        async move {
            if number == 25 {
                store.withdraw_consent(account, &client, LATER, END).await.unwrap().unwrap();
            }
            (number, store.redeem_code(&exchange).await.unwrap())
        }
    })
    .await;
    assert!(outcomes.contains(&(25, Outcome::Gone)), "after the withdrawal nothing is exchanged");
    assert_eq!(stored_family(&store, &code).await, None);
}

fn authentication(session: &Session, claims: RequestedClaims) -> Option<Authentication> {
    let at = Timestamp::from_millis(session.created_at.millis() + 1);
    let nonce = Some("n-0S6_WzA2Mj".to_owned());
    Some(Authentication { session: session.id, at, nonce, claims })
}

pub async fn a_code_and_its_family_tell_how_the_person_signed_in(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let [email, all] = [ClaimSet::of_scope("email"), Claim::ALL.into_iter().collect()];
    let claims = [
        RequestedClaims::default(),
        RequestedClaims { id_token: email, userinfo: ClaimSet::EMPTY },
        RequestedClaims { id_token: ClaimSet::EMPTY, userinfo: email },
        RequestedClaims { id_token: all, userinfo: all },
    ];
    let with = claims.map(|claims| authentication(&laptop, claims));
    let without_nonce = with[0].clone().map(|told| Authentication { nonce: None, ..told });
    for (number, authentication) in (1..).zip(with.into_iter().chain([without_nonce, None])) {
        let ground = CodeGround::Approved(approval(&laptop, &tunes, "a"));
        let record = CodeRecord { authentication, ground, ..code(&laptop, &tunes, "a", number) };
        assert!(store.record_code(&record).await.unwrap());
        let stored = stored_code(&store, &record).await.unwrap();
        assert_eq!(stored.authentication, record.authentication);

        let family = family_of(&record, family(1));
        let exchange = Redemption { family: Some(family.clone()), ..exchange(&record) };
        assert_eq!(store.redeem_code(&exchange).await.unwrap(), Outcome::Done);
        assert_eq!(stored_family(&store, &record).await, Some(family.clone()));
        assert_eq!(store.rotate(&rotation(&record, 0)).await.unwrap(), Outcome::Done);
        let moved = stored_family(&store, &record).await.unwrap();
        assert_eq!(moved.authentication, family.authentication);
    }
}

pub async fn an_answer_sent_twice_has_the_nonce_of_the_first(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let first = authentication(&laptop, RequestedClaims::default());
    let second =
        first.clone().map(|told| Authentication { nonce: Some("other".to_owned()), ..told });
    for authentication in [first.clone(), second, None] {
        let record = CodeRecord { authentication, ..code(&laptop, &tunes, "a", 1) };
        assert!(store.record_code(&record).await.unwrap());
        assert_eq!(stored_code(&store, &record).await.unwrap().authentication, first);
    }
}
