//! What becomes of a code: it is exchanged once, by its client, at its place, in its minute. Names that
//! begin with an id are rows of the list of refusals.

use std::time::Duration;

use hallpass_protocol::model::{Client as Registered, ClientId, ClientStatus};
use hallpass_store::Declaration;

use crate::sign_in::disable_ada;
use crate::support::{Browser, Client, TURNTABLE_URI, TestServer, Tokens, Trouble, VERIFIER, Wire};

const INVALID: &str = "Invalid authorization code";

/// How the first code is exchanged, which was recorded with the approval, and how those are that follow.
const ACTS: [&str; 2] = ["redeem_code", "redeem_sealed_code"];

async fn assert_all_is_over(server: &TestServer, client: &Client, tokens: &Tokens) {
    assert!(!server.is_good(&tokens.access).await, "the access token");
    let answer = client.refresh(tokens.refresh()).await;
    answer.assert_refused("invalid_grant", "Refresh token revoked");
}

async fn assert_all_is_well(server: &TestServer, client: &Client, tokens: &Tokens) {
    assert!(server.is_good(&tokens.access).await, "the access token");
    client.refresh(tokens.refresh()).await.tokens();
}

/// Switches an app off, as its operator would.
async fn disable(server: &TestServer, client: &Client) {
    let id = ClientId::parse(client.id).unwrap();
    let known = server.store().client(&id).await.unwrap().unwrap();
    let clients = vec![Registered { status: ClientStatus::Disabled, ..known }];
    let declaration = Declaration { clients, ..Declaration::new(server.now()) };
    server.store().declare(&declaration).await.unwrap();
}

#[tokio::test]
async fn ru_27_the_place_is_the_same_to_the_byte_or_there_is_no_token() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let mut ada = server.browser_of("ada").await;
    let code = turntable.code(&mut ada, &[]).await;
    let [grant, code, right, verifier] = turntable.exchange_form(&code);
    for place in [
        "",
        "https://turntable.example/callback",
        "https://turntable.example/callback?side=b",
        "https://turntable.example/callback/?side=a",
        "https://turntable.example/callback?side=a#",
        "https://TURNTABLE.example/callback?side=a",
        "https://turntable.example:443/callback?side=a",
    ] {
        let form = [grant, code, ("redirect_uri", place), verifier];
        let answer = turntable.post("/api/token", &form).await;
        answer.assert_refused("invalid_grant", "Invalid redirect URI");
    }
    let answer = turntable.post("/api/token", &[grant, code, verifier]).await;
    answer.assert_refused("invalid_grant", "Invalid redirect URI");
    turntable.post("/api/token", &[grant, code, right, verifier]).await.tokens();
}

#[tokio::test]
async fn tk_01_a_code_that_comes_twice_ends_what_it_brought() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for client in [server.cassette(), server.turntable()] {
        let before = client.tokens(&mut ada, "email").await;
        let code = client.code(&mut ada, &[("scope", "email")]).await;
        let tokens = client.exchange(&code).await.tokens();
        let newer = client.refresh(tokens.refresh()).await.tokens();
        assert!(server.is_good(&tokens.access).await && server.is_good(&newer.access).await);

        client.exchange(&code).await.assert_refused("invalid_grant", INVALID);
        assert_all_is_over(&server, &client, &tokens).await;
        assert_all_is_over(&server, &client, &newer).await;
        assert_all_is_well(&server, &client, &before).await;
        let again = client.exchange(&code).await;
        again.assert_refused("invalid_grant", INVALID);
    }
}

#[tokio::test]
async fn tk_01_a_code_that_comes_again_after_its_minute_is_a_replay_all_the_same() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for _ in ACTS {
        let code = cassette.code(&mut ada, &[]).await;
        let tokens = cassette.exchange(&code).await.tokens();
        server.wait(Duration::from_secs(1800));
        cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
        assert_all_is_over(&server, &cassette, &tokens).await;
    }
}

#[tokio::test]
async fn tk_01_what_a_replay_ended_stays_ended_when_the_server_starts_again() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let mut codes = Vec::new();
    for _ in ACTS {
        let code = server.cassette().code(&mut ada, &[]).await;
        let tokens = server.cassette().exchange(&code).await.tokens();
        codes.push((code, tokens));
    }
    let server = server.restarted().await;
    for (code, tokens) in &codes {
        assert!(server.is_good(&tokens.access).await);
        server.cassette().exchange(code).await.assert_refused("invalid_grant", INVALID);
    }
    let server = server.restarted().await;
    for (_, tokens) in &codes {
        assert_all_is_over(&server, &server.cassette(), tokens).await;
    }
}

#[tokio::test]
async fn a_code_that_was_not_exchanged_outlives_a_restart() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let codes =
        [server.cassette().code(&mut ada, &[]).await, server.cassette().code(&mut ada, &[]).await];
    let server = server.restarted().await;
    for code in &codes {
        server.cassette().exchange(code).await.tokens();
    }
}

