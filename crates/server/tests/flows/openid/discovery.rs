//! What the metadata says of OpenID Connect (OpenID Connect Discovery 1.0 §3), against what happens.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::model::{SignatureAlgorithm, SubjectType};
use jsonwebtoken::decode_header;
use serde_json::{Value, json};

use super::{ask, read, settle, start, wish, with_every_grant};
use crate::keys::verifier::Verifier;
use crate::metadata::{document, list};
use crate::support::{APIS, CASSETTE_URI, ISSUER, Part, Setup, TestServer, WORLD};

#[tokio::test]
async fn ds_06_every_response_type_and_mode_that_is_named_works_and_no_other() {
    let server = start().await;
    let document = document(&server).await;
    let mut ada = server.browser_of("ada").await;
    ask(&mut ada, &wish(&server, "code", &[])).await.landing();
    for response_type in list(&document, "response_types_supported") {
        for mode in list(&document, "response_modes_supported") {
            let link = wish(&server, &response_type, &[("response_mode", &mode)]);
            let answer = ada.get(&link).await;
            if mode == "query" && response_type != "code" {
                answer.assert_error(Part::Fragment, "invalid_request", None);
                continue;
            }
            let values = match &*mode {
                "query" => answer.landing().query,
                "fragment" => answer.landing().fragment,
                _ => answer.form(CASSETTE_URI).fields,
            };
            for word in response_type.split(' ') {
                let name = if word == "token" { "access_token" } else { word };
                let is_there = values.iter().any(|(known, _)| known == name);
                assert!(is_there, "{response_type} {mode}: {values:?}");
            }
        }
    }
    for other in ["none", "code none", "token token", "id_token id_token", "device"] {
        let answer = ada.get(&wish(&server, other, &[])).await;
        answer.assert_error(Part::Query, "unsupported_response_type", None);
    }
    for other in ["web_message", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let answer = ada.get(&wish(&server, "code", &[("response_mode", other)])).await;
        answer.assert_error(Part::Query, "invalid_request", None);
    }
}

#[tokio::test]
async fn ds_06_every_algorithm_and_kind_of_subject_that_is_named_can_be_chosen_and_no_other() {
    let server = start().await;
    let document = document(&server).await;
    let mut ada = server.browser_of("ada").await;
    let named = list(&document, "id_token_signing_alg_values_supported");
    assert!(named.contains(&"RS256".to_owned()), "Discovery §3: it MUST be included");
    for name in &named {
        let algorithm = SignatureAlgorithm::parse(name).unwrap();
        settle(&server, |cassette| cassette.openid.id_token_algorithm = algorithm).await;
        let landing = ask(&mut ada, &wish(&server, "id_token", &[])).await.landing();
        let id_token = landing.fragment("id_token").unwrap();
        assert_eq!(format!("{:?}", decode_header(id_token).unwrap().alg), *name);
        read(&server, id_token).await;
    }
    for other in ["none", "HS256", "HS384", "HS512", "RS384", "PS256", "ES384"] {
        assert!(!named.contains(&other.to_owned()) && SignatureAlgorithm::parse(other).is_none());
    }
    assert_eq!(list(&document, "userinfo_signing_alg_values_supported"), named);

    let mut subjects = Vec::new();
    for name in list(&document, "subject_types_supported") {
        let kind = SubjectType::parse(&name).unwrap();
        settle(&server, |cassette| cassette.openid.subject_type = kind).await;
        let landing = ask(&mut ada, &wish(&server, "id_token", &[])).await.landing();
        let claims = read(&server, landing.fragment("id_token").unwrap()).await;
        subjects.push(claims["sub"].clone());
    }
    assert_eq!(subjects.len(), 2);
    assert_ne!(subjects[0], subjects[1]);
    assert_eq!(SubjectType::parse("ephemeral"), None);
}

#[tokio::test]
async fn ds_06_every_prompt_and_acr_that_is_named_is_understood_and_no_other() {
    let server = start().await;
    let document = document(&server).await;
    let mut ada = server.browser_of("ada").await;
    ask(&mut ada, &wish(&server, "code", &[])).await.landing();
    for prompt in list(&document, "prompt_values_supported") {
        let page = ada.visit(&wish(&server, "id_token", &[("prompt", &prompt)])).await;
        match &*prompt {
            "none" => assert!(page.landing().fragment("id_token").is_some()),
            "login" => assert_eq!(page.h1(), "Sign in"),
            "create" => assert_eq!(page.h1(), "Sign up"),
            "consent" | "select_account" => assert!(page.h1().contains("permission")),
            other => panic!("{other} is named, and nobody knows what it is"),
        }
    }
    for other in ["None", "password", "mfa"] {
        let answer = ada.get(&wish(&server, "id_token", &[("prompt", other)])).await;
        answer.assert_error(Part::Fragment, "invalid_request", None);
    }
    for acr in list(&document, "acr_values_supported") {
        let essential = essential_acr(&acr);
        let link = wish(&server, "id_token", &[("claims", &essential), ("acr_values", &acr)]);
        let landing = ada.get(&link).await.landing();
        assert_eq!(read(&server, landing.fragment("id_token").unwrap()).await["acr"], *acr);
    }
    let answer = ada.get(&wish(&server, "id_token", &[("claims", &essential_acr("2"))])).await;
    answer.assert_error(Part::Fragment, "unmet_authentication_requirements", None);
}

