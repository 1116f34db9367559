//! "Apps with access": what a person sees of what they allow, and that taking it back takes it back,
//! everywhere and for nobody else. Names that begin with an id are rows of the list of refusals.

use crate::support::{Answer, Browser, CASSETTE, Form, MIXTAPE, Site, TestServer, Trouble, link};

const APPS: &str = "/account/apps";
const REMOVE: &str = "/account/apps/remove";
/// What an app is told of a refresh token that rested on what was taken back.
const GONE: &str = "Refresh token revoked";
const OUT_OF_DATE: &str = "This page is out of date";

/// The filled-in form that takes back what its person allows `client`, as a click in the dialog sends it.
async fn removal(browser: &mut Browser, client: &str) -> Form {
    let page = browser.get(&format!("{REMOVE}?client_id={client}")).await;
    page.form(REMOVE)
}

/// Mixtape's token for whoever sits at this browser.
async fn mixtape_token(browser: &mut Browser) -> String {
    let answer = browser.get(&link(&[("scope", "email playlists")])).await;
    let answer = if answer.status == 200 { browser.agree(&answer).await } else { answer };
    answer.landing().fragment("access_token").unwrap().to_owned()
}

fn told(page: &Answer, text: &str) -> bool {
    page.text().contains(text)
}

#[tokio::test]
async fn a_person_sees_what_they_allow_and_since_when() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let empty = ada.visit("/account").await;
    assert_eq!(empty.h1(), "Apps with access");
    assert!(told(&empty, "No app has access"), "{}", empty.text());

    mixtape_token(&mut ada).await;
    server.wait(std::time::Duration::from_secs(2 * 86_400));
    let mut ada = server.browser_of("ada").await;
    server.cassette().tokens(&mut ada, "history").await;
    let page = ada.get(APPS).await;
    let lines = page.lines();
    let place = |text: &str| lines.iter().position(|line| line == text).expect(text);
    let shown = [
        "Cassette",
        "Made by linus",
        "See what you listened to",
        "Mixtape",
        "Made by grace",
        "Change your playlists; see your e-mail address",
        "2 days ago",
    ];
    assert!(shown.map(place).is_sorted(), "the one used last stands first: {lines:#?}");
    assert_eq!(lines.iter().filter(|line| *line == "Not verified").count(), 2);
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn co_10_what_was_taken_back_ends_at_once_and_is_asked_for_again() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let kept = mixtape_token(&mut ada).await;
    let cassette = server.cassette();
    let tokens = cassette.tokens(&mut ada, "email").await;
    let unused = cassette.code(&mut ada, &[("scope", "email")]).await;
    assert!(server.is_good(&tokens.access).await);

    // As without script: the form in the list leads to a question, and the question's form does it.
    let list = ada.get(APPS).await;
    let question = ada.submit(list.form(REMOVE)).await;
    assert_eq!(question.h1(), "Remove Cassette’s access?");
    assert!(told(&question, "It stops working within a second, everywhere."));
    assert!(server.is_good(&tokens.access).await, "nothing has happened yet");
    let done = ada.submit(question.form(REMOVE)).await;
    assert!(!server.is_good(&tokens.access).await);
    assert!(server.is_good(&kept).await, "the other app keeps what it has");
    cassette.refresh(tokens.refresh()).await.assert_refused("invalid_grant", GONE);
    let late = cassette.exchange(&unused).await;
    late.assert_refused("invalid_grant", "Invalid authorization code");

    let list = ada.follow(done).await;
    assert!(told(&list, "Cassette no longer has access."), "{}", list.text());
    assert!(!list.lines().contains(&"Cassette".to_owned()) && told(&list, "Mixtape"));
    let asked = ada.get(&cassette.link(&[("scope", "email")])).await;
    assert_eq!(asked.h1(), "Cassette asks for your permission");
    assert!(!told(&asked, "You have allowed this app"), "{}", asked.text());
}

#[tokio::test]
async fn co_10_what_is_allowed_again_brings_nothing_old_back() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let cassette = server.cassette();
    let old = cassette.tokens(&mut ada, "email").await;
    let form = removal(&mut ada, CASSETTE).await;
    ada.submit(form).await;
    let new = cassette.tokens(&mut ada, "email").await;
    assert!(server.is_good(&new.access).await);
    assert!(!server.is_good(&old.access).await);
    cassette.refresh(old.refresh()).await.assert_refused("invalid_grant", GONE);
    assert_eq!(cassette.refresh(new.refresh()).await.status, 200);
}

#[tokio::test]
async fn co_10_what_was_taken_back_stays_so_after_a_restart() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let token = mixtape_token(&mut ada).await;
    let form = removal(&mut ada, MIXTAPE).await;
    ada.submit(form).await;
    let server = server.restarted().await;
    assert!(!server.is_good(&token).await);
}

