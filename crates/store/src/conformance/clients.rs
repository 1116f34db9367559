//! Developers register their apps, change them and remove them.

use hallpass_protocol::model::{
    AllowedScopes, Client, ClientStatus, ClientType, Denial, GrantType, GrantTypes, OpenIdSettings,
    PkceRule, ScopeSet, Secret, SignatureAlgorithm, SubjectType, Timestamp,
};

use super::actors::{
    AnyStore, LATER, app, app_of, approval, client_id, end_of, family, openid_settings, person,
    redirect_uri, scopes, sign_in, stranger,
};
use crate::Page;

const FIRST_TEN: Page = Page { offset: 0, limit: 10 };

pub async fn a_client_comes_back_as_it_was_registered(store: AnyStore) {
    let ada = person(&store, "Ada").await;
    let [old, new] = ["old", "new"].map(|secret| Secret::presented(secret).digest());
    let confidential = |secrets| ClientType::Confidential { secrets };
    let plain = |id| app_of(&ada, id);
    let clients = [
        plain("public"),
        Client { client_type: confidential(vec![]), ..plain("no-secret") },
        Client { client_type: confidential(vec![old]), ..plain("one-secret") },
        Client { client_type: confidential(vec![new, old]), ..plain("two-secrets") },
        Client { scopes: AllowedScopes::Only(ScopeSet::empty()), ..plain("no-scopes") },
        Client { scopes: AllowedScopes::Only(scopes("b a")), ..plain("some-scopes") },
        Client { redirect_uris: vec![], ..plain("no-uris") },
        Client {
            redirect_uris: vec![
                redirect_uri("https://b.example/?x=%20"),
                redirect_uri("com.example.app:/callback"),
                redirect_uri("http://127.0.0.1/"),
            ],
            ..plain("uris")
        },
        Client { grant_types: GrantTypes::default(), ..plain("no-grants") },
        Client { grant_types: GrantType::ALL.into_iter().collect(), ..plain("all-grants") },
        Client { website: Some("https://app.example/".to_owned()), ..plain("website") },
        Client { denial: Denial::Fragment, ..plain("fragment") },
        Client { pkce: PkceRule::IfSent, ..plain("no-pkce") },
        Client { status: ClientStatus::Disabled, ..plain("disabled") },
        Client { created_at: Timestamp::from_millis(-1), ..plain("old") },
    ];
    for client in &clients {
        store.create_client(client).await.unwrap();
    }
    for client in &clients {
        assert_eq!(store.client(&client.id).await.unwrap().as_ref(), Some(client));
        let facts = store.authorization_facts(&client.id, None).await.unwrap();
        assert_eq!(facts.client.as_deref(), Some(client));
    }
    assert_eq!(store.client(&client_id("unknown")).await.unwrap(), None);
}

pub async fn the_openid_settings_of_a_client_come_back_and_are_replaced(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let plain = OpenIdSettings::default();
    let of_algorithm = |algorithm| OpenIdSettings {
        id_token_algorithm: algorithm,
        userinfo_algorithm: Some(algorithm),
        ..OpenIdSettings::default()
    };
    let pairwise = OpenIdSettings { subject_type: SubjectType::Pairwise, ..plain.clone() };
    let [first, second, third] = SignatureAlgorithm::ALL.map(of_algorithm);
    let all = [openid_settings(), plain, first, second, third, pairwise];
    for (number, openid) in all.iter().enumerate() {
        let client = Client { openid: openid.clone(), ..app_of(&ada, &format!("app{number}")) };
        store.create_client(&client).await.unwrap();
        assert_eq!(store.client(&client.id).await.unwrap(), Some(client));
    }
    let tunes = app(&store, &ada, "tunes").await;
    for openid in all {
        let tunes = Client { openid, ..tunes.clone() };
        assert!(store.update_client(&tunes, LATER).await.unwrap());
        assert_eq!(store.owned_client(ada.id, &tunes.id).await.unwrap(), Some(tunes));
    }
}

pub async fn texts_in_any_script_come_back_unchanged(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let texts = [
        "'; DROP TABLE client; --",
        "\"quoted\" `back` \\ % _ ? ?1 :a $b",
        " spaces around \t and a line\r\nfeed ",
        "e\u{301} is not \u{e9}",
        "\u{202e}abc\u{2066}\u{200b}\u{feff}",
        "👩‍👩‍👧‍👦 \u{10ffff} \u{1} \u{7f} \u{fffd}",
        "",
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let mut client = app_of(&ada, &format!("app{number}"));
        client.name = text.to_owned();
        client.description = text.repeat(1000);
        client.website = Some(text.to_owned());
        store.create_client(&client).await.unwrap();
        assert_eq!(store.client(&client.id).await.unwrap(), Some(client));
    }
}

pub async fn a_client_is_owned_by_its_owner_only(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;

    assert_eq!(store.owned_client(ada.id, &tunes.id).await.unwrap(), Some(tunes.clone()));
    assert_eq!(store.owned_client(ben.id, &tunes.id).await.unwrap(), None);
    assert_eq!(store.owned_client(ada.id, &client_id("unknown")).await.unwrap(), None);
}

