//! No node keeps anything of a flow to itself: each request of these stories goes to the node that the
//! one before it did not meet.

use std::time::Duration;

use serde_json::Value;

use crate::support::{AFTERNOON, APIS, Browser, CASSETTE, Client, MIXTAPE, Nodes, link};

/// How far apart two clocks may be.
const APART: Duration = Duration::from_secs(30);

/// Tells `story` with clocks that agree, and with either one half a minute ahead.
macro_rules! with_all_clocks {
    ($story:ident) => {
        let ahead = AFTERNOON.plus(APART);
        for (one, other) in [(AFTERNOON, AFTERNOON), (AFTERNOON, ahead), (ahead, AFTERNOON)] {
            $story(Nodes::with_clocks(one, other).await).await;
        }
    };
}

/// Asks both nodes whether a token is good; they agree.
async fn is_good(nodes: &Nodes, token: &str) -> bool {
    nodes.follow().await;
    let (one, other) = (nodes.one.is_good(token).await, nodes.other.is_good(token).await);
    assert_eq!(one, other, "the nodes disagree");
    one
}

/// Signs up somebody new.
async fn sign_up(nodes: &Nodes, name: &str) -> Browser {
    let mut browser = nodes.browser();
    let page = browser.get("/sign-up").await;
    let form = page.form("/sign-up").with("username", name).with("password", "a password of hers");
    let answer = browser.submit(form.with("email", &format!("{name}@people.example"))).await;
    assert_eq!(answer.location(), "/dashboard");
    browser
}

async fn implicit(nodes: Nodes) {
    let mut mary = sign_up(&nodes, "mary").await;
    let signed_out = mary.get("/sign-out").await;
    mary.submit(signed_out.form("/sign-out")).await;

    // Comes by the app's link, signs in on the way, agrees.
    let page = mary.visit(&link(&[("scope", "email"), ("state", "s")])).await;
    let form =
        page.form("/sign-in").with("username", "mary").with("password", "a password of hers");
    let answer = mary.submit(form).await;
    let question = mary.follow(answer).await;
    assert_eq!(question.h1(), "Mixtape asks for your permission");
    let landing = mary.agree(&question).await.landing();
    assert_eq!(landing.fragment("state"), Some("s"));
    assert!(is_good(&nodes, landing.fragment("access_token").unwrap()).await);

    // The second time nobody is asked.
    for _ in 0..2 {
        let again = mary.get(&link(&[("scope", "email")])).await.landing();
        assert!(is_good(&nodes, again.fragment("access_token").unwrap()).await);
    }
}

#[tokio::test]
async fn the_implicit_grant_needs_no_node_twice() {
    with_all_clocks!(implicit);
}

async fn code(nodes: Nodes) {
    let mut ada = nodes.browser();
    ada.sign_in("ada").await;
    for client in [nodes.client(nodes.one.cassette()), nodes.client(nodes.one.turntable())] {
        // Twice, so that each step is at either node once.
        for _ in 0..2 {
            one_round(&nodes, &mut ada, &client).await;
            nodes.turn().await;
        }
    }
}

/// A code, its tokens, their successors, and their end.
async fn one_round(nodes: &Nodes, browser: &mut Browser, client: &Client) {
    let mut tokens = client.tokens(browser, "email history").await;
    assert!(is_good(nodes, &tokens.access).await);
    for _ in 0..3 {
        nodes.wait(Duration::from_secs(1));
        tokens = client.refresh(tokens.refresh()).await.tokens();
        assert!(is_good(nodes, &tokens.access).await);
    }
    let lost_answer = client.refresh(tokens.refresh()).await.tokens();
    let again = client.refresh(tokens.refresh()).await.tokens();
    assert_eq!(lost_answer.refresh, again.refresh, "the other node makes the same successor");
    assert_eq!(client.revoke(again.refresh()).await.status, 200);
    for token in [&tokens.access, &lost_answer.access, &again.access] {
        assert!(!is_good(nodes, token).await);
    }
    client.refresh(again.refresh()).await.assert_refused("invalid_grant", "Refresh token revoked");
}

#[tokio::test]
async fn the_code_grant_needs_no_node_twice() {
    with_all_clocks!(code);
}

