//! The authorization code grant with its proof key, from the app's link to its first token. Names that
//! begin with an id are rows of the list of refusals.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::access_token::{self, TokenSubject};
use hallpass_protocol::authorize::Part;
use hallpass_protocol::model::{ClientId, GrantType, GrantTypes};
use serde_json::json;

use crate::support::{
    CASSETTE, CASSETTE_URI, CHALLENGE, ISSUER, MIXTAPE, TURNTABLE_URI, TestServer, VERIFIER, link,
};

const STATE: (&str, &str) = ("state", "34fFs29kd09Pz");

/// A link without a proof key.
const NO_PROOF: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];

#[tokio::test]
async fn from_a_link_to_a_token_without_a_secret() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser();
    let page = ada.visit(&cassette.link(&[("scope", "email history"), STATE])).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    let page = ada.follow(answer).await;
    assert_eq!(page.h1(), "Cassette asks for your permission");

    let answer = ada.agree(&page).await;
    assert_eq!(answer.status, 303);
    let code = answer.landing().query("code").unwrap().to_owned();
    let iss = "https%3A%2F%2Faccounts.example";
    let expected = format!("{CASSETTE_URI}?code={code}&state=34fFs29kd09Pz&iss={iss}");
    assert_eq!(answer.location().trim_end_matches('#'), expected);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    assert!(code.bytes().all(plain), "{code}");

    server.calls();
    let answer = cassette.exchange(&code).await;
    assert_eq!(server.calls(), ["code_facts", "redeem_code"], "one read, one write");
    let tokens = answer.tokens();
    assert_eq!(
        answer.json(),
        json!({
            "access_token": tokens.access, "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": tokens.refresh(), "scope": "email history",
        })
    );
    let told = server.told_of(&tokens.access).await;
    assert_eq!((&told["username"], &told["client_id"]), (&json!("ada"), &json!(CASSETTE)));
    assert_eq!(told["scope"], "email history");
}

#[tokio::test]
async fn from_a_link_to_a_token_with_a_secret_and_with_or_without_a_proof_key() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&turntable.link(&[STATE])).await;
    let answer = ada.agree(&page).await;
    let location = answer.location();
    assert!(location.starts_with(&format!("{TURNTABLE_URI}&code=")), "{location}");
    let code = answer.landing().query("code").unwrap().to_owned();
    assert_eq!(answer.landing().query("side"), Some("a"), "what the URI has stays");
    assert!(turntable.exchange(&code).await.tokens().refresh.is_some());

    let code = turntable.code(&mut ada, &NO_PROOF).await;
    let form = turntable.exchange_form(&code);
    turntable.post("/api/token", &form[..3]).await.tokens();
}

#[tokio::test]
async fn an_app_that_has_no_use_for_refresh_tokens_gets_none() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.jukebox().tokens(&mut ada, "email").await;
    assert_eq!(tokens.refresh, None);
    let answer = server.jukebox().refresh("hpr_x").await;
    assert_eq!(answer.error().1, "unauthorized_client");
}

#[tokio::test]
async fn the_token_says_what_an_implicit_one_does() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut ada, "email").await;
    let claims = access_token::open(&tokens.access, &server.app.keys).unwrap();
    assert!(matches!(claims.subject, TokenSubject::Account(_)));
    assert_eq!(claims.client.as_str(), CASSETTE);
    assert_eq!((&*claims.audience, &*claims.scopes.to_string()), (ISSUER, "email"));
    assert_eq!(claims.expires_at.since(claims.issued_at), Duration::from_secs(3600));
    assert_ne!(claims.consent, Some(claims.authorization), "a code begins a family of its own");
}

#[tokio::test]
async fn who_agreed_before_goes_back_with_a_new_code_without_a_page() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let first = cassette.code(&mut ada, &[("scope", "email"), STATE]).await;
    server.calls();
    let answer = ada.get(&cassette.link(&[("scope", "email"), STATE])).await;
    assert_eq!(answer.status, 302);
    assert_eq!(server.calls(), ["authorization_facts", "record_code"], "one read, one write");
    let landing = answer.landing();
    assert_eq!(landing.query("state"), Some(STATE.1));
    assert_eq!(landing.fragment, []);
    let second = landing.query("code").unwrap();
    assert_ne!(first, second);
    let (first, second) = (cassette.exchange(&first).await, cassette.exchange(second).await);
    let authorization =
        |token: &str| access_token::open(token, &server.app.keys).unwrap().authorization;
    let (first, second) = (first.tokens(), second.tokens());
    assert_ne!(authorization(&first.access), authorization(&second.access), "two families");
}

