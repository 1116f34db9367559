//! Signing in, through the router. Names that begin with an id are rows of the list of refusals.

use std::time::Duration;

use axum::http::HeaderMap;
use hallpass::config::Settings;
use hallpass_protocol::model::{AccountStatus, FormToken, Username};
use hallpass_store::{Declaration, Identifier};

use crate::support::{Answer, Form, PASSWORD, Setup, Site, TestServer, Trouble, escape, link};

const SESSION: &str = "__Host-hallpass-session";

/// What was typed into the sign-in page that is open.
fn typed(page: &Answer, username: &str, password: &str) -> Form {
    page.form("/sign-in").with("username", username).with("password", password)
}

/// Shuts ada's account, as an operator would.
pub(crate) async fn disable_ada(server: &TestServer) {
    let ada = Identifier::Username(Username::parse("ada").unwrap());
    let known = server.store().credentials(&ada).await.unwrap().unwrap();
    let mut account = known.account;
    account.status = AccountStatus::Disabled;
    let accounts = vec![(account, known.password_hash)];
    let declaration = Declaration { accounts, ..Declaration::new(server.now()) };
    server.store().declare(&declaration).await.unwrap();
}

#[tokio::test]
async fn a_username_or_an_address_in_any_case_signs_in() {
    let server = TestServer::start().await;
    for name in ["ada", "ADA", " Ada ", "ada@people.example", "ADA@People.Example"] {
        let mut browser = server.browser();
        let page = browser.get("/sign-in").await;
        let answer = browser.submit(typed(&page, name, PASSWORD)).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/dashboard"), "{name}");
        assert_eq!(browser.visit("/dashboard").await.h1(), "Your apps", "{name}");
    }
}

#[tokio::test]
async fn after_a_mistake_the_name_is_still_there_and_the_password_is_not() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let page = browser.get("/sign-in").await;
    let answer = browser.submit(typed(&page, "Ada", "not her password")).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.form("/sign-in").value("username"), "Ada");
    assert_eq!(answer.form("/sign-in").value("password"), "");
    assert!(answer.text().contains("do not match. Check both and try again."), "{answer:#?}");
    assert!(!browser.cookies.contains_key(SESSION));
    browser.sign_in_on(&answer, "ada").await;
}

