//! Userinfo, through the router: who is told what of whom. Names that begin with an id are rows of the list
//! of refusals.
//!
//! Who is told nothing stands in [`refusals`].

mod refusals;

use std::time::Duration;

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Method, Request};
use hallpass_protocol::access_token::{Claims, TokenKeys, TokenSubject};
use hallpass_protocol::id_token::{self, Hint};
use hallpass_protocol::issuer::Issuer;
use hallpass_protocol::jose;
use hallpass_protocol::model::{
    AuthorizationId, ClaimSet, Client, ClientId, OpenIdSettings, ScopeSet, SignatureAlgorithm,
};
use hallpass_store::Declaration;
use serde_json::{Value, json};

use crate::support::{Answer, ISSUER, MIXTAPE, Nodes, TestServer, Trouble, link};

const FORM: &str = "application/x-www-form-urlencoded";
const INVALID: &str = "Bearer realm=\"hallpass\", error=\"invalid_token\"";
const UNREADABLE: &str = "Bearer realm=\"hallpass\", error=\"invalid_request\"";

/// Asks with these `Authorization` headers.
async fn ask(server: &TestServer, path: &str, authorization: &[&str]) -> Answer {
    let request = Request::get(path);
    let request = authorization.iter().fold(request, |r, value| r.header(AUTHORIZATION, *value));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

async fn ask_about(server: &TestServer, token: &str) -> Answer {
    ask(server, "/userinfo", &[&format!("Bearer {token}")]).await
}

/// Posts this body with these headers.
async fn post(server: &TestServer, headers: &[(&str, &str)], body: &str) -> Answer {
    let request = Request::post("/userinfo");
    let request = headers.iter().fold(request, |r, (name, value)| r.header(*name, *value));
    server.browser().send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// What a token says that ada gave Mixtape.
async fn claims(server: &TestServer, scopes: &str) -> Claims {
    let now = server.now();
    let mint = || AuthorizationId::mint(&mut server.app.rng(), now);
    Claims {
        client: ClientId::parse(MIXTAPE).unwrap(),
        subject: TokenSubject::Account(server.account("ada").await.id),
        authorization: mint(),
        consent: Some(mint()),
        scopes: ScopeSet::parse(scopes).unwrap(),
        userinfo: ClaimSet::EMPTY,
        audience: ISSUER.to_owned(),
        issued_at: now,
        expires_at: now.plus(Duration::from_secs(3600)),
    }
}

async fn token(server: &TestServer, scopes: &str) -> String {
    server.sealed(&claims(server, scopes).await)
}

/// The same client with other settings, as an operator's file would have it.
async fn declare(server: &TestServer, change: impl FnOnce(Client) -> Client) {
    let id = ClientId::parse(MIXTAPE).unwrap();
    let client = change(server.store().client(&id).await.unwrap().unwrap());
    let declaration = Declaration { clients: vec![client], ..Declaration::new(server.now()) };
    server.store().declare(&declaration).await.unwrap();
    server.app.remembered.forget_client(&id);
}

/// What is told of ada, who tells her name.
async fn tell_name(server: &TestServer, name: &str) {
    let mut ada = server.browser_of("ada").await;
    let form = ada.visit("/account/profile").await.form("/account/profile").with("name", name);
    assert_eq!(ada.submit(form).await.status, 303);
}

fn issuer(server: &TestServer) -> Issuer<'_> {
    let keys = TokenKeys { sealing: &server.app.keys, signing: &server.app.signers };
    Issuer { policy: &server.app.policy, keys }
}

/// Status and challenge of an answer that tells nothing of anybody.
fn refused(answer: &Answer) -> (u16, Option<&str>) {
    assert_ne!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(!answer.body.contains("sub") && !answer.body.contains("ada"), "{answer:?}");
    (answer.status.as_u16(), answer.header("www-authenticate"))
}

#[tokio::test]
async fn what_a_person_allowed_is_told_and_from_memory() {
    let server = TestServer::start().await;
    tell_name(&server, "Ada Lovelace").await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "openid profile")])).await;
    let answer = ada.agree(&page).await;
    let token = answer.landing().fragment("access_token").unwrap().to_owned();

    let first = ask_about(&server, &token).await;
    let subject = server.account("ada").await.id.subject();
    let told = json!({
        "sub": subject.as_str(), "name": "Ada Lovelace", "preferred_username": "ada",
        "updated_at": server.now().seconds(),
    });
    assert_eq!((first.status.as_u16(), first.json()), (200, told.clone()));

    server.calls();
    server.trouble_store(Trouble::Panics);
    let bearer = format!("Bearer {token}");
    for answer in [
        ask_about(&server, &token).await,
        post(&server, &[("authorization", &bearer)], "").await,
        post(&server, &[("content-type", FORM)], &format!("access_token={token}")).await,
        post(&server, &[("authorization", &bearer), ("content-type", FORM)], "a=b").await,
        post(&server, &[("authorization", &bearer), ("content-type", "text/plain")], "a").await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.json()), (200, told.clone()), "{answer:?}");
    }
    assert_eq!(server.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn ui_10_no_cache_keeps_an_answer_and_its_type_is_told() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    let plain = ask_about(&server, &token).await;
    assert_eq!(plain.header("content-type"), Some("application/json"));
    declare(&server, |client| Client {
        openid: OpenIdSettings {
            userinfo_algorithm: Some(SignatureAlgorithm::Es256),
            ..client.openid
        },
        ..client
    })
    .await;
    let signed = ask_about(&server, &token).await;
    assert_eq!(signed.header("content-type"), Some("application/jwt"));
    for answer in [plain, signed] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("etag"), None, "HT-21");
    }
}