pub async fn the_newest_client_is_listed_first(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    app(&store, &ben, "bens").await;
    let mut ids = Vec::new();
    for (id, seconds) in [("second", 2), ("fourth", 4), ("first", 1), ("third", 3)] {
        let client = Client { created_at: Timestamp::from_seconds(seconds), ..app_of(&ada, id) };
        store.create_client(&client).await.unwrap();
        ids.push(client.id);
    }

    let listing = store.clients_of(ada.id, FIRST_TEN).await.unwrap();
    let listed: Vec<_> = listing.rows.iter().map(|client| client.id.as_str()).collect();
    assert_eq!(listed, ["fourth", "third", "second", "first"]);
    assert_eq!(listing.total, 4);

    let middle = store.clients_of(ada.id, Page { offset: 1, limit: 2 }).await.unwrap();
    assert_eq!(middle.rows, listing.rows[1..3]);
    assert_eq!(middle.total, 4);
}

pub async fn a_page_past_the_end_still_knows_the_total(store: AnyStore) {
    let ada = person(&store, "ada").await;
    for number in 0..3 {
        app(&store, &ada, &format!("app{number}")).await;
    }

    for page in [Page { offset: 3, limit: 10 }, Page { offset: u32::MAX, limit: u32::MAX }] {
        let listing = store.clients_of(ada.id, page).await.unwrap();
        assert_eq!((listing.rows, listing.total), (vec![], 3));
    }
    let nothing = store.clients_of(ada.id, Page { offset: 0, limit: 0 }).await.unwrap();
    assert_eq!((nothing.rows, nothing.total), (vec![], 3));
    let nobodys = store.clients_of(stranger("nobody").id, FIRST_TEN).await.unwrap();
    assert_eq!((nobodys.rows, nobodys.total), (vec![], 0));

    let mut seen = Vec::new();
    for offset in 0..3 {
        let page = store.clients_of(ada.id, Page { offset, limit: 1 }).await.unwrap();
        seen.extend(page.rows.into_iter().map(|client| client.id));
    }
    seen.sort();
    assert_eq!(seen, ["app0", "app1", "app2"].map(client_id), "equal dates have a fixed order");
}

pub async fn an_update_changes_what_the_owner_may_edit_and_nothing_else(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let other = app(&store, &ada, "other").await;

    let edited = Client {
        name: "New".to_owned(),
        description: "Newer".to_owned(),
        website: Some("https://new.example/".to_owned()),
        redirect_uris: vec![redirect_uri("https://new.example/callback")],
        grant_types: [GrantType::AuthorizationCode].into_iter().collect(),
        denial: Denial::Fragment,
        openid: openid_settings(),
        ..tunes.clone()
    };
    let smuggled = Client {
        client_type: ClientType::Confidential { secrets: vec![Secret::presented("mine").digest()] },
        scopes: AllowedScopes::Only(scopes("partner")),
        pkce: PkceRule::IfSent,
        status: ClientStatus::Disabled,
        created_at: Timestamp::from_millis(0),
        owner_name: "somebody".to_owned(),
        ..edited.clone()
    };
    assert!(store.update_client(&smuggled, LATER).await.unwrap());
    assert_eq!(store.client(&tunes.id).await.unwrap(), Some(edited));
    assert_eq!(store.client(&other.id).await.unwrap(), Some(other));
}

pub async fn nobody_updates_the_client_of_somebody_else(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;

    assert!(!store.update_client(&app_of(&ben, "tunes"), LATER).await.unwrap());
    assert_eq!(store.client(&tunes.id).await.unwrap(), Some(tunes));
    assert!(!store.update_client(&app_of(&ada, "unknown"), LATER).await.unwrap());
    assert_eq!(store.client(&client_id("unknown")).await.unwrap(), None);
}

pub async fn nobody_deletes_the_client_of_somebody_else(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap();

    assert!(!store.delete_client(ben.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    let facts = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    assert_eq!(facts.client.as_deref(), Some(&tunes));
    assert!(facts.consent.is_some());
}

pub async fn a_deleted_client_takes_its_consents_along(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;
    let other = app(&store, &ada, "other").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let phone = sign_in(&store, "phone", &ben).await;
    for (session, client) in [(&laptop, &tunes), (&phone, &tunes), (&laptop, &other)] {
        store.record_approval(&approval(session, client, "a")).await.unwrap().unwrap();
    }

    assert!(store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    assert!(!store.delete_client(ada.id, &tunes.id, &end_of(&tunes)).await.unwrap());
    assert_eq!(store.client(&tunes.id).await.unwrap(), None);
    assert_eq!(store.clients_of(ada.id, FIRST_TEN).await.unwrap().rows, vec![other.clone()]);

    // A new client of the same id is a stranger to everybody.
    store.create_client(&tunes).await.unwrap();
    for session in [&laptop, &phone] {
        let facts = store.authorization_facts(&tunes.id, Some(&session.id)).await.unwrap();
        assert_eq!(facts.consent, None);
    }
    let facts = store.authorization_facts(&other.id, Some(&laptop.id)).await.unwrap();
    assert_eq!(facts.consent.unwrap().authorization, family(1));
}

pub async fn a_taken_id_is_refused_and_changes_nothing(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;

    assert!(store.create_client(&app_of(&ben, "tunes")).await.is_err());
    assert_eq!(store.client(&tunes.id).await.unwrap(), Some(tunes));
}

pub async fn a_client_without_an_owner_is_refused(store: AnyStore) {
    let orphan = app_of(&stranger("nobody"), "orphan");
    assert!(store.create_client(&orphan).await.is_err());
    assert_eq!(store.client(&orphan.id).await.unwrap(), None);
}
