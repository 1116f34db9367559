//! What an app says of how the person is to be met: `prompt`, `max_age`, `login_hint`.

use std::time::Duration;

use crate::support::{Browser, Part, TestServer, link};

const STATE: (&str, &str) = ("state", "34fFs29kd09Pz");

/// Ada, who is signed in and has allowed Mixtape to see her address.
async fn ada_who_agreed(server: &TestServer) -> Browser {
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    ada.agree(&page).await.landing();
    ada
}

fn email(more: &[(&str, &str)]) -> String {
    link(&[&[("scope", "email"), STATE], more].concat())
}

#[tokio::test]
async fn az_22_prompt_none_never_shows_a_page() {
    let server = TestServer::start().await;
    let silent = email(&[("prompt", "none")]);
    let answer = server.browser().get(&silent).await;
    answer.assert_error(Part::Fragment, "login_required", Some(STATE.1));
    let answer = server.browser_of("grace").await.get(&silent).await;
    answer.assert_error(Part::Fragment, "consent_required", Some(STATE.1));

    let mut ada = ada_who_agreed(&server).await;
    server.calls();
    let answer = ada.get(&silent).await;
    assert!(answer.landing().fragment("access_token").is_some());
    assert_eq!(server.calls(), ["session_with_consent"], "one read, no write");
    let answer = ada.get(&link(&[("scope", "email history"), STATE, ("prompt", "none")])).await;
    answer.assert_error(Part::Fragment, "consent_required", Some(STATE.1));
}

#[tokio::test]
async fn prompt_login_wants_the_password_again_and_goes_on_by_itself() {
    let server = TestServer::start().await;
    let mut ada = ada_who_agreed(&server).await;
    let page = ada.visit(&email(&[("prompt", "login")])).await;
    assert_eq!(page.h1(), "Sign in");
    let answer = ada.sign_in_on(&page, "ada").await;
    let way_back = answer.location().to_owned();
    let landing = ada.follow(answer).await.landing();
    assert!(landing.fragment("access_token").is_some());
    assert_eq!(landing.fragment("state"), Some(STATE.1));

    let again = ada.visit(&email(&[("prompt", "login")])).await;
    assert_eq!(again.h1(), "Sign in", "a new request is a new question");
    server.wait(Duration::from_secs(5 * 60));
    let late = ada.visit(&way_back).await;
    assert_eq!(late.h1(), "Sign in", "and an old way back is no answer");
}

#[tokio::test]
async fn az_24_back_or_a_second_tab_do_not_stand_for_a_sign_in() {
    let server = TestServer::start().await;
    let mut ada = ada_who_agreed(&server).await;
    let page = ada.visit(&email(&[("prompt", "login")])).await;
    // The address that the form would lead to, opened without sending the form.
    let form = page.form("/sign-in");
    let (_, target) = form.value("return_to").split_once('.').unwrap();
    let answer = ada.visit(target).await;
    assert_eq!(answer.h1(), "Sign in");
    let other_tab = ada.visit(&email(&[("prompt", "login")])).await;
    assert_eq!(other_tab.h1(), "Sign in");
}

#[tokio::test]
async fn az_24_a_question_that_was_open_is_not_answered_with_the_old_session() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.visit(&email(&[("prompt", "login consent")])).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    let question = ada.follow(answer).await;
    assert_eq!(question.h1(), "Mixtape asks for your permission");
    server.wait(Duration::from_secs(6 * 60));
    let answer = ada.agree(&question).await;
    assert!(answer.location().starts_with("/sign-in?return_to="), "{}", answer.location());
    let page = ada.follow(answer).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    let question = ada.follow(answer).await;
    assert!(ada.agree(&question).await.landing().fragment("access_token").is_some());
}

#[tokio::test]
async fn max_age_counts_from_the_last_sign_in() {
    let server = TestServer::start().await;
    let mut ada = ada_who_agreed(&server).await;
    server.wait(Duration::from_secs(600));
    let enough = ada.get(&email(&[("max_age", "600")])).await;
    assert!(enough.landing().fragment("access_token").is_some());
    for age in ["599", "0"] {
        let page = ada.visit(&email(&[("max_age", age)])).await;
        assert_eq!(page.h1(), "Sign in", "{age}");
        let answer = ada.sign_in_on(&page, "ada").await;
        assert!(ada.follow(answer).await.landing().fragment("access_token").is_some(), "{age}");
        server.wait(Duration::from_secs(600));
    }
    let answer = ada.get(&email(&[("max_age", "60"), ("prompt", "none")])).await;
    answer.assert_error(Part::Fragment, "login_required", Some(STATE.1));
}

#[tokio::test]
async fn az_25_an_age_that_is_none_is_an_error() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for age in ["-1", "abc", "99999999999999999999"] {
        let answer = ada.get(&email(&[("max_age", age)])).await;
        answer.assert_error(Part::Fragment, "invalid_request", Some(STATE.1));
    }
}

#[tokio::test]
async fn prompt_consent_and_select_account_show_the_question() {
    let server = TestServer::start().await;
    let mut ada = ada_who_agreed(&server).await;
    for prompt in ["consent", "select_account"] {
        let page = ada.get(&email(&[("prompt", prompt)])).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (200, None), "{prompt}");
        assert!(page.text().contains("ada"), "{prompt}: it names the account");
        assert!(page.link("Not you?").starts_with("/sign-in?"), "{prompt}: and leads to another");
    }
}

#[tokio::test]
async fn prompt_create_leads_to_a_new_account_and_on() {
    let server = TestServer::start().await;
    for mut browser in [server.browser(), server.browser_of("ada").await] {
        let page = browser.visit(&email(&[("prompt", "create")])).await;
        assert_eq!(page.h1(), "Sign up");
    }
}

#[tokio::test]
async fn az_48_a_hint_is_what_is_typed_already_and_nothing_more() {
    let server = TestServer::start().await;
    for hint in ["ada", "nobody-of-that-name", "\"><script>alert(1)</script>"] {
        let page = server.browser().visit(&email(&[("login_hint", hint)])).await;
        assert_eq!(page.form("/sign-in").value("username"), hint);
        assert!(!page.body.contains("<script>alert"), "{hint}");
    }
    let long = "x".repeat(321);
    let page = server.browser().visit(&email(&[("login_hint", &long)])).await;
    assert_eq!(page.form("/sign-in").value("username"), "");
}
