//! All response types: what is in their answers, what a request for them needs, and how the answers travel.

use std::time::Duration;

use hallpass_protocol::authorize::ResponseType;
use hallpass_protocol::authorize::Verdict::{Approve, Deny};
use hallpass_protocol::model::Denial;

use super::{NONCE, answered, asks, desk, id_token, story};
use crate::support::{ISSUER, Location, Outcome, Posted, Story, VERIFIER, ask_without, read};

/// What each type brings, in its order, and whether it needs a nonce.
const ANSWERS: [(&str, &[&str], bool); 7] = [
    ("code", &["code"], false),
    ("token", &TOKEN, false),
    ("id_token", &["id_token"], true),
    ("id_token token", &["access_token", "token_type", "expires_in", "id_token"], true),
    ("code id_token", &["code", "id_token"], true),
    ("code token", &["access_token", "token_type", "expires_in", "code"], false),
    (
        "code id_token token",
        &["access_token", "token_type", "expires_in", "code", "id_token"],
        true,
    ),
];

const TOKEN: [&str; 3] = ["access_token", "token_type", "expires_in"];

/// Where an answer of this type goes: the query for a code alone, the fragment for all others.
fn part<'a>(response_type: &str, location: &'a Location) -> Vec<(&'a str, &'a str)> {
    let (own, other) = match response_type {
        "code" => (location.query(), location.fragment()),
        _ => (location.fragment(), location.query()),
    };
    assert_eq!(other, [], "{response_type}");
    own
}

#[track_caller]
fn form(outcome: Outcome) -> Posted {
    match outcome {
        Outcome::Form(form) => form,
        other => panic!("a form was expected, not {other:?}"),
    }
}

/// Sections 3.1.2.5, 3.2.2.5, 3.3.2.5; Multiple Response Types section 5.
#[test]
fn each_response_type_brings_what_it_names_in_its_part() {
    assert_eq!(ANSWERS.map(|(response_type, ..)| response_type), ResponseType::ALL);
    for (response_type, brings, _) in ANSWERS {
        for story in [story("openid"), Story { facts: new_to_the_app(), ..story("openid") }] {
            let request = asks(response_type, &[("state", "a b")]);
            let outcome = match story.facts.consent {
                Some(_) => story.authorize(&request),
                None => story.answer(&request, Approve),
            };
            let location = answered(outcome);
            let names: Vec<&str> =
                part(response_type, &location).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, [brings, &["state", "iss"]].concat(), "{response_type}");
        }
    }
}

fn new_to_the_app() -> hallpass_protocol::authorize::Facts {
    let mut facts = story("").facts;
    facts.consent = None;
    facts
}

/// Sections 3.2.2.1 and 3.3.2.11: "nonce: REQUIRED".
#[test]
fn az_26_an_id_token_from_here_needs_a_nonce() {
    let story = story("openid");
    for (response_type, brings, needs_nonce) in ANSWERS {
        let outcome = story.authorize(&asks(response_type, &[("nonce", "")]));
        if !needs_nonce {
            answered(outcome);
            continue;
        }
        let location = outcome.error_in_fragment("invalid_request");
        for secret in brings {
            assert_eq!(location.raw(secret), None, "{response_type}");
        }
    }
}

/// Section 3.1.2.1, nonce: "The value is passed through unmodified from the Authentication Request to the ID
/// Token."
#[test]
fn section_3_1_2_1_a_nonce_comes_back_unchanged_in_every_id_token_of_a_request() {
    let longest = "n".repeat(512);
    for nonce in [NONCE, "\"}, \"sub\": \"eve", "é 🎫 +&=", "\\u0041", &longest] {
        let mut desk = desk("openid");
        let location = desk.answer_of(&asks("code id_token token", &[("nonce", nonce)]));
        assert_eq!(id_token(&location).text("nonce"), Some(nonce));
        let tokens = desk.exchange(&location.get("code").unwrap(), &[]).unwrap();
        assert_eq!(read(&tokens.id_token.unwrap()).text("nonce"), Some(nonce));
    }
    let mut desk = desk("openid");
    let code = desk.code_of(&asks("code", &[("nonce", "")]));
    let tokens = desk.exchange(&code, &[]).unwrap();
    assert_eq!(read(&tokens.id_token.unwrap()).text("nonce"), None);

    let longer = "n".repeat(513);
    for bad in [&longer, "a\nb", "\0", "\u{7f}"] {
        for response_type in ["id_token", "code id_token"] {
            let request = asks(response_type, &[("nonce", bad)]);
            desk.story.authorize(&request).error_in_fragment("invalid_request");
        }
    }
}

/// Section 3.1.2.1: "OpenID Connect requests MUST contain the openid scope value."
#[test]
fn section_3_1_2_1_without_the_scope_openid_there_is_no_id_token() {
    let mut desk = desk("openid email");
    for (response_type, brings, _) in ANSWERS {
        let request = asks(response_type, &[("scope", "email")]);
        if brings.contains(&"id_token") {
            let location = desk.story.authorize(&request).error_in_fragment("invalid_request");
            assert_eq!(location.raw("id_token"), None);
        } else {
            assert_eq!(answered(desk.story.authorize(&request)).raw("id_token"), None);
        }
    }
    let code = desk.code_of(&asks("code", &[("scope", "email")]));
    assert_eq!(desk.exchange(&code, &[]).unwrap().id_token, None);
}

#[test]
fn az_03_an_openid_request_without_a_redirect_uri_is_a_page() {
    let request = format!("{}&scope=openid&nonce=n", ask_without("redirect_uri"));
    let page = story("openid").authorize(&request).page();
    assert_eq!(page, "Missing required parameter: redirect_uri");
}

