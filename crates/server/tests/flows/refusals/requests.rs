//! Authorization endpoint: how a request may come, what is ignored, and what two requests do to each
//! other.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;

use crate::support::{
    Answer, Browser, Form, MIXTAPE, MIXTAPE_URI, NIGHT_TRAIN, Part, Setup, Site, TestServer, WORLD,
    link,
};

/// A form that asks what Mixtape's link asks.
fn request_form() -> Form {
    let fields =
        [("response_type", "token"), ("client_id", MIXTAPE), ("redirect_uri", MIXTAPE_URI)];
    Form::new("/authorize", &fields)
}

#[tokio::test]
async fn az_10_a_parameter_without_a_value_was_not_sent() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&format!("{}&scope=&state=&show_dialog&x=", link(&[]))).await;
    assert_eq!(page.status, 200);
    let landing = ada.agree(&page).await.landing();
    assert_eq!(landing.fragment("state"), None);
}

#[tokio::test]
async fn az_11_an_array_or_json_in_place_of_a_text_is_refused() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for odd in ["scope[a]=b", "scope[]=email", "show_dialog[]=true", "scope={%22a%22:1}"] {
        let answer = ada.get(&format!("{}&{odd}", link(&[("state", "s")]))).await;
        assert_eq!(answer.status, 302, "{odd}");
        let error = answer.landing().fragment("error").unwrap().to_owned();
        assert!(matches!(&*error, "invalid_request" | "invalid_scope"), "{odd}: {error}");
    }
}

#[tokio::test]
async fn az_14_a_parameter_in_the_query_and_in_the_body_is_a_doubled_one() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = request_form().with("scope", "email");
    let doubled = Form { action: "/authorize?scope=history&state=s".to_owned(), ..form };
    let answer = ada.submit(doubled).await;
    let answer = ada.follow(answer).await;
    answer.assert_error(Part::Fragment, "invalid_request", Some("s"));

    let form = request_form();
    let doubled = Form { action: format!("/authorize?client_id={NIGHT_TRAIN}"), ..form };
    let answer = ada.submit(doubled).await;
    ada.follow(answer).await.assert_page(400, "INVALID_CLIENT: Invalid client");
}

#[tokio::test]
async fn az_16_a_post_is_asked_again_as_a_get() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for path in ["/authorize", "/authorize/", "/en/authorize"] {
        let form = Form { action: path.to_owned(), ..request_form() };
        let answer = ada.submit_from(Site::Strangers, form).await;
        assert_eq!(answer.status, 303, "{path}");
        let page = ada.follow(answer).await;
        assert_eq!(page.h1(), "Mixtape asks for your permission", "{path}");
    }
}

#[tokio::test]
async fn az_16_a_post_in_another_form_is_not_read() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        let request = Request::post("/authorize").header(CONTENT_TYPE, kind);
        let answer = ada.send(request.body(Body::from(request_form().encoded())).unwrap()).await;
        answer.assert_page(415, "This request is in a form that is not taken here");
    }
}

#[tokio::test]
async fn az_16_a_post_of_a_request_is_never_an_answer() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    let answer = page.form("/authorize/answer").with("answer", "agree");
    let both = request_form()
        .with("form_token", answer.value("form_token"))
        .with("query", answer.value("query"))
        .with("answer", "agree");
    let answer = ada.submit(both).await;
    assert_eq!(ada.follow(answer).await.status, 200, "the page is shown, not answered");
}

#[tokio::test]
async fn az_17_other_methods_are_not_taken() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for method in ["PUT", "DELETE", "PATCH", "TRACE"] {
        let request = Request::builder().method(method).uri(link(&[]));
        let answer = ada.send(request.body(Body::empty()).unwrap()).await;
        answer.assert_page(405, "This address does not take that kind of request");
        assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"), "{method}");
    }
    let page = ada.get(&link(&[("_method", "DELETE")])).await;
    assert_eq!(page.status, 200, "an unknown parameter");
}

#[tokio::test]
async fn az_40_every_answer_names_the_same_issuer() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    for answer in [
        ada.cancel(&page).await,
        ada.agree(&page).await,
        ada.get(&link(&[])).await,
        ada.get(&link(&[("scope", "moonwalk")])).await,
        ada.get(&link(&[("response_type", "")])).await,
    ] {
        let issuer = "iss=https%3A%2F%2Faccounts.example";
        assert_eq!(answer.location().matches(issuer).count(), 1, "{}", answer.location());
    }
}

