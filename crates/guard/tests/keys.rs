//! Tokens opened with the keys that sealed them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::Arc;

use hallpass_guard::{
    Claims, Denied, Revocations, ScopeSet, Secret, Standing, Timestamp, TokenSubject,
};
use hallpass_protocol::access_token::RevocationList;
use hallpass_protocol::model::{AuthorizationId, Revocation, Revoked};
use support::{AUDIENCE, LIFETIME, Told, ada, checker_at, claims, client, keys, sealed};

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

#[tokio::test]
async fn ui_04_a_token_that_was_ended_is_revoked() {
    let token = sealed(&claims("a"), &keys(1));
    let told = Told::that(Standing::Revoked);
    let checker = checker_at(keys(1), 10).with_revocations(told.clone());
    assert_eq!(checker.check(&token, &ScopeSet::empty()).await, Err(Denied::Revoked));
    assert_eq!(told.asked(), [(claims("a"), Timestamp::from_seconds(support::NOW.seconds() + 10))]);
}

#[tokio::test]
async fn a_token_that_nothing_ended_is_good() {
    let token = sealed(&claims("a"), &keys(1));
    let checker = checker_at(keys(1), 10).with_revocations(Told::that(Standing::Good));
    let needed = ScopeSet::parse("a").unwrap();
    assert_eq!(checker.check(&token, &needed).await.unwrap().client, client());
}

#[tokio::test]
async fn while_nobody_knows_what_was_ended_no_token_is_good() {
    let token = sealed(&claims("a"), &keys(1));
    let checker = checker_at(keys(1), 10).with_revocations(Told::that(Standing::Unknown));
    for needed in ["", "a", "b"] {
        let needed = ScopeSet::parse(needed).unwrap();
        assert_eq!(checker.check(&token, &needed).await, Err(Denied::Unavailable));
    }
}

#[tokio::test]
async fn of_several_reasons_unknown_comes_before_expired_and_both_before_revoked() {
    let elsewhere = Claims { audience: "https://other.example".to_owned(), ..claims("") };
    let cases = [
        (sealed(&elsewhere, &keys(1)), LIFETIME, Denied::Unknown),
        (Secret::presented("hpa_AAAA"), 0, Denied::Unknown),
        (sealed(&claims(""), &keys(1)), LIFETIME, Denied::Expired),
    ];
    for standing in [Standing::Revoked, Standing::Unknown] {
        for (token, seconds, denied) in &cases {
            let told = Told::that(standing);
            let checker = checker_at(keys(1), *seconds).with_revocations(told.clone());
            let needed = ScopeSet::parse("a").unwrap();
            assert_eq!(checker.check(token, &needed).await, Err(denied.clone()));
            assert_eq!(told.asked(), [], "nobody needs to be asked");
        }
    }
}

#[tokio::test]
async fn a_revoked_token_is_revoked_whatever_it_lacks() {
    let token = sealed(&claims(""), &keys(1));
    let checker = checker_at(keys(1), 0).with_revocations(Told::that(Standing::Revoked));
    let needed = ScopeSet::parse("a").unwrap();
    assert_eq!(checker.check(&token, &needed).await, Err(Denied::Revoked));
}

/// What the accounts service keeps is a [`RevocationList`]; this is all it takes to ask one.
#[tokio::test]
async fn a_revocation_list_in_memory_serves() {
    struct Listed(RevocationList);
    impl Revocations for Listed {
        fn judge(&self, claims: &Claims, _: Timestamp) -> Standing {
            if self.0.covers(claims) { Standing::Revoked } else { Standing::Good }
        }
    }
    let mut list = RevocationList::default();
    list.add(&Revocation {
        revoked: Revoked::Authorization(claims("").authorization),
        at: support::NOW,
        until: claims("").expires_at,
    });
    let other = AuthorizationId::mint(&mut support::Counted(70), support::NOW);
    let beside = Claims { authorization: other, ..claims("") };
    let checker = checker_at(keys(1), 1).with_revocations(Arc::new(Listed(list)));
    let check = async |claims| {
        let token = sealed(&claims, &keys(1));
        checker.check(&token, &ScopeSet::empty()).await.map(|_| ())
    };
    assert_eq!(check(claims("")).await, Err(Denied::Revoked));
    assert_eq!(check(beside).await, Ok(()));
}
