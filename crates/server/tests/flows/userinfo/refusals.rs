//! Who is told nothing at userinfo. Names that begin with an id are rows of the list of refusals.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use hallpass_protocol::access_token::{Claims, TokenSubject, jwt};
use hallpass_protocol::id_token::IdToken;
use hallpass_protocol::model::{
    Authentication, ClaimSet, Client, ClientId, ClientStatus, OpenIdSettings, RequestedClaims,
    Revocation, Revoked, Secret, SessionId, SignatureAlgorithm, SubjectType,
};
use serde_json::json;

use super::{
    FORM, INVALID, UNREADABLE, ask, ask_about, claims, declare, issuer, post, refused, tell_name,
    token,
};
use crate::sign_in::disable_ada;
use crate::support::{ISSUER, NIGHT_TRAIN, TestServer, Trouble, escape};

#[tokio::test]
async fn ui_01_a_token_in_the_query_is_never_read() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    let path = format!("/userinfo?access_token={token}");
    assert_eq!(refused(&ask(&server, &path, &[]).await).0, 401);
    let posted = Request::post(&path).header(CONTENT_TYPE, FORM).body(Body::empty()).unwrap();
    assert_eq!(refused(&server.browser().send(posted).await).0, 401);
    let both = ask(&server, &path, &[&format!("Bearer {token}")]).await;
    assert_eq!(refused(&both), (400, Some(UNREADABLE)));
    let both = Request::post(&path).header(CONTENT_TYPE, FORM);
    let both = both.body(Body::from(format!("access_token={token}"))).unwrap();
    // The one in the form was sent as it may be; the other one is looked at by nobody.
    assert_eq!(server.browser().send(both).await.status, 200);
}

#[tokio::test]
async fn ui_02_of_two_tokens_none_is_taken() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    let (bearer, body) = (format!("Bearer {token}"), format!("access_token={token}"));
    let headers = [("authorization", bearer.as_str()), ("content-type", FORM)];
    for (headers, body) in [
        (&headers[..], body.as_str()),
        (&headers[..], "access_token="),
        (&headers[1..], &format!("{body}&{body}")),
        (&[("authorization", "Basic YTpi"), ("content-type", FORM)], &body),
    ] {
        let answer = post(&server, headers, body).await;
        assert_eq!(refused(&answer), (400, Some(UNREADABLE)), "{headers:?} {body}");
    }
}

#[tokio::test]
async fn ui_03_without_a_token_the_challenge_names_no_error() {
    let server = TestServer::start().await;
    for answer in [
        ask(&server, "/userinfo", &[]).await,
        post(&server, &[], "").await,
        post(&server, &[("content-type", FORM)], "token=x").await,
        post(&server, &[("content-type", "application/json")], "{\"access_token\":\"x\"}").await,
    ] {
        assert_eq!(refused(&answer), (401, Some("Bearer realm=\"hallpass\"")));
        assert_eq!(answer.body, "{}");
    }
}

#[tokio::test]
async fn ui_04_in_03_in_04_what_is_no_token_for_here_is_invalid() {
    let server = TestServer::start().await;
    let good = claims(&server, "openid email").await;
    let elsewhere = TestServer::elsewhere().await;
    let others = elsewhere.sealed(&claims(&elsewhere, "openid").await);
    let mut ada = server.browser_of("ada").await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut ada, "email").await;
    let code = cassette.code(&mut ada, &[("scope", "email")]).await;
    let token = server.sealed(&good);
    for bad in [
        others.as_str(),
        tokens.refresh(),
        &code,
        &token[..token.len() - 1],
        &token.to_uppercase(),
        "garbage",
        "a.b.c",
        &"A".repeat(100_000),
        "\"quoted\"",
    ] {
        assert_eq!(refused(&ask_about(&server, bad).await), (401, Some(INVALID)), "{bad}");
        let body = format!("access_token={}", escape(bad));
        let posted = post(&server, &[("content-type", FORM)], &body).await;
        assert_eq!(refused(&posted), (401, Some(INVALID)), "{bad}");
    }
    let megabyte = post(&server, &[("content-type", FORM)], &"a".repeat(1 << 20)).await;
    assert_eq!(megabyte.status, 413);
}

#[tokio::test]
async fn in_02_jw_07_signed_tokens_for_others_are_no_tokens_here() {
    let server = TestServer::start().await;
    let good = claims(&server, "openid email").await;
    let audience = "https://music.example".to_owned();
    let for_an_api = Claims { audience, ..good.clone() };
    let issuer = issuer(&server);
    let signer = issuer.keys.signing.signer(SignatureAlgorithm::EdDsa, server.now()).unwrap();
    let access = jwt::encode(&for_an_api, ISSUER, signer, &mut server.app.rng());
    let client = server.store().client(&good.client).await.unwrap().unwrap();
    let authentication = Authentication {
        session: SessionId::of(&Secret::presented("cookie")),
        at: server.now(),
        nonce: None,
        claims: RequestedClaims::default(),
    };
    let identity = IdToken {
        client: &client,
        account: server.account("ada").await.id,
        authentication: &authentication,
        code: None,
        access_token: None,
        claims: ClaimSet::EMPTY,
        person: None,
    };
    let identity = identity.sign(&issuer, server.now()).unwrap();
    for bad in [access.reveal(), &identity, &server.sealed(&for_an_api)] {
        assert_eq!(refused(&ask_about(&server, bad).await), (401, Some(INVALID)), "{bad}");
    }
}

