//! RFC 7636, Proof Key for Code Exchange.

use hallpass_protocol::model::{ClientType, PkceRule};
use hallpass_protocol::pkce::CodeChallenge;

use crate::support::*;

/// A confidential client whose operator lets it do without a proof key.
fn lenient(desk: &mut Desk) {
    desk.keeps_a_secret();
    desk.story.app().pkce = PkceRule::IfSent;
}

const SECRET: (&str, &str) = ("client_secret", "secret");
const INCORRECT: &str = "code_verifier was incorrect";

fn incorrect() -> Result<Tokens, Refused> {
    invalid_grant(INCORRECT)
}

/// Section 4.1: "code-verifier = 43*128unreserved".
#[test]
fn section_4_1_a_verifier_has_43_to_128_unreserved_characters() {
    let fits = |verifier: &str| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        use base64::Engine as _;
        let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash);
        CodeChallenge::parse(&challenge).unwrap().is_met_by(verifier)
    };
    for good in ["a".repeat(43), "~".repeat(128), "Az09-._~".repeat(8)] {
        assert!(fits(&good), "{good}");
    }
    for bad in ["a".repeat(42), "a".repeat(129), "+".repeat(43), "é".repeat(43), " ".repeat(43)] {
        assert!(!fits(&bad), "{bad}");
    }
}

/// Section 4.2: "code_challenge = BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))", appendix B.
#[test]
fn section_4_2_the_example_of_appendix_b_goes_through() {
    let mut desk = Desk::opens();
    let code = desk.code_of(&ask_code(&[("code_challenge", CHALLENGE)]));
    desk.exchange(&code, &[("code_verifier", VERIFIER)]).unwrap();
}

/// Section 4.3: code_challenge_method "defaults to plain if not present in the request": and `plain`
/// does not exist here, so the method must be named.
#[test]
fn section_4_3_the_method_is_named_and_it_is_s256() {
    let desk = Desk::opens();
    for method in ["", "plain", "s256", "S512", "S256 ", "S256\nS256"] {
        let request = ask_code(&[("code_challenge_method", method)]);
        let location = desk.story.authorize(&request).error_in_query("invalid_request");
        let said = location.get("error_description").unwrap();
        assert_eq!(said, "code_challenge_method must be S256", "{method:?}");
    }
}

/// Section 4.4: the challenge is kept with the code, and not shown in it.
#[test]
fn section_4_4_the_code_is_kept_with_its_challenge_and_does_not_show_it() {
    let desk = Desk::opens();
    let (location, record) = desk.story.authorize(&ask_code(&[])).code();
    assert_eq!(record.challenge.as_ref().map(CodeChallenge::as_str), Some(CHALLENGE));
    assert!(!location.as_str().contains(CHALLENGE));
}

/// Section 4.4.1: if the server requires PKCE and the client sends no challenge, the answer is "the
/// authorization error response with the error value set to invalid_request".
#[test]
fn section_4_4_1_a_client_that_needs_a_challenge_is_refused_without() {
    let mut desk = Desk::opens();
    let without = ask(&[("response_type", "code")]);
    desk.story.authorize(&without).error_in_query("invalid_request");
    // A public client needs one whatever its settings say.
    desk.story.app().pkce = PkceRule::IfSent;
    desk.story.authorize(&without).error_in_query("invalid_request");
    lenient(&mut desk);
    desk.story.authorize(&without).code();
    desk.story.app().pkce = PkceRule::Required;
    desk.story.authorize(&without).error_in_query("invalid_request");
}

/// Section 4.6: "If the values are not equal, an error response indicating invalid_grant".
#[test]
fn section_4_6_only_the_verifier_itself_is_believed() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let upper = VERIFIER.to_uppercase();
    let longer = format!("{VERIFIER}A");
    for wrong in ["", CHALLENGE, &VERIFIER[1..], &upper, &longer, &"a".repeat(43)] {
        assert_eq!(desk.exchange(&code, &[("code_verifier", wrong)]), incorrect(), "{wrong}");
    }
    desk.exchange(&code, &[]).unwrap();
}

/// A challenge that a lenient client sent counts as one that it had to send.
#[test]
fn section_4_6_a_challenge_counts_for_a_client_that_need_not_send_one() {
    let mut desk = Desk::opens();
    lenient(&mut desk);
    let code = desk.code();
    assert_eq!(desk.exchange(&code, &[SECRET, ("code_verifier", "")]), incorrect());
    let code = desk.code_of(&ask(&[("response_type", "code")]));
    assert_eq!(desk.exchange(&code, &[SECRET]), incorrect(), "a verifier without a challenge");
    desk.exchange(&code, &[SECRET, ("code_verifier", "")]).unwrap();
}

/// The rule is judged again at exchange: it may have changed since the code was issued.
#[test]
fn section_4_6_a_client_that_needs_a_proof_by_now_gets_nothing_without() {
    for change in [
        |desk: &mut Desk| desk.story.app().pkce = PkceRule::Required,
        |desk: &mut Desk| desk.story.app().client_type = ClientType::Public,
    ] {
        let mut desk = Desk::opens();
        lenient(&mut desk);
        let code = desk.code_of(&ask(&[("response_type", "code")]));
        change(&mut desk);
        let proof = match desk.story.app().is_confidential() {
            true => vec![SECRET, ("code_verifier", "")],
            false => vec![("code_verifier", "")],
        };
        assert_eq!(desk.exchange(&code, &proof), incorrect());
    }
}

/// Section 7.2: "Clients MUST NOT downgrade to plain", and a server that has only S256 cannot be made to.
#[test]
fn section_7_2_a_challenge_sent_as_plain_text_is_never_taken() {
    let desk = Desk::opens();
    let request = ask_code(&[("code_challenge", VERIFIER), ("code_challenge_method", "plain")]);
    desk.story.authorize(&request).error_in_query("invalid_request");
}