#[tokio::test]
async fn lg_01_nobody_learns_whether_a_name_or_a_password_was_wrong() {
    let server = TestServer::start().await;
    disable_ada(&server).await;
    let mut browser = server.browser();
    let page = browser.get("/sign-in").await;
    let mut told = Vec::new();
    for (name, password) in [
        ("nobody", "not her password"),
        ("grace", "not her password"),
        ("nobody@people.example", "not her password"),
        ("ada", PASSWORD),
        ("no such name!", "not her password"),
        ("grace", ""),
    ] {
        let answer = browser.submit(typed(&page, name, password)).await;
        let token = answer.form("/sign-in").value("form_token").to_owned();
        let body = answer.body.replace(&token, "").replace(&format!("value=\"{name}\""), "");
        told.push((answer.status, without_date(answer.headers.clone()), body));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
    assert!(!told[0].1.contains_key("set-cookie"));
}

fn without_date(mut headers: HeaderMap) -> HeaderMap {
    for name in ["date", "content-length"] {
        headers.remove(name);
    }
    headers
}

#[tokio::test]
async fn lg_15_a_cookie_that_was_made_up_or_edited_is_nobodys() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let real = ada.cookies[SESSION].clone();
    assert_eq!(real.len(), 43, "256 bits");
    let last = if real.ends_with('A') { "E" } else { "A" };
    let edited = format!("{}{last}", &real[..42]);
    for forged in [edited.as_str(), &real.to_lowercase(), "ada", "A", &"A".repeat(43), "=", "%00"] {
        ada.cookies.insert(SESSION.to_owned(), forged.to_owned());
        for path in ["/dashboard", &link(&[])] {
            let answer = ada.get(path).await;
            assert_eq!(answer.status, 303, "{forged}");
            assert!(answer.location().starts_with("/sign-in?return_to="), "{forged}");
        }
    }
    ada.cookies.insert(SESSION.to_owned(), real);
    assert_eq!(ada.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn lg_16_a_session_never_outlives_a_change_of_who_is_there() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let planted = "A".repeat(43);
    ada.cookies.insert(SESSION.to_owned(), planted.clone());
    ada.sign_in("ada").await;
    let first = ada.cookies[SESSION].clone();
    assert_ne!(first, planted, "the cookie from before is not made good");

    let page = ada.get("/sign-in?switch=true").await;
    assert_eq!(page.h1(), "Sign in");
    ada.sign_in_on(&page, "grace").await;
    assert_ne!(ada.cookies[SESSION], first);
    for dead in [planted, first] {
        let mut thief = server.browser();
        thief.cookies.insert(SESSION.to_owned(), dead);
        assert_eq!(thief.get("/dashboard").await.status, 303);
    }
}

#[tokio::test]
async fn lg_17_nobody_is_signed_in_by_somebody_elses_form() {
    let server = TestServer::start().await;
    let mut mallory = server.browser();
    let mallorys_page = mallory.get("/sign-in").await;
    let mut ada = server.browser();
    let page = ada.get("/sign-in").await;
    let own = typed(&page, "grace", PASSWORD);
    let doubled = own.clone().and("form_token", own.value("form_token"));
    let sign_up = ada.get("/sign-up").await.form("/sign-up").value("form_token").to_owned();
    for (from, form) in [
        (Site::Ours, typed(&mallorys_page, "grace", PASSWORD)),
        (Site::Ours, own.clone().without("form_token")),
        (Site::Ours, own.clone().with("form_token", "")),
        (Site::Ours, own.clone().with("form_token", &sign_up)),
        (Site::Ours, doubled),
        (Site::Sibling, own.clone()),
        (Site::Strangers, own.clone()),
    ] {
        let answer = ada.submit_from(from, form.clone()).await;
        assert_eq!(answer.status, 403, "{from:?} {form:?}");
        assert_eq!(answer.h1(), "This page is out of date");
        assert!(!ada.cookies.contains_key(SESSION), "{from:?} {form:?}");
    }
    assert_eq!(ada.submit(own).await.status, 303);
}

#[tokio::test]
async fn lg_18_the_cookies_are_marked_for_this_host_and_no_script() {
    for (issuer, prefix, secure) in [
        ("https://accounts.example", "__Host-hallpass-", "; Secure"),
        ("http://127.0.0.1:8080", "hallpass-", ""),
    ] {
        let server = TestServer::with(Setup { issuer, ..Setup::default() }).await;
        let mut ada = server.browser();
        let page = ada.get("/sign-in").await;
        let visitor = page.header("set-cookie").unwrap();
        assert!(visitor.starts_with(&format!("{prefix}visitor=")), "{visitor}");
        let answer = ada.sign_in_on(&page, "ada").await;
        let session = answer.header("set-cookie").unwrap();
        let value = &ada.cookies[&format!("{prefix}session")];
        assert_eq!(
            session,
            format!(
                "{prefix}session={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age=2592000"
            )
        );
        let attributes = visitor.split_once(';').unwrap().1;
        assert_eq!(attributes, format!(" Path=/; HttpOnly; SameSite=Lax{secure}"));
    }
}

#[tokio::test]
async fn lg_19_of_two_session_cookies_none_is_believed() {
    let server = TestServer::start().await;
    let mallory = server.browser_of("grace").await;
    let mut ada = server.browser_of("ada").await;
    let own = ada.cookies[SESSION].clone();
    for pair in [(&own, &mallory.cookies[SESSION]), (&mallory.cookies[SESSION], &own)] {
        ada.cookies.insert(SESSION.to_owned(), format!("{}; {SESSION}={}", pair.0, pair.1));
        assert_eq!(ada.get("/dashboard").await.status, 303);
    }
}

#[tokio::test]
async fn lg_20_nobody_is_sent_anywhere_that_we_did_not_sign() {
    let server = TestServer::start().await;
    let mut mallory = server.browser();
    let signed_for_mallory = mallory.get(&link(&[])).await.location().to_owned();
    let signed_for_mallory = signed_for_mallory.trim_end_matches('#').to_owned();
    let mut ada = server.browser();
    let page = ada.get("/sign-in").await;
    let targets = [
        "//evil.example",
        "/\\evil.example",
        "https:evil",
        "https://evil.example/",
        "%2f%2fevil.example",
        "javascript:alert(1)",
        "/dashboard",
        "x.//evil.example",
        "\r\nLocation: https://evil.example",
    ];
    for target in targets {
        let escaped = escape(target);
        for path in ["/sign-in", "/sign-up"] {
            let answer = ada.get(&format!("{path}?return_to={escaped}")).await;
            refused(&answer, target);
        }
        let form = typed(&page, "ada", PASSWORD).with("return_to", target);
        refused(&ada.submit(form).await, target);
    }
    refused(&ada.get(&signed_for_mallory).await, &signed_for_mallory);
    assert!(!ada.cookies.contains_key(SESSION));
}

#[track_caller]
fn refused(answer: &Answer, target: &str) {
    assert_eq!(answer.status, 403, "{target}");
    assert_eq!(answer.header("location"), None, "{target}");
    assert!(!answer.body.contains("evil"), "{target}");
    assert!(answer.link("Start again").starts_with("/sign-"), "{target}");
}

#[tokio::test]
async fn lg_21_a_password_beyond_the_cap_is_turned_away_before_any_work() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let page = browser.get("/sign-in").await;
    server.calls();
    for (length, status) in [(1025, 422), (10_000, 422), (1 << 20, 413)] {
        let answer = browser.submit(typed(&page, "ada", &"a".repeat(length))).await;
        assert_eq!(answer.status, status, "{length}");
    }
    assert_eq!(server.calls(), [""; 0], "nobody was looked up, so nothing was hashed");
}

