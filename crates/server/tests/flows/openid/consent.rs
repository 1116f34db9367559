//! What a person reads when an app wants to know who they are.

use super::{ask, read, start, wish};
use crate::support::TestServer;

const EVERYTHING: &str = "openid profile email address phone offline_access";

async fn lines(server: &TestServer, link: &str) -> Vec<String> {
    let page = server.browser_of("ada").await.get(link).await;
    assert_eq!(page.status, 200);
    page.lines()
}

#[tokio::test]
async fn the_question_says_in_words_what_each_standard_scope_means() {
    let server = start().await;
    let link = wish(&server, "code", &[("scope", EVERYTHING), ("prompt", "consent")]);
    let lines = lines(&server, &link).await;
    let place = |text: &str| {
        let place = lines.iter().position(|line| line == text);
        place.unwrap_or_else(|| panic!("{text:?} is not in {lines:#?}"))
    };
    let told = [
        "See your data",
        "know that it is you when you come back",
        "see your profile: name, picture, birthday and what else you filled in",
        "see your e-mail address",
        "see your postal address",
        "see your telephone number",
        "Act for you",
        "keep its access while you are away",
    ];
    let places: Vec<usize> = told.into_iter().map(place).collect();
    assert!(places.is_sorted(), "{lines:#?}");
    let visible: Vec<&String> = lines.iter().filter(|line| line.contains("openid")).collect();
    assert!(visible.iter().all(|line| *line == "openid"), "only where the developer's words are");
}

/// What is asked for claim by claim is asked of the person in the same words, once.
#[tokio::test]
async fn claims_by_name_are_asked_for_in_the_words_of_their_scope() {
    let server = start().await;
    let claims = r#"{"userinfo":{"email":null,"email_verified":null},"id_token":{"address":null}}"#;
    let link = wish(&server, "code", &[("claims", claims)]);
    let lines = lines(&server, &link).await;
    let count = |text: &str| lines.iter().filter(|line| *line == text).count();
    assert_eq!(count("know that it is you when you come back"), 1);
    assert_eq!(count("see your e-mail address"), 1);
    assert_eq!(count("see your postal address"), 1);
    assert_eq!(count("see your telephone number"), 0);
}

#[tokio::test]
async fn what_was_agreed_for_a_claim_is_not_asked_again_for_its_scope() {
    let server = start().await;
    let mut ada = server.browser_of("ada").await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let answer = ask(&mut ada, &wish(&server, "id_token token", &[("claims", claims)])).await;
    read(&server, answer.landing().fragment("id_token").unwrap()).await;
    assert_eq!(server.claims(&answer).scopes.to_string(), "openid");
    let link = wish(&server, "id_token token", &[("scope", "openid email"), ("prompt", "none")]);
    let answer = ada.get(&link).await;
    assert_eq!(server.claims(&answer).scopes.to_string(), "openid email");
}

/// CO-12: what would be ignored is not asked for.
#[tokio::test]
async fn co_12_offline_access_is_asked_for_only_where_it_counts() {
    let server = start().await;
    let keeps = "keep its access while you are away";
    for (response_type, prompt, is_asked) in
        [("code", "consent", true), ("code", "", false), ("id_token token", "consent", false)]
    {
        let changed = [("scope", "openid offline_access"), ("prompt", prompt)];
        let lines = lines(&server, &wish(&server, response_type, &changed)).await;
        assert_eq!(lines.iter().any(|line| line == keeps), is_asked, "{response_type} {prompt}");
    }
    let mut ada = server.browser_of("ada").await;
    let changed = [("scope", "openid offline_access")];
    let landing = ask(&mut ada, &wish(&server, "id_token token", &changed)).await.landing();
    assert_eq!(landing.fragment("scope"), Some("openid"));
    assert_eq!(landing.fragment("refresh_token"), None);
}
