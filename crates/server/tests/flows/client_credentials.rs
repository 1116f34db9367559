//! An app that acts for itself (RFC 6749 §4.4). Names that begin with an id are rows of the list of
//! refusals.

use hallpass::config::{Settings, UnknownScopesSetting};
use hallpass_protocol::access_token::{self, TokenSubject};

use crate::support::{NIGHT_TRAIN, TURNTABLE, TestServer};

fn for_itself(scope: &str) -> [(&str, &str); 2] {
    [("grant_type", "client_credentials"), ("scope", scope)]
}

#[tokio::test]
async fn an_app_gets_a_token_of_its_own_after_one_read_and_no_write() {
    let server = TestServer::start().await;
    server.calls();
    let answer = server.turntable().post("/api/token", &for_itself("email history")).await;
    assert_eq!(server.calls(), ["client"]);
    let tokens = answer.tokens();
    assert_eq!(tokens.scope, "email history");
    let told = server.told_of(&tokens.access).await;
    assert_eq!((&told["active"], &told["sub"]), (&true.into(), &TURNTABLE.into()));
    assert_eq!(told.get("username"), None);
    let claims = access_token::open(&tokens.access, &server.app.keys).unwrap();
    assert_eq!((claims.subject, claims.consent), (TokenSubject::Client, None));
}

#[tokio::test]
async fn without_scopes_it_is_for_what_is_public() {
    let server = TestServer::start().await;
    for form in [&for_itself("")[..], &for_itself("")[..1]] {
        assert_eq!(server.night_train().post("/api/token", form).await.tokens().scope, "");
    }
}

#[tokio::test]
async fn tk_11_rf_13_only_an_app_with_a_secret_acts_for_itself_and_it_gets_no_refresh_token() {
    let server = TestServer::start().await;
    let answer = server.cassette().post("/api/token", &for_itself("")).await;
    assert_eq!(answer.error().1, "unauthorized_client");
    let tokens = server.turntable().post("/api/token", &for_itself("email")).await.tokens();
    assert_eq!((tokens.refresh, tokens.id_token), (None, None));
    for scope in ["openid", "offline_access", "moonwalk", "partners", "email email\t", "\"x\""] {
        let answer = server.turntable().post("/api/token", &for_itself(scope)).await;
        assert_eq!(answer.error().1, "invalid_scope", "{scope}");
    }
}

#[tokio::test]
async fn tk_11_what_the_operator_has_unknown_scopes_ignored_for_grants_nothing() {
    let unknown_scopes = Some(UnknownScopesSetting::Ignore);
    let settings = Settings { unknown_scopes, ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let answer = server.turntable().post("/api/token", &for_itself("email moonwalk")).await;
    let tokens = answer.tokens();
    assert_eq!((&*tokens.scope, tokens.refresh), ("email", None));
    for known in ["partners", "openid email", "offline_access"] {
        let answer = server.turntable().post("/api/token", &for_itself(known)).await;
        assert_eq!(answer.error().1, "invalid_scope", "{known}");
    }
}

#[tokio::test]
async fn tk_12_nobody_takes_an_app_for_a_person() {
    let server = TestServer::start().await;
    let tokens = server.night_train().post("/api/token", &for_itself("email")).await.tokens();
    let own = server.told_of(&tokens.access).await;
    let mut ada = server.browser_of("ada").await;
    let tokens = server.cassette().tokens(&mut ada, "email").await;
    let adas = server.told_of(&tokens.access).await;
    assert_eq!(own["sub"], NIGHT_TRAIN);
    assert_eq!((own.get("username"), own["sub"].as_str().unwrap().len()), (None, 32));
    assert_eq!((&adas["username"], adas["sub"].as_str().unwrap().len()), (&"ada".into(), 36));
}

#[tokio::test]
async fn the_token_ends_with_its_app() {
    let server = TestServer::start().await;
    let tokens = server.turntable().post("/api/token", &for_itself("")).await.tokens();
    let client = hallpass_protocol::model::ClientId::parse(TURNTABLE).unwrap();
    let client = server.store().client(&client).await.unwrap().unwrap();
    assert!(server.is_good(&tokens.access).await);
    server.delete(&client).await;
    assert!(!server.is_good(&tokens.access).await);
    let answer = server.turntable().post("/api/token", &for_itself("")).await;
    assert_eq!(answer.error().1, "invalid_client");
}
