//! Signing up, through the router. Names that begin with an id are rows of the list of refusals.

use crate::support::{Answer, Browser, Form, Site, TestServer, link};

const SESSION: &str = "__Host-hallpass-session";
const CHOSEN: &str = "a password of her own";

fn typed(page: &Answer, username: &str, email: &str, password: &str) -> Form {
    let form = page.form("/sign-up").with("username", username).with("email", email);
    form.with("password", password)
}

/// Fills the sign-up form in a browser of its own.
async fn sign_up(server: &TestServer, username: &str, email: &str, password: &str) -> Answer {
    let mut browser = server.browser();
    let page = browser.get("/sign-up").await;
    browser.submit(typed(&page, username, email, password)).await
}

/// Whether somebody signs in with these.
async fn signs_in(server: &TestServer, username: &str, password: &str) -> bool {
    let mut browser = server.browser();
    let form = browser.get("/sign-in").await.form("/sign-in");
    let form = form.with("username", username).with("password", password);
    browser.submit(form).await.status == 303
}

/// The sentence under a field of the form.
fn problem(answer: &Answer, field: &str) -> Option<String> {
    let (_, rest) = answer.body.split_once(&format!("id=\"sign-up-{field}-problem\""))?;
    let (_, rest) = rest.split_once("<span>")?;
    Some(rest.split("</span>").next().unwrap().to_owned())
}

#[tokio::test]
async fn a_newcomer_is_signed_in_at_once_and_can_come_back() {
    let server = TestServer::start().await;
    let mut mary = server.browser();
    let page = mary.get("/sign-up").await;
    let answer = mary.submit(typed(&page, "Mary", "mary@people.example", CHOSEN)).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/dashboard"));
    assert!(mary.follow(answer).await.body.contains("<span class=\"who\">Mary</span>"));
    for name in ["mary", "MARY", "Mary@People.Example"] {
        assert!(signs_in(&server, name, CHOSEN).await, "{name}");
    }
}

