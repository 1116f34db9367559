//! Refresh tokens: nothing is lost by losing an answer, and what was stolen ends. Names that begin with
//! an id are rows of the list of refusals.

use std::time::Duration;

use hallpass::config::Settings;
use hallpass_protocol::access_token;
use hallpass_protocol::model::{
    AuthorizationId, ClientId, GrantType, GrantTypes, Revocation, Revoked,
};

use crate::sign_in::disable_ada;
use crate::support::{Answer, CASSETTE, Client, TestServer, Tokens, Trouble, link};

const INVALID: &str = "Invalid refresh token";
const REVOKED: &str = "Refresh token revoked";
const EXPIRED: &str = "Refresh token expired";
const DAY: Duration = Duration::from_secs(86_400);

async fn refresh(client: &Client, tokens: &Tokens) -> Tokens {
    client.refresh(tokens.refresh()).await.tokens()
}

async fn assert_refused(client: &Client, tokens: &Tokens, description: &str) {
    client.refresh(tokens.refresh()).await.assert_refused("invalid_grant", description);
}

fn asking<'a>(tokens: &'a Tokens, scope: &'a str) -> [(&'static str, &'a str); 3] {
    [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh()), ("scope", scope)]
}

/// The authorization that these tokens belong to.
fn family(server: &TestServer, tokens: &Tokens) -> AuthorizationId {
    access_token::open(&tokens.access, &server.app.keys).unwrap().authorization
}

#[tokio::test]
async fn a_session_goes_on_from_token_to_token_with_one_read_and_one_write_each() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for client in [server.cassette(), server.turntable()] {
        let mut tokens = client.tokens(&mut ada, "email history").await;
        for _ in 0..5 {
            server.wait(DAY);
            server.calls();
            let next = refresh(&client, &tokens).await;
            assert_eq!(server.calls(), ["refresh_facts", "rotate"]);
            assert_ne!((&next.access, &next.refresh), (&tokens.access, &tokens.refresh));
            assert_eq!(next.scope, "email history");
            assert!(server.is_good(&next.access).await);
            assert_eq!(family(&server, &next), family(&server, &tokens));
            tokens = next;
        }
    }
}

#[tokio::test]
async fn rf_01_rf_17_a_token_that_comes_after_its_successor_was_used_ends_its_family_and_no_other()
{
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    for steps in [2, 3, 7] {
        let other = cassette.tokens(&mut ada, "email").await;
        let old = cassette.tokens(&mut ada, "email").await;
        let mut newest = old.clone();
        for _ in 0..steps {
            newest = refresh(&cassette, &newest).await;
        }
        assert!(server.is_good(&newest.access).await);
        assert_refused(&cassette, &old, REVOKED).await;
        assert_refused(&cassette, &newest, REVOKED).await;
        assert!(!server.is_good(&newest.access).await && !server.is_good(&old.access).await);
        assert!(server.is_good(&other.access).await);
        refresh(&cassette, &other).await;
    }
}

#[tokio::test]
async fn rf_04_a_used_token_is_known_as_one_after_the_server_started_again() {
    let server = TestServer::start().await;
    let first = server.cassette().tokens(&mut server.browser_of("ada").await, "email").await;
    let second = refresh(&server.cassette(), &first).await;
    let server = server.restarted().await;
    let third = refresh(&server.cassette(), &second).await;
    let server = server.restarted().await;
    assert_refused(&server.cassette(), &first, REVOKED).await;
    let server = server.restarted().await;
    assert_refused(&server.cassette(), &third, REVOKED).await;
    assert!(!server.is_good(&third.access).await);
}

/// The clock of these tests stands still: no order is taken from it.
#[tokio::test]
async fn rf_05_any_number_of_refreshes_fits_into_one_instant() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let first = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let mut newest = first.clone();
    for _ in 0..10 {
        newest = refresh(&cassette, &newest).await;
    }
    assert_refused(&cassette, &first, REVOKED).await;
}

