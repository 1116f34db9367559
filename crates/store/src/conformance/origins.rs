//! Which web pages may call: those of the apps that run in a browser.

use hallpass_protocol::model::{Account, Client, ClientStatus, ClientType, Denial, Secret};

use super::actors::{AnyStore, LATER, app, app_of, declare, end_of, person, redirect_uri};

fn with_uris(owner: &Account, id: &str, uris: &[&str]) -> Client {
    Client {
        redirect_uris: uris.iter().map(|uri| redirect_uri(uri)).collect(),
        ..app_of(owner, id)
    }
}

async fn is_known(store: &AnyStore, origin: &str) -> bool {
    store.knows_origin(origin).await.unwrap()
}

pub async fn the_origins_of_an_active_public_client_are_known(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let secrets = vec![Secret::presented("secret").digest()];
    let server = Client {
        client_type: ClientType::Confidential { secrets },
        ..with_uris(&ada, "server", &["https://server.example/"])
    };
    let shut = Client {
        status: ClientStatus::Disabled,
        ..with_uris(&ada, "shut", &["https://shut.example/"])
    };
    let page = with_uris(&ada, "page", &["https://page.example/a", "http://127.0.0.1:5173/b"]);
    for client in [&server, &shut, &page] {
        store.create_client(client).await.unwrap();
    }

    assert!(is_known(&store, "https://page.example").await);
    assert!(is_known(&store, "http://127.0.0.1:5173").await);
    assert!(!is_known(&store, "https://server.example").await);
    assert!(!is_known(&store, "https://shut.example").await);

    let open = Client { status: ClientStatus::Active, ..shut };
    declare(&store, &[], &[&open, &Client { status: ClientStatus::Disabled, ..page }]).await;
    assert!(is_known(&store, "https://shut.example").await);
    assert!(!is_known(&store, "https://page.example").await);
}

pub async fn an_origin_is_known_whole_and_as_a_browser_sends_it(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let uris = [
        "https://app.example/callback?next=https://inner.example/",
        "https://port.example:8443",
        "https://default.example:443/",
        "http://[::1]?x",
        "com.example.app:/callback",
    ];
    store.create_client(&with_uris(&ada, "page", &uris)).await.unwrap();

    for origin in [
        "https://app.example",
        "https://port.example:8443",
        "https://default.example",
        "http://[::1]",
    ] {
        assert!(is_known(&store, origin).await, "{origin}");
    }
    for origin in [
        "",
        "null",
        "%",
        "app.example",
        "http://app.example",
        "https://app.example/",
        "https://app.example:443",
        "https://app.example.evil.example",
        "https://APP.example",
        "https://inner.example",
        "https://port.example",
        "com.example.app:",
        "com.example.app://",
    ] {
        assert!(!is_known(&store, origin).await, "{origin}");
    }
}

pub async fn an_origin_is_known_as_long_as_a_client_has_it(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;
    let other = app(&store, &ada, "other").await;
    assert!(is_known(&store, "https://app.example").await);

    let moved = with_uris(&ada, "tunes", &["https://new.example/"]);
    assert!(!store.update_client(&Client { owner: ben.id, ..moved.clone() }, LATER).await.unwrap());
    assert!(!is_known(&store, "https://new.example").await);
    let secrets = vec![Secret::presented("secret").digest()];
    let confidential = ClientType::Confidential { secrets };
    // The type of a client is not changed by an update, so it stays public.
    let update = Client { client_type: confidential.clone(), ..moved.clone() };
    assert!(store.update_client(&update, LATER).await.unwrap());
    assert!(is_known(&store, "https://new.example").await);
    assert!(is_known(&store, "https://app.example").await, "the other app has it too");

    assert!(store.delete_client(ada.id, &other.id, &end_of(&other)).await.unwrap());
    assert!(!is_known(&store, "https://app.example").await);
    declare(&store, &[], &[&Client { denial: Denial::Fragment, ..tunes }]).await;
    assert!(is_known(&store, "https://app.example").await);
    assert!(!is_known(&store, "https://new.example").await);
    declare(&store, &[], &[&Client { client_type: confidential, ..moved }]).await;
    assert!(!is_known(&store, "https://new.example").await, "it is public no more");
}
