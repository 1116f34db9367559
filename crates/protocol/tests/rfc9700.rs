//! RFC 9700, Best Current Practice for OAuth 2.0 Security.

use hallpass_protocol::model::{
    ClientStatus, GrantTypes, PkceRule, RedirectUri, RedirectUriPolicy,
};

use crate::support::*;

/// Section 2.1: "authorization servers MUST utilize exact string matching except for port numbers in
/// localhost redirection URIs of native apps".
#[test]
fn section_2_1_matching_is_exact_but_for_the_port_of_a_loopback_address() {
    let mut story = Story::signed_in();
    story.app().redirect_uris.push(redirect_uri("http://127.0.0.1/cb"));
    story.authorize(&ask(&[("redirect_uri", CALLBACK)])).dialog();
    story.authorize(&ask(&[("redirect_uri", "http://127.0.0.1:9/cb")])).dialog();
    for uri in [
        "https://example.com/callback/x",
        "https://example.com:443/callback",
        "http://127.0.0.1:9/cb/",
    ] {
        story.authorize(&ask(&[("redirect_uri", uri)])).page();
    }
}

/// Section 2.1: "MUST NOT expose open redirectors": nothing but a registered URI is ever left for.
#[test]
fn section_2_1_no_parameter_of_the_request_can_become_an_address() {
    let story = Story::approved("");
    for name in ["state", "scope", "response_mode", "request_uri", "return_to", "redirect_url"] {
        let request = ask(&[(name, "https://evil.example/cb")]);
        let location = match story.authorize(&request) {
            Outcome::Token(location) | Outcome::Error(location) => location,
            other => panic!("{name}: {other:?}"),
        };
        assert!(location.as_str().starts_with("https://example.com/callback#"), "{name}");
    }
}

/// Section 2.1.2: the implicit grant is not for everybody; it is off until the owner switches it on.
#[test]
fn section_2_1_2_a_client_without_the_implicit_grant_gets_no_token() {
    let mut story = Story::approved("");
    story.app().grant_types = GrantTypes::default();
    story.authorize(&ask(&[])).error_in_fragment("unauthorized_client");
}

/// Section 2.6: "Redirect URIs MUST NOT use the http URI scheme except for native clients that use
/// loopback interface redirection".
#[test]
fn section_2_6_http_is_only_for_the_own_machine() {
    let policy = RedirectUriPolicy { localhost: true };
    for uri in ["http://example.com/cb", "http://10.0.0.1/cb", "http://127.0.0.2/cb", "http://a/"] {
        assert!(RedirectUri::register(uri, policy).is_err(), "{uri}");
    }
}

/// Section 4.1.3: "comparing the redirection URI in the authorization request with the registered one
/// using simple string comparison": nothing is decoded or resolved for it.
#[test]
fn section_4_1_3_uris_that_mean_the_same_are_not_the_same() {
    let story = Story::signed_in();
    for uri in [
        "https://example.com/c%61llback",
        "https://example.com/./callback",
        "https://example.com/x/../callback",
        "https://example.com//callback",
        "HTTPS://example.com/callback",
        "https://example.com./callback",
    ] {
        story.authorize(&ask(&[("redirect_uri", uri)])).page();
    }
}

/// Section 4.11.2: an attacker's own parameters must not make the server redirect to their address;
/// so client and redirect URI are judged before anything else, and before anybody signs in.
#[test]
fn section_4_11_2_the_client_and_its_redirect_uri_are_judged_first() {
    let wrong: [&[(&str, &str)]; 6] = [
        &[],
        &[("response_type", "bogus")],
        &[("scope", "\u{7}")],
        &[("prompt", "none")],
        &[("response_mode", "web_message")],
        &[("request_uri", "https://evil.example/r")],
    ];
    for mut story in [Story::begins(), Story::signed_in(), Story::approved("")] {
        for also in wrong {
            let evil = [&[("redirect_uri", "https://evil.example/cb")], also].concat();
            let page = story.authorize(&ask(&evil)).page();
            assert_eq!(page, "INVALID_CLIENT: Invalid redirect URI");
            let nobody = [&[("client_id", "nobody")], also].concat();
            assert_eq!(story.authorize(&ask(&nobody)).page(), "INVALID_CLIENT: Invalid client");
        }
        story.app().status = ClientStatus::Disabled;
        assert_eq!(story.authorize(&ask(&[])).page(), "INVALID_CLIENT: Invalid client");
    }
}