#[tokio::test]
async fn rf_06_another_apps_token_is_unknown_and_its_family_goes_on() {
    let server = TestServer::start().await;
    let (cassette, turntable) = (server.cassette(), server.turntable());
    let mut ada = server.browser_of("ada").await;
    let old = turntable.tokens(&mut ada, "email").await;
    let newest = refresh(&turntable, &refresh(&turntable, &old).await).await;
    for tokens in [&old, &newest] {
        assert_refused(&cassette, tokens, INVALID).await;
        // Nor does a stranger who has the name but not the secret end it.
        let bare = format!(
            "grant_type=refresh_token&refresh_token={}&client_id={}",
            tokens.refresh(),
            turntable.id
        );
        let answer = cassette.send("/api/token", &[], &bare).await;
        answer.assert_refused("invalid_client", "Invalid client secret");
    }
    assert!(server.is_good(&newest.access).await);
    refresh(&turntable, &newest).await;
}

#[tokio::test]
async fn rf_07_rf_08_less_can_be_asked_for_and_then_all_of_it_again_and_never_more() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    cassette.tokens(&mut ada, "email history playlists").await;
    let all = cassette.tokens(&mut ada, "email history").await;
    let less = cassette.post("/api/token", &asking(&all, "history")).await.tokens();
    assert_eq!(less.scope, "history");
    assert_eq!(server.told_of(&less.access).await["scope"], "history");
    for more in ["playlists", "email playlists", "moonwalk", "partners", "e\"mail"] {
        let answer = cassette.post("/api/token", &asking(&less, more)).await;
        assert_eq!((answer.error().0, &*answer.error().1), (400, "invalid_scope"), "{more}");
    }
    let again = cassette.post("/api/token", &asking(&less, "")).await.tokens();
    assert_eq!(again.scope, "email history");
}

#[tokio::test]
async fn rf_09_rf_18_an_unused_token_ends_after_its_idle_time_though_nobody_swept() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    server.wait(30 * DAY - Duration::from_millis(1));
    let tokens = refresh(&cassette, &tokens).await;
    server.wait(30 * DAY);
    assert_refused(&cassette, &tokens, EXPIRED).await;
}

#[tokio::test]
async fn rf_09_no_use_carries_a_family_past_its_last_day() {
    let day = Some(86_400);
    let settings =
        Settings { refresh_idle: day, refresh_absolute: Some(259_200), ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let cassette = server.cassette();
    let mut tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    for _ in 0..5 {
        server.wait(DAY / 2);
        tokens = refresh(&cassette, &tokens).await;
    }
    server.wait(DAY / 2);
    assert_refused(&cassette, &tokens, EXPIRED).await;
}

#[tokio::test]
async fn rf_10_a_withdrawn_consent_ends_every_family_that_rests_on_it() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let first = cassette.tokens(&mut ada, "email").await;
    let second = cassette.tokens(&mut ada, "email").await;
    let graces = cassette.tokens(&mut server.browser_of("grace").await, "email").await;
    server.withdraw("ada", CASSETTE).await;
    for tokens in [&first, &second] {
        assert!(!server.is_good(&tokens.access).await);
        let (status, error, _) = cassette.refresh(tokens.refresh()).await.error();
        assert_eq!((status, &*error), (400, "invalid_grant"));
    }
    refresh(&cassette, &graces).await;
    // Agreeing anew begins something new; what ended stays ended.
    let new = cassette.tokens(&mut ada, "email").await;
    assert_eq!(cassette.refresh(first.refresh()).await.error().1, "invalid_grant");
    refresh(&cassette, &new).await;
}

#[tokio::test]
async fn rf_11_with_the_account_or_the_app_end_its_families() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let adas = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let graces = cassette.tokens(&mut server.browser_of("grace").await, "email").await;
    disable_ada(&server).await;
    assert_refused(&cassette, &adas, REVOKED).await;
    refresh(&cassette, &graces).await;

    let id = ClientId::parse(CASSETTE).unwrap();
    let client = server.store().client(&id).await.unwrap().unwrap();
    server.delete(&client).await;
    assert_eq!(cassette.refresh(graces.refresh()).await.error().1, "invalid_client");
    server.store().create_client(&client).await.unwrap();
    assert_eq!(cassette.refresh(graces.refresh()).await.error().1, "invalid_grant");
}

