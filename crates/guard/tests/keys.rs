//! Tokens opened with the keys that sealed them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use hallpass_guard::{Denied, ScopeSet, Secret, Timestamp, TokenSubject};
use hallpass_protocol::access_token::Claims;
use support::{AUDIENCE, LIFETIME, ada, checker_at, claims, client, keys, sealed};

#[tokio::test]
async fn a_good_token_tells_who_may_do_what_until_when() {
    let token = sealed(&claims("user-read-email user-top-read"), &keys(1));
    let needed = ScopeSet::parse("user-top-read").unwrap();
    let access = checker_at(keys(1), 10).check(&token, &needed).await.unwrap();
    assert_eq!(access.client, client());
    assert_eq!(access.subject, TokenSubject::Account(ada()));
    assert_eq!(access.user(), Some(ada().subject()));
    assert!(access.allows("user-read-email") && !access.allows("user-read"));
    assert_eq!(access.expires_at, claims("").expires_at);
    assert_eq!(access.username, None);
}

#[tokio::test]
async fn ui_06_an_apps_own_token_has_no_user() {
    let claims = Claims { subject: TokenSubject::Client, ..claims("") };
    let token = sealed(&claims, &keys(1));
    let access = checker_at(keys(1), 10).check(&token, &ScopeSet::empty()).await.unwrap();
    assert_eq!(access.user(), None);
}

#[tokio::test]
async fn ui_04_a_token_is_good_until_its_last_second_and_expired_after_it() {
    let token = sealed(&claims("a"), &keys(1));
    let at = async |seconds| {
        checker_at(keys(1), seconds).check(&token, &ScopeSet::empty()).await.map(|_| ())
    };
    assert_eq!(at(LIFETIME - 1).await, Ok(()));
    assert_eq!(at(LIFETIME).await, Err(Denied::Expired));
    assert_eq!(at(LIFETIME * 100).await, Err(Denied::Expired));
}

#[tokio::test]
async fn ui_04_a_token_of_another_installation_or_for_another_api_is_unknown() {
    let others = sealed(&claims("a"), &keys(2));
    let elsewhere = Claims {
        audience: format!("{AUDIENCE}/other"),
        expires_at: Timestamp::from_seconds(0),
        ..claims("a")
    };
    let elsewhere = sealed(&elsewhere, &keys(1));
    for token in [others, elsewhere, Secret::presented("hpa_AAAA"), Secret::presented("x")] {
        let denied = checker_at(keys(1), 10).check(&token, &ScopeSet::empty()).await;
        assert_eq!(denied, Err(Denied::Unknown));
    }
}

#[tokio::test]
async fn a_token_without_one_of_the_scopes_is_told_all_that_are_needed() {
    let token = sealed(&claims("a b"), &keys(1));
    let needed = ScopeSet::parse("a c").unwrap();
    let denied = checker_at(keys(1), 10).check(&token, &needed).await;
    assert_eq!(denied, Err(Denied::InsufficientScope(needed)));
}

#[tokio::test]
async fn an_expired_token_is_expired_whatever_it_lacks() {
    let token = sealed(&claims(""), &keys(1));
    let needed = ScopeSet::parse("a").unwrap();
    let denied = checker_at(keys(1), LIFETIME).check(&token, &needed).await;
    assert_eq!(denied, Err(Denied::Expired));
}
