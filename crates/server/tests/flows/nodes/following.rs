//! What one node changes, the other takes over; and one that hears nothing answers for no token.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use hallpass::hearing::BOUND;
use hallpass_protocol::model::{
    ClientId, ClientStatus, KeyPurpose, Revocation, Revoked, SignatureAlgorithm,
};
use hallpass_protocol::revocations::News;
use hallpass_store::Declaration;
use serde_json::Value;
use tokio::time;

use crate::support::{
    APIS, Answer, ISSUER, MIXTAPE, MIXTAPE_URI, NIGHT_TRAIN, NIGHT_TRAIN_SECRET, Nodes, TestServer,
    Trouble, basic, link,
};

/// A token that Turntable has just got for itself.
async fn token(server: &TestServer) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", "history")];
    server.turntable().post("/api/token", &form).await.tokens().access
}

/// What a proxy is told that asks this node about a token.
async fn forward_auth(server: &TestServer, token: &str) -> Answer {
    let request = Request::get("/forward-auth").header(AUTHORIZATION, format!("Bearer {token}"));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

/// What this node tells a client of the person whose token it is.
async fn userinfo(server: &TestServer, token: &str) -> Answer {
    let request = Request::get("/userinfo").header(AUTHORIZATION, format!("Bearer {token}"));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

async fn introspect(server: &TestServer, token: &str) -> Answer {
    server.night_train().post("/introspect", &[("token", token)]).await
}

/// The ids of the keys that a node publishes.
async fn published(server: &TestServer) -> Vec<Value> {
    let keys: Value = serde_json::from_str(&server.browser().get("/jwks").await.body).unwrap();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test]
async fn rv_08_what_one_node_revokes_the_other_refuses_as_soon_as_it_hears() {
    let nodes = Nodes::start().await;
    let token = token(&nodes.one).await;
    assert!(nodes.other.is_good(&token).await);
    assert_eq!(forward_auth(&nodes.other, &token).await.status, 200);

    assert_eq!(nodes.one.turntable().revoke(&token).await.status, 200);
    assert!(!nodes.one.is_good(&token).await, "at once where it was done");
    nodes.other.follow().await.unwrap();
    assert!(!nodes.other.is_good(&token).await);
    assert_eq!(forward_auth(&nodes.other, &token).await.status, 401);
}

#[tokio::test]
async fn rv_08_whoever_waits_at_one_node_is_told_what_the_other_revokes() {
    let nodes = Nodes::start().await;
    let token = token(&nodes.one).await;
    let api = basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET);
    let ask = async |query: String| {
        let request = Request::get(format!("/revocations{query}")).header(AUTHORIZATION, &api);
        let answer = nodes.other.browser().send(request.body(Body::empty()).unwrap()).await;
        let keys = nodes.other.app.signers.public();
        let api = ClientId::parse(NIGHT_TRAIN).unwrap();
        News::verify(&answer.body, keys, ISSUER, &api, "").unwrap()
    };
    let cursor = ask(String::new()).await.cursor;
    let (news, ()) = tokio::join!(ask(format!("?after={cursor}&wait=25")), async {
        assert_eq!(nodes.one.turntable().revoke(&token).await.status, 200);
        nodes.other.follow().await.unwrap();
    });
    assert_eq!(news.revocations.len(), 1);
    assert!(news.held < Duration::from_secs(25));
}

#[tokio::test]
async fn in_08_who_hears_nothing_for_a_second_answers_for_no_token() {
    let nodes = Nodes::start().await;
    let (token, node) = (token(&nodes.one).await, &nodes.other);
    assert!(node.is_good(&token).await);
    node.trouble_store(Trouble::Fails);
    assert!(node.follow().await.is_err());
    time::pause();
    time::advance(Duration::from_millis(900)).await;
    assert!(node.is_good(&token).await, "within the bound memory is good");
    time::advance(Duration::from_millis(100)).await;
    for answer in [
        introspect(node, &token).await,
        forward_auth(node, &token).await,
        userinfo(node, &token).await,
    ] {
        assert_eq!(answer.status, 503, "{answer:#?}");
        assert!(answer.header("retry-after").is_some(), "{answer:#?}");
        assert!(!answer.body.contains("active"), "{answer:#?}");
    }
    time::resume();

    // What was ended meanwhile is known as soon as anything is heard.
    assert_eq!(nodes.one.turntable().revoke(&token).await.status, 200);
    node.trouble_store(Trouble::None);
    node.follow().await.unwrap();
    assert!(!node.is_good(&token).await);
}

#[tokio::test]
async fn what_is_remembered_of_a_caller_is_forgotten_when_another_node_changes_it() {
    let nodes = Nodes::start().await;
    let token = token(&nodes.one).await;
    assert!(nodes.other.is_good(&token).await);

    let store = nodes.one.store();
    let api = ClientId::parse(NIGHT_TRAIN).unwrap();
    let mut client = store.client(&api).await.unwrap().unwrap();
    client.status = ClientStatus::Disabled;
    let declaration = Declaration { clients: vec![client], ..Declaration::new(nodes.one.now()) };
    store.declare(&declaration).await.unwrap();

    nodes.other.follow().await.unwrap();
    assert_eq!(introspect(&nodes.other, &token).await.status, 401);
}

#[tokio::test]
async fn what_one_node_is_told_to_declare_the_other_serves_whole() {
    let nodes = Nodes::start().await;
    let scope = "[[scope]]\nname = \"tapes\"\ntext = \"rewind your tapes\"\ngroup = \"act\"\n";
    let request = link(&[("scope", "tapes")]);
    let mut ada = nodes.other.browser_of("ada").await;
    let refused = ada.get(&request).await;
    assert_eq!(refused.landing().fragment("error"), Some("invalid_scope"));

    // As an operator does it: a node is started with the file.
    let third = nodes.one.beside_with(&format!("{APIS}{scope}")).await;
    nodes.follow().await;
    let page = ada.get(&request).await;
    assert!(page.text().contains("rewind your tapes"), "{page:#?}");
    assert_eq!(published(&nodes.other).await, published(&third).await);

    let form = [("grant_type", "client_credentials"), ("resource", "https://old.example")];
    let signed = nodes.other.turntable().post("/api/token", &form).await.json();
    let question = [("token", signed["access_token"].as_str().unwrap())];
    let told = nodes.one.turntable().post("/introspect", &question).await;
    assert_eq!(told.json()["active"], true);
}

/// Puts another redirect URI in the place of Mixtape's, at this node.
async fn move_mixtape(server: &TestServer, place: &str) {
    let mut grace = server.browser_of("grace").await;
    let settings = format!("/dashboard/apps/{MIXTAPE}/settings");
    let form = grace.get(&settings).await.form(&settings).without("redirect_uri");
    let edited = grace.submit(form.and("redirect_uri", place)).await;
    assert_eq!(edited.location(), format!("{settings}?saved"));
}

#[tokio::test]
async fn an_app_that_is_edited_here_is_judged_by_its_new_settings_there() {
    let nodes = Nodes::start().await;
    let mut ada = nodes.other.browser_of("ada").await;
    assert_eq!(ada.get(&link(&[])).await.status, 200);
    nodes.other.calls();
    assert_eq!(ada.get(&link(&[])).await.status, 200);
    assert_eq!(nodes.other.calls(), ["session_with_consent"], "the app is remembered");

    move_mixtape(&nodes.one, "https://mixtape.example/new").await;
    nodes.other.follow().await.unwrap();
    assert_eq!(ada.get(&link(&[("redirect_uri", MIXTAPE_URI)])).await.status, 400);
    let new = link(&[("redirect_uri", "https://mixtape.example/new")]);
    assert_eq!(ada.get(&new).await.status, 200);
}

#[tokio::test]
async fn an_app_that_is_deleted_here_asks_nobody_anything_there() {
    let nodes = Nodes::start().await;
    let mut ada = nodes.other.browser_of("ada").await;
    assert_eq!(ada.get(&link(&[])).await.status, 200);

    let mut grace = nodes.one.browser_of("grace").await;
    let delete = format!("/dashboard/apps/{MIXTAPE}/delete");
    let page = grace.get(&delete).await;
    assert_eq!(grace.submit(page.form(&delete)).await.location(), "/dashboard?deleted");
    nodes.other.follow().await.unwrap();
    assert_eq!(ada.get(&link(&[])).await.status, 400);
}

#[tokio::test]
async fn who_hears_nothing_for_a_second_asks_the_store_for_the_app_of_each_request() {
    let nodes = Nodes::start().await;
    let (mut ada, node) = (nodes.other.browser_of("ada").await, &nodes.other);
    assert_eq!(ada.get(&link(&[])).await.status, 200);
    move_mixtape(&nodes.one, "https://mixtape.example/new").await;
    time::pause();
    time::advance(BOUND).await;
    node.calls();
    assert_eq!(ada.get(&link(&[("redirect_uri", MIXTAPE_URI)])).await.status, 400);
    assert_eq!(node.calls(), ["authorization_facts"]);
    time::resume();
}

#[tokio::test]
async fn after_a_long_silence_everything_is_read_anew() {
    let nodes = Nodes::start().await;
    let (token, node) = (token(&nodes.one).await, &nodes.other);
    assert!(node.is_good(&token).await);
    assert_eq!(nodes.one.turntable().revoke(&token).await.status, 200);
    nodes.wait(Duration::from_secs(40 * 60));
    node.calls();
    node.follow().await.unwrap();
    let calls = node.calls();
    assert!(calls.contains(&"keys") && calls.contains(&"scopes"), "{calls:?}");
    assert!(!node.is_good(&token).await);
    node.calls();
    node.follow().await.unwrap();
    assert_eq!(node.calls(), ["changes"], "one question, and no more");
}

#[tokio::test]
async fn a_store_that_was_put_back_from_a_backup_is_read_anew() {
    let nodes = Nodes::start().await;
    let node = &nodes.other;
    node.follow().await.unwrap();
    node.trouble_store(Trouble::ForgotChanges);
    for told in [vec!["changes", "changes", "keys", "scopes", "apis"], vec!["changes"]] {
        node.calls();
        node.follow().await.unwrap();
        assert_eq!(node.calls(), told);
    }
    // What comes afterwards is heard, though its number may be one that was given out before.
    node.trouble_store(Trouble::None);
    let token = token(&nodes.one).await;
    assert_eq!(nodes.one.turntable().revoke(&token).await.status, 200);
    node.follow().await.unwrap();
    assert!(!node.is_good(&token).await);
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_not_heard() {
    let nodes = Nodes::start().await;
    let node = &nodes.other;
    let purposes = [KeyPurpose::Sign(SignatureAlgorithm::EdDsa)];
    let changed = nodes.one.node.change_keys(async |keyring| keyring.rotate(&purposes).await);
    changed.await.unwrap();
    node.trouble_store(Trouble::FailsIn("keys"));
    assert!(node.follow().await.is_err());
    assert_eq!(published(node).await.len(), 3);
    node.trouble_store(Trouble::None);
    node.follow().await.unwrap();
    assert_eq!(published(node).await.len(), 4, "told again");
}

#[tokio::test]
async fn the_end_of_an_account_reaches_every_node() {
    let nodes = Nodes::start().await;
    let mut ada = nodes.one.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    let given = ada.agree(&page).await;
    let token = given.landing().fragment("access_token").unwrap().to_owned();
    assert!(nodes.other.is_good(&token).await);
    let account = nodes.one.account("ada").await;
    let (at, revoked) = (nodes.one.now(), Revoked::Account(account.id));
    let revocation = Revocation { revoked, at, until: at.plus(Duration::from_secs(3600)) };
    nodes.one.store().revoke(&revocation).await.unwrap();
    nodes.other.follow().await.unwrap();
    assert!(!nodes.other.is_good(&token).await);
}
