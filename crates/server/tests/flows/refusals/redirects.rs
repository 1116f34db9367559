//! Authorization endpoint: what the client is told by redirect, and in which part.

use axum::body::Body;
use axum::http::{Method, Request};
use hallpass_protocol::model::{ClientId, GrantType, GrantTypes};

use crate::support::{MIXTAPE, NIGHT_TRAIN, Part, Setup, TestServer, WORLD, link};

const STATE: (&str, &str) = ("state", "xyz");

#[tokio::test]
async fn az_04_an_absent_response_type_is_told_in_the_query() {
    let server = TestServer::start().await;
    let answer = server.browser().get(&link(&[("response_type", ""), STATE])).await;
    answer.assert_error(Part::Query, "invalid_request", Some("xyz"));
    assert!(answer.location().ends_with('#'), "{}", answer.location());
}

#[tokio::test]
async fn az_05_an_unknown_response_type_is_told_and_breaks_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for unknown in ["Token", "token token", "tokens", "\u{1f3b7}"] {
        let answer = browser.get(&link(&[("response_type", unknown), STATE])).await;
        answer.assert_error(Part::Query, "unsupported_response_type", Some("xyz"));
    }
}

#[tokio::test]
async fn az_07_implicit_switched_off_is_told_in_the_fragment() {
    let server = TestServer::start().await;
    let radio = [
        ("client_id", NIGHT_TRAIN),
        ("redirect_uri", "https://radio.example/callback"),
        ("scope", "email"),
        STATE,
    ];
    for mut browser in [server.browser(), server.browser_of("ada").await] {
        let answer = browser.get(&link(&radio)).await;
        answer.assert_error(Part::Fragment, "unauthorized_client", Some("xyz"));
    }
}

#[tokio::test]
async fn az_07_implicit_switched_off_while_the_page_is_open_gives_no_token() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[STATE])).await;
    let mut client =
        server.store().client(&ClientId::parse(MIXTAPE).unwrap()).await.unwrap().unwrap();
    client.grant_types = GrantTypes::from_iter([GrantType::AuthorizationCode]);
    server.edit(&client).await;
    server.calls();
    let answer = ada.agree(&page).await;
    answer.assert_error(Part::Fragment, "unauthorized_client", Some("xyz"));
    assert_eq!(server.calls(), ["client", "session_with_consent"], "nothing was stored");
}

#[tokio::test]
async fn az_08_a_switched_response_type_brings_no_token() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    for (switched, part, error) in [
        ("code", Part::Query, "unauthorized_client"),
        ("code token", Part::Fragment, "unauthorized_client"),
        ("code id_token", Part::Fragment, "unauthorized_client"),
        ("token id_token code", Part::Fragment, "unauthorized_client"),
        ("id_token token", Part::Fragment, "invalid_request"),
    ] {
        let answer = ada.get(&link(&[("response_type", switched), STATE])).await;
        answer.assert_error(part, error, Some("xyz"));
    }
}

#[tokio::test]
async fn az_09_any_doubled_parameter_is_refused() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for doubled in ["scope=email&scope=history", "scope=email&scope=email", "x=1&x=2"] {
        let answer = ada.get(&format!("{}&{doubled}", link(&[STATE]))).await;
        answer.assert_error(Part::Fragment, "invalid_request", Some("xyz"));
    }
    let answer = ada.get(&format!("{}&state=a&state=b", link(&[]))).await;
    answer.assert_error(Part::Fragment, "invalid_request", None);
    let answer = ada.get(&format!("{}&response_type=token", link(&[STATE]))).await;
    answer.assert_error(Part::Query, "invalid_request", Some("xyz"));
}

#[tokio::test]
async fn az_12_scopes_out_of_form_or_without_end_are_refused() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let many = (0..3000).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    for scope in ["email  history", "email\thistory", "\"email\"", "e\\mail", "\u{e9}", &many] {
        let answer = ada.get(&link(&[("scope", scope), STATE])).await;
        answer.assert_error(Part::Fragment, "invalid_scope", Some("xyz"));
    }
}

#[tokio::test]
async fn az_13_an_unknown_scope_and_one_for_partners_are_never_granted() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for scope in ["moonwalk", "email moonwalk", "partners", "EMAIL"] {
        let answer = ada.get(&link(&[("scope", scope), STATE])).await;
        answer.assert_error(Part::Fragment, "invalid_scope", Some("xyz"));
        let wrong = scope.trim_start_matches("email ");
        let landing = answer.landing();
        let told = landing.fragment("error_description").unwrap();
        assert!(told.contains(wrong), "{told}");
    }
}

