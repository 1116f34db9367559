//! Refreshes that race one another, and what ends their family. Names that begin with an id are rows of
//! the list of refusals.

use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::access_token;
use serde_json::Value;

use crate::sign_in::disable_ada;
use crate::support::{CASSETTE, Client, TestServer, Tokens, Wire};

const REVOKED: &str = "Refresh token revoked";

async fn refresh(client: &Client, tokens: &Tokens) -> Tokens {
    client.refresh(tokens.refresh()).await.tokens()
}

async fn assert_refused(client: &Client, tokens: &Tokens) {
    client.refresh(tokens.refresh()).await.assert_refused("invalid_grant", REVOKED);
}

/// The members of an answer that came over a wire, if it is a success.
fn success(received: &str) -> Option<Value> {
    let body = received.strip_prefix("HTTP/1.1 200 ")?.split_once("\r\n\r\n")?.1;
    Some(serde_json::from_str(body).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rf_02_a_hundred_at_once_get_one_successor() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh())];
    let wire = Wire::open(server.router.clone(), 200).await;
    let answers = wire.exchange_at_once(100, &cassette.on_the_wire("/api/token", &form)).await;
    let given: Vec<Value> = answers.iter().filter_map(|answer| success(answer)).collect();
    assert_eq!(given.len(), 100, "nobody is turned away: {answers:#?}");
    let successor = given[0]["refresh_token"].as_str().unwrap();
    assert!(given.iter().all(|given| given["refresh_token"] == successor));
    cassette.refresh(successor).await.tokens();
    assert_refused(&cassette, &tokens).await;
    cassette.refresh(successor).await.assert_refused("invalid_grant", REVOKED);
}

/// Two tabs of one app, without chance: the second comes between the first one's read and its act.
#[tokio::test]
async fn rf_02_who_is_overtaken_gets_the_same_successor() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let (other, same) = (cassette.clone(), tokens.clone());
    let (told, first) = tokio::sync::oneshot::channel();
    server.meanwhile("rotate", async move {
        told.send(refresh(&other, &same).await).unwrap();
    });
    let second = refresh(&cassette, &tokens).await;
    let first = first.await.unwrap();
    assert_eq!(first.refresh, second.refresh);
    assert!(server.is_good(&first.access).await && server.is_good(&second.access).await);
    refresh(&cassette, &second).await;
}

/// Whoever comes first: after the answer to the revocation nothing of the family lives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rf_03_nothing_lives_after_a_revocation_that_a_hundred_refreshes_race() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh())];
    let request = cassette.on_the_wire("/api/token", &form);
    let wire = Wire::open(server.router.clone(), 200).await;
    let (answers, revoked) =
        tokio::join!(wire.exchange_at_once(100, &request), cassette.revoke(tokens.refresh()));
    assert_eq!(revoked.status, 200);
    for answer in &answers {
        match success(answer) {
            Some(given) => {
                assert!(!server.is_good(given["access_token"].as_str().unwrap()).await);
                let refresh = given["refresh_token"].as_str().unwrap();
                cassette.refresh(refresh).await.assert_refused("invalid_grant", REVOKED);
            }
            None => assert!(answer.contains(REVOKED), "{answer}"),
        }
    }
    assert!(!server.is_good(&tokens.access).await);
}

/// The same without chance: what ends a family comes between the read and the act.
#[tokio::test]
async fn rf_03_who_is_overtaken_by_an_end_gets_nothing() {
    for case in ["revoked", "withdrawn", "account disabled"] {
        let server = Arc::new(TestServer::start().await);
        let cassette = server.cassette();
        let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
        let (behind, token) = (server.clone(), tokens.access.clone());
        server.meanwhile("rotate", async move {
            match case {
                "revoked" => assert_eq!(behind.cassette().revoke(&token).await.status, 200),
                "withdrawn" => behind.withdraw("ada", CASSETTE).await,
                _ => disable_ada(&behind).await,
            }
        });
        assert_refused(&cassette, &tokens).await;
        assert!(!server.is_good(&tokens.access).await, "{case}");
    }
}

/// An act that ends all tokens issued so far must not be overtaken by one that was decided on before.
#[tokio::test]
async fn rf_03_a_token_is_as_old_as_the_facts_it_rests_on() {
    let server = Arc::new(TestServer::start().await);
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let read_at = server.now();
    let issued_at =
        |tokens: &Tokens| access_token::open(&tokens.access, &server.app.keys).unwrap().issued_at;
    let code = cassette.code(&mut ada, &[]).await;
    let slow = server.clone();
    server.meanwhile("redeem_code", async move { slow.wait(Duration::from_millis(500)) });
    let tokens = cassette.exchange(&code).await.tokens();
    assert_eq!(issued_at(&tokens), read_at);
    let read_at = server.now();
    let slow = server.clone();
    server.meanwhile("rotate", async move { slow.wait(Duration::from_millis(500)) });
    assert_eq!(issued_at(&refresh(&cassette, &tokens).await), read_at);
}
