//! Token introspection, through the router: who may ask, and what they are told. Names that begin with
//! an id are rows of the list of refusals.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hallpass_protocol::model::{Client, ClientId};
use serde_json::{Value, json};

use crate::sign_in::disable_ada;
use crate::support::{
    Answer, ISSUER, MIXTAPE, NIGHT_TRAIN, NIGHT_TRAIN_SECRET, TestServer, Trouble, escape, link,
};

const FORM: &str = "application/x-www-form-urlencoded";
const INACTIVE: (u16, &str) = (200, "{\"active\":false}");

/// Asks with this `Authorization` header, if it is not empty, and this form.
async fn ask(server: &TestServer, authorization: &str, form: &str) -> Answer {
    let request = Request::post("/introspect").header(CONTENT_TYPE, FORM);
    let request = match authorization {
        "" => request,
        header => request.header(AUTHORIZATION, header),
    };
    server.browser().send(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// Asks about a token as the one who may.
async fn ask_about(server: &TestServer, token: &str) -> Answer {
    let form = format!("token={}", escape(token));
    ask(server, &basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET), &form).await
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body.as_str())
}

fn error(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.status.as_u16(), body["error"].as_str().unwrap().to_owned())
}

/// A token that ada gave Mixtape.
async fn token(server: &TestServer) -> String {
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email history")])).await;
    let answer = ada.agree(&page).await;
    answer.landing().fragment("access_token").unwrap().to_owned()
}

async fn mixtape(server: &TestServer) -> Client {
    server.store().client(&ClientId::parse(MIXTAPE).unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn of_a_good_token_everything_is_told() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let answer = ask_about(&server, &token).await;
    let mut body: Value = serde_json::from_str(&answer.body).unwrap();
    let now = server.now().seconds();
    let subject = body.as_object_mut().unwrap().remove("sub").unwrap();
    assert_eq!(subject.as_str().unwrap().len(), 36);
    assert_eq!(
        body,
        json!({
            "active": true, "scope": "email history", "client_id": MIXTAPE, "username": "ada",
            "token_type": "Bearer", "iat": now, "exp": now + 3600, "aud": ISSUER, "iss": ISSUER,
        })
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("etag"), None, "HT-21");
}

#[tokio::test]
async fn a_token_is_good_to_its_last_second_and_no_longer() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    server.wait(Duration::from_secs(3599));
    assert!(ask_about(&server, &token).await.body.contains("\"active\":true"));
    server.wait(Duration::from_secs(1));
    assert_eq!(told(&ask_about(&server, &token).await), INACTIVE);
}

