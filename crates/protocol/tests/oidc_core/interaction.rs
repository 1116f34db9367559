//! OpenID Connect Core 1.0: what a request says of the person who is to answer it. By section.

use std::time::Duration;

use hallpass_protocol::authorize::Entrance;
use hallpass_protocol::authorize::Verdict::Approve;

use super::{sign_in, sign_in_again};
use crate::support::{Story, ask};

/// Section 3.1.2.1: "prompt=none: The Authorization Server MUST NOT display any authentication or consent
/// user interface pages"; section 3.1.2.6 names the errors.
#[test]
fn section_3_1_2_1_nothing_is_shown_with_prompt_none() {
    let request = ask(&[("prompt", "none"), ("scope", "user-read-email"), ("state", "s")]);
    let nobody = Story::begins().authorize(&request).error_in_fragment("login_required");
    assert_eq!(nobody.get("state").as_deref(), Some("s"));
    Story::signed_in().authorize(&request).error_in_fragment("consent_required");
    Story::approved("user-read-private").authorize(&request).error_in_fragment("consent_required");
    Story::approved("user-read-email").authorize(&request).token();
}

#[test]
fn az_22_prompt_none_does_not_wait_for_a_newer_sign_in() {
    let mut story = Story::approved("");
    story.now = story.now.plus(Duration::from_secs(61));
    let request = ask(&[("prompt", "none"), ("max_age", "60")]);
    story.authorize(&request).error_in_fragment("login_required");
    story.authorize(&ask(&[("prompt", "none"), ("max_age", "61")])).token();
}

/// Section 3.1.2.1: "login: The Authorization Server SHOULD prompt the End-User for reauthentication."
#[test]
fn section_3_1_2_1_prompt_login_wants_a_sign_in_for_this_request() {
    let mut story = Story::approved("");
    let request = ask(&[("prompt", "login")]);
    assert_eq!(sign_in(story.authorize(&request)), (Entrance::SignIn, true));

    let marked = story.marked(&request);
    assert_eq!(sign_in(story.authorize(&marked)), (Entrance::SignIn, true), "AZ-24: went back");
    sign_in_again(&mut story);
    story.authorize(&marked).token();
    assert_eq!(sign_in(story.authorize(&request)), (Entrance::SignIn, true), "another request");
}

#[test]
fn az_24_the_sign_in_is_for_one_request_and_for_five_minutes() {
    let mut story = Story::approved("");
    let marked = story.marked(&ask(&[("prompt", "login"), ("state", "one")]));
    sign_in_again(&mut story);
    let other = marked.replace("state=one", "state=two");
    assert_eq!(sign_in(story.authorize(&other)), (Entrance::SignIn, true));
    story.authorize(&marked).token();
    story.now = story.now.plus(Duration::from_secs(5 * 60));
    assert_eq!(sign_in(story.authorize(&marked)), (Entrance::SignIn, true));
}

#[test]
fn az_24_an_answer_from_before_the_sign_in_issues_nothing() {
    let mut story = Story::signed_in();
    let request = ask(&[("prompt", "login")]);
    assert_eq!(sign_in(story.answer(&request, Approve)), (Entrance::SignIn, true));
    let marked = story.marked(&request);
    assert_eq!(sign_in(story.answer(&marked, Approve)), (Entrance::SignIn, true));
    sign_in_again(&mut story);
    story.answer(&marked, Approve).token();
}

/// Section 3.1.2.1: "If the elapsed time is greater than this value, the OP MUST attempt to actively
/// re-authenticate the End-User."
#[test]
fn section_3_1_2_1_max_age_counts_from_the_sign_in() {
    let mut story = Story::approved("");
    story.now = story.now.plus(Duration::from_secs(100));
    story.authorize(&ask(&[("max_age", "100")])).token();
    for age in ["99", "0"] {
        let request = ask(&[("max_age", age)]);
        assert_eq!(sign_in(story.authorize(&request)), (Entrance::SignIn, true), "{age}");
        let mut again = Story { facts: story.facts.clone(), ..Story::approved("") };
        again.now = story.now;
        let marked = again.marked(&request);
        sign_in_again(&mut again);
        again.authorize(&marked).token();
    }
}

#[test]
fn az_25_an_age_that_is_no_number_is_refused_and_a_huge_one_is_no_limit() {
    let story = Story::approved("");
    for age in ["-1", "abc", "99999999999999999999"] {
        story.authorize(&ask(&[("max_age", age)])).error_in_fragment("invalid_request");
    }
    story.authorize(&ask(&[("max_age", "18446744073709551615")])).token();
}

/// Section 3.1.2.1: "consent: The Authorization Server SHOULD prompt the End-User for consent"; the page
/// also names the account and leads to another, which is what select_account wants.
#[test]
fn section_3_1_2_1_prompt_consent_and_select_account_ask_again() {
    for prompt in ["consent", "select_account", "consent select_account"] {
        Story::approved("").authorize(&ask(&[("prompt", prompt)])).dialog();
    }
    let mut story = Story::approved("");
    let marked = story.marked(&ask(&[("prompt", "login consent")]));
    sign_in_again(&mut story);
    story.authorize(&marked).dialog();
}

/// Initiating User Registration via OpenID Connect 1.0, section 4.
#[test]
fn prompt_create_leads_to_making_an_account() {
    let request = ask(&[("prompt", "create")]);
    assert_eq!(sign_in(Story::begins().authorize(&request)), (Entrance::SignUp, true));
    assert_eq!(sign_in(Story::signed_in().authorize(&request)), (Entrance::SignUp, true));
}

#[test]
fn az_23_prompts_that_contradict_or_are_unknown_are_refused() {
    for prompt in ["none login", "none consent", "LOGIN", "maybe"] {
        let request = ask(&[("prompt", prompt)]);
        Story::approved("").authorize(&request).error_in_fragment("invalid_request");
    }
}

#[test]
fn az_50_hints_are_never_an_error() {
    for (name, value) in [
        ("ui_locales", "../../etc/passwd"),
        ("acr_values", "phr phrh"),
        ("display", "hologram"),
        ("login_hint", "<script>"),
        ("claims_locales", "xx"),
    ] {
        Story::approved("").authorize(&ask(&[(name, value)])).token();
    }
}

#[test]
fn who_was_never_sent_to_sign_in_cannot_claim_it() {
    let request = format!("{}&hallpass_sent=junk", ask(&[("prompt", "login")]));
    assert_eq!(sign_in(Story::approved("").authorize(&request)), (Entrance::SignIn, true));
    Story::approved("").authorize(&format!("{}&hallpass_sent=junk", ask(&[]))).token();
}