/// OpenID Connect Core §5.3.2; and what is signed here is taken for nothing else anywhere.
#[tokio::test]
async fn jw_07_a_signed_answer_is_for_its_client_and_is_neither_a_token_nor_a_hint() {
    let server = TestServer::start().await;
    for algorithm in
        [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa]
    {
        declare(&server, |client| Client {
            openid: OpenIdSettings { userinfo_algorithm: Some(algorithm), ..client.openid },
            ..client
        })
        .await;
        let token = token(&server, "openid email").await;
        let answer = ask_about(&server, &token).await;
        let keys = server.app.signers.public();
        let payload = jose::verify(&answer.body, "JWT", keys, id_token::MAX_LENGTH).unwrap();
        let told: Value = serde_json::from_slice(&payload).unwrap();
        let subject = server.account("ada").await.id.subject();
        let expected = json!({
            "sub": subject.as_str(), "iss": ISSUER, "aud": MIXTAPE,
            "email": "ada@people.example", "email_verified": false,
        });
        assert_eq!(told, expected);
        let signer = keys.find(&jose::claimed_key(&answer.body, 8192).unwrap()).unwrap();
        assert_eq!(signer.algorithm(), algorithm);

        assert_eq!(Hint::read(&answer.body, &issuer(&server)), None);
        assert_eq!(refused(&ask_about(&server, &answer.body).await), (401, Some(INVALID)));
        assert!(!server.is_good(&answer.body).await);
    }
}

/// The token is the proof, and no cookie is; so it does not matter whose page asks.
#[tokio::test]
async fn any_page_may_ask_and_read_the_answer() {
    let server = TestServer::start().await;
    let request = Request::builder().method(Method::OPTIONS).uri("/userinfo");
    let request = request
        .header("origin", "https://anywhere.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "authorization, content-type"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    let answer = ask_about(&server, &token(&server, "openid").await).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-expose-headers"), Some("WWW-Authenticate"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn what_a_person_tells_at_one_node_is_told_by_the_other_as_soon_as_it_hears() {
    let nodes = Nodes::start().await;
    let token = token(&nodes.one, "openid profile").await;
    assert_eq!(ask_about(&nodes.other, &token).await.json()["name"], Value::Null);
    tell_name(&nodes.one, "Ada Lovelace").await;
    assert_eq!(ask_about(&nodes.one, &token).await.json()["name"], "Ada Lovelace");
    nodes.other.follow().await.unwrap();
    assert_eq!(ask_about(&nodes.other, &token).await.json()["name"], "Ada Lovelace");
}