#[tokio::test]
async fn in_01_who_does_not_say_who_they_are_is_told_nothing() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for authorization in ["", &basic(NIGHT_TRAIN, "wrong"), &format!("Bearer {token}")] {
        for about in [token.as_str(), "garbage", ""] {
            let answer = ask(&server, authorization, &format!("token={about}")).await;
            assert_eq!(error(&answer), (401, "invalid_client".to_owned()), "{authorization}");
            assert!(!answer.body.contains("active") && !answer.body.contains("ada"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn in_03_of_a_bad_token_nothing_is_told_but_that() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let elsewhere = TestServer::elsewhere().await;
    let elsewhere = self::token(&elsewhere).await;
    let (head, last) = token.split_at(token.len() - 1);
    let edited = format!("{head}{}", if last == "A" { "E" } else { "A" });
    for bad in [
        edited.as_str(),
        &elsewhere,
        &token[..token.len() / 2],
        &token.to_uppercase(),
        &format!("{token}="),
        &format!(" {token}"),
        "garbage",
        "a.b.c",
        "\u{fc}\n",
        &"A".repeat(100_000),
    ] {
        assert_eq!(told(&ask_about(&server, bad).await), INACTIVE, "{bad}");
    }
    let megabyte = ask_about(&server, &"A".repeat(1 << 20)).await;
    assert_eq!(error(&megabyte), (413, "invalid_request".to_owned()));
}

#[tokio::test]
async fn what_is_no_question_is_a_400() {
    let server = TestServer::start().await;
    let authorization = basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET);
    for form in ["", "token=", "toke=x", "token=x&token=x", "token=%ff"] {
        let answer = ask(&server, &authorization, form).await;
        assert_eq!(error(&answer), (400, "invalid_request".to_owned()), "{form}");
    }
    let answer = ask(&server, &authorization, "token=x&token_type_hint=access_token&more=1").await;
    assert_eq!(told(&answer), INACTIVE, "what is not known is passed over");
    for content_type in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let request = Request::post("/introspect")
            .header(CONTENT_TYPE, content_type)
            .header(AUTHORIZATION, &authorization)
            .body(Body::from("token=x"))
            .unwrap();
        let answer = server.browser().send(request).await;
        assert_eq!(error(&answer), (415, "invalid_request".to_owned()), "{content_type}");
    }
}

#[tokio::test]
async fn in_06_a_question_in_the_address_is_not_taken() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let request = Request::get(format!("/introspect?token={token}"))
        .header(AUTHORIZATION, basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET))
        .body(Body::empty())
        .unwrap();
    let answer = server.browser().send(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")));
    assert!(!answer.body.contains("active"), "{answer:?}");
    let form = format!("/introspect?token={token}&client_id={NIGHT_TRAIN}");
    let request = Request::post(form).header(CONTENT_TYPE, FORM).body(Body::empty()).unwrap();
    let answer = server.browser().send(request).await;
    assert_eq!(error(&answer), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn in_07_ca_04_a_public_client_is_not_believed_whatever_it_sends() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for (authorization, form) in [
        (String::new(), format!("client_id={MIXTAPE}")),
        (String::new(), format!("client_id={MIXTAPE}&client_secret=")),
        (String::new(), format!("client_id={MIXTAPE}&client_secret=any")),
        (basic(MIXTAPE, ""), "more=1".to_owned()),
        (basic(MIXTAPE, "any"), "more=1".to_owned()),
    ] {
        let answer = ask(&server, &authorization, &format!("token={token}&{form}")).await;
        assert_eq!(error(&answer), (401, "invalid_client".to_owned()), "{form}");
    }
}

#[tokio::test]
async fn in_08_when_the_store_fails_nothing_is_made_up() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for trouble in [Trouble::Fails, Trouble::Panics] {
        server.trouble_store(trouble);
        for about in [token.as_str(), "garbage"] {
            let answer = ask_about(&server, about).await;
            assert!(!answer.body.contains("active"), "{answer:?}");
            assert!(!answer.body.contains("/var/lib"), "{answer:?}");
            match trouble {
                Trouble::Panics => assert_eq!(answer.status, 500),
                _ => {
                    assert_eq!(error(&answer), (503, "temporarily_unavailable".to_owned()));
                    assert_eq!(answer.header("retry-after"), Some("2"));
                }
            }
        }
    }
    server.trouble_store(Trouble::None);
    assert!(ask_about(&server, &token).await.body.contains("\"active\":true"));
}

#[tokio::test]
async fn lg_27_the_token_of_a_disabled_account_is_not_good() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    disable_ada(&server).await;
    assert_eq!(told(&ask_about(&server, &token).await), INACTIVE);
}

#[tokio::test]
async fn db_13_the_token_of_a_deleted_app_is_not_good_and_never_comes_back() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let client = mixtape(&server).await;
    server.delete(&client).await;
    assert_eq!(told(&ask_about(&server, &token).await), INACTIVE);
    // The same app and the same person's consent, anew: not what the token came from.
    server.wait(Duration::from_millis(1));
    server.store().create_client(&client).await.unwrap();
    assert_eq!(told(&ask_about(&server, &token).await), INACTIVE, "its consent is gone");
    let new = self::token(&server).await;
    assert!(ask_about(&server, &new).await.body.contains("\"active\":true"));
    assert_eq!(told(&ask_about(&server, &token).await), INACTIVE);
}

