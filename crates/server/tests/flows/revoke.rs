//! Giving a token back (RFC 7009). Names that begin with an id are rows of the list of refusals.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::support::{
    Browser, CASSETTE, Client, MIXTAPE, NIGHT_TRAIN, TURNTABLE, TURNTABLE_SECRET, TestServer,
    Tokens, Trouble, basic, link,
};

/// Two families of ada's.
async fn two(client: &Client, ada: &mut Browser) -> (Tokens, Tokens) {
    (client.tokens(ada, "email").await, client.tokens(ada, "email").await)
}

#[tokio::test]
async fn rv_06_an_access_token_that_is_given_back_is_dead_at_once_and_so_is_its_family() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for client in [server.cassette(), server.turntable()] {
        let (tokens, others) = two(&client, &mut ada).await;
        let answer = client.revoke(&tokens.access).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, ""));
        assert!(!server.is_good(&tokens.access).await);
        let answer = client.refresh(tokens.refresh()).await;
        answer.assert_refused("invalid_grant", "Refresh token revoked");
        assert!(server.is_good(&others.access).await, "no other family");
        client.refresh(others.refresh()).await.tokens();
    }
}

#[tokio::test]
async fn rv_06_with_a_refresh_token_go_all_its_access_tokens() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let (first, others) = two(&cassette, &mut ada).await;
    let second = cassette.refresh(first.refresh()).await.tokens();
    // The older of the two refresh tokens names the family as well.
    assert_eq!(cassette.revoke(first.refresh()).await.status, 200);
    for tokens in [&first, &second] {
        assert!(!server.is_good(&tokens.access).await);
        let answer = cassette.refresh(tokens.refresh()).await;
        answer.assert_refused("invalid_grant", "Refresh token revoked");
    }
    assert!(server.is_good(&others.access).await);
}

#[tokio::test]
async fn an_implicit_token_and_an_apps_own_can_be_given_back() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    let answer = ada.agree(&page).await;
    let token = answer.landing().fragment("access_token").unwrap().to_owned();
    let other = ada.get(&link(&[])).await.landing().fragment("access_token").unwrap().to_owned();
    let body = format!("client_id={MIXTAPE}&token={token}");
    assert_eq!(server.cassette().send("/revoke", &[], &body).await.status, 200);
    assert!(!server.is_good(&token).await);
    assert!(server.is_good(&other).await);

    let form = [("grant_type", "client_credentials")];
    let own = server.turntable().post("/api/token", &form).await.tokens().access;
    assert_eq!(server.turntable().revoke(&own).await.status, 200);
    assert!(!server.is_good(&own).await);
}

#[tokio::test]
async fn what_was_given_back_stays_dead_when_the_server_starts_again() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut ada, "email").await;
    server.cassette().revoke(&tokens.access).await;
    let server = server.restarted().await;
    assert!(!server.is_good(&tokens.access).await);
    let answer = server.cassette().refresh(tokens.refresh()).await;
    answer.assert_refused("invalid_grant", "Refresh token revoked");
}

#[tokio::test]
async fn rv_01_nobody_ends_another_apps_tokens() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    for stranger in [server.turntable(), server.night_train(), server.jukebox()] {
        for token in [tokens.refresh(), &tokens.access] {
            let answer = stranger.revoke(token).await;
            assert_eq!((answer.status.as_u16(), &*answer.body), (200, ""), "as if unknown");
        }
    }
    assert!(server.is_good(&tokens.access).await);
    cassette.refresh(tokens.refresh()).await.tokens();
}

#[tokio::test]
async fn rv_02_who_does_not_say_who_they_are_ends_nothing() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let (cassette, turntable) = (server.cassette(), server.turntable());
    let of_cassette = cassette.tokens(&mut ada, "email").await;
    let of_turntable = turntable.tokens(&mut ada, "email").await;
    for (token, more, header) in [
        (&of_cassette.access, String::new(), None),
        (&of_cassette.access, "&client_id=".to_owned(), None),
        (&of_cassette.access, format!("&client_id={CASSETTE}&client_secret=x"), None),
        (&of_turntable.access, format!("&client_id={TURNTABLE}"), None),
        (&of_turntable.access, String::new(), Some(basic(TURNTABLE, "wrong"))),
        (&of_turntable.access, String::new(), Some(format!("Bearer {}", of_turntable.access))),
    ] {
        let headers: Vec<_> = header.iter().map(|header| ("authorization", &**header)).collect();
        let answer = cassette.send("/revoke", &headers, &format!("token={token}{more}")).await;
        let status = if headers.is_empty() { 400 } else { 401 };
        assert_eq!((answer.error().0, &*answer.error().1), (status, "invalid_client"), "{more}");
        assert_eq!(answer.header("www-authenticate").is_some(), !headers.is_empty());
        assert!(server.is_good(token).await);
    }
}

