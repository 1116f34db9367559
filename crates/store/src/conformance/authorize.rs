//! What one read brings for a decision about an authorization request.

use hallpass_protocol::authorize::Facts;
use hallpass_protocol::model::{
    AccountStatus, Client, ClientStatus, Consent, Session, SignedIn, Timestamp,
};

use super::actors::{
    AnyStore, NOW, app, app_of, approval, client_id, family, person, scopes, session_id,
    session_in, sign_in, sign_up, stranger,
};

pub async fn of_what_is_not_known_there_is_nothing(store: AnyStore) {
    for session in [None, Some(session_id("laptop"))] {
        let facts =
            store.authorization_facts(&client_id("unknown"), session.as_ref()).await.unwrap();
        assert_eq!(facts, Facts::default());
    }
    let nobody = store.session_with_consent(&session_id("laptop"), &client_id("unknown")).await;
    assert_eq!(nobody.unwrap(), None);
}

pub async fn each_fact_is_there_without_the_others(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ben, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let signed_in = Some(SignedIn { session: laptop.clone(), account: ada.clone() });

    let no_session = store.authorization_facts(&tunes.id, None).await.unwrap();
    assert_eq!(no_session, Facts { client: Some(tunes.clone().into()), ..Facts::default() });

    let no_client = client_id("unknown");
    let no_client = store.authorization_facts(&no_client, Some(&laptop.id)).await.unwrap();
    assert_eq!(no_client, Facts { signed_in: signed_in.clone(), ..Facts::default() });

    let no_consent = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    let client = Some(tunes.clone().into());
    assert_eq!(
        no_consent,
        Facts { client: client.clone(), signed_in: signed_in.clone(), consent: None }
    );

    store.record_approval(&approval(&laptop, &tunes, "b a")).await.unwrap().unwrap();
    let consent = Some(Consent {
        account: ada.id,
        client: tunes.id.clone(),
        scopes: scopes("b a"),
        authorization: family(1),
        given_at: NOW,
    });
    let all = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    assert_eq!(all, Facts { client, signed_in: signed_in.clone(), consent: consent.clone() });
    let known = store.session_with_consent(&laptop.id, &tunes.id).await.unwrap();
    assert_eq!(known, all.signed_in.zip(Some(all.consent)));
}

pub async fn a_consent_is_shown_only_to_its_account_and_its_client(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;
    let other = app(&store, &ada, "other").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let phone = sign_in(&store, "phone", &ada).await;
    let bens = sign_in(&store, "bens", &ben).await;
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();

    let consent = async |client: &Client, session: &Session| {
        store.authorization_facts(&client.id, Some(&session.id)).await.unwrap().consent
    };
    assert!(consent(&tunes, &laptop).await.is_some());
    assert!(consent(&tunes, &phone).await.is_some(), "in each browser of the account");
    assert_eq!(consent(&tunes, &bens).await, None);
    assert_eq!(consent(&other, &laptop).await, None);
    assert_eq!(store.authorization_facts(&tunes.id, None).await.unwrap().consent, None);
    let known = async |client: &Client, session: &Session| {
        store.session_with_consent(&session.id, &client.id).await.unwrap().unwrap().1
    };
    assert!(known(&tunes, &phone).await.is_some());
    assert_eq!(known(&tunes, &bens).await, None);
    assert_eq!(known(&other, &laptop).await, None);
}

pub async fn what_no_longer_counts_is_shown_as_it_is(store: AnyStore) {
    let mut ada = stranger("ada");
    ada.status = AccountStatus::Disabled;
    sign_up(&store, &ada).await;
    let shut = Client { status: ClientStatus::Disabled, ..app_of(&ada, "shut") };
    store.create_client(&shut).await.unwrap();
    let past = Session { expires_at: Timestamp::from_millis(1), ..session_in("laptop", &ada) };
    store.open_session(&past, None).await.unwrap();

    let facts = store.authorization_facts(&shut.id, Some(&past.id)).await.unwrap();
    let signed_in = Some(SignedIn { session: past, account: ada });
    assert_eq!(facts, Facts { client: Some(shut.into()), signed_in, consent: None });
}
