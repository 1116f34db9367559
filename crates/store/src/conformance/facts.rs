//! Facts are what they are now, also for whoever asked before: after each act the facts that are asked for all
//! the time say the same as those that are asked for seldom.

use hallpass_protocol::authorize::{CodeGround, CodeRecord};
use hallpass_protocol::model::{
    AccountStatus, Authentication, Client, RequestedClaims, Revoked, Session,
};

use super::actors::{
    AnyStore, END, LATER, NOW, approval, code, declare, end, end_of, exchange, family, person,
    rotation, scopes, session_in, sign_in, stored_code, story,
};
use crate::Outcome;

/// Asks twice, so that whatever is kept is asked for too.
async fn agree(store: &AnyStore, session: &Session, client: &Client) {
    for _ in 0..2 {
        let facts = store.authorization_facts(&client.id, Some(&session.id)).await.unwrap();
        let consent = facts.consent;
        let expected = facts.signed_in.map(|signed_in| (signed_in, consent));
        let known = store.session_with_consent(&session.id, &client.id).await.unwrap();
        assert_eq!(known, expected);
    }
}

pub async fn a_request_finds_session_and_consent_as_each_act_leaves_them(store: AnyStore) {
    let (mut ada, tunes, laptop) = story(&store).await;
    agree(&store, &laptop, &tunes).await;
    for list in ["a", "b"] {
        store.record_approval(&approval(&laptop, &tunes, list)).await.unwrap().unwrap();
        agree(&store, &laptop, &tunes).await;
    }
    let consent = store.session_with_consent(&laptop.id, &tunes.id).await.unwrap().unwrap().1;
    assert_eq!(consent.unwrap().scopes, scopes("a b"));

    store.withdraw_consent(ada.id, &tunes.id, LATER, LATER).await.unwrap().unwrap();
    agree(&store, &laptop, &tunes).await;
    store.record_code(&code(&laptop, &tunes, "a", 2)).await.unwrap();
    agree(&store, &laptop, &tunes).await;
    store.revoke(&end(Revoked::Consent(family(2)))).await.unwrap();
    agree(&store, &laptop, &tunes).await;

    ada.status = AccountStatus::Disabled;
    declare(&store, &[&ada], &[]).await;
    agree(&store, &laptop, &tunes).await;
    ada.status = AccountStatus::Active;
    declare(&store, &[&ada], &[]).await;
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();
    agree(&store, &laptop, &tunes).await;
    assert!(store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    agree(&store, &laptop, &tunes).await;

    let ben = person(&store, "ben").await;
    store.open_session(&session_in("new", &ben), Some(&laptop.id)).await.unwrap();
    agree(&store, &laptop, &tunes).await;
    assert_eq!(store.session_with_consent(&laptop.id, &tunes.id).await.unwrap(), None);

    let phone = sign_in(&store, "phone", &ada).await;
    agree(&store, &phone, &tunes).await;
    store.close_sessions_of(ada.id, LATER).await.unwrap();
    agree(&store, &phone, &tunes).await;
    assert_eq!(store.session_with_consent(&phone.id, &tunes.id).await.unwrap(), None);
}

pub async fn a_code_and_a_family_find_client_and_consent_as_each_act_leaves_them(store: AnyStore) {
    let (mut ada, mut tunes, laptop) = story(&store).await;
    let issued = code(&laptop, &tunes, "a", 1);
    assert!(store.record_code(&issued).await.unwrap());
    let agree = async || {
        for _ in 0..2 {
            let facts = store.code_facts(&issued.client, &issued.key).await.unwrap();
            let others = store.refresh_facts(&issued.client, issued.authorization).await.unwrap();
            let now = store.authorization_facts(&issued.client, Some(&laptop.id)).await.unwrap();
            assert_eq!((&facts.client, &facts.consent), (&now.client, &now.consent));
            assert_eq!(others.client, now.client);
            if others.family.is_some() {
                let account = now.signed_in.map(|signed_in| signed_in.account);
                assert_eq!((&others.account, &facts.account), (&account, &account));
                assert_eq!(others.consent, now.consent);
            }
        }
    };
    agree().await;
    assert_eq!(store.redeem_code(&exchange(&issued)).await.unwrap(), Outcome::Done);
    agree().await;
    assert_eq!(store.rotate(&rotation(&issued, 0)).await.unwrap(), Outcome::Done);
    agree().await;
    tunes.name = "Another name".to_owned();
    assert!(store.update_client(&tunes, LATER).await.unwrap());
    agree().await;
    ada.status = AccountStatus::Disabled;
    declare(&store, &[&ada], &[]).await;
    agree().await;
    ada.status = AccountStatus::Active;
    declare(&store, &[&ada], &[&tunes]).await;
    store.record_approval(&approval(&laptop, &tunes, "b")).await.unwrap().unwrap();
    agree().await;
    store.withdraw_consent(ada.id, &tunes.id, LATER, LATER).await.unwrap().unwrap();
    let facts = store.code_facts(&tunes.id, &issued.key).await.unwrap();
    assert_eq!((facts.code, facts.consent), (None, None), "they go with the consent");
    let facts = store.refresh_facts(&tunes.id, issued.authorization).await.unwrap();
    assert_eq!((facts.family, facts.consent), (None, None));
}

pub async fn a_code_that_was_just_issued_is_as_each_act_leaves_it(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let revoked: [fn(&CodeRecord) -> Revoked; 4] = [
        |_: &CodeRecord| Revoked::Consent(family(1)),
        |code: &CodeRecord| Revoked::Authorization(code.authorization),
        |code: &CodeRecord| Revoked::Account(code.account),
        |code: &CodeRecord| Revoked::Client(code.client.clone()),
    ];
    let issued = async |number| {
        store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();
        let (session, at, nonce) = (laptop.id, NOW, Some("nonce".to_owned()));
        let claims = RequestedClaims::default();
        let issued = CodeRecord {
            ground: CodeGround::Remembered(family(1)),
            authentication: Some(Authentication { session, at, nonce, claims }),
            ..code(&laptop, &tunes, "a", number)
        };
        assert!(store.record_code(&issued).await.unwrap());
        issued
    };
    let code = issued(10).await;
    let just_issued = stored_code(&store, &code).await;
    assert!(just_issued.is_some());
    assert_eq!(just_issued, stored_code(&store, &code).await, "the second answer is the row's");
    for (number, revoked) in (11..).zip(revoked) {
        let code = issued(number).await;
        store.revoke(&end(revoked(&code))).await.unwrap();
        assert_eq!(stored_code(&store, &code).await, None, "{number}");
    }
    let code = issued(20).await;
    assert_eq!(store.redeem_code(&exchange(&code)).await.unwrap(), Outcome::Done);
    assert_eq!(stored_code(&store, &code).await.unwrap().redeemed_at, Some(LATER));
    let code = issued(21).await;
    store.withdraw_consent(ada.id, &tunes.id, LATER, END).await.unwrap().unwrap();
    assert_eq!(stored_code(&store, &code).await, None);
    let code = issued(22).await;
    assert!(store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    assert_eq!(stored_code(&store, &code).await, None);
}
