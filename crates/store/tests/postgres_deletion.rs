//! An app to which very many have consented goes in portions, and is shut from the first moment on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;
mod story;

use std::sync::Arc;

use hallpass_protocol::model::{ClientStatus, Revocation, Revoked};
use hallpass_store::{Change, PostgresSettings, PostgresStore, Store as _};

use cluster::Schema;
use story::{account, begin, client, end};

/// More than go in one transaction, twice.
const CONSENTS: &str = "
    INSERT INTO account (id, username, email, password_hash, status, created_at)
        SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), 'user' || n, 'user' || n || '@mail.example', '',
            'active', 1
        FROM generate_series(1000, 13000) AS n;
    INSERT INTO consent (account_id, client_id, scopes, authorization_id, given_at)
        SELECT id, 'tunes', 'a', id, 1 FROM account";

/// The story with an app that twelve thousand people use.
async fn story() -> (Schema, Arc<PostgresStore>) {
    let schema = Schema::empty().await;
    let url = schema.url_with("-c statement_timeout=60s");
    let url = format!("{url}&application_name={}", schema.name());
    let store = PostgresStore::open(&PostgresSettings::new(url)).await.unwrap().with_patience();
    begin(&store).await;
    schema.run(CONSENTS).await;
    (schema, Arc::new(store))
}

fn act() -> Revocation {
    end(Revoked::Client(client().id))
}

async fn is_told(store: &PostgresStore) -> bool {
    let changes = store.changes(0, 1_000).await.unwrap();
    changes.iter().any(|(_, change)| *change == Change::Revoked(act()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_goes_with_however_many_consents_whether_or_not_it_is_shut() {
    for status in ["active", "disabled"] {
        let (schema, store) = story().await;
        schema.run(&format!("UPDATE client SET status = '{status}'")).await;
        assert!(store.delete_client(account().id, &client().id, &act()).await.unwrap());
        assert_eq!(store.client(&client().id).await.unwrap(), None);
        assert_eq!(schema.texts("SELECT COUNT(*)::TEXT FROM consent").await, ["0"]);
        assert!(is_told(&store).await);
        assert!(!store.delete_client(account().id, &client().id, &act()).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_shut_before_its_consents_go_and_they_go_though_nobody_waits() {
    let (schema, store) = story().await;
    schema.run("BEGIN; UPDATE consent SET scopes = 'b'").await;
    let deletion = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.delete_client(account().id, &client().id, &act()).await }
    });
    while !schema.is_waited_for().await {
        assert!(!deletion.is_finished(), "it did not wait for the consents");
    }
    assert!(is_told(&store).await);
    let shut = store.client(&client().id).await.unwrap().unwrap();
    assert_eq!(shut.status, ClientStatus::Disabled);
    deletion.abort();
    schema.run("COMMIT").await;
    while store.client(&client().id).await.unwrap().is_some() {}
    assert_eq!(schema.texts("SELECT COUNT(*)::TEXT FROM consent").await, ["0"]);
}
