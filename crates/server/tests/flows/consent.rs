//! The consent page and its answer: what a person is told, and that nobody else can answer for them.
//! Names that begin with an id are rows of the table of refusals.

use std::time::Duration;

use hallpass::config::{RememberConsentSetting, Settings};

use crate::support::{
    Browser, Form, MIXTAPE_URI, NIGHT_TRAIN, Part, Setup, Site, TestServer, WORLD, link,
};

const OUT_OF_DATE: &str = "This page is out of date";
const ANSWER: &str = "/authorize/answer";

/// Asserts that whatever happened before left no consent behind.
async fn assert_nothing_was_agreed(browser: &mut Browser, scope: &str) {
    let page = browser.get(&link(&[("scope", scope)])).await;
    assert_eq!(page.status, 200, "the page is still shown");
    assert!(!page.text().contains("You have allowed this app"), "{}", page.text());
}

#[tokio::test]
async fn co_09_the_page_says_who_asks_for_what_and_where_the_answer_goes() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "playlists history email")])).await;
    let lines = page.lines();
    let place = |text: &str| {
        let found = lines.iter().position(|line| line == text);
        found.unwrap_or_else(|| panic!("{text:?} is not in {lines:#?}"))
    };
    for told in ["Mixtape", "Makes tapes.", "Not verified", "grace", "https://mixtape.example"] {
        place(told);
    }
    assert_eq!(page.link("mixtape.example/about"), "https://mixtape.example/about");
    let shown = [
        "See your data",
        "see your e-mail address",
        "See your activity",
        "see what you listened to",
        "Act for you",
        "change your playlists",
        "See what is public anyway",
        "1 hour",
        "ada",
    ];
    assert!(shown.map(place).is_sorted(), "{lines:#?}");
    assert!(page.text().contains("You can remove it at any time"), "{lines:#?}");
}

#[tokio::test]
async fn not_you_lets_another_person_sign_in_and_come_back() {
    let server = TestServer::start().await;
    let mut browser = server.browser_of("ada").await;
    let for_ada = browser.get(&link(&[("scope", "email"), ("state", "s")])).await;
    let page = browser.get(&for_ada.link("Not you?")).await;
    assert_eq!(page.h1(), "Sign in");
    let answer = browser.sign_in_on(&page, "grace").await;
    let for_grace = browser.follow(answer).await;
    assert!(for_grace.text().contains("Signed in as grace"), "{}", for_grace.text());

    let late = browser.agree(&for_ada).await;
    late.assert_page(403, OUT_OF_DATE);
    let answer = browser.agree(&for_grace).await;
    assert_eq!(answer.landing().fragment("state"), Some("s"));
    assert_nothing_was_agreed(&mut server.browser_of("ada").await, "email").await;
}

#[tokio::test]
async fn co_01_an_answer_without_the_right_form_token_is_refused() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let form = page.form(ANSWER).with("answer", "agree");
    for bad in [
        form.clone().without("form_token"),
        form.clone().with("form_token", ""),
        form.clone().with("form_token", &"A".repeat(75)),
        form.clone().and("form_token", "another"),
        form.clone().without("answer"),
        form.clone().with("answer", "perhaps"),
        form.clone().and("answer", "cancel"),
        form.clone().without("query"),
    ] {
        ada.submit(bad).await.assert_page(403, OUT_OF_DATE);
    }
    assert_nothing_was_agreed(&mut ada, "email").await;
}

#[tokio::test]
async fn co_01_an_answer_from_another_site_is_refused_whatever_it_holds() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let form = page.form(ANSWER).with("answer", "agree");
    for site in [Site::Sibling, Site::Strangers] {
        ada.submit_from(site, form.clone()).await.assert_page(403, OUT_OF_DATE);
    }
    assert_nothing_was_agreed(&mut ada, "email").await;
}

#[tokio::test]
async fn co_02_a_form_token_of_another_person_session_or_request_is_refused() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let mut grace = server.browser_of("grace").await;
    let mut ada_elsewhere = server.browser_of("ada").await;
    let wish = link(&[("scope", "email")]);
    let form = ada.get(&wish).await.form(ANSWER).with("answer", "agree");
    grace.submit(form.clone()).await.assert_page(403, OUT_OF_DATE);
    ada_elsewhere.submit(form.clone()).await.assert_page(403, OUT_OF_DATE);

    let other = ada.get(&link(&[("scope", "history")])).await.form(ANSWER);
    let mixed = form.with("form_token", other.value("form_token"));
    ada.submit(mixed).await.assert_page(403, OUT_OF_DATE);

    let page = ada.get("/sign-out").await;
    let of_sign_out = page.form("/sign-out").value("form_token").to_owned();
    let form = ada.get(&wish).await.form(ANSWER).with("answer", "agree");
    ada.submit(form.with("form_token", &of_sign_out)).await.assert_page(403, OUT_OF_DATE);
    assert_nothing_was_agreed(&mut ada, "email").await;
}

#[tokio::test]
async fn co_02_a_page_that_lay_open_for_an_hour_starts_again() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let wish = link(&[("scope", "email"), ("state", "a b")]);
    let page = ada.get(&wish).await;
    server.wait(Duration::from_secs(3600));
    let late = ada.agree(&page).await;
    late.assert_page(403, OUT_OF_DATE);
    assert_eq!(late.link("Start again"), wish);
    let page = ada.get(&late.link("Start again")).await;
    assert_eq!(ada.agree(&page).await.landing().fragment("state"), Some("a b"));
}

#[tokio::test]
async fn co_02_every_request_can_be_started_again() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let raw = format!("{}&state=\u{e9}&x={{y}}^`", link(&[]));
    let page = ada.get(&raw).await;
    server.wait(Duration::from_secs(3600));
    let late = ada.agree(&page).await;
    late.assert_page(403, OUT_OF_DATE);
    let page = ada.get(&late.link("Start again")).await;
    assert_eq!(ada.agree(&page).await.landing().fragment("state"), Some("\u{e9}"));
}