#[tokio::test]
async fn az_18_a_token_never_goes_into_the_query() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for mode in ["query", "web_message", "nonsense"] {
        for response_type in ["token", "id_token", "id_token token"] {
            let wish = [("response_type", response_type), ("scope", "openid"), ("nonce", "n")];
            let answer =
                ada.get(&link(&[&wish[..], &[("response_mode", mode), STATE]].concat())).await;
            answer.assert_error(Part::Fragment, "invalid_request", Some("xyz"));
        }
    }
}

#[tokio::test]
async fn az_29_a_request_object_is_refused_and_never_fetched() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for (name, value, error) in [
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("request_uri", "http://169.254.169.254/latest", "request_uri_not_supported"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "request_uri_not_supported"),
    ] {
        for wish in [&[STATE][..], &[STATE, ("scope", "openid"), ("prompt", "none")]] {
            let answer = ada.get(&link(&[&[(name, value)], wish].concat())).await;
            answer.assert_error(Part::Fragment, error, Some("xyz"));
        }
    }
}

#[tokio::test]
async fn az_34_a_state_beyond_four_kibibytes_is_refused_and_not_cut() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let long = "s".repeat(4096);
    let page = ada.get(&link(&[("state", &long)])).await;
    assert_eq!(ada.agree(&page).await.landing().fragment("state"), Some(&*long));
    let longer = "s".repeat(4097);
    let answer = ada.get(&link(&[("state", &longer)])).await;
    assert!(answer.landing().fragment("error") == Some("invalid_request"), "{answer:#?}");
    let echoed = answer.landing().fragment("state").map(str::len);
    assert!(matches!(echoed, None | Some(4097)), "{echoed:?}");
}

#[tokio::test]
async fn az_34_a_state_of_any_bytes_comes_back_on_every_way() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let wish = format!("{}&state=%ff%00%fe%0d%0a", link(&[]));
    let echoed = "state=%FF%00%FE%0D%0A&iss=";
    let page = ada.visit(&wish).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    let page = ada.follow(answer).await;
    for answer in [ada.cancel(&page).await, ada.agree(&page).await, ada.get(&wish).await] {
        assert!(answer.location().contains(echoed), "{}", answer.location());
    }
    let answer = ada.get(&format!("{wish}&scope=moonwalk")).await;
    assert!(answer.location().contains(echoed), "{}", answer.location());
}

#[tokio::test]
async fn az_36_no_fragment_of_a_link_survives_a_redirect() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    let mut nobody = server.browser();
    for answer in [
        ada.get(&link(&[])).await,
        ada.get(&link(&[("scope", "moonwalk")])).await,
        ada.get(&link(&[("response_type", "code")])).await,
        ada.get("/sign-in").await,
        nobody.get(&link(&[])).await,
        nobody.get("/dashboard").await,
    ] {
        assert_eq!(answer.location().matches('#').count(), 1, "{}", answer.location());
    }
}

#[tokio::test]
async fn az_37_a_form_is_never_repeated_at_the_place_it_leads_to() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.visit(&link(&[])).await;
    let signed_in = ada.sign_in_on(&page, "ada").await;
    let page = ada.follow(signed_in.clone()).await;
    for answer in [signed_in, ada.cancel(&page).await, ada.agree(&page).await] {
        assert_eq!(answer.status, 303);
    }
}

#[tokio::test]
async fn az_39_a_token_is_in_no_query_and_no_page() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    let answer = ada.agree(&page).await;
    let landing = answer.landing();
    assert!(landing.query.is_empty() && answer.body.is_empty(), "{answer:#?}");
    let shown = format!("{:?}", answer.headers);
    assert!(!shown.contains(landing.fragment("access_token").unwrap()), "{shown}");
}

#[tokio::test]
async fn az_54_a_denial_goes_where_the_app_has_chosen() {
    let apps = WORLD.replacen("owner = \"grace\"", "owner = \"grace\"\ndenial = \"fragment\"", 1);
    let server = TestServer::with(Setup { apps, ..Setup::default() }).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[STATE])).await;
    ada.cancel(&page).await.assert_error(Part::Fragment, "access_denied", Some("xyz"));

    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[STATE])).await;
    ada.cancel(&page).await.assert_error(Part::Query, "access_denied", Some("xyz"));
}

#[tokio::test]
async fn az_15_a_head_request_changes_nothing() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    server.calls();
    let request = Request::builder().method(Method::HEAD).uri(link(&[STATE]));
    let answer = ada.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.calls(), ["client", "session_with_consent"]);
}
