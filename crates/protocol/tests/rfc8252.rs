//! RFC 8252, OAuth 2.0 for Native Apps: what an installed app may use as redirect URI.

use hallpass_protocol::authorize::{RememberConsent, Verdict};
use hallpass_protocol::model::{Caution, ClientType, Digest};

use crate::support::*;

fn installed(uri: &str) -> Story {
    let mut story = Story::approved("");
    story.app().redirect_uris = vec![redirect_uri(uri)];
    story
}

/// Section 7.1: "apps MUST use a URI scheme based on a domain name under their control, expressed in
/// reverse order".
#[test]
fn section_7_1_a_scheme_like_a_reversed_domain_name_is_good() {
    for uri in ["com.example.app:/oauth2redirect/example-provider", "com.example.app://callback"] {
        assert_eq!(redirect_uri(uri).caution(), None, "{uri}");
        let location = installed(uri).authorize(&ask(&[("redirect_uri", uri)])).token();
        assert!(location.as_str().starts_with(&format!("{uri}#access_token=")), "{uri}");
    }
}

/// Section 7.1, 8.4: others could claim a scheme without a dot. (Deviation: it may be registered,
/// with a warning, because the guide's siblings use one.)
#[test]
fn section_7_1_a_scheme_without_a_dot_comes_with_a_warning() {
    let uri = redirect_uri("my-awesome-app-login://callback");
    assert_eq!(uri.caution(), Some(Caution::UndottedScheme));
}

/// Section 7.2: claimed https URIs are ordinary ones.
#[test]
fn section_7_2_a_claimed_https_uri_is_compared_like_any_other() {
    let story = installed("https://app.example.com/oauth2redirect/example-provider");
    for uri in [
        "https://app.example.com/oauth2redirect",
        "https://app.example.com:8443/oauth2redirect/example-provider",
    ] {
        story.authorize(&ask(&[("redirect_uri", uri)])).page();
    }
}

/// Section 7.3: "The authorization server MUST allow any port to be specified at the time of the
/// request for loopback IP redirect URIs".
#[test]
fn section_7_3_any_port_of_a_loopback_address_will_do() {
    for host in ["http://127.0.0.1", "http://[::1]"] {
        let story = installed(&format!("{host}/oauth2redirect/example-provider"));
        for port in ["", ":1", ":80", ":51004", ":61023", ":65535"] {
            let uri = format!("{host}{port}/oauth2redirect/example-provider");
            let location = story.authorize(&ask(&[("redirect_uri", &uri)])).token();
            assert!(location.as_str().starts_with(&format!("{uri}#access_token=")), "{uri}");
        }
        for port in [":", ":0", ":65536", ":080", ":+80", ":80:80", ":8o", ":99999999999999999999"]
        {
            let uri = format!("{host}{port}/oauth2redirect/example-provider");
            story.authorize(&ask(&[("redirect_uri", &uri)])).page();
        }
    }
}

/// Section 7.3, 8.3: a URI that names a port means that port (product decision 3).
#[test]
fn section_7_3_a_registered_port_is_not_free() {
    let story = installed("http://127.0.0.1:4000/cb");
    story.authorize(&ask(&[("redirect_uri", "http://127.0.0.1:4000/cb")])).token();
    for uri in ["http://127.0.0.1:4001/cb", "http://127.0.0.1/cb"] {
        story.authorize(&ask(&[("redirect_uri", uri)])).page();
    }
}

/// Section 8.3: "the use of localhost is NOT RECOMMENDED".
#[test]
fn section_8_3_localhost_is_taken_with_a_warning_and_has_no_free_port() {
    let uri = redirect_uri("http://localhost/cb");
    assert_eq!(uri.caution(), Some(Caution::Localhost));
    let story = installed("http://localhost/cb");
    story.authorize(&ask(&[("redirect_uri", "http://localhost/cb")])).token();
    story.authorize(&ask(&[("redirect_uri", "http://localhost:5000/cb")])).page();
}