#[tokio::test]
async fn a_newcomer_comes_back_to_the_app_that_sent_them() {
    let server = TestServer::start().await;
    let mut mary = server.browser();
    let page = mary.visit(&link(&[("state", "x")])).await;
    let page = mary.get(&page.link("Sign up")).await;
    assert!(page.text().contains("to continue to Mixtape"), "{page:#?}");
    let answer = mary.submit(typed(&page, "mary", "nowhere", CHOSEN)).await;
    let answer = mary.submit(typed(&answer, "mary", "mary@people.example", CHOSEN)).await;
    assert_eq!(answer.location(), link(&[("state", "x")]));
    assert_eq!(mary.follow(answer).await.h1(), "Mixtape asks for your permission");
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_each_field_and_what_was_typed_is_kept() {
    let server = TestServer::start().await;
    let answer = sign_up(&server, "mary mary", "nowhere", "short").await;
    assert_eq!(answer.status, 422);
    let told = ["username", "email", "password"].map(|field| problem(&answer, field).unwrap());
    assert!(told[0].contains("A username may hold the letters a to z"), "{told:?}");
    assert!(told[1].contains("Enter an e-mail address like"), "{told:?}");
    assert!(told[2].contains("at least 8 characters"), "{told:?}");
    let form = answer.form("/sign-up");
    assert_eq!((form.value("username"), form.value("email")), ("mary mary", "nowhere"));
    assert_eq!(form.value("password"), "");
}

#[tokio::test]
async fn a_name_or_an_address_that_is_taken_is_told() {
    let server = TestServer::start().await;
    let name = sign_up(&server, "ADA", "new@people.example", CHOSEN).await;
    assert_eq!(name.status, 422);
    assert_eq!(problem(&name, "username").unwrap(), "That username is not available.");
    let address = sign_up(&server, "lovelace", "Ada@People.Example", CHOSEN).await;
    assert_eq!(address.status, 422);
    assert!(problem(&address, "email").unwrap().contains("sign in instead"));
    assert!(!signs_in(&server, "lovelace", CHOSEN).await);
    assert!(!signs_in(&server, "ada", CHOSEN).await, "nobody's password was changed");
}

#[tokio::test]
async fn st_10_of_two_people_who_want_one_name_at_once_one_gets_it() {
    let server = TestServer::start().await;
    let (one, other) = tokio::join!(
        sign_up(&server, "mary", "one@people.example", CHOSEN),
        sign_up(&server, "MARY", "other@people.example", CHOSEN),
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
}

#[tokio::test]
async fn lg_21_a_long_password_counts_to_its_last_byte() {
    let server = TestServer::start().await;
    let longest = "p".repeat(1024);
    assert_eq!(sign_up(&server, "mary", "mary@people.example", &longest).await.status, 303);
    assert!(signs_in(&server, "mary", &longest).await);
    assert!(!signs_in(&server, "mary", &longest[..1023]).await);
    let answer = sign_up(&server, "john", "john@people.example", &"p".repeat(1025)).await;
    assert_eq!(answer.status, 422);
    assert!(problem(&answer, "password").unwrap().contains("at most 1,024 bytes"));
}

#[tokio::test]
async fn lg_24_a_password_is_the_same_however_its_letters_are_composed() {
    let server = TestServer::start().await;
    let (composed, apart) = ("gr\u{fc}\u{df}e an alle", "gru\u{308}\u{df}e an alle");
    assert_eq!(sign_up(&server, "mary", "mary@people.example", apart).await.status, 303);
    assert!(signs_in(&server, "mary", composed).await);
    assert!(!signs_in(&server, "mary", "grusse an alle").await, "and no other letters");
    let answer = sign_up(&server, "john", "john@people.example", "eight\0characters").await;
    assert!(problem(&answer, "password").unwrap().contains("NUL"), "{answer:#?}");
}

#[tokio::test]
async fn lg_24_nobody_gets_a_name_that_looks_like_anothers() {
    let server = TestServer::start().await;
    for name in ["\u{430}da", "a\u{200b}da", "\u{ff41}da", "\u{202e}ada", "ada\0", "ada\u{301}"] {
        let answer = sign_up(&server, name, "new@people.example", CHOSEN).await;
        assert_eq!(answer.status, 422, "{name:?}");
        assert!(problem(&answer, "username").is_some(), "{name:?}");
    }
    // Half of a surrogate pair is no text at all.
    let mut browser = server.browser();
    let page = browser.get("/sign-up").await;
    let form = typed(&page, "mary", "mary@people.example", CHOSEN);
    let body = form.encoded().replace("username=mary", "username=%ED%A0%80");
    assert_eq!(post_raw(&mut browser, body).await.status, 400);
}

/// Sends a body that no browser would make of a form.
async fn post_raw(browser: &mut Browser, body: String) -> Answer {
    let request = axum::http::Request::post("/sign-up")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(axum::body::Body::from(body))
        .unwrap();
    browser.send(request).await
}

#[tokio::test]
async fn lg_25_an_address_that_two_programs_could_read_differently_is_refused() {
    let server = TestServer::start().await;
    for email in [
        "a@b@people.example",
        "\"a@b\"@people.example",
        "mary@people.example.",
        "mary@people.example\r\nBcc: all@people.example",
        "mary",
        "<mary@people.example>",
    ] {
        let answer = sign_up(&server, "mary", email, CHOSEN).await;
        assert_eq!(answer.status, 422, "{email:?}");
        assert!(problem(&answer, "email").unwrap().contains("name@example.com"), "{email:?}");
    }
    assert_eq!(sign_up(&server, "mary", "mary+hallpass@people.example", CHOSEN).await.status, 303);
}

#[tokio::test]
async fn a_password_that_stands_in_the_form_already_is_refused() {
    let server = TestServer::start().await;
    for (password, told) in [
        ("mary-of-york", "not your username"),
        ("MARY-OF-YORK", "not your username"),
        ("mary@people.example", "not your username"),
        ("", "Enter a password"),
    ] {
        let answer = sign_up(&server, "mary-of-york", "mary@people.example", password).await;
        let problem = problem(&answer, "password").unwrap_or_else(|| panic!("{password:?}"));
        assert!(problem.contains(told), "{password:?}: {problem}");
    }
}

#[tokio::test]
async fn nobody_is_signed_up_by_somebody_elses_form() {
    let server = TestServer::start().await;
    let mut mallory = server.browser();
    let mallorys = mallory.get("/sign-up").await;
    let mut mary = server.browser();
    let page = mary.get("/sign-up").await;
    let own = typed(&page, "mary", "mary@people.example", CHOSEN);
    let sign_in = mary.get("/sign-in").await.form("/sign-in").value("form_token").to_owned();
    for (from, form) in [
        (Site::Ours, typed(&mallorys, "mary", "mary@people.example", CHOSEN)),
        (Site::Ours, own.clone().without("form_token")),
        (Site::Ours, own.clone().with("form_token", &sign_in)),
        (Site::Sibling, own.clone()),
        (Site::Strangers, own.clone()),
    ] {
        let answer = mary.submit_from(from, form.clone()).await;
        assert_eq!(answer.status, 403, "{from:?} {form:?}");
        assert!(!mary.cookies.contains_key(SESSION), "{from:?} {form:?}");
    }
    assert!(!signs_in(&server, "mary", CHOSEN).await, "no account was made");
    assert_eq!(mary.submit(own).await.status, 303);
}

#[tokio::test]
async fn sending_the_form_twice_makes_one_account_and_says_so() {
    let server = TestServer::start().await;
    let mut mary = server.browser();
    let page = mary.get("/sign-up").await;
    let form = typed(&page, "mary", "mary@people.example", CHOSEN);
    assert_eq!(mary.submit(form.clone()).await.status, 303);
    let again = mary.submit(form).await;
    assert_eq!(again.status, 422);
    assert!(problem(&again, "username").is_some(), "{again:#?}");
    assert_eq!(mary.get("/dashboard").await.status, 200, "she is signed in all the same");
}
