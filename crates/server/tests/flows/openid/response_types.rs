//! Every response type, from the link to what the app gets.

use super::{NONCE, ask, read, start, wish};
use crate::support::{CASSETTE_URI, ISSUER, Part};

/// What each brings in which part, the guide's parameters first.
const BRINGS: [(&str, Part, &[&str]); 7] = [
    ("code", Part::Query, &["code"]),
    ("token", Part::Fragment, &["access_token", "token_type", "expires_in"]),
    ("id_token", Part::Fragment, &["id_token"]),
    ("id_token token", Part::Fragment, &["access_token", "token_type", "expires_in", "id_token"]),
    ("code id_token", Part::Fragment, &["code", "id_token"]),
    ("code token", Part::Fragment, &["access_token", "token_type", "expires_in", "code"]),
    (
        "code id_token token",
        Part::Fragment,
        &["access_token", "token_type", "expires_in", "code", "id_token"],
    ),
];

/// The first time with a question, the second without; each part of the answer is good for what it is.
#[tokio::test]
async fn each_response_type_brings_what_it_names_and_all_of_it_works() {
    let server = start().await;
    let cassette = server.cassette();
    for username in ["ada", "grace"] {
        let mut person = server.browser_of(username).await;
        let sub = server.account(username).await.id.subject();
        for (response_type, part, brings) in BRINGS {
            let answer = ask(&mut person, &wish(&server, response_type, &[("state", "s")])).await;
            let landing = answer.landing();
            assert_eq!(landing.base, CASSETTE_URI);
            let (own, other) = match part {
                Part::Query => (&landing.query, &landing.fragment),
                Part::Fragment => (&landing.fragment, &landing.query),
            };
            let names: Vec<&str> = own.iter().map(|(name, _)| &**name).collect();
            assert_eq!(names, [brings, &["state", "iss"]].concat(), "{response_type}");
            assert_eq!(*other, [], "{response_type}");
            let value = |name| own.iter().find(|(known, _)| known == name).map(|(_, v)| &**v);
            assert_eq!(value("iss"), Some(ISSUER));
            if let Some(token) = value("access_token") {
                assert!(server.is_good(token).await, "{response_type}");
            }
            if let Some(id_token) = value("id_token") {
                let claims = read(&server, id_token).await;
                assert_eq!(
                    (&claims["sub"], &claims["nonce"]),
                    (&sub.as_str().into(), &NONCE.into())
                );
                assert_eq!(claims.get("at_hash").is_some(), value("access_token").is_some());
                assert_eq!(claims.get("c_hash").is_some(), value("code").is_some());
            }
            if let Some(code) = value("code") {
                let tokens = cassette.exchange(code).await.tokens();
                let claims = read(&server, tokens.id_token.as_ref().unwrap()).await;
                assert_eq!(
                    (&claims["sub"], &claims["nonce"]),
                    (&sub.as_str().into(), &NONCE.into())
                );
                assert_eq!(cassette.exchange(code).await.error().1, "invalid_grant");
            }
        }
    }
}

#[tokio::test]
async fn az_06_the_words_of_a_response_type_come_in_any_order() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    for orders in [
        &["id_token token", "token id_token"][..],
        &["code id_token", "id_token code"],
        &["code id_token token", "token code id_token", "id_token token code"],
    ] {
        for order in orders {
            let landing = ask(&mut ada, &wish(&server, order, &[])).await.landing();
            for word in order.split(' ') {
                let name = if word == "token" { "access_token" } else { word };
                assert!(landing.fragment(name).is_some(), "{order}: {landing:?}");
            }
        }
    }
}

/// Form Post Response Mode: nothing of the answer is in an address.
#[tokio::test]
async fn every_response_type_travels_by_form_post() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    for (response_type, _, brings) in BRINGS {
        let link = wish(&server, response_type, &[("response_mode", "form_post"), ("state", "s")]);
        let question = ada.get(&link).await;
        let page = match question.h1().contains("permission") {
            true => ada.agree(&question).await,
            false => question,
        };
        assert_eq!((page.status.as_u16(), page.header("location")), (200, None));
        let form = page.form(CASSETTE_URI);
        for name in brings.iter().chain(&["state", "iss"]) {
            assert!(!form.value(name).is_empty(), "{response_type}: {name}");
        }
        if brings.contains(&"id_token") {
            read(&server, form.value("id_token")).await;
        }
    }
}

#[tokio::test]
async fn az_26_without_a_nonce_there_is_no_id_token() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    ask(&mut ada, &wish(&server, "code", &[])).await.landing();
    for (response_type, part, brings) in BRINGS {
        let answer = ask(&mut ada, &wish(&server, response_type, &[("nonce", "")])).await;
        match brings.contains(&"id_token") {
            true => answer.assert_error(part, "invalid_request", None),
            false => assert!(answer.location().contains("code=") || part == Part::Fragment),
        }
    }
}

#[tokio::test]
async fn az_54_a_denial_of_every_type_but_token_goes_where_its_success_goes() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    for (response_type, part, _) in BRINGS {
        let page = ada.get(&wish(&server, response_type, &[("state", "s")])).await;
        let part = if response_type == "token" { Part::Query } else { part };
        ada.cancel(&page).await.assert_error(part, "access_denied", Some("s"));
    }
}

#[tokio::test]
async fn az_03_an_openid_request_without_a_redirect_uri_is_a_page() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let link = wish(&server, "id_token token", &[("redirect_uri", ""), ("prompt", "none")]);
    ada.get(&link).await.assert_page(400, "Missing required parameter: redirect_uri");
}

/// What cannot be read as claims is an error for the app; what is merely not known is passed over (the rules are
/// tested one by one in `protocol`).
#[tokio::test]
async fn az_49_claims_that_are_no_json_are_an_error_and_unknown_ones_are_none() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let deep = format!("{{\"id_token\":{}", "{\"a\":".repeat(1_000));
    for bad in ["x", "[]", "{\"id_token\":7}", &deep] {
        let answer = ada.get(&wish(&server, "id_token", &[("claims", bad)])).await;
        answer.assert_error(Part::Fragment, "invalid_request", None);
    }
    let long = wish(&server, "id_token", &[("claims", &"x".repeat(40_000))]);
    assert!(matches!(ada.get(&long).await.status.as_u16(), 400 | 414 | 431));
    let unknown = r#"{"id_token":{"shoe_size":{"essential":true}},"else":1}"#;
    let answer = ask(&mut ada, &wish(&server, "id_token", &[("claims", unknown)])).await;
    let claims = read(&server, answer.landing().fragment("id_token").unwrap()).await;
    assert_eq!(claims.get("shoe_size"), None);
}
