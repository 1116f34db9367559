//! The authorization code grant, from the app's link to its first token. Names that begin with an id are
//! rows of the list of refusals.

use std::time::Duration;

use hallpass::config::{RememberConsentSetting, Settings, UnknownScopesSetting};
use hallpass_protocol::access_token::{self, TokenSubject};
use hallpass_protocol::model::{ClientId, GrantType, GrantTypes};
use serde_json::json;

use crate::support::{
    CASSETTE, CASSETTE_URI, ISSUER, Part, TURNTABLE_URI, TestServer, Trouble, link,
};

const STATE: (&str, &str) = ("state", "34fFs29kd09Pz");

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

    let no_proof = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = turntable.code(&mut ada, &no_proof).await;
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
    assert_eq!(server.calls(), ["session_with_consent"], "one read, no write");
    let landing = answer.landing();
    assert_eq!(landing.query("state"), Some(STATE.1));
    assert_eq!(landing.fragment, []);
    let second = landing.query("code").unwrap();
    assert_ne!(first, second);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    assert!(second.bytes().all(plain) && second.len() < 512, "{second}");
    let first = cassette.exchange(&first).await;
    server.calls();
    let second = cassette.exchange(second).await;
    let calls = ["session_with_consent", "redeem_sealed_code"];
    assert_eq!(server.calls(), calls, "one read, one write");
    let authorization =
        |token: &str| access_token::open(token, &server.app.keys).unwrap().authorization;
    let (first, second) = (first.tokens(), second.tokens());
    assert_ne!(authorization(&first.access), authorization(&second.access), "two families");
}

/// A code has to find its way through an address; what would make it too long is kept here.
#[tokio::test]
async fn a_code_that_would_be_too_long_to_send_is_written_down_instead() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let nonce = "n".repeat(512);
    let wish = [("scope", "openid"), ("nonce", &*nonce)];
    cassette.code(&mut ada, &wish).await;
    server.calls();
    let code = cassette.code(&mut ada, &wish).await;
    assert_eq!(server.calls(), ["session_with_consent", "record_code"]);
    assert!(code.len() < 64, "{code}");
    server.calls();
    cassette.exchange(&code).await.tokens();
    assert_eq!(server.calls()[..2], ["code_facts", "redeem_code"]);
}

#[tokio::test]
async fn an_answer_is_the_same_for_every_way_to_ask_for_the_query() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    cassette.code(&mut ada, &[("response_mode", "query")]).await;
    for mode in ["web_message", "nonsense"] {
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
async fn co_08_where_anybody_could_listen_the_operator_can_have_people_asked_each_time() {
    let remember_consent = Some(RememberConsentSetting::Verified);
    let settings = Settings { remember_consent, ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let loopback = [("redirect_uri", "http://127.0.0.1:51004/callback")];
    for (wish, again) in [(&[][..], 302), (&loopback, 200)] {
        server.cassette().code(&mut ada, wish).await;
        assert_eq!(ada.get(&server.cassette().link(wish)).await.status, again, "{wish:?}");
    }
}

#[tokio::test]
async fn a_code_that_could_not_be_written_down_is_not_sent() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&cassette.link(&[STATE])).await;
    server.trouble_store(Trouble::FailsIn("record_code"));
    let answer = ada.agree(&page).await;
    answer.assert_page(503, "Something went wrong");
    server.trouble_store(Trouble::None);
    let answer = ada.agree(&page).await;
    cassette.exchange(answer.landing().query("code").unwrap()).await.tokens();
}

#[tokio::test]
async fn a_scope_that_the_operator_ignores_is_left_out_and_the_token_says_so() {
    let unknown_scopes = Some(UnknownScopesSetting::Ignore);
    let settings = Settings { unknown_scopes, ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    assert_eq!(server.cassette().tokens(&mut ada, "email moonwalk").await.scope, "email");
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
    server.edit(&client).await;
    let answer = ada.agree(&page).await;
    answer.assert_error(Part::Query, "unauthorized_client", Some(STATE.1));
    assert_eq!(cassette.exchange(&early).await.error().1, "unauthorized_client");
}