/// Section 4.11.2: once both are good, an error is told to the client before anybody signs in.
#[test]
fn section_4_11_2_nobody_signs_in_only_to_read_an_error() {
    let story = Story::begins();
    story.authorize(&ask(&[("scope", "unknown")])).error_in_fragment("invalid_scope");
    story.authorize(&ask(&[("response_type", "code")])).error_in_query("unauthorized_client");
}

/// Section 2.1.1: "Public clients MUST use PKCE"; a verifier is accepted only for a code that was asked for
/// with a challenge; and no method that shows the verifier is there.
#[test]
fn section_2_1_1_codes_are_exchanged_for_their_proof_and_only_with_it() {
    let mut desk = Desk::opens();
    desk.story.authorize(&ask(&[("response_type", "code")])).error_in_query("invalid_request");
    let plain = ask_code(&[("code_challenge_method", "plain")]);
    desk.story.authorize(&plain).error_in_query("invalid_request");
    desk.keeps_a_secret();
    desk.story.app().pkce = PkceRule::IfSent;
    let code = desk.code_of(&ask(&[("response_type", "code")]));
    let refused = desk.exchange(&code, &[("client_secret", "secret")]);
    assert_eq!(refused, invalid_grant("code_verifier was incorrect"));
}

/// Section 2.2.2: "Refresh tokens for public clients MUST be sender-constrained or use refresh token
/// rotation". They rotate, a confidential client's too.
#[test]
fn section_2_2_2_refresh_tokens_rotate_whoever_has_them() {
    let mut desk = Desk::opens();
    let first = desk.session().refresh_token.unwrap();
    let second = desk.refresh(&first, &[]).unwrap().refresh_token.unwrap();
    assert_ne!(first, second);
    desk.keeps_a_secret();
    let proof = [("client_secret", "secret")];
    let third = desk.refresh(&second, &proof).unwrap().refresh_token.unwrap();
    assert_ne!(second, third);
}

/// Section 4.5: a code is bound to the flow that it was issued in, by its proof key: put into another
/// one it is worth nothing, and whoever tries does not end what its owner got.
#[test]
fn section_4_5_an_injected_code_is_refused_and_harms_nobody() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let tokens = desk.exchange(&code, &[]).unwrap();
    let injected = desk.exchange(&code, &[("code_verifier", &"a".repeat(43))]);
    assert_eq!(injected, invalid_grant("code_verifier was incorrect"));
    assert!(desk.check(&tokens).is_some());
}

/// Section 4.8: the challenge cannot be taken out on the way there, nor the verifier on the way back.
#[test]
fn section_4_8_pkce_cannot_be_downgraded() {
    let mut desk = Desk::opens();
    desk.keeps_a_secret();
    desk.story.app().pkce = PkceRule::IfSent;
    let proof = ("client_secret", "secret");
    // The attacker removed the challenge; the client, which uses PKCE, sends its verifier.
    let code = desk.code_of(&ask(&[("response_type", "code")]));
    assert_eq!(desk.exchange(&code, &[proof]).unwrap_err().0, "invalid_grant");
    // The attacker has a code with a challenge, and leaves the verifier out.
    let code = desk.code();
    let refused = desk.exchange(&code, &[proof, ("code_verifier", "")]);
    assert_eq!(refused.unwrap_err().0, "invalid_grant");
}

/// Section 4.14.2: the server cannot know which of two parties presents a token that was used before,
/// "but it will revoke the active refresh token"; and "Refresh tokens SHOULD expire if the client has
/// been inactive for some time".
#[test]
fn section_4_14_2_reuse_ends_the_active_token_as_well() {
    let mut desk = Desk::opens();
    let first = desk.session().refresh_token.unwrap();
    let second = desk.refresh(&first, &[]).unwrap().refresh_token.unwrap();
    let active = desk.refresh(&second, &[]).unwrap();
    assert_eq!(desk.refresh(&first, &[]), invalid_grant("Refresh token revoked"));
    let refused = desk.refresh(active.refresh_token.as_ref().unwrap(), &[]);
    assert_eq!(refused, invalid_grant("Refresh token revoked"));
    assert_eq!(desk.check(&active), None);
    let idle = desk.session().refresh_token.unwrap();
    desk.wait(desk.lifetimes.idle);
    assert_eq!(desk.refresh(&idle, &[]), invalid_grant("Refresh token expired"));
}