#[tokio::test]
async fn an_answer_is_the_same_for_every_way_to_ask_for_the_query() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    cassette.code(&mut ada, &[("response_mode", "query")]).await;
    for mode in ["form_post", "web_message", "nonsense"] {
        let answer = ada.get(&cassette.link(&[("response_mode", mode), STATE])).await;
        answer.assert_error(Part::Query, "invalid_request", Some(STATE.1));
    }
}

#[tokio::test]
async fn every_error_of_a_code_goes_into_the_query() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for (name, value, error) in [
        ("scope", "moonwalk", "invalid_scope"),
        ("scope", "partners", "invalid_scope"),
        ("show_dialog", "perhaps", "invalid_request"),
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
    ] {
        let answer = ada.get(&cassette.link(&[(name, value), STATE])).await;
        answer.assert_error(Part::Query, error, Some(STATE.1));
    }
    let page = ada.get(&cassette.link(&[STATE])).await;
    ada.cancel(&page).await.assert_error(Part::Query, "access_denied", Some(STATE.1));
    let answer = ada.get(&link(&[("response_type", "code"), STATE])).await;
    answer.assert_error(Part::Query, "unauthorized_client", Some(STATE.1));
    let implicit = [("response_type", "token"), STATE];
    let answer = ada.get(&cassette.link(&implicit)).await;
    answer.assert_error(Part::Fragment, "unauthorized_client", Some(STATE.1));
}

#[tokio::test]
async fn co_03_one_consent_form_makes_one_code_however_often_it_is_sent() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&cassette.link(&[STATE])).await;
    let (first, second) = (ada.agree(&page).await, ada.agree(&page).await);
    assert_eq!(first.location(), second.location());
    let code = first.landing().query("code").unwrap().to_owned();
    let tokens = cassette.exchange(&code).await.tokens();

    // Sent out again, a used code would look like a theft, and end what the person just got.
    ada.agree(&page).await.assert_page(403, "This page is out of date");
    assert!(server.is_good(&tokens.access).await);
    cassette.refresh(tokens.refresh()).await.tokens();
}

#[tokio::test]
async fn co_13_a_code_is_made_only_for_who_is_there() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&cassette.link(&[])).await;
    let switch = ada.get("/sign-in?switch=true").await;
    ada.sign_in_on(&switch, "grace").await;
    ada.agree(&page).await.assert_page(403, "This page is out of date");
}

#[tokio::test]
async fn pk_01_without_a_challenge_an_app_that_needs_one_gets_no_code() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for client in [server.cassette(), server.jukebox()] {
        let wish = [NO_PROOF[0], NO_PROOF[1], STATE];
        let answer = ada.get(&client.link(&wish)).await;
        answer.assert_error(Part::Query, "invalid_request", Some(STATE.1));
        let answer = ada.get(&client.link(&[("code_challenge", ""), STATE])).await;
        answer.assert_error(Part::Query, "invalid_request", Some(STATE.1));
    }
}

#[tokio::test]
async fn pk_02_a_challenge_cannot_be_dropped_on_the_way() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for client in [server.cassette(), server.turntable()] {
        let code = client.code(&mut ada, &[]).await;
        let form = client.exchange_form(&code);
        let answer = client.post("/api/token", &form[..3]).await;
        answer.assert_refused("invalid_grant", "code_verifier was incorrect");
        let empty = [form[0], form[1], form[2], ("code_verifier", "")];
        let answer = client.post("/api/token", &empty).await;
        answer.assert_refused("invalid_grant", "code_verifier was incorrect");
        client.exchange(&code).await.tokens();
    }
}

#[tokio::test]
async fn pk_03_a_verifier_cannot_be_added_on_the_way() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let mut ada = server.browser_of("ada").await;
    let code = turntable.code(&mut ada, &NO_PROOF).await;
    let answer = turntable.exchange(&code).await;
    answer.assert_refused("invalid_grant", "code_verifier was incorrect");
    let form = turntable.exchange_form(&code);
    turntable.post("/api/token", &form[..3]).await.tokens();
}

#[tokio::test]
async fn pk_03_a_code_without_a_challenge_is_worth_nothing_once_its_app_needs_one() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let mut ada = server.browser_of("ada").await;
    let code = turntable.code(&mut ada, &NO_PROOF).await;
    let client = ClientId::parse(turntable.id).unwrap();
    let mut client = server.store().client(&client).await.unwrap().unwrap();
    client.pkce = hallpass_protocol::model::PkceRule::Required;
    let declaration = hallpass_store::Declaration { clients: vec![client], ..Default::default() };
    server.store().declare(&declaration).await.unwrap();
    let form = turntable.exchange_form(&code);
    let answer = turntable.post("/api/token", &form[..3]).await;
    answer.assert_refused("invalid_grant", "code_verifier was incorrect");
}

