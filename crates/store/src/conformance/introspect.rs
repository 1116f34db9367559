//! What one read brings about a token.

use hallpass_protocol::introspect::Facts;
use hallpass_protocol::model::{ClientType, Secret};

use super::actors::{
    AnyStore, app, app_of, approval, client_id, family, person, scopes, sign_in, stranger,
};

pub async fn of_what_is_not_known_there_is_nothing_to_say(store: AnyStore) {
    let unknown = client_id("unknown");
    for account in [None, Some(stranger("nobody").id)] {
        let facts = store.introspection_facts(&unknown, &unknown, account).await.unwrap();
        assert_eq!(facts, Facts::default());
    }
}

pub async fn each_party_is_there_without_the_others(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;
    let mut api = app_of(&ben, "api");
    api.client_type =
        ClientType::Confidential { secrets: vec![Secret::presented("secret").digest()] };
    store.create_client(&api).await.unwrap();
    let unknown = client_id("unknown");

    let facts = store.introspection_facts(&api.id, &unknown, None).await.unwrap();
    assert_eq!(facts, Facts { caller: Some(api.clone()), ..Facts::default() });
    let facts = store.introspection_facts(&unknown, &tunes.id, None).await.unwrap();
    assert_eq!(facts, Facts { client: Some(tunes.clone()), ..Facts::default() });
    let facts = store.introspection_facts(&unknown, &unknown, Some(ada.id)).await.unwrap();
    assert_eq!(facts, Facts { account: Some(ada.clone()), ..Facts::default() });

    let laptop = sign_in(&store, "laptop", &ada).await;
    store.record_approval(&approval(&laptop, &tunes, "a b")).await.unwrap().unwrap();
    let facts = store.introspection_facts(&api.id, &tunes.id, Some(ada.id)).await.unwrap();
    let consent = facts.consent.unwrap();
    assert_eq!((consent.authorization, consent.scopes), (family(1), scopes("a b")));
    assert_eq!((facts.caller, facts.client, facts.account), (Some(api), Some(tunes), Some(ada)));
}

pub async fn a_client_may_ask_about_itself(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;

    let facts = store.introspection_facts(&tunes.id, &tunes.id, None).await.unwrap();
    assert_eq!(
        facts,
        Facts { caller: Some(tunes.clone()), client: Some(tunes), ..Facts::default() }
    );
}

pub async fn a_consent_is_shown_only_for_its_account_and_its_client(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;
    let other = app(&store, &ada, "other").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();

    for (client, account) in [(&tunes, Some(ben.id)), (&other, Some(ada.id)), (&tunes, None)] {
        let facts = store.introspection_facts(&other.id, &client.id, account).await.unwrap();
        assert_eq!(facts.consent, None);
    }
}