#[tokio::test]
async fn ca_01_two_methods_at_once_are_refused() {
    let server = TestServer::start().await;
    let form = format!("token=x&client_id={NIGHT_TRAIN}&client_secret={NIGHT_TRAIN_SECRET}");
    let answer = ask(&server, &basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET), &form).await;
    assert_eq!(error(&answer), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn ca_02_two_names_at_once_are_refused() {
    let server = TestServer::start().await;
    let authorization = basic(NIGHT_TRAIN, NIGHT_TRAIN_SECRET);
    let answer = ask(&server, &authorization, &format!("token=x&client_id={MIXTAPE}")).await;
    assert_eq!(error(&answer), (400, "invalid_request".to_owned()));
    let answer = ask(&server, &authorization, &format!("token=x&client_id={NIGHT_TRAIN}")).await;
    assert_eq!(told(&answer), INACTIVE, "the same name twice is one name");
}

#[tokio::test]
async fn ca_03_ca_06_without_the_right_secret_nobody_is_believed() {
    let unknown = "0".repeat(32);
    let mut answers = Vec::new();
    for form in [
        format!("client_id={NIGHT_TRAIN}"),
        format!("client_id={NIGHT_TRAIN}&client_secret="),
        format!("client_id={NIGHT_TRAIN}&client_secret=wrong"),
        format!("client_id={NIGHT_TRAIN}&client_secret={}", NIGHT_TRAIN_SECRET.to_uppercase()),
        format!("client_id={unknown}&client_secret={NIGHT_TRAIN_SECRET}"),
    ] {
        // One that remembers nobody.
        let server = TestServer::start().await;
        server.calls();
        for work in [vec!["client"], vec![]] {
            let answer = ask(&server, "", &format!("token=x&{form}")).await;
            assert_eq!(error(&answer), (401, "invalid_client".to_owned()), "{form}");
            assert_eq!(server.calls(), work, "the same work for everybody");
        }
        let answer = ask(&server, "", &format!("token=x&{form}")).await;
        answers.push(answer.headers);
    }
    assert!(answers.iter().all(|headers| headers.keys().eq(answers[0].keys())));
}

#[tokio::test]
async fn ca_08_ca_09_what_is_no_basic_header_is_a_401_with_a_challenge() {
    let server = TestServer::start().await;
    let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for header in [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Bearer x",
        "Negotiate YII=",
        &encoded("no colon"),
        &encoded(":"),
        &encoded(&format!("{NIGHT_TRAIN}:")),
        &encoded(&format!("{NIGHT_TRAIN}:{NIGHT_TRAIN_SECRET}:more")),
        &format!("Basic {}", STANDARD.encode([0xff, b':', 0xfe])),
        &encoded(&format!("{NIGHT_TRAIN}:{}", "x".repeat(50_000))),
        &encoded(&format!("{NIGHT_TRAIN}:a%252Dsecret%252Dthat")),
    ] {
        let answer = ask(&server, header, "token=x").await;
        assert_eq!(error(&answer), (401, "invalid_client".to_owned()), "{header}");
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"hallpass\""));
    }
    let answer = ask(&server, "", &format!("token=x&client_id={NIGHT_TRAIN}")).await;
    assert_eq!(answer.header("www-authenticate"), None, "only for who used the header");
}

#[tokio::test]
async fn ca_08_the_encodings_of_published_clients_are_taken() {
    let server = TestServer::start().await;
    let pair = format!("{NIGHT_TRAIN}:{NIGHT_TRAIN_SECRET}");
    let escaped = pair.replace('-', "%2D");
    for header in [
        format!("Basic {}", STANDARD.encode(&pair)),
        format!("basic {}", STANDARD.encode(&pair)),
        format!("Basic {}", URL_SAFE_NO_PAD.encode(&pair)),
        format!("Basic {}", STANDARD.encode(&escaped)),
    ] {
        assert_eq!(told(&ask(&server, &header, "token=x").await), INACTIVE, "{header}");
    }
}
