//! Attacks on the consent page and its answer (CO), as far as rules alone show them; what needs HTTP
//! is shown by the server's tests.

use std::time::Duration;

use hallpass_protocol::authorize::Verdict::{Approve, Deny};
use hallpass_protocol::authorize::{CODE_LIFETIME, RememberConsent};
use hallpass_protocol::model::{AccountStatus, CodeKey, FormToken};

use crate::support::*;

const OUT_OF_DATE: &str = "This page is out of date";

#[test]
fn co_01_an_answer_without_a_good_form_token_decides_nothing() {
    let story = Story::signed_in();
    let form = story.form(&ask(&[]));
    for bad in ["", "x", &form[1..], &form.to_lowercase(), &format!("{form}A")] {
        for verdict in [Approve, Deny] {
            assert_eq!(story.answer_with(bad, &ask(&[]), verdict).page(), OUT_OF_DATE, "{bad}");
        }
    }
}

#[test]
fn co_02_a_form_token_of_another_person_session_or_request_decides_nothing() {
    let mut story = Story::signed_in();
    let form = story.form(&ask(&[]));
    let other_request = ask(&[("state", "other")]);
    assert_eq!(story.answer_with(&form, &other_request, Approve).page(), OUT_OF_DATE);
    for other in [account("ada", 50), account("eve", 60)] {
        story.facts.signed_in = Some(browser_of(other, "another cookie"));
        assert_eq!(story.answer_with(&form, &ask(&[]), Approve).page(), OUT_OF_DATE);
    }
}

#[test]
fn co_02_a_form_token_ends() {
    let mut story = Story::signed_in();
    story.person().session.expires_at = NOW.plus(Duration::from_secs(1_000_000));
    let form = story.form(&ask(&[]));
    story.now = NOW.plus(FormToken::LIFETIME);
    assert_eq!(story.answer_with(&form, &ask(&[]), Approve).page(), OUT_OF_DATE);
}

#[test]
fn co_03_a_second_answer_gets_no_more_than_the_first() {
    let story = Story::signed_in();
    let request = ask(&[("scope", "streaming")]);
    let form = story.form(&request);
    let first = story.answer_with(&form, &request, Approve).token();
    let second = story.answer_with(&form, &request, Approve).token();
    let [first, second] =
        [first, second].map(|location| story.open(location.raw("access_token").unwrap()));
    assert_eq!(first, second, "the same family, scopes and person: the store keeps one approval");
}

/// The code is made of the form, so the same form makes the same code, which the store keeps once: two
/// clicks, two tabs or the Back button lead to one code, and it is exchanged once.
#[test]
fn co_03_the_same_form_makes_the_same_code_under_the_same_key() {
    let mut desk = Desk::opens();
    let request = ask_code(&[("show_dialog", "true")]);
    let form = desk.story.form(&request);
    let first = desk.code_of_answer(&form, &request);
    desk.wait(Duration::from_secs(30));
    let second = desk.code_of_answer(&form, &request);
    assert_eq!((&first, desk.codes.len()), (&second, 1));
    desk.exchange(&first, &[]).unwrap();
    let third = desk.code_of_answer(&form, &request);
    assert_eq!(desk.exchange(&third, &[]), invalid_grant("Invalid authorization code"));
    desk.wait(FormToken::LIFETIME);
    assert_eq!(desk.story.answer_with(&form, &request, Approve).page(), OUT_OF_DATE);
}

/// A form that lay open for an hour makes a code that lives a minute from the answer; its key sorts by
/// the time of the form, so what sweeps codes by their keys leaves them for as long as a form lives.
#[test]
fn co_03_a_code_of_an_old_form_lives_from_its_answer() {
    let mut desk = Desk::opens();
    let request = ask_code(&[("show_dialog", "true")]);
    let form = desk.story.form(&request);
    let made = desk.story.now;
    desk.wait(Duration::from_secs(59 * 60));
    let code = desk.code_of_answer(&form, &request);
    let record = &desk.codes[0];
    assert_eq!(record.expires_at, desk.story.now.plus(CODE_LIFETIME));
    assert_eq!(record.key.as_bytes()[..6], CodeKey::time_bytes(made));
    desk.exchange(&code, &[]).unwrap();
}

/// Another form for the same request, or the same form under another installation's key, is another code.
#[test]
fn co_03_another_form_makes_another_code() {
    let mut desk = Desk::opens();
    let request = ask_code(&[("show_dialog", "true")]);
    let first = desk.story.form(&request);
    desk.wait(Duration::from_millis(1));
    let second = desk.story.form(&request);
    let [one, two] = [first, second].map(|form| desk.code_of_answer(&form, &request));
    assert_ne!(one, two);
    desk.story.keys = keys(2);
    let form = desk.story.form(&request);
    assert_ne!(desk.code_of_answer(&form, &request), two);
}