fn essential_acr(value: &str) -> String {
    json!({ "id_token": { "acr": { "essential": true, "value": value } } }).to_string()
}

/// Discovery §3: what is said to be missing is refused, and not passed over.
#[tokio::test]
async fn ds_06_what_is_said_not_to_be_supported_is_refused() {
    let server = start().await;
    let document = document(&server).await;
    let mut ada = server.browser_of("ada").await;
    for (member, name, error) in [
        ("request_parameter_supported", "request", "request_not_supported"),
        ("request_uri_parameter_supported", "request_uri", "request_uri_not_supported"),
    ] {
        assert_eq!(document[member], false);
        let link = wish(&server, "id_token", &[(name, "https://cassette.example/r")]);
        ada.get(&link).await.assert_error(Part::Fragment, error, None);
    }
    let both = [("request", "x.y.z"), ("request_uri", "https://cassette.example/r")];
    let answer = ada.get(&wish(&server, "id_token", &both)).await;
    answer.assert_error(Part::Fragment, "invalid_request", None);
}

/// Every claim of an ID token about itself and the sign-in.
#[tokio::test]
async fn ds_06_every_claim_of_a_sign_in_that_is_named_is_told() {
    let server = start().await;
    let named = list(&document(&server).await, "claims_supported");
    let mut ada = server.browser_of("ada").await;
    let landing = ask(&mut ada, &wish(&server, "code id_token token", &[])).await.landing();
    let claims = read(&server, landing.fragment("id_token").unwrap()).await;
    assert_eq!(claims.as_object().unwrap().len(), 13);
    for name in claims.as_object().unwrap().keys() {
        assert!(named.contains(name), "{name} is told and not named");
    }
}

/// What everybody has who has an account, where no access token could bring it.
#[tokio::test]
async fn ds_06_claims_about_the_person_are_told_in_an_id_token_that_is_alone() {
    let server = start().await;
    let named = list(&document(&server).await, "claims_supported");
    let mut ada = server.browser_of("ada").await;
    let link = wish(&server, "id_token", &[("scope", "openid profile email")]);
    let landing = ask(&mut ada, &link).await.landing();
    let claims = read(&server, landing.fragment("id_token").unwrap()).await;
    assert_eq!(claims["preferred_username"], "ada");
    assert_eq!(
        (&claims["email"], &claims["email_verified"]),
        (&json!("ada@people.example"), &json!(false))
    );
    assert!(claims["updated_at"].is_i64());
    assert!(claims.as_object().unwrap().keys().all(|name| named.contains(name)), "{claims}");
}

/// In the metadata, the answer, the ID token of either endpoint, and both forms of access tokens.
#[tokio::test]
async fn ds_02_the_issuer_is_the_same_to_the_byte_in_id_tokens_and_signed_access_tokens() {
    let apps = format!("{WORLD}{APIS}");
    let server = TestServer::with(Setup { apps, ..Setup::default() }).await;
    let server = with_every_grant(server).await;
    assert_eq!(document(&server).await["issuer"], ISSUER);
    let mut ada = server.browser_of("ada").await;
    let music = [("resource", "https://music.example")];
    let answer = ask(&mut ada, &wish(&server, "code id_token token", &music)).await;
    let landing = answer.landing();
    assert_eq!(landing.fragment("iss"), Some(ISSUER));
    let tokens = server.cassette().exchange(landing.fragment("code").unwrap()).await.json();
    let told = |name: &str| tokens[name].as_str().unwrap();
    for id_token in [landing.fragment("id_token").unwrap(), told("id_token")] {
        assert_eq!(read(&server, id_token).await["iss"], ISSUER);
    }
    for signed in [landing.fragment("access_token").unwrap(), told("access_token")] {
        let (_, claims) = Verifier::default().read(&server, signed, "https://music.example").await;
        assert_eq!(claims["iss"], ISSUER);
    }
}

/// The same in signed userinfo.
#[tokio::test]
async fn ds_02_the_issuer_is_the_same_to_the_byte_in_signed_userinfo() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut ada, "openid").await;
    let es256 = Some(SignatureAlgorithm::Es256);
    settle(&server, |cassette| cassette.openid.userinfo_algorithm = es256).await;
    let header = format!("Bearer {}", tokens.access);
    let request = Request::get("/userinfo").header("authorization", header);
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("content-type"), Some("application/jwt"));
    let payload = URL_SAFE_NO_PAD.decode(answer.body.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["iss"], ISSUER);
}