#[tokio::test]
async fn ui_04_a_token_is_good_to_its_last_second_and_no_longer() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    server.wait(Duration::from_secs(3599));
    assert_eq!(ask_about(&server, &token).await.status, 200);
    server.wait(Duration::from_secs(1));
    assert_eq!(refused(&ask_about(&server, &token).await), (401, Some(INVALID)));
}

#[tokio::test]
async fn ui_04_what_was_ended_tells_nothing_any_more() {
    let server = TestServer::start().await;
    let first = claims(&server, "openid").await;
    let TokenSubject::Account(ada) = first.subject else { panic!("{first:?}") };
    for revoked in [
        Revoked::Authorization(first.authorization),
        Revoked::Consent(first.consent.unwrap()),
        Revoked::Account(ada),
        Revoked::Client(first.client.clone()),
    ] {
        // A server of its own for each act: none hides another.
        let server = TestServer::start().await;
        let token = server.sealed(&first);
        assert_eq!(ask_about(&server, &token).await.status, 200);
        let at = server.now();
        server.app.revocations.add(&Revocation { revoked, at, until: first.expires_at });
        assert_eq!(refused(&ask_about(&server, &token).await), (401, Some(INVALID)));
    }
}

#[tokio::test]
async fn ui_05_a_token_without_openid_lacks_a_scope() {
    let server = TestServer::start().await;
    let challenge = "Bearer realm=\"hallpass\", error=\"insufficient_scope\", scope=\"openid\"";
    for scopes in ["", "profile email"] {
        let answer = ask_about(&server, &token(&server, scopes).await).await;
        assert_eq!(refused(&answer), (403, Some(challenge)), "{scopes}");
    }
}

#[tokio::test]
async fn ui_06_of_an_apps_own_token_no_user_is_made_up() {
    let server = TestServer::start().await;
    let form = [("grant_type", "client_credentials")];
    let own = server.night_train().post("/api/token", &form).await.tokens().access;
    assert_eq!(refused(&ask_about(&server, &own).await), (401, Some(INVALID)));
    let claims = Claims {
        client: ClientId::parse(NIGHT_TRAIN).unwrap(),
        subject: TokenSubject::Client,
        consent: None,
        ..claims(&server, "openid").await
    };
    let answer = ask_about(&server, &server.sealed(&claims)).await;
    assert_eq!(refused(&answer), (401, Some(INVALID)));
}

#[tokio::test]
async fn ui_08_only_what_was_allowed_is_told_of_the_same_subject_as_in_the_id_token() {
    let server = TestServer::start().await;
    tell_name(&server, "Ada Lovelace").await;
    for kind in SubjectType::ALL {
        declare(&server, |client| Client {
            openid: OpenIdSettings { subject_type: kind, ..client.openid },
            ..client
        })
        .await;
        let claims = claims(&server, "openid email history").await;
        let client = server.store().client(&claims.client).await.unwrap().unwrap();
        let subject = issuer(&server).subject(&client, server.account("ada").await.id);
        let told = ask_about(&server, &server.sealed(&claims)).await.json();
        let expected = json!({
            "sub": subject.as_str(), "email": "ada@people.example", "email_verified": false,
        });
        assert_eq!(told, expected, "{kind:?}");
    }
}

#[tokio::test]
async fn ui_09_of_who_was_shut_out_after_it_was_issued_nothing_is_told() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    disable_ada(&server).await;
    assert_eq!(refused(&ask_about(&server, &token).await), (401, Some(INVALID)));

    let server = TestServer::start().await;
    let token = self::token(&server, "openid").await;
    assert_eq!(ask_about(&server, &token).await.status, 200);
    declare(&server, |client| Client { status: ClientStatus::Disabled, ..client }).await;
    assert_eq!(refused(&ask_about(&server, &token).await), (401, Some(INVALID)));
}

#[tokio::test]
async fn ui_11_the_scheme_has_no_case_and_two_headers_are_refused() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    for value in ["bearer", "BEARER", "Bearer  "] {
        let answer = ask(&server, "/userinfo", &[&format!("{value} {token} ")]).await;
        assert_eq!(answer.status, 200, "{value}");
    }
    let bearer = format!("Bearer {token}");
    for headers in [
        vec![bearer.as_str(), bearer.as_str()],
        vec!["Basic YTpi"],
        vec!["Bearer"],
        vec![""],
        vec![&bearer.replace(' ', "X ")],
    ] {
        let answer = ask(&server, "/userinfo", &headers).await;
        assert_eq!(refused(&answer), (400, Some(UNREADABLE)), "{headers:?}");
    }
}

#[tokio::test]
async fn in_08_when_the_store_fails_nothing_is_made_up() {
    let server = TestServer::start().await;
    let token = token(&server, "openid").await;
    server.trouble_store(Trouble::Fails);
    let answer = ask_about(&server, &token).await;
    assert_eq!(refused(&answer), (503, None));
    assert_eq!(answer.header("retry-after"), Some("2"));
    server.trouble_store(Trouble::None);
    assert_eq!(ask_about(&server, &token).await.status, 200);
}