/// Sections 3.3.2.9 and 3.3.3: the code of a hybrid answer is like any other, with its proof key.
#[test]
fn section_3_3_3_the_code_of_a_hybrid_answer_can_be_exchanged_once_by_who_has_the_proof() {
    for response_type in ["code id_token", "code token", "code id_token token"] {
        let mut desk = desk("openid");
        let location = desk.answer_of(&asks(response_type, &[]));
        let code = location.get("code").unwrap();
        for wrong in ["", &VERIFIER.replace('d', "e")] {
            let refused = desk.exchange(&code, &[("code_verifier", wrong)]).unwrap_err();
            assert_eq!(refused.0, "invalid_grant", "{response_type}");
        }
        let tokens = desk.exchange(&code, &[]).unwrap();
        assert!(desk.check(&tokens).is_some());
        let second = read(tokens.id_token.as_ref().unwrap());
        if location.raw("id_token").is_some() {
            let first = id_token(&location);
            for same in ["iss", "sub", "aud", "nonce", "auth_time", "sid", "acr"] {
                assert_eq!(first.claims[same], second.claims[same], "section 3.3.3.6: {same}");
            }
        }
        assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "invalid_grant");
        let request = asks(response_type, &[("code_challenge", ""), ("code_challenge_method", "")]);
        desk.story.authorize(&request).error_in_fragment("invalid_request");
    }
}

/// Section 3.3.2.8 leaves it open how two access tokens of one flow relate; here both rest on one consent.
#[test]
fn section_3_3_3_8_both_access_tokens_of_a_hybrid_flow_rest_on_one_consent() {
    let mut desk = desk("openid");
    let location = desk.answer_of(&asks("code token", &[]));
    let first = desk.story.open(location.raw("access_token").unwrap());
    let tokens = desk.exchange(&location.get("code").unwrap(), &[]).unwrap();
    let second = desk.check(&tokens).unwrap();
    assert_eq!((first.consent, first.subject), (second.consent, second.subject));
    assert_ne!(first.authorization, second.authorization);
}

/// Section 3.1.2.6, 3.2.2.6, 3.3.2.6: errors travel as success would have; product decision 1 has one exception.
#[test]
fn az_54_errors_of_every_type_go_where_its_success_goes_and_only_a_denial_of_token_does_not() {
    for denial in [Denial::Query, Denial::Fragment] {
        let mut story = Story { facts: new_to_the_app(), ..story("") };
        story.app().denial = denial;
        for (response_type, ..) in ANSWERS {
            let wrong =
                [("invalid_scope", ("scope", "openid ?")), ("invalid_request", ("prompt", "?"))];
            for (error, parameter) in wrong {
                let location = story.authorize(&asks(response_type, &[parameter])).error();
                assert_eq!(part(response_type, &location)[0], ("error", error), "{response_type}");
            }
            let denied = story.answer(&asks(response_type, &[]), Deny).error();
            let goes_as = match (response_type, denial) {
                ("token", Denial::Query) => "code",
                _ => response_type,
            };
            assert_eq!(part(goes_as, &denied)[0], ("error", "access_denied"), "{response_type}");
            let login = story.authorize(&asks(response_type, &[("prompt", "none")])).error();
            assert_eq!(part(response_type, &login)[0], ("error", "consent_required"));
        }
    }
}

/// Form Post Response Mode section 2, and `fragment`, for every type; `query` only for a code (AZ-18).
#[test]
fn every_type_travels_by_form_post_and_in_the_fragment() {
    let story = story("openid");
    for (response_type, brings, _) in ANSWERS {
        let wish = |mode| asks(response_type, &[("response_mode", mode), ("state", "s")]);
        let posted = form(story.authorize(&wish("form_post")));
        let names: Vec<&str> = posted.fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [brings, &["state", "iss"]].concat(), "{response_type}");
        assert_eq!(posted.fields.last().unwrap().1, ISSUER);

        let location = answered(story.authorize(&wish("fragment")));
        assert_eq!(location.query(), []);
        assert_eq!(location.fragment_names(), [brings, &["state", "iss"]].concat());
        match response_type {
            "code" => drop(story.authorize(&wish("query")).code()),
            _ => drop(story.authorize(&wish("query")).error_in_fragment("invalid_request")),
        }
        for unknown in ["web_message", "jwt", "form_post.jwt"] {
            let location = story.authorize(&wish(unknown)).error();
            assert_eq!(part(response_type, &location)[0], ("error", "invalid_request"), "AZ-19");
        }
    }
}

#[test]
fn form_post_brings_the_errors_of_every_type_as_well() {
    let story = Story { facts: new_to_the_app(), ..story("") };
    for (response_type, ..) in ANSWERS {
        let request = asks(response_type, &[("response_mode", "form_post"), ("state", "s")]);
        let denied = form(story.answer(&request, Deny));
        assert_eq!(denied.fields[0], ("error", "access_denied".to_owned()), "{response_type}");
        let silent = form(story.authorize(&format!("{request}&prompt=none")));
        assert_eq!(silent.fields[0], ("error", "consent_required".to_owned()));
        assert!(silent.fields.contains(&("state", "s".to_owned())));
    }
}

/// Section 3.1.2.1: `max_age` makes `auth_time` required; it is always there, and is the time of the newest proof.
#[test]
fn section_2_auth_time_is_when_the_person_proved_who_they_are_for_this_request() {
    let mut story = story("openid");
    super::wait(&mut story, Duration::from_secs(600));
    let request = asks("id_token", &[("max_age", "60")]);
    let marked = story.marked(&request);
    super::sign_in_again(&mut story);
    let now = story.now.seconds();
    let token = id_token(&story.authorize(&marked).token());
    assert_eq!(token.claims["auth_time"], now);
}