#[tokio::test]
async fn co_03_a_second_click_gets_a_token_on_the_same_consent_and_nothing_else() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let (mut twin, same_page) = (ada.clone(), page.clone());
    let (first, second) = tokio::join!(ada.agree(&page), twin.agree(&same_page));
    let (first, second) = (server.claims(&first), server.claims(&second));
    assert_eq!(first.consent, second.consent);
    assert_eq!(first.scopes, second.scopes);
}

#[tokio::test]
async fn co_04_a_scope_added_to_the_form_is_not_granted() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let form = page.form(ANSWER).with("answer", "agree");
    let wider = form.value("query").replace("scope=email", "scope=email%20history");
    ada.submit(form.clone().with("query", &wider)).await.assert_page(403, OUT_OF_DATE);

    let answer = ada.submit(form.and("scope", "email history playlists")).await;
    assert_eq!(server.claims(&answer).scopes.to_string(), "email");
}

#[tokio::test]
async fn co_05_fields_put_into_the_form_change_nothing() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email"), ("state", "mine")])).await;
    let injected = page
        .form(ANSWER)
        .with("answer", "agree")
        .and("client_id", NIGHT_TRAIN)
        .and("redirect_uri", "https://radio.example/callback")
        .and("state", "theirs")
        .and("user_id", "grace");
    let answer = ada.submit(injected).await;
    assert_eq!(answer.landing().base, MIXTAPE_URI);
    assert_eq!(answer.landing().fragment("state"), Some("mine"));
    assert_ne!(server.claims(&answer).client.as_str(), NIGHT_TRAIN);
}

#[tokio::test]
async fn co_06_the_page_cannot_be_framed() {
    let server = TestServer::start().await;
    let page = server.browser_of("ada").await.get(&link(&[])).await;
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[tokio::test]
async fn co_07_what_an_app_calls_itself_is_text() {
    let apps = WORLD
        .replace("name = \"Mixtape\"", r#"name = "<script>alert(1)</script> & \"Official\"""#)
        .replace("Makes tapes.", "<img src=x onerror=alert(1)>");
    let server = TestServer::with(Setup { apps, ..Setup::default() }).await;
    let page = server.browser_of("ada").await.get(&link(&[])).await;
    assert!(page.h1().starts_with("<script>alert(1)</script> & \"Official\""), "{}", page.h1());
    assert!(!page.body.contains("<script>") && !page.body.contains("<img"), "{}", page.body);
    assert!(page.lines().contains(&"Not verified".to_owned()));
}

#[tokio::test]
async fn co_08_the_operator_can_have_people_asked_each_time_where_anybody_could_listen() {
    let remember_consent = Some(RememberConsentSetting::Verified);
    let settings = Settings { remember_consent, ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    assert_eq!(ada.get(&link(&[])).await.status, 302, "https is its owner's");
    for uri in ["http://127.0.0.1:5000/callback", "mixtape.app:/callback"] {
        assert_eq!(ada.get(&link(&[("redirect_uri", uri)])).await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn co_10_an_app_that_was_removed_takes_its_consents_along() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    let client = hallpass_protocol::model::ClientId::parse(crate::support::MIXTAPE).unwrap();
    let client = server.store().client(&client).await.unwrap().unwrap();
    server.delete(&client).await;
    ada.get(&link(&[])).await.assert_page(400, "INVALID_CLIENT: Invalid client");
    server.store().create_client(&client).await.unwrap();
    server.app.remembered.forget_client(&client.id);
    assert_nothing_was_agreed(&mut ada, "").await;
}

#[tokio::test]
async fn co_13_an_answer_after_signing_out_is_out_of_date() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    let before = ada.clone();
    let form = ada.get("/sign-out").await.form("/sign-out");
    ada.submit(form).await;
    for mut browser in [ada, before] {
        browser.agree(&page).await.assert_page(403, OUT_OF_DATE);
    }
    assert_nothing_was_agreed(&mut server.browser_of("ada").await, "email").await;
}

#[tokio::test]
async fn co_13_an_answer_of_a_session_that_ran_out_is_out_of_date() {
    let settings = Settings { session_lifetime: Some(300), ..Settings::default() };
    let server = TestServer::with_settings(settings).await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email")])).await;
    server.wait(Duration::from_secs(300));
    ada.agree(&page).await.assert_page(403, OUT_OF_DATE);
    assert_nothing_was_agreed(&mut server.browser_of("ada").await, "email").await;
}

#[tokio::test]
async fn co_14_a_denial_is_stored_nowhere() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("scope", "email"), ("state", "s")])).await;
    server.calls();
    ada.cancel(&page).await.assert_error(Part::Query, "access_denied", Some("s"));
    assert_eq!(server.calls(), ["session_with_consent"]);
    assert_nothing_was_agreed(&mut ada, "email").await;
}

#[tokio::test]
async fn co_16_the_page_asks_no_other_host_for_anything() {
    let server = TestServer::start().await;
    let page = server.browser_of("ada").await.get(&link(&[("scope", "email")])).await;
    for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\"", "url("] {
        for (place, _) in page.body.match_indices(attribute) {
            let value = &page.body[place + attribute.len()..];
            assert!(value.starts_with('/') && !value.starts_with("//"), "{value:.80}");
        }
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
}

#[tokio::test]
async fn the_answer_is_a_form_and_nothing_else() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    assert_eq!(ada.get(ANSWER).await.status, 405);
    let empty = ada.submit(Form::new(ANSWER, &[])).await;
    empty.assert_page(403, OUT_OF_DATE);
}
