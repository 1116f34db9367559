//! The dashboard and the authorization endpoint together: what a developer changes counts at once, also
//! for people who are on their way. Who may see and change what is tested beside this, in
//! `tests/dashboard`. Names that begin with an id are rows of the list of refusals.

mod openid;

use hallpass_protocol::model::ClientId;

use crate::support::{Answer, Browser, Form, MIXTAPE, MIXTAPE_URI, TestServer, link};

const CREATE: &str = "/dashboard/create";
const SETTINGS: &str = "/dashboard/apps/5c1e0f8a7b3d49e6a2c4d8f01b6e7a93/settings";
const DELETE: &str = "/dashboard/apps/5c1e0f8a7b3d49e6a2c4d8f01b6e7a93/delete";

/// What grace types to make an app that works.
fn good(form: Form) -> Form {
    let form = form.with("name", "Songbook").with("redirect_uri", "https://songs.example/cb");
    form.with("grant", "implicit").with("type", "public")
}

/// Registers an app and answers its id.
async fn register(browser: &mut Browser, form: Form) -> String {
    let answer = browser.submit(form).await;
    let path = answer.location().strip_suffix("?created").unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

/// Changes one field of Mixtape's settings.
async fn change(browser: &mut Browser, name: &str, value: &str) {
    let form = browser.get(SETTINGS).await.form(SETTINGS).with(name, value);
    let answer = browser.submit(form).await;
    assert_eq!(answer.location(), format!("{SETTINGS}?saved"));
}

/// The problem in words under an element of the form.
fn problem(answer: &Answer, id: &str) -> String {
    let element = format!("<p class=\"problem\" id=\"{id}-problem\"");
    let (_, rest) = answer.body.split_once(&element).unwrap_or_else(|| panic!("{id}: {answer:#?}"));
    let paragraph = rest.split("</p>").next().unwrap();
    let (_, sentence) = paragraph.split_once("<span>").unwrap();
    sentence.replace("</span>", "")
}

#[tokio::test]
async fn a_new_app_gets_its_first_token_from_the_address_on_its_page() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = good(ada.get(CREATE).await.form(CREATE));
    let id = register(&mut ada, form).await;
    let overview = ada.get(&format!("/dashboard/apps/{id}?created")).await;
    assert!(overview.text().contains("Your app is ready."), "{overview:#?}");
    let page = ada.get(&overview.link("Try it")).await;
    assert_eq!(page.h1(), "Songbook asks for your permission");
    let answer = ada.agree(&page).await;
    assert_eq!(answer.landing().base, "https://songs.example/cb");
    assert!(answer.landing().fragment("access_token").is_some());
}

#[tokio::test]
async fn a_new_app_has_no_implicit_grant_until_its_owner_ticks_it() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = ada.get(CREATE).await.form(CREATE).with("name", "Songbook");
    assert_eq!(form.value("grant"), "authorization_code", "what is ticked at first");
    let id = register(&mut ada, form.with("redirect_uri", "https://songs.example/cb")).await;
    let request = link(&[("client_id", &id), ("redirect_uri", "https://songs.example/cb")]);
    assert_eq!(
        ada.get(&request).await.landing().fragment("error"),
        Some("unauthorized_client"),
        "AZ-07"
    );
    let settings = format!("/dashboard/apps/{id}/settings");
    let form = ada.get(&settings).await.form(&settings).and("grant", "implicit");
    ada.submit(form).await;
    assert_eq!(ada.get(&request).await.h1(), "Songbook asks for your permission");
}