async fn stolen_code(nodes: Nodes) {
    let cassette = nodes.client(nodes.one.cassette());
    let mut ada = nodes.browser();
    ada.sign_in("ada").await;
    let code = cassette.code(&mut ada, &[("scope", "email")]).await;
    let tokens = cassette.exchange(&code).await.tokens();
    cassette.exchange(&code).await.assert_refused("invalid_grant", "Invalid authorization code");
    assert!(!is_good(&nodes, &tokens.access).await, "a code that comes twice ends what it brought");
}

#[tokio::test]
async fn a_code_is_worth_something_once_wherever_it_comes() {
    with_all_clocks!(stolen_code);
}

async fn access(nodes: Nodes) {
    let mut ada = nodes.browser();
    ada.sign_in("ada").await;
    let cassette = nodes.client(nodes.one.cassette());
    let tokens = cassette.tokens(&mut ada, "email").await;
    let list = ada.get("/account/apps").await;
    let question = ada.submit(list.form("/account/apps/remove")).await;
    let done = ada.submit(question.form("/account/apps/remove")).await;
    assert!(done.status.is_redirection(), "{done:#?}");
    assert!(!is_good(&nodes, &tokens.access).await);
    // What is allowed again is new, and good at once, whoever's clock is behind.
    let tokens = cassette.tokens(&mut ada, "email").await;
    assert!(is_good(&nodes, &tokens.access).await);
    nodes.turn().await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    assert!(is_good(&nodes, &tokens.access).await);
    assert_eq!(nodes.one.told_of(&tokens.access).await["client_id"], Value::from(CASSETTE));
}

#[tokio::test]
async fn a_person_takes_access_away_at_any_node() {
    with_all_clocks!(access);
}

async fn dashboard(nodes: Nodes) {
    let mut grace = nodes.browser();
    grace.sign_in("grace").await;
    let mut ada = nodes.browser();
    ada.sign_in("ada").await;
    let settings = format!("/dashboard/apps/{MIXTAPE}/settings");
    for place in ["https://mixtape.example/a", "https://mixtape.example/b"] {
        let page = grace.get(&settings).await;
        let form = page.form(&settings).without("redirect_uri").and("redirect_uri", place);
        assert_eq!(grace.submit(form).await.location(), format!("{settings}?saved"));
        nodes.follow().await;
        let page = ada.get(&link(&[("redirect_uri", place), ("show_dialog", "true")])).await;
        assert_eq!(ada.agree(&page).await.landing().base, place);
        nodes.turn().await;
    }
    let given = ada.get(&link(&[("redirect_uri", "https://mixtape.example/b")])).await.landing();
    let token = given.fragment("access_token").unwrap().to_owned();
    assert!(is_good(&nodes, &token).await);
    let delete = format!("/dashboard/apps/{MIXTAPE}/delete");
    let page = grace.get(&delete).await;
    assert_eq!(grace.submit(page.form(&delete)).await.location(), "/dashboard?deleted");
    assert!(!is_good(&nodes, &token).await, "the tokens of a deleted app are dead everywhere");
}

#[tokio::test]
async fn a_developer_edits_and_deletes_at_any_node() {
    with_all_clocks!(dashboard);
}

async fn signed(nodes: Nodes) {
    nodes.one.beside_with(APIS).await;
    nodes.follow().await;
    let turntable = nodes.client(nodes.one.turntable());
    for _ in 0..2 {
        let form = [("grant_type", "client_credentials"), ("resource", "https://old.example")];
        let answer = turntable.post("/api/token", &form).await.json();
        let token = answer["access_token"].as_str().unwrap();
        for _ in 0..2 {
            let told = turntable.post("/introspect", &[("token", token)]).await.json();
            assert_eq!(told["active"], true);
        }
        nodes.turn().await;
    }
}

#[tokio::test]
async fn a_signed_token_is_good_at_every_node() {
    with_all_clocks!(signed);
}

async fn short_life(nodes: Nodes) {
    let mut ada = nodes.browser();
    ada.sign_in("ada").await;
    let cassette = nodes.client(nodes.one.cassette());
    let code = cassette.code(&mut ada, &[("scope", "email")]).await;
    nodes.wait(Duration::from_secs(29));
    cassette.exchange(&code).await.tokens();
    let code = cassette.code(&mut ada, &[("scope", "email")]).await;
    nodes.wait(Duration::from_secs(90));
    cassette.exchange(&code).await.assert_refused("invalid_grant", "Authorization code expired");
}

#[tokio::test]
async fn a_code_lives_for_half_a_minute_to_one_and_a_half_whatever_the_clocks_say() {
    with_all_clocks!(short_life);
}