#[tokio::test]
async fn rv_03_what_is_unknown_or_dead_already_is_answered_alike() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    for token in [tokens.refresh(), tokens.refresh(), &tokens.access, "x", "hpr_", "hpa_", "\u{fc}"]
    {
        let answer = cassette.revoke(token).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, ""), "{token}");
    }
    let code = cassette.code(&mut ada, &[]).await;
    assert_eq!(cassette.revoke(&code).await.status, 200);
    cassette.exchange(&code).await.tokens();
}

#[tokio::test]
async fn rv_03_what_has_ended_is_not_written_down_again() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let code = cassette.code(&mut server.browser_of("ada").await, &[]).await;
    let tokens = cassette.exchange(&code).await.tokens();
    cassette.revoke(&tokens.access).await;
    server.calls();
    cassette.revoke(&tokens.access).await;
    cassette.revoke(tokens.refresh()).await;
    cassette.exchange(&code).await.assert_refused("invalid_grant", "Invalid authorization code");
    assert!(!server.calls().contains(&"revoke"), "whoever has a token could fill the disk");
    let server = server.restarted().await;
    server.calls();
    server.cassette().revoke(&tokens.access).await;
    assert!(!server.calls().contains(&"revoke"), "after a restart neither");
}

#[tokio::test]
async fn rv_04_a_hint_changes_nothing() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for hint in ["refresh_token", "access_token", "id_token", "", "\u{1f3b7}"] {
        let tokens = cassette.tokens(&mut ada, "email").await;
        let form = [("token", &*tokens.access), ("token_type_hint", hint)];
        assert_eq!(cassette.post("/revoke", &form).await.status, 200);
        assert!(!server.is_good(&tokens.access).await, "{hint}");
        let tokens = cassette.tokens(&mut ada, "email").await;
        let form = [("token", tokens.refresh()), ("token_type_hint", hint)];
        assert_eq!(cassette.post("/revoke", &form).await.status, 200);
        assert!(!server.is_good(&tokens.access).await, "{hint}");
    }
}

#[tokio::test]
async fn rv_05_when_the_store_fails_nothing_is_said_to_have_ended() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    for trouble in [Trouble::Fails, Trouble::FailsIn("revoke")] {
        for token in [&tokens.access, tokens.refresh()] {
            server.trouble_store(trouble);
            let answer = cassette.revoke(token).await;
            assert_eq!((answer.error().0, answer.header("retry-after")), (503, Some("2")));
            server.trouble_store(Trouble::None);
            assert!(server.is_good(&tokens.access).await);
        }
    }
    assert_eq!(cassette.revoke(tokens.refresh()).await.status, 200);
    assert!(!server.is_good(&tokens.access).await);
}

#[tokio::test]
async fn only_a_form_with_a_token_is_taken() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    for form in [&[][..], &[("token", "")], &[("toke", "x")]] {
        let answer = cassette.post("/revoke", form).await;
        answer.assert_refused("invalid_request", "token must be supplied");
    }
    let json = [("content-type", "application/json")];
    let twice = format!("token=x&client_id={NIGHT_TRAIN}&client_id={NIGHT_TRAIN}");
    let answer = cassette.send("/revoke", &[], &twice).await;
    answer.assert_refused("invalid_request", "A parameter was sent more than once");
    assert_eq!(cassette.send("/revoke", &json, "{\"token\":\"x\"}").await.error().0, 415);
    let uri = format!("/revoke?token=x&client_id={NIGHT_TRAIN}&callback=x");
    let request = Request::builder().method(Method::GET).uri(uri).body(Body::empty()).unwrap();
    assert_eq!(server.browser().send(request).await.status, 405);
    let header = basic(TURNTABLE, TURNTABLE_SECRET);
    let answer = cassette.send("/revoke?token=x", &[("authorization", &header)], "").await;
    answer.assert_refused("invalid_request", "token must be supplied");
}

#[tokio::test]
async fn in_04_a_refresh_token_and_a_code_are_no_access_tokens() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut ada, "email").await;
    let code = server.cassette().code(&mut ada, &[]).await;
    for other in [tokens.refresh(), &code] {
        assert_eq!(server.told_of(other).await, serde_json::json!({ "active": false }));
    }
}