/// Whoever wins: the family is dead afterwards, because the code came more than once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tk_02_of_a_hundred_at_once_one_gets_tokens_and_they_end() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for _ in ACTS {
        let code = cassette.code(&mut ada, &[]).await;
        one_of_a_hundred_gets_tokens_and_they_end(&server, &cassette, &code).await;
    }
}

async fn one_of_a_hundred_gets_tokens_and_they_end(
    server: &TestServer,
    cassette: &Client,
    code: &str,
) {
    let request = cassette.on_the_wire("/api/token", &cassette.exchange_form(code));
    let wire = Wire::open(server.router.clone(), 200).await;
    let answers = wire.exchange_at_once(100, &request).await;

    let (good, bad): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.starts_with("HTTP/1.1 200 "));
    assert_eq!((good.len(), bad.len()), (1, 99), "{answers:#?}");
    for answer in bad {
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains(INVALID), "{answer}");
        assert!(!answer.contains("_token\":"), "{answer}");
    }
    let (_, body) = good[0].split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    assert!(!server.is_good(&access).await);
    let answer = cassette.refresh(&refresh).await;
    answer.assert_refused("invalid_grant", "Refresh token revoked");
}

/// The same without chance: the second caller comes between the first one's read and its act.
#[tokio::test]
async fn tk_02_who_is_overtaken_gets_nothing_and_ends_what_the_other_got() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for act in ACTS {
        let code = cassette.code(&mut ada, &[]).await;
        let (other, stolen) = (cassette.clone(), code.clone());
        let (told, tokens) = tokio::sync::oneshot::channel();
        server.meanwhile(act, async move {
            told.send(other.exchange(&stolen).await.tokens()).unwrap();
        });
        cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
        assert_all_is_over(&server, &cassette, &tokens.await.unwrap()).await;
    }
}

#[tokio::test]
async fn tk_03_a_stranger_with_the_code_can_neither_use_it_nor_end_anything() {
    let server = TestServer::start().await;
    let (cassette, turntable) = (server.cassette(), server.turntable());
    let mut ada = server.browser_of("ada").await;
    cassette.tokens(&mut ada, "email").await;
    let code = cassette.code(&mut ada, &[]).await;
    let [grant, bare, place, _] = cassette.exchange_form(&code);
    let wrong =
        [grant, bare, place, ("code_verifier", "a-verifier-that-is-made-up-by-a-stranger-00")];
    let elsewhere = [grant, bare, ("redirect_uri", TURNTABLE_URI), ("code_verifier", VERIFIER)];
    let attempts = async || {
        for form in [&wrong[..], &elsewhere, &[grant, bare, place]] {
            assert_eq!(cassette.post("/api/token", form).await.error().1, "invalid_grant");
        }
        let stranger = turntable.post("/api/token", &cassette.exchange_form(&code)).await;
        stranger.assert_refused("invalid_grant", INVALID);
    };
    attempts().await;
    let tokens = cassette.exchange(&code).await.tokens();
    attempts().await;
    assert_all_is_well(&server, &cassette, &tokens).await;
}

#[tokio::test]
async fn tk_04_another_apps_code_is_unknown() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let (cassette, jukebox) = (server.cassette(), server.jukebox());
    for _ in ACTS {
        let code = cassette.code(&mut ada, &[]).await;
        let form = cassette.exchange_form(&code);
        jukebox.post("/api/token", &form).await.assert_refused("invalid_grant", INVALID);
        // The name of the one and the secret of the other are nobody.
        let form = [&form[..], &[("client_id", cassette.id)]].concat();
        assert_eq!(jukebox.post("/api/token", &form).await.error().1, "invalid_request");
        cassette.exchange(&code).await.tokens();
    }
}

#[tokio::test]
async fn tk_05_what_is_no_code_is_unknown() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    let agreed_now = cassette.code(&mut ada, &[("show_dialog", "true")]).await;
    let remembered = cassette.code(&mut ada, &[("scope", "email")]).await;
    for code in [agreed_now, remembered] {
        nothing_but_the_code_is_one(&cassette, &ada, &tokens, &code).await;
    }
}

async fn nothing_but_the_code_is_one(
    cassette: &Client,
    ada: &Browser,
    tokens: &Tokens,
    code: &str,
) {
    let last = if code.ends_with('A') { "E" } else { "A" };
    let session = ada.cookies["__Host-hallpass-session"].clone();
    for other in [
        &code[..code.len() - 1],
        &format!("{}{last}", &code[..code.len() - 1]),
        &format!("{code}="),
        &format!("{code}A"),
        &format!(" {code}"),
        &code.to_uppercase(),
        &code.replace("hpc_", "hpr_"),
        &session,
        &tokens.access,
        tokens.refresh(),
        "hpc_",
        "x",
        "null",
        "\u{1f3b7}",
        &"A".repeat(100_000),
    ] {
        cassette.exchange(other).await.assert_refused("invalid_grant", INVALID);
    }
    cassette.exchange(code).await.tokens();
}

