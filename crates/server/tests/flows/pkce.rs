//! The proof key of a code (RFC 7636), from the link to the exchange. Names that begin with an id are
//! rows of the list of refusals.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::model::{ClientId, PkceRule};
use hallpass_store::Declaration;

use crate::support::{CHALLENGE, Part, TestServer, VERIFIER, link};

const STATE: (&str, &str) = ("state", "34fFs29kd09Pz");

/// A link without a proof key.
const NO_PROOF: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];

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
    client.pkce = PkceRule::Required;
    let declaration = Declaration { clients: vec![client], ..Declaration::new(server.now()) };
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
