//! Attacks and bad input with refresh tokens (RF), as far as rules alone show them. What happens to them
//! in whatever order is in `refresh_interleavings`.

use std::time::Duration;

use hallpass_protocol::model::{
    AllowedScopes, ClientStatus, GrantType, RefreshToken, ScopeCatalogue, Timestamp,
};

use crate::refusals_token::LOSSES;
use crate::support::*;

const BOTH: &str = "streaming user-top-read";

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

#[test]
fn rf_10_rf_11_a_refresh_token_is_worth_nothing_once_account_or_consent_is_gone() {
    for (what, change) in LOSSES {
        let mut desk = Desk::opens();
        let token = desk.session().refresh_token.unwrap();
        change(&mut desk);
        let refused = desk.refresh(&token, &[]);
        assert_eq!(refused, invalid_grant("Refresh token revoked"), "{what}");
    }
    let mut desk = Desk::opens();
    let token = desk.session().refresh_token.unwrap();
    desk.story.app().status = ClientStatus::Disabled;
    assert_eq!(desk.refresh(&token, &[]).unwrap_err().0, "invalid_client");
}

#[test]
fn rf_01_reuse_ends_that_family_and_only_that_family() {
    let mut desk = Desk::opens();
    let other = desk.session().refresh_token.unwrap();
    let first = desk.session();
    let stolen = first.refresh_token.unwrap();
    let second = desk.refresh(&stolen, &[]).unwrap();
    let third = desk.refresh(second.refresh_token.as_ref().unwrap(), &[]).unwrap();
    assert_eq!(desk.refresh(&stolen, &[]), invalid_grant("Refresh token revoked"));
    for tokens in [&second, &third] {
        assert_eq!(desk.check(tokens), None);
        let refused = desk.refresh(tokens.refresh_token.as_ref().unwrap(), &[]);
        assert_eq!(refused, invalid_grant("Refresh token revoked"));
    }
    desk.refresh(&other, &[]).unwrap();
}

/// A wrong scope does not hide that a token was used again.
#[test]
fn rf_01_reuse_is_seen_whatever_else_is_wrong() {
    let mut desk = Desk::opens();
    let stolen = desk.session().refresh_token.unwrap();
    let second = desk.refresh(&stolen, &[]).unwrap().refresh_token.unwrap();
    desk.refresh(&second, &[]).unwrap();
    let refused = desk.refresh(&stolen, &[("scope", "user-soa-link")]);
    assert_eq!(refused, invalid_grant("Refresh token revoked"));
    assert!(desk.families[0].ended_at.is_some());
}

#[test]
fn rf_06_another_clients_token_is_unknown_and_its_family_goes_on() {
    let mut desk = Desk::opens();
    let first = desk.session().refresh_token.unwrap();
    let second = desk.refresh(&first, &[]).unwrap().refresh_token.unwrap();
    let third = desk.refresh(&second, &[]).unwrap().refresh_token.unwrap();
    desk.story.app().id = client_id("another");
    for token in [&first, &second, &third] {
        let refused = desk.refresh(token, &[("client_id", "another")]);
        assert_eq!(refused, invalid_grant("Invalid refresh token"));
    }
    desk.story.app().id = client_id(CLIENT_ID);
    desk.refresh(&third, &[]).unwrap();
}

#[test]
fn rf_07_rf_08_a_scope_is_narrowed_for_one_access_token_and_never_widened() {
    let mut desk = Desk::opens();
    let token = desk.session().refresh_token.unwrap();
    let narrow = desk.refresh(&token, &[("scope", "user-top-read")]).unwrap();
    assert_eq!(narrow.scope, "user-top-read");
    let token = narrow.refresh_token.unwrap();
    for more in ["user-read-email", "streaming user-read-email", "Streaming", "a  b"] {
        let refused = desk.refresh(&token, &[("scope", more)]).unwrap_err();
        assert_eq!(refused.0, "invalid_scope", "{more}");
    }
    assert_eq!(desk.refresh(&token, &[("scope", BOTH)]).unwrap().scope, BOTH);
}

/// A family may live for half a year; what its app may ask for can shrink sooner.
#[test]
fn rf_07_a_scope_that_the_operator_took_away_is_not_granted_again() {
    let mut desk = Desk::opens();
    let token = desk.session().refresh_token.unwrap();
    desk.story.app().scopes = AllowedScopes::Only(scopes("streaming"));
    assert_eq!(desk.refresh(&token, &[]).unwrap().scope, "streaming");
    let refused = desk.refresh(&token, &[("scope", BOTH)]).unwrap_err();
    assert_eq!(refused.0, "invalid_scope");
    desk.story.app().scopes = AllowedScopes::Ordinary;
    assert_eq!(desk.refresh(&token, &[]).unwrap().scope, BOTH);
    desk.story.policy.catalogue = ScopeCatalogue::new([]);
    assert_eq!(desk.refresh(&token, &[]).unwrap().scope, "");
}