#[tokio::test]
async fn rf_11_a_grant_that_is_switched_off_renews_nothing() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let id = ClientId::parse(CASSETTE).unwrap();
    let mut client = server.store().client(&id).await.unwrap().unwrap();
    client.grant_types = GrantTypes::from_iter([GrantType::AuthorizationCode]);
    server.edit(&client).await;
    let answer = cassette.refresh(tokens.refresh()).await;
    assert_eq!(answer.error().1, "unauthorized_client");
    let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    assert_eq!(tokens.refresh, None);
}

#[tokio::test]
async fn rf_13_an_implicit_answer_has_no_refresh_token() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let answer = ada.agree(&page).await;
    assert!(!answer.location().contains("refresh"), "{}", answer.location());
}

#[tokio::test]
async fn rf_14_what_is_no_refresh_token_is_unknown() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let mut ada = server.browser_of("ada").await;
    let tokens = cassette.tokens(&mut ada, "email").await;
    let code = cassette.code(&mut ada, &[]).await;
    let elsewhere = TestServer::elsewhere().await;
    let foreign =
        elsewhere.cassette().tokens(&mut elsewhere.browser_of("ada").await, "email").await;
    let good = tokens.refresh();
    let last = if good.ends_with('A') { "E" } else { "A" };
    for other in [
        &*tokens.access,
        &code,
        foreign.refresh(),
        &good[..good.len() - 1],
        &format!("{}{last}", &good[..good.len() - 1]),
        &format!("{good}="),
        &format!("{good}\n"),
        &good.to_uppercase(),
        "hpr_",
        "\u{1f3b7}",
        &"A".repeat(100_000),
    ] {
        let answer = cassette.refresh(other).await;
        answer.assert_refused("invalid_grant", INVALID);
    }
    refresh(&cassette, &tokens).await;
}

#[tokio::test]
async fn rf_15_a_retry_gets_the_same_successor_to_the_letter_until_that_is_used() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let first = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let second = refresh(&cassette, &first).await;
    for _ in 0..5 {
        server.wait(Duration::from_secs(3600));
        server.calls();
        let retried = refresh(&cassette, &first).await;
        assert_eq!(server.calls(), ["refresh_facts"], "nothing is written");
        assert_eq!(retried.refresh, second.refresh);
        assert_ne!(retried.access, second.access);
        assert!(server.is_good(&retried.access).await);
    }
    refresh(&cassette, &second).await;
    assert_refused(&cassette, &first, REVOKED).await;
}

/// The server did it, and could not say so; then it was started again. The client just tries again.
#[tokio::test]
async fn rf_15_an_answer_that_was_lost_costs_nothing() {
    let server = TestServer::start().await;
    let first = server.cassette().tokens(&mut server.browser_of("ada").await, "email").await;
    for trouble in [Trouble::Fails, Trouble::FailsIn("rotate"), Trouble::LosesAnswerOf("rotate")] {
        server.trouble_store(trouble);
        let answer: Answer = server.cassette().refresh(first.refresh()).await;
        assert_eq!((answer.error().0, answer.header("retry-after")), (503, Some("2")));
        server.trouble_store(Trouble::None);
    }
    let server = server.restarted().await;
    let cassette = server.cassette();
    let second = refresh(&cassette, &first).await;
    assert_eq!(refresh(&cassette, &first).await.refresh, second.refresh);
    let third = refresh(&cassette, &second).await;
    assert!(server.is_good(&third.access).await);
}

#[tokio::test]
async fn a_family_that_was_ended_from_elsewhere_renews_nothing() {
    let server = TestServer::start().await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut server.browser_of("ada").await, "email").await;
    let at = server.now();
    let revoked = Revoked::Authorization(family(&server, &tokens));
    let revocation = Revocation { revoked, at, until: at.plus(DAY) };
    server.store().revoke(&revocation).await.unwrap();
    assert_refused(&cassette, &tokens, REVOKED).await;
}