#[tokio::test]
async fn pk_04_pk_07_no_other_verifier_will_do() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let code = cassette.code(&mut ada, &[]).await;
    let [grant, code, uri, _] = cassette.exchange_form(&code);
    for verifier in [
        &VERIFIER.replace('d', "e"),
        &VERIFIER[..42],
        &format!("{VERIFIER}A"),
        CHALLENGE,
        &"a".repeat(42),
        &"a".repeat(129),
        &"a".repeat(100_000),
        &"é".repeat(50),
        &"\0".repeat(50),
        &VERIFIER.to_uppercase(),
    ] {
        let form = [grant, code, uri, ("code_verifier", verifier)];
        let answer = cassette.post("/api/token", &form).await;
        answer.assert_refused("invalid_grant", "code_verifier was incorrect");
    }
    cassette.exchange(code.1).await.tokens();
}

#[tokio::test]
async fn pk_05_there_is_no_other_method_than_s256() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for client in [server.cassette(), server.turntable()] {
        for method in ["plain", "s256", "S512", "", "S256\n", "S256 S256", "none"] {
            let wish = [("code_challenge_method", method), STATE];
            let answer = ada.get(&client.link(&wish)).await;
            answer.assert_error(Part::Query, "invalid_request", Some(STATE.1));
        }
        let answer = ada.get(&client.link(&[("code_challenge", ""), STATE])).await;
        answer.assert_error(Part::Query, "invalid_request", Some(STATE.1));
    }
}

#[tokio::test]
async fn pk_06_a_challenge_is_43_characters_of_base64url() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for challenge in [
        "x",
        &CHALLENGE[..42],
        &format!("{CHALLENGE}="),
        &format!("{CHALLENGE}A"),
        &CHALLENGE.replace('-', "+"),
        &CHALLENGE.replace('-', "é"),
        &"A".repeat(5_000),
    ] {
        let answer = ada.get(&cassette.link(&[("code_challenge", challenge), STATE])).await;
        answer.assert_error(Part::Query, "invalid_request", Some(STATE.1));
    }
}

#[tokio::test]
async fn pk_08_what_brings_no_code_needs_no_challenge() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for wish in
        [link(&[]), link(&[("code_challenge", "nonsense"), ("code_challenge_method", "plain")])]
    {
        let page = ada.get(&format!("{wish}&show_dialog=true")).await;
        assert!(ada.agree(&page).await.landing().fragment("access_token").is_some());
    }
    let form = [("grant_type", "client_credentials")];
    server.turntable().post("/api/token", &form).await.tokens();
}

#[tokio::test]
async fn pk_09_a_stolen_code_is_worth_nothing_in_the_thiefs_own_flow() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let stolen = cassette.code(&mut ada, &[]).await;
    let verifier = "the-thief-has-chosen-a-verifier-of-their-own-here";
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    let mut thief = server.browser_of("linus").await;
    let own = cassette.code(&mut thief, &[("code_challenge", &challenge)]).await;
    let [grant, _, uri, _] = cassette.exchange_form(&own);
    let form = [grant, ("code", &*stolen), uri, ("code_verifier", verifier)];
    let answer = cassette.post("/api/token", &form).await;
    answer.assert_refused("invalid_grant", "code_verifier was incorrect");
}

#[tokio::test]
async fn an_app_on_a_loopback_address_names_the_same_port_at_both_steps() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let here = ("redirect_uri", "http://127.0.0.1:51004/callback");
    let code = cassette.code(&mut ada, &[here]).await;
    let [grant, code, _, verifier] = cassette.exchange_form(&code);
    for elsewhere in ["http://127.0.0.1/callback", "http://127.0.0.1:51005/callback", CASSETTE_URI]
    {
        let form = [grant, code, ("redirect_uri", elsewhere), verifier];
        let answer = cassette.post("/api/token", &form).await;
        answer.assert_refused("invalid_grant", "Invalid redirect URI");
    }
    cassette.post("/api/token", &[grant, code, here, verifier]).await.tokens();
}

#[tokio::test]
async fn a_grant_that_is_switched_off_while_the_page_is_open_gives_no_code() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&cassette.link(&[STATE])).await;
    let early = cassette.code(&mut server.browser_of("grace").await, &[]).await;
    let client = ClientId::parse(CASSETTE).unwrap();
    let mut client = server.store().client(&client).await.unwrap().unwrap();
    client.grant_types = GrantTypes::from_iter([GrantType::Implicit]);
    assert!(server.store().update_client(&client).await.unwrap());
    let answer = ada.agree(&page).await;
    answer.assert_error(Part::Query, "unauthorized_client", Some(STATE.1));
    assert_eq!(cassette.exchange(&early).await.error().1, "unauthorized_client");
    assert_ne!(client.id.as_str(), MIXTAPE);
}
