//! RFC 9700, Best Current Practice for OAuth 2.0 Security.

use hallpass_protocol::model::{ClientStatus, GrantTypes, RedirectUri, RedirectUriPolicy};

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