#[tokio::test]
async fn each_row_is_judged_in_words_beside_it() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let rows = [
        ("https://songs.example/cb", None),
        ("http://songs.example/cb", Some("http is only for localhost")),
        ("", None),
        ("https://songs.example/cb#top", Some("has no fragment")),
        ("https://songs.example/*", Some("Wildcards")),
        ("javascript:alert(1)", Some("javascript")),
        ("https://ada@songs.example/", Some("@")),
        ("https://Songs.example/", Some("songs.example")),
        (" https://songs.example/cb ", Some("stands further up already")),
    ];
    let mut form = good(ada.get(CREATE).await.form(CREATE)).without("redirect_uri");
    for (row, _) in rows {
        form = form.and("redirect_uri", row);
    }
    let answer = ada.submit(form).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Nothing is saved yet: 7 things need"), "{answer:#?}");
    for (number, (row, expected)) in (1..).zip(rows) {
        let told = problem(&answer, &format!("redirect-uri-{number}"));
        match expected {
            None => assert_eq!(told, "", "{row}"),
            Some(part) => assert!(told.contains(part), "{row}: {told}"),
        }
    }
    let kept = answer.form(CREATE).fields.into_iter();
    let kept: Vec<_> = kept.filter(|(name, _)| name == "redirect_uri").map(|(_, v)| v).collect();
    assert_eq!(kept, rows.map(|(row, _)| row.to_owned()), "what was typed is still there");
}

#[tokio::test]
async fn each_field_is_judged_in_words_beside_it() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(CREATE).await;
    for (field, typed, id, told) in [
        ("name", " ", "app-name", "at least one letter or digit"),
        ("name", "\u{200b}\u{202e}", "app-name", "at least one letter or digit"),
        ("name", &"n".repeat(81), "app-name", "at most 80 characters"),
        ("description", &"d".repeat(501), "app-description", "at most 500 characters"),
        ("website", "javascript:alert(1)", "app-website", "begins with https:// or http://"),
        ("website", "songs", "app-website", "begins with https:// or http://"),
        ("redirect_uri", "", "redirect-uris", "Add at least one redirect URI"),
    ] {
        let answer = ada.submit(good(page.form(CREATE)).with(field, typed)).await;
        assert_eq!(answer.status, 422, "{field} {typed}");
        assert!(problem(&answer, id).contains(told), "{field} {typed}");
    }
    for (form, told) in [
        (good(page.form(CREATE)).without("grant"), "Tick at least one way of getting tokens."),
        (good(page.form(CREATE)).and("grant", "refresh_token"), "tick that too"),
        (good(page.form(CREATE)).and("grant", "client_credentials"), "Only a confidential app"),
    ] {
        let answer = ada.submit(form).await;
        assert_eq!(answer.status, 422, "{told}");
        assert!(answer.text().contains(told), "{answer:#?}");
    }
    assert_eq!(ada.visit("/dashboard").await.lines()[1], "No apps yet", "nothing was made");
}

#[tokio::test]
async fn what_is_edited_counts_from_the_next_request_on() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let mut ada = server.browser_of("ada").await;
    change(&mut grace, "name", "Mixtape Deluxe").await;
    assert_eq!(ada.get(&link(&[])).await.h1(), "Mixtape Deluxe asks for your permission");

    change(&mut grace, "redirect_uri", "https://deluxe.example/cb").await;
    let old = ada.get(&link(&[])).await;
    assert_eq!(
        (old.status.as_u16(), old.h1().as_str()),
        (400, "INVALID_CLIENT: Invalid redirect URI")
    );
    let new = link(&[("redirect_uri", "https://deluxe.example/cb")]);
    assert_eq!(ada.get(&new).await.status, 200);

    change(&mut grace, "denial", "fragment").await;
    let page = ada.get(&new).await;
    assert_eq!(ada.cancel(&page).await.landing().fragment("error"), Some("access_denied"));

    change(&mut grace, "grant", "authorization_code").await;
    assert_eq!(ada.get(&new).await.landing().fragment("error"), Some("unauthorized_client"));
}

#[tokio::test]
async fn ru_26_a_redirect_uri_that_was_removed_gets_nothing_of_a_request_under_way() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("state", "x")])).await;
    let mut signing_in = server.browser();
    let sign_in = signing_in.visit(&link(&[])).await;

    let mut grace = server.browser_of("grace").await;
    change(&mut grace, "redirect_uri", "https://deluxe.example/cb").await;
    let answer = signing_in.sign_in_on(&sign_in, "linus").await;
    for answer in [ada.agree(&page).await, ada.cancel(&page).await, signing_in.follow(answer).await]
    {
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None));
        assert_eq!(answer.lines()[0], "INVALID_CLIENT: Invalid redirect URI");
    }
    // Not even a consent was left behind.
    let new = link(&[("redirect_uri", "https://deluxe.example/cb")]);
    assert_eq!(ada.get(&new).await.h1(), "Mixtape asks for your permission");
}

