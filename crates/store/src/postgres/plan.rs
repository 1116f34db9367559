//! How the server finds the rows of what is asked all the time: each by a key that only it has, whatever
//! the tables grow to.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::{
    PostgresSettings, PostgresStore, authorize, code, profile, refresh_family, revoke, sealed_code,
    session, session_client,
};

/// Enough rows that reading all of them is no choice, and for each client ten consents.
const ROWS: &str = "
    INSERT INTO account (id, username, email, password_hash, status, created_at)
        SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), n, n, n, 'active', n
        FROM generate_series(1, 3000) AS n;
    INSERT INTO client (id, owner_id, client_type, secrets, name, description, redirect_uris,
            grant_types, denial, status, created_at)
        SELECT n, decode(lpad(to_hex(n), 32, '0'), 'hex'), 'public', '', n, n, n, n, 'query', 'active', n
        FROM generate_series(1, 300) AS n;
    INSERT INTO session (id, account_id, created_at, expires_at)
        SELECT sha256(id), id, created_at, created_at FROM account;
    INSERT INTO session_client (session_id, client_id, account_id, expires_at, attempts, due_at)
        SELECT id, created_at % 300, account_id, expires_at, 0,
            CASE WHEN created_at % 100 = 0 THEN created_at END
        FROM session;
    INSERT INTO profile (account_id, updated_at, phone_number_verified, email_verified)
        SELECT id, created_at, 0, 0 FROM account;
    INSERT INTO consent (account_id, client_id, scopes, authorization_id, given_at)
        SELECT id, (1 + created_at % 300)::TEXT, '', id, 1 FROM account;
    INSERT INTO code (key, authorization_id, consent_id, client_id, account_id, session_id,
            redirect_uri, scopes, expires_at)
        SELECT account_id, account_id, account_id, client_id, account_id, account_id, '', '', 1
        FROM consent;
    INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
            generation, created_at, idle_until, absolute_until)
        SELECT account_id, account_id, client_id, account_id, '', 0, 1, 1, 1 FROM consent;
    ANALYZE";

/// A database with many rows, in a schema that goes with its connection's end.
async fn grown(schema: &str) -> Client {
    let cluster = std::env::var("HALLPASS_TEST_POSTGRES")
        .expect("this test needs a PostgreSQL: scripts/test, or scripts/with-postgres cargo test");
    let (client, connection) = tokio_postgres::connect(&cluster, NoTls).await.unwrap();
    tokio::spawn(connection);
    let schema = format!("{schema}_{}", std::process::id());
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    let url = format!("{cluster}&options=-c%20search_path%3D{schema}");
    PostgresStore::open(&PostgresSettings::new(url)).await.unwrap();
    client.batch_execute(&format!("SET search_path = {schema}; {ROWS}")).await.unwrap();
    client
}

/// The steps of the plan that the server keeps for a statement, whose values have these types.
async fn plan(client: &Client, sql: &str, types: &str) -> Vec<String> {
    let nulls = types.split(',').map(|_| "NULL").collect::<Vec<_>>().join(", ");
    let explain = format!(
        "SET plan_cache_mode = force_generic_plan; PREPARE asked ({types}) AS {sql};
         EXPLAIN EXECUTE asked ({nulls}); DEALLOCATE asked"
    );
    let messages = client.simple_query(&explain).await.unwrap();
    let steps = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    steps.collect()
}

/// How often a table is looked into by a key. It panics if one is in any other way.
fn searches(steps: &[String]) -> usize {
    let mut found = 0;
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.contains(" Scan")) {
        let given = ["CTE Scan on ", "Subquery Scan on ", "Function Scan on asked"];
        if given.iter().any(|given| step.contains(given)) || step.contains(" on change_number ") {
            continue; // what was found before, what was asked, and the table of one row
        }
        // The id of a consent is as good a key as its account and its client; an account has few sessions,
        // and what is due is what is asked for.
        let is_by_key = [
            "_pkey on ",
            " using consent_by_authorization on ",
            " using code_by_authorization on ",
            " using session_by_account on ",
            " using refresh_family_by_session on ",
            " using session_client_by_due on ",
        ]
        .iter()
        .any(|key| step.contains(" using ") && step.contains(key));
        let is_exact = steps[at + 1].contains("Index Cond: ");
        assert!(is_by_key && is_exact, "{step}\n{}", steps.join("\n"));
        found += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_found_by_keys() {
    let client = grown("plan_of_facts").await;
    for facts in [authorize::FACTS, code::FACTS, refresh_family::FACTS] {
        let steps = plan(&client, facts, "TEXT, BYTEA").await;
        assert_eq!(searches(&steps), 5, "{steps:#?}");
    }
    let steps = plan(&client, authorize::SIGNED_IN, "BYTEA[], TEXT[]").await;
    assert_eq!(searches(&steps), 3, "{steps:#?}");
    let steps = plan(&client, profile::PERSON, "BYTEA").await;
    assert_eq!(searches(&steps), 2, "{steps:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hot_acts_find_their_rows_by_keys() {
    let client = grown("plan_of_acts").await;
    let family = "BYTEA, BIGINT, BYTEA, BYTEA, TEXT, BYTEA, TEXT, BIGINT, BIGINT, BIGINT, BIGINT,
        BIGINT, TEXT, BYTEA, BIGINT, TEXT, TEXT";
    let sealed = "BYTEA, BIGINT, TEXT, BYTEA, BYTEA, BYTEA";
    let sealed_and_family =
        format!("{sealed}, {}", family.strip_prefix("BYTEA, BIGINT, ").unwrap());
    for (act, types, rows) in [
        (session::OPEN, "BYTEA, BYTEA, BIGINT, BIGINT, BYTEA, BIGINT", 3),
        (session::CLOSE, "BYTEA, BIGINT, BIGINT", 3),
        (session::CLOSE_ALL_OF, "BYTEA, BIGINT, BIGINT", 3),
        (session_client::JOIN, "BYTEA, TEXT", 4),
        (session_client::CLAIM, "BIGINT, BIGINT, BIGINT", 4),
        (
            code::INSERT,
            "BYTEA, BYTEA, TEXT, TEXT, TEXT, BIGINT, TEXT, BYTEA, BYTEA, BIGINT, BYTEA, TEXT,
                BIGINT, TEXT, TEXT, TEXT",
            4,
        ),
        (code::REDEEM, "BYTEA, BIGINT", 6),
        (code::REDEEM_FOR_A_FAMILY, family, 6),
        (sealed_code::REDEEM, sealed, 5),
        (sealed_code::REDEEM_FOR_A_FAMILY, &sealed_and_family, 5),
        (refresh_family::ROTATE, "BYTEA, BIGINT, BIGINT, BIGINT", 5),
    ] {
        let steps = plan(&client, act, types).await;
        assert_eq!(searches(&steps), rows, "{steps:#?}");
    }
    let steps = plan(&client, revoke::REVOKE_ALL, "BYTEA[], BIGINT[], BIGINT[], TEXT").await;
    assert_eq!(searches(&steps), 5, "{steps:#?}");
}
