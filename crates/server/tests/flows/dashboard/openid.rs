//! What a developer settles about OpenID Connect is judged in words, kept and shown. Names that begin with
//! an id are rows of the list of refusals.

use hallpass_protocol::model::{
    Client, ClientId, LogoutUri, OpenIdSettings, RedirectUri, SignatureAlgorithm, SubjectType,
};

use super::{CREATE, SETTINGS, problem};
use crate::support::{Answer, Browser, Form, MIXTAPE, TestServer};

/// Mixtape as it is registered.
async fn mixtape(server: &TestServer) -> Client {
    server.store().client(&ClientId::parse(MIXTAPE).unwrap()).await.unwrap().unwrap()
}

/// Whether the part about OpenID Connect is unfolded.
fn is_unfolded(page: &Answer) -> bool {
    let (_, rest) = page.body.split_once("<details class=\"more\" id=\"openid\"").unwrap();
    rest.split('>').next().unwrap().contains("open")
}

/// Mixtape's settings with one redirect URI, so that there is one sector.
async fn settings_at_one_host(browser: &mut Browser) -> Form {
    let form = browser.get(SETTINGS).await.form(SETTINGS);
    form.with("redirect_uri", "https://mixtape.example/callback")
}

#[tokio::test]
async fn what_is_settled_about_openid_connect_is_kept_and_shown() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let page = grace.get(SETTINGS).await;
    assert!(!is_unfolded(&page), "nothing is settled yet");
    let form = page.form(SETTINGS);
    assert_eq!(grace.submit(form.clone()).await.location(), format!("{SETTINGS}?saved"));
    assert_eq!(mixtape(&server).await.openid, OpenIdSettings::default());

    let form = form
        .with("redirect_uri", "https://mixtape.example/callback")
        .with("post_logout_redirect_uri", "https://mixtape.example/")
        .and("post_logout_redirect_uri", " https://mixtape.example/out ")
        .with("backchannel_logout_uri", "https://mixtape.example/logout")
        .with("id_token_algorithm", "ES256")
        .with("userinfo_algorithm", "EdDSA")
        .with("subject_type", "pairwise");
    assert_eq!(grace.submit(form).await.location(), format!("{SETTINGS}?saved"));
    let settled = mixtape(&server).await.openid;
    let uris = settled.post_logout_redirect_uris.iter().map(RedirectUri::as_str);
    assert_eq!(
        uris.collect::<Vec<_>>(),
        ["https://mixtape.example/", "https://mixtape.example/out"]
    );
    let logout_uri = settled.backchannel_logout_uri.as_ref().map(LogoutUri::as_str);
    assert_eq!(logout_uri, Some("https://mixtape.example/logout"));
    assert_eq!(settled.id_token_algorithm, SignatureAlgorithm::Es256);
    assert_eq!(settled.userinfo_algorithm, Some(SignatureAlgorithm::EdDsa));
    assert_eq!(settled.subject_type, SubjectType::Pairwise);

    let page = grace.get(SETTINGS).await;
    assert!(is_unfolded(&page));
    let overview = grace.get(SETTINGS.strip_suffix("/settings").unwrap()).await.text();
    for shown in ["https://mixtape.example/out", "ES256", "EdDSA", "Pairwise", "/logout"] {
        assert!(overview.contains(shown), "{shown}: {overview}");
    }
    // Saved as it was shown, it stays as it is.
    grace.submit(page.form(SETTINGS)).await;
    assert_eq!(mixtape(&server).await.openid, settled);
}

#[tokio::test]
async fn lo_02_each_post_logout_row_is_judged_in_words_beside_it() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let rows = [
        ("https://mixtape.example/out", None),
        ("http://mixtape.example/out", Some("http is only for localhost")),
        ("https://mixtape.example/out?state=x", Some("The query cannot contain state")),
        ("javascript:alert(1)", Some("javascript")),
        ("https://mixtape.example/*", Some("Wildcards")),
    ];
    let mut form = settings_at_one_host(&mut grace).await.without("post_logout_redirect_uri");
    for (row, _) in rows {
        form = form.and("post_logout_redirect_uri", row);
    }
    let answer =
        grace.submit(form.with("backchannel_logout_uri", "gopher://mixtape.example")).await;
    assert_eq!(answer.status, 422);
    assert!(is_unfolded(&answer) && answer.text().contains("Nothing is saved yet: 5 things need"));
    for (number, (row, expected)) in (1..).zip(rows) {
        let told = problem(&answer, &format!("post-logout-uri-{number}"));
        assert!(told.contains(expected.unwrap_or_default()), "{row}: {told}");
        assert_eq!(told.is_empty(), expected.is_none(), "{row}: {told}");
    }
    assert!(problem(&answer, "backchannel-logout-uri").contains("begins with https://"));
    let kept = answer.form(SETTINGS).fields;
    assert!(rows.iter().all(|(row, _)| kept.iter().any(|(_, value)| value == row)), "{kept:?}");
    assert!(kept.iter().any(|(_, value)| value == "gopher://mixtape.example"));
    assert_eq!(mixtape(&server).await.openid, OpenIdSettings::default(), "nothing was saved");
}

#[tokio::test]
async fn pairwise_subjects_of_many_places_are_refused_with_what_to_do() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let form = settings_at_one_host(&mut grace).await.with("subject_type", "pairwise");
    let elsewhere = form.clone().and("redirect_uri", "https://other.example/callback");
    let answer = grace.submit(elsewhere).await;
    assert_eq!((answer.status.as_u16(), is_unfolded(&answer)), (422, true));
    assert!(problem(&answer, "subject-type").contains("an app of their own"), "{answer:#?}");
    assert_eq!(answer.form(SETTINGS).value("subject_type"), "pairwise", "what was chosen is kept");
    assert_eq!(grace.submit(form).await.location(), format!("{SETTINGS}?saved"));
}

#[tokio::test]
async fn the_page_says_that_another_subject_type_makes_everybody_somebody_new() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    for page in [grace.get(SETTINGS).await, grace.get(CREATE).await] {
        let text = page.text();
        assert!(text.contains("takes each of them for somebody new"), "{text}");
    }
}

#[tokio::test]
async fn one_more_post_logout_row_leaves_all_else_as_it_was_typed() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let form = settings_at_one_host(&mut grace).await.with("subject_type", "pairwise");
    let form = form.with("post_logout_redirect_uri", "not judged yet");
    let count =
        |form: &Form, name: &str| form.fields.iter().filter(|(field, _)| field == name).count();
    for (list, counts) in [("post_logout_redirect_uri", (1, 2)), ("redirect_uri", (2, 1))] {
        let page = grace.submit(form.clone().and("add_row", list)).await;
        assert_eq!((page.status.as_u16(), is_unfolded(&page)), (200, true));
        let again = page.form(SETTINGS);
        let found = (count(&again, "redirect_uri"), count(&again, "post_logout_redirect_uri"));
        assert_eq!(found, counts);
        assert_eq!(again.value("post_logout_redirect_uri"), "not judged yet");
        assert_eq!(again.value("subject_type"), "pairwise");
    }
    assert_eq!(mixtape(&server).await.openid, OpenIdSettings::default(), "nothing was saved");
}

#[tokio::test]
async fn rg_06_a_value_that_was_not_offered_is_the_default() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let form = settings_at_one_host(&mut grace).await;
    let form = ["id_token_algorithm", "userinfo_algorithm", "subject_type"]
        .into_iter()
        .fold(form, |form, field| form.with(field, "none"));
    grace.submit(form).await;
    assert_eq!(mixtape(&server).await.openid, OpenIdSettings::default(), "and no alg is none");
}