#[tokio::test]
async fn lg_23_more_passwords_than_can_wait_are_turned_away_and_the_rest_goes_on() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let page = browser.get("/sign-in").await;
    let attempts: Vec<_> = (0..200)
        .map(|_| {
            let (mut browser, form) = (browser.clone(), typed(&page, "ada", "not her password"));
            tokio::spawn(async move { browser.submit(form).await })
        })
        .collect();
    assert_eq!(browser.get("/sign-up").await.status, 200, "nobody else waits");
    let mut statuses = Vec::new();
    for attempt in attempts {
        let answer = attempt.await.unwrap();
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), Some("2"));
        }
        statuses.push(answer.status.as_u16());
    }
    assert!(statuses.contains(&503) && statuses.contains(&422), "{statuses:?}");
    assert!(statuses.iter().all(|status| [422, 503].contains(status)), "{statuses:?}");
    browser.sign_in_on(&page, "ada").await;
}

#[tokio::test]
async fn lg_27_a_disabled_account_is_signed_in_nowhere() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let consent = ada.get(&link(&[])).await;
    let create = ada.get("/dashboard/create").await;
    disable_ada(&server).await;

    for path in ["/dashboard", "/dashboard/create", &link(&[])] {
        assert!(ada.get(path).await.location().starts_with("/sign-in?"), "{path}");
    }
    let answer = ada.agree(&consent).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (403, None));
    let form = create.form("/dashboard/create").with("name", "Late");
    assert!(ada.submit(form).await.location().starts_with("/sign-in?"));
    let page = ada.get("/sign-in").await;
    assert_eq!(page.h1(), "Sign in", "the page does not take the old session for a sign-in");
    assert_eq!(ada.submit(typed(&page, "ada", PASSWORD)).await.status, 422);
}

#[tokio::test]
async fn lg_28_a_session_ends_at_its_hour_however_much_it_is_used() {
    let settings = Settings { session_lifetime: Some(600), ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    for _ in 0..9 {
        server.wait(Duration::from_secs(60));
        assert_eq!(ada.get("/dashboard").await.status, 200);
    }
    server.wait(Duration::from_secs(59));
    assert_eq!(ada.get("/dashboard").await.status, 200);
    server.wait(Duration::from_secs(1));
    assert_eq!(ada.get("/dashboard").await.status, 303);
}

#[tokio::test]
async fn a_page_that_was_open_too_long_starts_again_where_it_stood() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.visit("/dashboard/create").await;
    server.wait(FormToken::LIFETIME);
    let answer = ada.submit(typed(&page, "ada", PASSWORD)).await;
    assert_eq!((answer.status.as_u16(), answer.h1().as_str()), (403, "This page is out of date"));
    let page = ada.visit(&answer.link("Start again")).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    assert_eq!(ada.follow(answer).await.h1(), "Create app");
}

#[tokio::test]
async fn two_tabs_each_go_on_to_their_own_place() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let one = ada.visit("/dashboard/create").await;
    let other = ada.visit(&link(&[("scope", "email")])).await;
    let answer = ada.sign_in_on(&one, "ada").await;
    assert_eq!(answer.location(), "/dashboard/create");
    let answer = ada.sign_in_on(&other, "ada").await;
    assert_eq!(answer.location(), link(&[("scope", "email")]));
    assert_eq!(ada.follow(answer).await.h1(), "Mixtape asks for your permission");
}

#[tokio::test]
async fn going_back_to_the_form_and_signing_in_as_somebody_else_works() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let page = browser.get("/sign-in").await;
    browser.sign_in_on(&page, "ada").await;
    browser.sign_in_on(&page, "grace").await;
    assert!(browser.get("/dashboard").await.body.contains("<span class=\"who\">grace</span>"));
}

#[tokio::test]
async fn who_is_signed_in_already_goes_on_at_once() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let way = ada.get("/dashboard/create").await.location().trim_end_matches('#').to_owned();
    ada.sign_in("ada").await;
    assert_eq!(ada.get("/sign-in").await.location(), "/dashboard#");
    assert_eq!(ada.get(&way).await.location(), "/dashboard/create#");
    assert_eq!(ada.get(&format!("{way}&switch=true")).await.h1(), "Sign in");
}

#[tokio::test]
async fn a_store_that_fails_signs_nobody_in() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.get("/sign-in").await;
    server.trouble_store(Trouble::Fails);
    let answer = ada.submit(typed(&page, "ada", PASSWORD)).await;
    assert_eq!((answer.status.as_u16(), answer.h1().as_str()), (503, "Something went wrong"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert!(!answer.body.contains("/var/lib") && !ada.cookies.contains_key(SESSION));
    server.trouble_store(Trouble::None);
    ada.sign_in_on(&page, "ada").await;
}