/// Section 8.3: an operator can do without it, also for URIs that are registered already.
#[test]
fn section_8_3_an_operator_can_forbid_localhost() {
    let mut story = installed("http://localhost:8888/cb");
    story.app().redirect_uris.push(redirect_uri("http://127.0.0.1/cb"));
    story.policy.redirect_uris.localhost = false;
    let page = story.authorize(&ask(&[("redirect_uri", "http://localhost:8888/cb")])).page();
    assert_eq!(page, "INVALID_CLIENT: Insecure redirect URI");
    story.authorize(&ask(&[("redirect_uri", "http://127.0.0.1:8888/cb")])).token();
}

/// Section 8.6: "SHOULD NOT process authorization requests automatically without user consent or
/// interaction, except when the identity of the client can be assured", if the operator wants that.
#[test]
fn section_8_6_a_client_that_cannot_be_known_is_approved_again_each_time() {
    for uri in ["com.example.app:/cb", "http://127.0.0.1:7000/cb", "http://localhost:7000/cb"] {
        let mut story = installed(uri);
        story.policy.remember_consent = RememberConsent::Verified;
        let request = ask(&[("redirect_uri", uri)]);
        assert!(story.authorize(&request).dialog().approved_before, "{uri}");
        story.answer(&request, Verdict::Approve).token();
        let secrets = vec![Digest::from_bytes([0; 32])];
        story.app().client_type = ClientType::Confidential { secrets };
        story.authorize(&request).token();
    }
    let mut story = Story::approved("");
    story.policy.remember_consent = RememberConsent::Verified;
    story.authorize(&ask(&[])).token();
}

/// Section 6, 8.1: "Public native app clients MUST implement the Proof Key for Code Exchange … and
/// authorization servers MUST support PKCE for such clients".
#[test]
fn section_8_1_an_installed_app_gets_codes_with_a_proof_key_and_only_so() {
    for uri in ["com.example.app:/cb", "http://127.0.0.1/cb", "https://app.example.com/cb"] {
        let mut desk = Desk::opens();
        desk.story.app().redirect_uris = vec![redirect_uri(uri)];
        let place = ("redirect_uri", uri);
        let without = ask(&[("response_type", "code"), place]);
        desk.story.authorize(&without).error_in_query("invalid_request");
        let code = desk.code_of(&ask_code(&[place]));
        desk.exchange(&code, &[place]).unwrap();
    }
}

/// Section 7.3: the port is free when the app asks; the code is then bound to the port it asked with
/// (RFC 6749 §4.1.3).
#[test]
fn section_7_3_a_code_is_bound_to_the_port_that_was_used() {
    let mut desk = Desk::opens();
    desk.story.app().redirect_uris = vec![redirect_uri("http://127.0.0.1/cb")];
    let code = desk.code_of(&ask_code(&[("redirect_uri", "http://127.0.0.1:51004/cb")]));
    for wrong in ["http://127.0.0.1:51005/cb", "http://127.0.0.1/cb", "http://[::1]:51004/cb"] {
        let refused = desk.exchange(&code, &[("redirect_uri", wrong)]);
        assert_eq!(refused, invalid_grant("Invalid redirect URI"), "{wrong}");
    }
    desk.exchange(&code, &[("redirect_uri", "http://127.0.0.1:51004/cb")]).unwrap();
}

/// Section 8.5, 8.6: an installed app holds nothing that only it knows; a secret is refused from one.
#[test]
fn section_8_5_a_secret_proves_nothing_for_an_installed_app() {
    let mut desk = Desk::opens();
    let code = desk.code();
    for secret in ["secret", "x"] {
        let refused = desk.exchange(&code, &[("client_secret", secret)]).unwrap_err();
        assert_eq!(refused.0, "invalid_client");
    }
    desk.exchange(&code, &[]).unwrap();
}