#[test]
fn co_04_a_scope_added_to_the_form_is_not_granted() {
    let story = Story::signed_in();
    let asked = ask(&[("scope", "user-top-read")]);
    let widened = ask(&[("scope", "user-top-read streaming")]);
    let form = story.form(&asked);
    assert_eq!(story.answer_with(&form, &widened, Approve).page(), OUT_OF_DATE);
    let location = story.answer_with(&form, &asked, Approve).token();
    let claims = story.open(location.raw("access_token").unwrap());
    assert_eq!(claims.scopes.to_string(), "user-top-read");
}

#[test]
fn co_08_a_public_apps_silent_approval_can_be_switched_off_where_anybody_could_receive_it() {
    let mut story = Story::approved("");
    story.app().redirect_uris.push(redirect_uri("my-app:/cb"));
    let request = ask(&[("redirect_uri", "my-app:/cb")]);
    story.authorize(&request).token();
    story.policy.remember_consent = RememberConsent::Verified;
    story.authorize(&request).dialog();
    story.authorize(&ask(&[])).token();
}

#[test]
fn co_10_a_withdrawn_consent_is_asked_for_again() {
    let mut story = Story::approved("streaming");
    story.facts.consent = None;
    let dialog = story.authorize(&ask(&[("scope", "streaming")])).dialog();
    assert_eq!((dialog.new, dialog.approved_before), (vec!["streaming".to_owned()], false));
}

#[test]
fn co_10_a_consent_of_somebody_else_or_for_another_app_counts_for_nothing() {
    for wrong in ["account", "client"] {
        let mut story = Story::approved("streaming");
        let consent = story.facts.consent.as_mut().unwrap();
        match wrong {
            "account" => consent.account = account("eve", 60).id,
            _ => consent.client = client_id("another-app"),
        }
        let dialog = story.authorize(&ask(&[("scope", "streaming")])).dialog();
        assert_eq!((dialog.new.len(), dialog.approved_before), (1, false), "{wrong}");
    }
}

#[test]
fn co_11_more_than_was_allowed_is_asked_for_and_not_silently_added() {
    let story = Story::approved("user-top-read");
    let dialog = story.authorize(&ask(&[("scope", "user-top-read streaming")])).dialog();
    assert_eq!(
        (dialog.known, dialog.new),
        (vec!["user-top-read".into()], vec!["streaming".into()])
    );
    assert!(dialog.approved_before);
    let location = story.authorize(&ask(&[("scope", "user-top-read")])).token();
    let claims = story.open(location.raw("access_token").unwrap());
    assert_eq!(claims.scopes.to_string(), "user-top-read");
}

#[test]
fn co_12_offline_access_brings_no_refresh_token() {
    let story = Story::approved("");
    let request = ask(&[("scope", "offline_access")]);
    let location = story.authorize(&request).token();
    assert_eq!(location.raw("refresh_token"), None);
    assert!(story.open(location.raw("access_token").unwrap()).scopes.is_empty());
}

#[test]
fn co_13_an_answer_after_signing_out_or_switching_account_is_out_of_date() {
    let request = ask(&[("scope", "streaming")]);
    let mut story = Story::signed_in();
    let believed = story.believed(&request, Approve);
    story.facts.signed_in = Some(browser_of(account("eve", 60), "eve's cookie"));
    assert_eq!(story.decide(&request, Some(believed)).page(), OUT_OF_DATE);
    story.facts.signed_in = None;
    assert_eq!(story.decide(&request, Some(believed)).page(), OUT_OF_DATE);

    let mut story = Story::signed_in();
    story.person().account.status = AccountStatus::Disabled;
    assert_eq!(story.decide(&request, Some(believed)).page(), OUT_OF_DATE);
    let mut story = Story::signed_in();
    story.now = story.person().session.expires_at;
    assert_eq!(story.decide(&request, Some(believed)).page(), OUT_OF_DATE);
    assert_eq!(story.authorize(&request), Outcome::SIGN_IN);
}

#[test]
fn co_14_a_denial_tells_the_app_and_stores_nothing() {
    let story = Story::approved("");
    let request = ask(&[("state", "1"), ("scope", "streaming")]);
    let location = story.answer(&request, Deny).error_in_query("access_denied");
    assert_eq!(location.raw("state"), Some("1"));
    assert_eq!(location.raw("access_token"), None);
    // A rejection holds nothing that could be recorded; the next request asks anew.
    story.authorize(&request).dialog();
}

#[test]
fn co_15_show_dialog_shows_the_page_though_consent_is_stored() {
    let story = Story::approved("");
    assert!(story.authorize(&ask(&[("show_dialog", "true")])).dialog().approved_before);
}