#[tokio::test]
async fn co_10_when_the_store_fails_the_person_is_told_that_nothing_happened() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let token = mixtape_token(&mut ada).await;
    let form = removal(&mut ada, MIXTAPE).await;
    server.trouble_store(Trouble::Fails);
    ada.submit(form.clone()).await.assert_page(503, "Something went wrong");
    server.trouble_store(Trouble::None);
    assert!(server.is_good(&token).await);
    assert_eq!(ada.submit(form).await.status, 303);
    assert!(!server.is_good(&token).await);
}

#[tokio::test]
async fn db_01_nobody_takes_back_what_another_person_allows() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let mut grace = server.browser_of("grace").await;
    let token = mixtape_token(&mut ada).await;
    server.cassette().tokens(&mut grace, "email").await;
    assert!(!told(&grace.get(APPS).await, "Mixtape"));

    // Mixtape is grace's own app, and still what ada allows it is not hers to end here.
    let form = removal(&mut grace, CASSETTE).await;
    grace.submit(form.with("client_id", MIXTAPE)).await;
    assert!(server.is_good(&token).await);
    let of_others = grace.get(&format!("{REMOVE}?client_id={MIXTAPE}")).await;
    let of_nobody = grace.get(&format!("{REMOVE}?client_id={}", "0".repeat(32))).await;
    for absent in [of_others, of_nobody, grace.get(REMOVE).await] {
        absent.assert_page(404, "There is no such page");
    }
}

#[tokio::test]
async fn db_03_a_form_from_elsewhere_takes_nothing_back() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let mut grace = server.browser_of("grace").await;
    let token = mixtape_token(&mut ada).await;
    mixtape_token(&mut grace).await;
    let form = removal(&mut ada, MIXTAPE).await;
    let of_grace = removal(&mut grace, MIXTAPE).await.value("form_token").to_owned();
    let of_sign_out = ada.get("/sign-out").await.form("/sign-out").value("form_token").to_owned();
    for bad in [
        form.clone().without("form_token"),
        form.clone().with("form_token", &of_grace),
        form.clone().with("form_token", &of_sign_out),
    ] {
        ada.submit(bad).await.assert_page(403, OUT_OF_DATE);
    }
    ada.submit_from(Site::Sibling, form.clone()).await.assert_page(403, OUT_OF_DATE);
    let by_stranger = ada.submit_from(Site::Strangers, form.clone()).await;
    assert!(by_stranger.location().starts_with("/sign-in"), "the cookie stays at home");
    ada.get(&format!("{REMOVE}?client_id={MIXTAPE}&confirmed=yes")).await;
    assert!(server.is_good(&token).await, "a link only asks");

    ada.submit(form).await;
    assert!(!server.is_good(&token).await);
}

#[tokio::test]
async fn who_is_not_signed_in_does_that_first_and_comes_back() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for path in [APPS, "/account/apps?page=2", "/account/apps/remove?client_id=x"] {
        let answer = browser.get(path).await;
        assert!(answer.location().starts_with("/sign-in?return_to="), "{answer:#?}");
    }
    let page = browser.visit(APPS).await;
    let answer = browser.sign_in_on(&page, "ada").await;
    assert_eq!(browser.follow(answer).await.h1(), "Apps with access");
}

#[tokio::test]
async fn an_address_cannot_claim_that_access_was_removed() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    mixtape_token(&mut ada).await;
    for claim in [MIXTAPE, "nobody", "%3Cb%3E", ""] {
        let page = ada.get(&format!("{APPS}?removed={claim}")).await;
        assert!(!told(&page, "no longer has access"), "{claim}: {}", page.text());
    }
}

#[tokio::test]
async fn what_another_tab_took_back_is_taken_back() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    mixtape_token(&mut ada).await;
    let (list, form) = (ada.get(APPS).await, removal(&mut ada, MIXTAPE).await);
    for again in [form.clone(), form, list.form(REMOVE)] {
        let answer = ada.submit(again).await;
        let page = ada.follow(answer).await;
        assert!(told(&page, "Mixtape no longer has access."), "{}", page.text());
    }
}

#[tokio::test]
async fn db_08_a_page_beyond_the_end_is_the_last_one() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    mixtape_token(&mut ada).await;
    for page in ["0", "-1", "99", "4294967295", "x"] {
        assert!(told(&ada.get(&format!("{APPS}?page={page}")).await, "Mixtape"), "{page}");
    }
}

#[tokio::test]
async fn an_app_that_its_owner_deletes_is_gone_from_the_list_with_its_tokens() {
    let server = TestServer::start().await;
    let (mut ada, mut grace) = (server.browser_of("ada").await, server.browser_of("grace").await);
    let token = mixtape_token(&mut ada).await;
    let delete = format!("/dashboard/apps/{MIXTAPE}/delete");
    let question = grace.get(&delete).await;
    assert!(told(&question, "All its tokens stop working at once"), "{}", question.text());
    grace.submit(question.form(&delete)).await;
    assert!(!server.is_good(&token).await);
    assert!(told(&ada.get(APPS).await, "No app has access"));
}
