//! OAuth 2.0 Multiple Response Type Encoding Practices, and OAuth 2.0 Form Post Response Mode: how an
//! answer travels.

use hallpass_protocol::authorize::Verdict::Deny;

use super::support::{CALLBACK, ISSUER, Outcome, Posted, Story, ask, ask_code, redirect_uri};

const FORM: (&str, &str) = ("response_mode", "form_post");

#[track_caller]
fn form(outcome: Outcome) -> Posted {
    match outcome {
        Outcome::Form(form) => form,
        other => panic!("a form was expected, not {other:?}"),
    }
}

fn names(form: &Posted) -> Vec<&str> {
    form.fields.iter().map(|(name, _)| *name).collect()
}

fn value<'a>(form: &'a Posted, wanted: &str) -> &'a str {
    &form.fields.iter().find(|(name, _)| *name == wanted).unwrap().1
}

fn story_of_codes() -> Story {
    let mut story = Story::approved("");
    story.app().grant_types =
        [hallpass_protocol::model::GrantType::AuthorizationCode].into_iter().collect();
    story
}

#[test]
fn section_2_1_a_code_may_be_asked_for_in_the_fragment() {
    let (location, _) =
        story_of_codes().authorize(&ask_code(&[("response_mode", "fragment")])).code();
    assert!(location.raw("code").is_some());
    assert_eq!(location.query(), []);
    let request = ask_code(&[("response_mode", "fragment"), ("scope", "unknown")]);
    story_of_codes().authorize(&request).error_in_fragment("invalid_scope");
}

#[test]
fn form_post_section_2_the_answer_is_a_form_for_the_redirect_uri() {
    let token = form(Story::approved("").authorize(&ask(&[FORM, ("state", "a \"b\" <c>")])));
    assert_eq!(token.action, CALLBACK);
    assert_eq!(names(&token), ["access_token", "token_type", "expires_in", "state", "iss"]);
    assert_eq!(value(&token, "state"), "a \"b\" <c>", "as it was sent: the page escapes it");
    assert_eq!(value(&token, "iss"), ISSUER);

    let code = form(story_of_codes().authorize(&ask_code(&[FORM])));
    assert_eq!(names(&code), ["code", "iss"]);
}

#[test]
fn form_post_section_2_errors_travel_as_success_does() {
    let story = Story::signed_in();
    let unknown = form(story.authorize(&ask(&[FORM, ("scope", "unknown")])));
    assert_eq!(names(&unknown), ["error", "error_description", "iss"]);
    let denial = form(story.answer(&ask(&[FORM, ("state", "x")]), Deny));
    assert_eq!(value(&denial, "error"), "access_denied");
    assert_eq!(value(&denial, "state"), "x");
}

#[test]
fn az_20_a_form_is_for_redirect_uris_of_the_web() {
    let mut story = Story::approved("");
    story.app().redirect_uris.push(redirect_uri("com.example.app:/callback"));
    let request = ask(&[FORM, ("redirect_uri", "com.example.app:/callback")]);
    let location = story.authorize(&request).error_in_fragment("invalid_request");
    assert!(location.as_str().starts_with("com.example.app:/callback#"));
}

#[test]
fn a_state_that_a_form_would_change_is_refused() {
    for state in ["%ff", "a%0Ab", "a%0D", "%00"] {
        let request = format!("{}&state={state}", ask(&[FORM]));
        let location = Story::approved("").authorize(&request).error_in_fragment("invalid_request");
        let sent = AsRef::<str>::as_ref(state).to_ascii_uppercase();
        assert_eq!(location.raw("state").map(str::to_ascii_uppercase), Some(sent));
    }
}