#[tokio::test]
async fn az_07_a_grant_that_was_switched_off_issues_nothing_to_a_request_under_way() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[("state", "x")])).await;
    let mut grace = server.browser_of("grace").await;
    change(&mut grace, "grant", "authorization_code").await;
    let landing = ada.agree(&page).await.landing();
    assert_eq!(landing.base, MIXTAPE_URI);
    assert_eq!(landing.fragment("error"), Some("unauthorized_client"));
    assert_eq!((landing.fragment("state"), landing.fragment("access_token")), (Some("x"), None));
}

#[tokio::test]
async fn an_app_that_was_deleted_gets_nothing_of_a_request_under_way() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    let mut grace = server.browser_of("grace").await;
    let form = grace.get(DELETE).await.form(DELETE);
    assert_eq!(grace.submit(form).await.location(), "/dashboard?deleted");
    for answer in [ada.agree(&page).await, ada.cancel(&page).await, ada.get(&link(&[])).await] {
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None));
        assert_eq!(answer.lines()[0], "INVALID_CLIENT: Invalid client");
    }
}

#[tokio::test]
async fn db_13_with_an_app_go_the_permissions_that_people_gave_it() {
    let server = TestServer::start().await;
    let client = server.store().client(&ClientId::parse(MIXTAPE).unwrap()).await.unwrap().unwrap();
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    assert_eq!(ada.get(&link(&[])).await.landing().base, MIXTAPE_URI, "remembered");

    let mut grace = server.browser_of("grace").await;
    let form = grace.get(DELETE).await.form(DELETE);
    grace.submit(form).await;
    server.store().create_client(&client).await.unwrap();
    assert_eq!(ada.get(&link(&[])).await.h1(), "Mixtape asks for your permission");
}

#[tokio::test]
async fn db_04_what_a_developer_typed_is_text_to_the_person_who_is_asked() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let hostile = "A<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(1)>";
    change(&mut grace, "name", hostile).await;
    change(&mut grace, "description", hostile).await;
    change(&mut grace, "website", "https://songs.example/?q=\"><script>alert(1)</script>").await;
    let mut nobody = server.browser();
    let sign_in = nobody.visit(&link(&[])).await;
    let mut ada = server.browser_of("ada").await;
    let consent = ada.get(&link(&[])).await;
    assert!(consent.body.contains("A&#60;script&#62;alert(1)"), "{}", consent.body);
    for page in [sign_in, consent] {
        assert!(!page.body.contains("<script>") && !page.body.contains("<img"), "{}", page.body);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn a_form_that_was_open_while_somebody_else_signed_in_changes_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser_of("grace").await;
    let (create, settings) = (browser.get(CREATE).await, browser.get(SETTINGS).await);
    let page = browser.get("/sign-in?switch=true").await;
    browser.sign_in_on(&page, "ada").await;
    let answer = browser.submit(good(create.form(CREATE))).await;
    assert_eq!((answer.status.as_u16(), answer.h1().as_str()), (403, "This page is out of date"));
    assert_eq!(answer.link("Start again"), CREATE);
    let form = settings.form(SETTINGS).with("name", "Stolen");
    assert_eq!(browser.submit(form).await.status, 404, "it is not ada's app");
    assert_eq!(browser.visit("/dashboard").await.lines()[1], "No apps yet");
}

#[tokio::test]
async fn a_confidential_app_made_here_can_ask_about_tokens_at_once() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = good(ada.get(CREATE).await.form(CREATE)).with("type", "confidential");
    let page = ada.submit(form).await;
    let shown = |id: &str| {
        let (_, rest) = page.body.split_once(&format!("<code id=\"{id}\">")).unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    let (id, secret) = (shown("client-id"), shown("client-secret"));
    let fields = [("client_id", &*id), ("client_secret", &*secret), ("token", "none")];
    let answer = ada.submit(Form::new("/introspect", &fields)).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "{\"active\":false}"));
}
