//! Attacks and bad input around proof keys (PK), as far as rules alone show them.

use hallpass_protocol::model::{GrantType, PkceRule};

use crate::support::*;

#[test]
fn pk_01_a_public_client_without_a_challenge_gets_no_code() {
    let desk = Desk::opens();
    let request = ask(&[("response_type", "code"), ("state", "s")]);
    let location = desk.story.authorize(&request).error_in_query("invalid_request");
    assert_eq!((location.raw("code"), location.raw("state")), (None, Some("s")));
}

#[test]
fn pk_02_a_challenge_cannot_be_dropped_on_the_way() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let refused = desk.exchange(&code, &[("code_verifier", "")]);
    assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
    desk.keeps_a_secret();
    desk.story.app().pkce = PkceRule::IfSent;
    let refused = desk.exchange(&code, &[("code_verifier", ""), ("client_secret", "secret")]);
    assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
}

#[test]
fn pk_03_a_verifier_for_a_code_without_a_challenge_is_refused() {
    let mut desk = Desk::opens();
    desk.keeps_a_secret();
    desk.story.app().pkce = PkceRule::IfSent;
    let code = desk.code_of(&ask(&[("response_type", "code")]));
    let refused = desk.exchange(&code, &[("client_secret", "secret")]);
    assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
}

#[test]
fn pk_04_a_verifier_with_one_byte_changed_is_wrong() {
    let mut desk = Desk::opens();
    let code = desk.code();
    for position in 0..VERIFIER.len() {
        let mut wrong = VERIFIER.as_bytes().to_vec();
        wrong[position] = if wrong[position] == b'a' { b'b' } else { b'a' };
        let wrong = String::from_utf8(wrong).unwrap();
        let refused = desk.exchange(&code, &[("code_verifier", &wrong)]);
        assert_eq!(refused, invalid_grant("code_verifier was incorrect"), "{wrong}");
    }
    desk.exchange(&code, &[]).unwrap();
}

#[test]
fn pk_05_only_the_method_s256_with_a_challenge_is_taken() {
    let desk = Desk::opens();
    for method in ["plain", "s256", "S512", "", "S256 ", "S256\n", "S256\r\nplain", "S256,plain"] {
        let request = ask_code(&[("code_challenge_method", method)]);
        desk.story.authorize(&request).error_in_query("invalid_request");
    }
    let alone = ask(&[("response_type", "code"), ("code_challenge_method", "S256")]);
    desk.story.authorize(&alone).error_in_query("invalid_request");
    for twice in ["code_challenge_method=S256", "code_challenge=x", "code_challenge[]=x"] {
        let request = ask_code(&[]) + "&" + twice;
        desk.story.authorize(&request).error_in_query("invalid_request");
    }
}

#[test]
fn pk_06_a_challenge_has_exactly_43_characters_of_base64url() {
    let desk = Desk::opens();
    let padded = format!("{CHALLENGE}=");
    let standard = CHALLENGE.replace('-', "+");
    let slash = CHALLENGE.replace('-', "/");
    for wrong in ["x", &padded, &standard, &slash, &CHALLENGE[1..], "\0", "☃", &"A".repeat(10_000)]
    {
        let request = ask_code(&[("code_challenge", wrong)]);
        let location = desk.story.authorize(&request).error_in_query("invalid_request");
        let said = location.get("error_description").unwrap();
        assert_eq!(said, "code_challenge must be 43 characters of base64url", "{wrong:.50}");
    }
    let broken = ask_code(&[("code_challenge", "")]) + "&code_challenge=%zz";
    desk.story.authorize(&broken).error_in_query("invalid_request");
}

#[test]
fn pk_07_a_verifier_outside_the_grammar_is_wrong_and_breaks_nothing() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let long = "a".repeat(1 << 20);
    for wrong in [&"a".repeat(42), &"a".repeat(129), &"é".repeat(43), "\0", "☃", &long] {
        let refused = desk.exchange(&code, &[("code_verifier", wrong)]);
        assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
    }
}

#[test]
fn pk_08_no_challenge_is_wanted_where_there_is_no_code() {
    Story::approved("").authorize(&ask(&[])).token();
    for also in [("code_challenge", "x"), ("code_challenge_method", "plain")] {
        Story::approved("").authorize(&ask(&[also])).token();
    }
    let mut desk = Desk::opens();
    desk.story.facts.client = Some(confidential("secret").into());
    desk.story.app().grant_types = [GrantType::ClientCredentials].into_iter().collect();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", "secret"),
    ];
    desk.post(&fields).unwrap();
}

/// A code stolen and put into the thief's own flow meets the thief's own verifier, which is not
/// the one of the code.
#[test]
fn pk_09_a_stolen_code_does_not_fit_another_flow() {
    let mut desk = Desk::opens();
    let stolen = desk.code();
    let challenge = "A".repeat(43);
    let own = desk.code_of(&ask_code(&[("code_challenge", &challenge)]));
    assert_ne!(stolen, own);
    let refused = desk.exchange(&own, &[]);
    assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
    // Nor does the challenge, seen in the thief's browser, serve as verifier.
    let refused = desk.exchange(&stolen, &[("code_verifier", CHALLENGE)]);
    assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
}