#[tokio::test]
async fn tk_06_a_code_is_good_to_its_last_second_and_no_longer() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let code = cassette.code(&mut ada, &[]).await;
    server.wait(Duration::from_secs(59));
    cassette.exchange(&code).await.tokens();
    let code = cassette.code(&mut ada, &[]).await;
    for seconds in [60, 1, 3600] {
        server.wait(Duration::from_secs(seconds));
        let answer = cassette.exchange(&code).await;
        answer.assert_refused("invalid_grant", "Authorization code expired");
    }
}

#[tokio::test]
async fn tk_08_a_code_ends_with_its_person_its_consent_and_its_app() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let code = cassette.code(&mut server.browser_of("ada").await, &[]).await;
    server.withdraw("ada", cassette.id).await;
    cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
    // The person agrees anew: that is another consent, and another code.
    let new = cassette.code(&mut server.browser_of("ada").await, &[]).await;
    cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
    cassette.exchange(&new).await.tokens();

    let code = cassette.code(&mut server.browser_of("ada").await, &[]).await;
    let graces = cassette.code(&mut server.browser_of("grace").await, &[]).await;
    disable_ada(&server).await;
    cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
    disable(&server, &cassette).await;
    cassette.exchange(&graces).await.assert_refused("invalid_client", "Invalid client");
}

#[tokio::test]
async fn tk_08_a_code_ends_with_the_session_it_was_made_in() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let (mut ada, mut elsewhere) = (server.browser_of("ada").await, server.browser_of("ada").await);
    let tokens = cassette.tokens(&mut ada, "email").await;
    let code = cassette.code(&mut ada, &[("scope", "email")]).await;
    let other = cassette.code(&mut elsewhere, &[("scope", "email")]).await;
    let form = ada.get("/sign-out").await.form("/sign-out");
    ada.submit(form).await;
    cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
    // What was made in another session, and what the app had before, stays.
    cassette.exchange(&other).await.tokens();
    assert_all_is_well(&server, &cassette, &tokens).await;
}

#[tokio::test]
async fn tk_08_what_ends_between_the_read_and_the_act_ends_the_code() {
    let cases = ACTS.into_iter().flat_map(|act| [(act, "withdrawn"), (act, "disabled")]);
    for (act, case) in cases {
        let server = TestServer::start().await;
        let cassette = server.cassette();
        let mut ada = server.browser_of("ada").await;
        let mut code = cassette.code(&mut ada, &[]).await;
        if act == "redeem_sealed_code" {
            code = cassette.code(&mut ada, &[]).await;
        }
        let server = std::sync::Arc::new(server);
        let behind = server.clone();
        server.meanwhile(act, async move {
            match case {
                "withdrawn" => behind.withdraw("ada", behind.cassette().id).await,
                _ => disable_ada(&behind).await,
            }
        });
        cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
        cassette.exchange(&code).await.assert_refused("invalid_grant", INVALID);
    }
}

#[tokio::test]
async fn tk_20_more_than_was_agreed_to_cannot_be_had_for_a_code() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let code = cassette.code(&mut ada, &[("scope", "email")]).await;
    let form = cassette.exchange_form(&code);
    let more = [&form[..], &[("scope", "email history playlists"), ("state", "x")]].concat();
    let tokens = cassette.post("/api/token", &more).await.tokens();
    assert_eq!(tokens.scope, "email");
    assert_eq!(server.told_of(&tokens.access).await["scope"], "email");
}

#[tokio::test]
async fn tk_29_what_is_lost_after_the_exchange_is_not_given_twice() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for (trouble, is_used) in [
        (Trouble::Fails, false),
        (Trouble::FailsIn("redeem_code"), false),
        (Trouble::LosesAnswerOf("redeem_code"), true),
        (Trouble::FailsIn("redeem_sealed_code"), false),
        (Trouble::LosesAnswerOf("redeem_sealed_code"), true),
    ] {
        // Whoever is asked again gets a code that is recorded at once.
        let ask_again = matches!(
            trouble,
            Trouble::FailsIn("redeem_code") | Trouble::LosesAnswerOf("redeem_code")
        );
        let wish = if ask_again { &[("show_dialog", "true")][..] } else { &[] };
        let code = cassette.code(&mut ada, wish).await;
        server.trouble_store(trouble);
        let answer = cassette.exchange(&code).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, Some("2")));
        assert_eq!(answer.error().1, "temporarily_unavailable");
        assert!(!answer.body.contains("/var/lib"), "{answer:?}");
        server.trouble_store(Trouble::None);
        let again = cassette.exchange(&code).await;
        match is_used {
            true => again.assert_refused("invalid_grant", INVALID),
            false => drop(again.tokens()),
        }
    }
}