#[tokio::test]
async fn az_45_more_fields_in_the_answer_do_not_change_what_was_asked() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let form = page.form("/authorize/answer").with("answer", "agree");
    let more = form
        .and("scope", "history")
        .and("response_type", "code")
        .and("redirect_uri", "https://evil.example")
        .and("expires_in", "999999");
    let answer = ada.submit(more).await;
    assert_eq!(answer.landing().base, MIXTAPE_URI);
    assert_eq!(answer.landing().fragment("expires_in"), Some("3600"));
    assert_eq!(server.claims(&answer).scopes.to_string(), "email");
}

#[tokio::test]
async fn az_50_hints_and_unknown_parameters_are_never_an_error() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for (name, value) in [
        ("ui_locales", "../../etc/passwd"),
        ("acr_values", "urn:x"),
        ("display", "touch"),
        ("display", "../../etc/passwd"),
        ("claims_locales", "<script>"),
        ("code_challenge", "short"),
        ("code_challenge_method", "plain"),
        ("x-anything", "1"),
    ] {
        for scope in ["email", "openid email"] {
            let answer = ada.get(&link(&[(name, value), ("scope", scope)])).await;
            assert_eq!(answer.status, 200, "{name}");
            assert!(!answer.body.contains("root:"), "{name} is no path");
        }
    }
}

#[tokio::test]
async fn az_51_two_tabs_do_not_answer_for_each_other() {
    let apps = WORLD.replace("grants = [\"client_credentials\"]", "grants = [\"implicit\"]");
    let server = TestServer::with(Setup { apps, ..Setup::default() }).await;
    let mut ada = server.browser();
    let radio = [
        ("client_id", NIGHT_TRAIN),
        ("redirect_uri", "https://radio.example/callback"),
        ("state", "of the radio"),
    ];
    let first = ada.visit(&link(&[("state", "of mixtape")])).await;
    let second = ada.visit(&link(&radio)).await;
    let first = ada.sign_in_on(&first, "ada").await;
    let first = ada.follow(first).await;
    let second = ada.sign_in_on(&second, "ada").await;
    let second = ada.follow(second).await;

    // The second sign-in made another session, so the first tab has to be loaded again.
    ada.agree(&first).await.assert_page(403, "This page is out of date");
    let first = ada.get(&link(&[("state", "of mixtape")])).await;
    let answer = ada.agree(&second).await;
    assert_eq!(answer.landing().base, "https://radio.example/callback");
    assert_eq!(answer.landing().fragment("state"), Some("of the radio"));
    let answer = ada.agree(&first).await;
    assert_eq!(answer.landing().base, MIXTAPE_URI);
    assert_eq!(answer.landing().fragment("state"), Some("of mixtape"));
    assert_eq!(server.claims(&answer).client.as_str(), MIXTAPE);
}

/// Where the forms of a page may lead.
fn form_action(page: &Answer) -> &str {
    let policy = page.header("content-security-policy").unwrap();
    let directive = policy.split("; ").find_map(|part| part.strip_prefix("form-action "));
    directive.unwrap_or_else(|| panic!("{policy}"))
}

#[tokio::test]
async fn az_55_only_pages_that_can_end_at_the_client_let_their_forms_lead_there() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let ours = "'self'";
    assert_eq!(form_action(&ada.get("/sign-in").await), ours);
    let page = ada.visit(&link(&[])).await;
    let there = "'self' https://mixtape.example";
    assert_eq!(form_action(&page), there);
    assert_eq!(form_action(&ada.get(&page.link("Sign up")).await), there);
    let form = page.form("/sign-in").with("username", "ada").with("password", "wrong");
    assert_eq!(form_action(&ada.submit(form).await), there, "the form with its error");
    let answer = ada.sign_in_on(&page, "ada").await;
    let page = ada.follow(answer).await;
    assert_eq!(form_action(&page), there);
    for (uri, source) in [
        ("http://127.0.0.1:51004/callback", "'self' http://127.0.0.1:51004"),
        ("http://localhost:8888/callback", "'self' http://localhost:8888"),
        ("mixtape.app:/callback", "'self' mixtape.app:"),
    ] {
        let page = ada.get(&link(&[("redirect_uri", uri)])).await;
        assert_eq!(form_action(&page), source);
    }
    assert_eq!(form_action(&ada.get("/dashboard").await), ours);
    assert_eq!(form_action(&refused(&mut ada).await), ours);
}

async fn refused(browser: &mut Browser) -> Answer {
    browser.get(&link(&[("redirect_uri", "https://evil.example/")])).await
}