/// The absolute end is judged by itself, whatever a row says about the idle one.
#[test]
fn rf_09_the_absolute_end_counts_even_if_the_idle_end_is_later() {
    let mut desk = Desk::opens();
    let token = desk.session().refresh_token.unwrap();
    desk.families[0].absolute_until = desk.story.now;
    assert_eq!(desk.refresh(&token, &[]), invalid_grant("Refresh token expired"));
}

#[test]
fn rf_09_rf_18_an_idle_family_is_over_at_use_whether_or_not_it_was_swept() {
    for used in [false, true] {
        let mut desk = Desk::opens();
        let mut token = desk.session().refresh_token.unwrap();
        if used {
            desk.wait(days(29));
            token = desk.refresh(&token, &[]).unwrap().refresh_token.unwrap();
        }
        let end = desk.families[0].idle_until;
        assert_eq!(end, desk.story.now.plus(days(30)));
        desk.story.now = end;
        assert_eq!(desk.refresh(&token, &[]), invalid_grant("Refresh token expired"));
        desk.story.now = Timestamp::from_millis(end.millis() - 1);
        desk.refresh(&token, &[]).unwrap();
    }
}

#[test]
fn rf_09_use_never_carries_a_family_past_its_absolute_end() {
    let mut desk = Desk::opens();
    let mut token = desk.session().refresh_token.unwrap();
    let begun = desk.families[0].created_at;
    while desk.story.now.plus(days(20)) < begun.plus(days(180)) {
        desk.wait(days(20));
        token = desk.refresh(&token, &[]).unwrap().refresh_token.unwrap();
        assert!(desk.families[0].idle_until <= begun.plus(days(180)));
    }
    desk.story.now = begun.plus(days(180));
    assert_eq!(desk.refresh(&token, &[]), invalid_grant("Refresh token expired"));
}

/// The idle lifetime may be set longer than the absolute one.
#[test]
fn rf_09_the_shorter_of_two_lifetimes_counts_from_the_beginning() {
    let mut desk = Desk::opens();
    desk.lifetimes.absolute = days(1);
    let token = desk.session().refresh_token.unwrap();
    assert_eq!(desk.families[0].idle_until, desk.families[0].absolute_until);
    desk.wait(days(1));
    assert_eq!(desk.refresh(&token, &[]), invalid_grant("Refresh token expired"));
}

#[test]
fn rf_13_the_implicit_grant_brings_no_refresh_token() {
    let mut desk = Desk::opens();
    desk.story.app().grant_types = GrantType::ALL.into_iter().collect();
    let location = desk.story.authorize(&ask(&[])).token();
    assert_eq!(location.raw("refresh_token"), None);
}

#[test]
fn rf_14_what_is_no_refresh_token_is_refused() {
    let mut desk = Desk::opens();
    let tokens = desk.session();
    let code = desk.code();
    let good = tokens.refresh_token.unwrap();
    let renamed = tokens.access_token.replacen("hpa_", "hpr_", 1);
    for text in [
        &tokens.access_token,
        &code,
        &renamed,
        "hpr_",
        "☃",
        &good[1..],
        &format!("{good}A"),
        &format!("{good}="),
        &"A".repeat(1 << 20),
    ] {
        let refused = desk.refresh(text, &[]);
        assert_eq!(refused, invalid_grant("Invalid refresh token"), "{text:.40}");
    }
    // A widely used browser SDK, near the end of an implicit token, posts an empty one.
    let refused = desk.refresh("", &[]).unwrap_err();
    assert_eq!(refused, ("invalid_request", "refresh_token must be supplied".to_owned()));
}

/// A generation that was never issued cannot be made, not even by an installation that forgot some:
/// one restored from a backup refuses what came after it.
#[test]
fn rf_14_a_generation_that_is_not_on_record_is_unknown() {
    let mut desk = Desk::opens();
    let first = desk.session().refresh_token.unwrap();
    let backup = desk.families.clone();
    let second = desk.refresh(&first, &[]).unwrap().refresh_token.unwrap();
    desk.families = backup;
    assert_eq!(desk.refresh(&second, &[]), invalid_grant("Invalid refresh token"));
    desk.families.clear();
    assert_eq!(desk.refresh(&first, &[]), invalid_grant("Refresh token revoked"), "ours, and gone");
}

/// Nothing switches rotation off, for no kind of client.
#[test]
fn rf_16_every_first_use_of_a_token_makes_a_new_one() {
    let mut desk = Desk::opens();
    let mut token = desk.session().refresh_token.unwrap();
    for generation in 1..5 {
        let next = desk.refresh(&token, &[]).unwrap().refresh_token.unwrap();
        assert_ne!(next, token);
        assert_eq!(desk.families[0].generation, generation);
        token = next;
    }
}

/// After as many refreshes as can be counted the family is over; nothing wraps.
#[test]
fn a_family_that_cannot_count_on_is_over() {
    let mut desk = Desk::opens();
    desk.session();
    desk.families[0].generation = u32::MAX;
    let newest =
        RefreshToken { authorization: desk.families[0].authorization, generation: u32::MAX };
    let text = desk.story.keys.seal_refresh_token(newest, desk.story.now);
    let refused = desk.refresh(text.reveal(), &[]);
    assert_eq!(refused, invalid_grant("Refresh token expired"));
}
