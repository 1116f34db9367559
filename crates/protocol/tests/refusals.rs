//! Attacks and bad input at the authorization endpoint (AZ), as far as rules alone show them; what
//! needs HTTP is shown by the server's tests.
//!
//! [`Outcome::Page`] holds no address and [`Outcome::Error`] no token: that a refusal is a page *is*
//! the proof that nobody is redirected.

use hallpass_protocol::authorize::Verdict::{Approve, Deny};
use hallpass_protocol::authorize::{
    AuthorizationQuery, MAX_PARAMETERS, MAX_STATE, QueryProblem, ResponseType,
};
use hallpass_protocol::model::{AllowedScopes, ClientStatus, Denial, GrantType, GrantTypes};

use crate::support::*;

const INVALID_CLIENT: &str = "INVALID_CLIENT: Invalid client";
const INVALID_REDIRECT_URI: &str = "INVALID_CLIENT: Invalid redirect URI";

#[test]
fn az_01_an_unknown_and_a_disabled_client_get_the_same_page_and_no_sign_in() {
    let missing = Story::begins().authorize(&ask_without("client_id")).page();
    assert_eq!(missing, "Missing required parameter: client_id");
    for mut story in [Story::begins(), Story::approved("")] {
        story.app().status = ClientStatus::Disabled;
        assert_eq!(story.authorize(&ask(&[])).page(), INVALID_CLIENT);
        story.facts.client = None;
        assert_eq!(story.authorize(&ask(&[])).page(), INVALID_CLIENT);
    }
}

#[test]
fn az_01_a_client_that_was_not_named_is_never_used() {
    let story = Story::approved("");
    assert_eq!(story.authorize(&ask(&[("client_id", "another")])).page(), INVALID_CLIENT);
}

#[test]
fn az_02_unregistered_redirect_never_redirects() {
    for story in [Story::begins(), Story::signed_in(), Story::approved("")] {
        for also in [
            ("response_type", "code"),
            ("response_type", "bogus"),
            ("scope", "not a scope\u{7}"),
            ("prompt", "none"),
            ("show_dialog", "maybe"),
            ("request", "x"),
        ] {
            let request = ask(&[("redirect_uri", "https://evil.example/cb"), also]);
            assert_eq!(story.authorize(&request).page(), INVALID_REDIRECT_URI, "{also:?}");
        }
    }
}

#[test]
fn az_03_an_absent_redirect_uri_is_not_guessed() {
    let page = Story::approved("").authorize(&ask_without("redirect_uri")).page();
    assert_eq!(page, "Missing required parameter: redirect_uri");
}

#[test]
fn az_04_an_absent_response_type_is_an_error_in_the_query() {
    let story = Story::signed_in();
    story.authorize(&ask_without("response_type")).error_in_query("invalid_request");
}

#[test]
fn az_05_an_unknown_response_type_is_an_error_and_no_token() {
    let story = Story::approved("");
    for text in ["Token", "token token", "toke", "token ", "token+code,x", "☃"] {
        let location = story.authorize(&ask(&[("response_type", text)])).error();
        assert_eq!(location.raw("error"), Some("unsupported_response_type"), "{text}");
        assert_eq!(location.raw("access_token"), None, "{text}");
    }
}

#[test]
fn az_06_the_order_of_response_types_is_free() {
    let mut story = Story::approved("openid");
    story.app().grant_types =
        [GrantType::AuthorizationCode, GrantType::Implicit].into_iter().collect();
    for orders in [
        &["id_token token", "token id_token"][..],
        &["code id_token", "id_token code"],
        &["code token", "token code"],
        &[
            "code id_token token",
            "code token id_token",
            "id_token code token",
            "token id_token code",
        ],
    ] {
        let answers = orders.iter().map(|text| {
            let words = [("response_type", *text), ("scope", "openid"), ("nonce", "n")];
            story.authorize(&ask_code(&words))
        });
        let answers: Vec<_> = answers.collect();
        assert!(matches!(answers[0], Outcome::Token(_) | Outcome::Code(..)), "{:?}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{orders:?}: {answers:?}");
    }
}

#[test]
fn az_07_implicit_switched_off_holds_on_entry_and_when_the_answer_comes() {
    let mut story = Story::approved("");
    let believed = story.believed(&ask(&[]), Approve);
    story.app().grant_types = GrantTypes::default();
    let entry = story.authorize(&ask(&[]));
    entry.error_in_fragment("unauthorized_client");
    let answer = story.decide(&ask(&[]), Some(believed));
    assert_eq!(answer.error_in_fragment("unauthorized_client").raw("access_token"), None);
}

#[test]
fn az_08_a_switched_response_type_moves_no_token() {
    let openid = [("scope", "openid"), ("nonce", "n")];
    let mut story = Story::approved("openid");
    for (grant, others) in [
        (GrantType::Implicit, &["code token", "code id_token", "code id_token token"][..]),
        (
            GrantType::AuthorizationCode,
            &["token", "id_token", "id_token token", "code token", "code id_token"],
        ),
    ] {
        story.app().grant_types = [grant].into_iter().collect();
        for text in others {
            let request = ask_code(&[&openid[..], &[("response_type", text)]].concat());
            let location = story.authorize(&request).error_in_fragment("unauthorized_client");
            for secret in ["code", "access_token", "id_token"] {
                assert_eq!(location.raw(secret), None, "{text}");
            }
        }
    }
    story.app().grant_types = [GrantType::Implicit].into_iter().collect();
    story.authorize(&ask_code(&openid)).error_in_query("unauthorized_client");
}

#[test]
fn az_09_a_doubled_parameter_is_refused_and_neither_value_is_picked() {
    let story = Story::approved("");
    let doubled = |name: &str, value: &str| ask(&[]) + &format!("&{name}={value}");
    assert_eq!(story.authorize(&doubled("client_id", CLIENT_ID)).page(), INVALID_CLIENT);
    assert_eq!(story.authorize(&doubled("redirect_uri", CALLBACK)).page(), INVALID_REDIRECT_URI);
    let location = story.authorize(&doubled("response_type", "token")).error();
    assert_eq!(location.raw("error"), Some("invalid_request"));
    for name in ["scope", "state", "show_dialog", "colour"] {
        let request = ask(&[(name, "true")]) + &format!("&{name}=false");
        story.authorize(&request).error_in_fragment("invalid_request");
    }
}

#[test]
fn az_10_a_parameter_without_a_value_was_omitted() {
    let story = Story::approved("");
    story.authorize(&(ask(&[]) + "&scope=&state=&show_dialog=")).token();
    story.authorize(&format!("scope=&{}", ask(&[("scope", "")]))).token();
}

#[test]
fn az_11_arrays_and_objects_are_refused() {
    let story = Story::approved("");
    let array = format!("client_id[]={CLIENT_ID}&{}", ask_without("client_id"));
    assert_eq!(story.authorize(&array).page(), INVALID_CLIENT);
    for raw in ["scope[a]=b", "scope[]=streaming", "state[0]=x", "show_dialog%5B%5D=true"] {
        let request = ask(&[]) + "&" + raw;
        story.authorize(&request).error_in_fragment("invalid_request");
    }
    let json = format!("client_id={{\"a\":1}}&{}", ask_without("client_id"));
    assert_eq!(story.authorize(&json).page(), INVALID_CLIENT);
}

#[test]
fn az_12_scopes_of_another_form_or_too_many_are_refused() {
    let story = Story::approved("");
    let many = (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    for list in ["a  b", "a\tb", "\"", "\\", &many[..4000], &"x".repeat(129)] {
        let request = ask(&[("scope", list)]);
        story.authorize(&request).error_in_fragment("invalid_scope");
    }
    assert_eq!(AuthorizationQuery::parse(&ask(&[("scope", &many)])), Err(QueryProblem::TooLong));
}

#[test]
fn az_13_a_scope_that_is_unknown_or_not_for_this_app_is_never_granted() {
    let mut story = Story::approved("streaming user-soa-link");
    let unknown = ask(&[("scope", "streaming admin")]);
    let location = story.authorize(&unknown).error_in_fragment("invalid_scope");
    assert_eq!(location.get("error_description").as_deref(), Some("Unknown scope: admin"));
    let partner = ask(&[("scope", "user-soa-link")]);
    story.authorize(&partner).error_in_fragment("invalid_scope");
    story.app().scopes = AllowedScopes::Only(scopes("user-soa-link"));
    story.authorize(&partner).token();
    story.authorize(&ask(&[("scope", "streaming")])).error_in_fragment("invalid_scope");
}

#[test]
fn az_14_a_parameter_in_query_and_body_is_a_doubled_one() {
    let both = format!("{}&{}", ask(&[("state", "a")]), "state=a");
    Story::approved("").authorize(&both).error_in_fragment("invalid_request");
}

#[test]
fn az_18_a_token_is_never_put_into_a_query() {
    let mut story = Story::approved("openid");
    story.app().grant_types =
        [GrantType::AuthorizationCode, GrantType::Implicit].into_iter().collect();
    for text in ResponseType::ALL.into_iter().filter(|text| *text != "code") {
        let wish = [("response_type", text), ("scope", "openid"), ("nonce", "n")];
        let request = ask_code(&[&wish[..], &[("response_mode", "query")]].concat());
        let location = story.authorize(&request).error_in_fragment("invalid_request");
        assert_eq!(location.query(), [], "{text}");
        for secret in ["code", "access_token", "id_token"] {
            assert_eq!(location.raw(secret), None, "{text}");
        }
    }
}

#[test]
fn az_19_an_unknown_response_mode_is_an_error_in_the_fragment() {
    let story = Story::approved("");
    for mode in ["bogus", "form-post", "Fragment", "query.jwt", "fragment fragment"] {
        let request = ask(&[("response_mode", mode)]);
        story.authorize(&request).error_in_fragment("invalid_request");
    }
    story.authorize(&ask(&[("response_mode", "fragment")])).token();
}

#[test]
fn az_21_web_message_is_not_offered() {
    let request = ask(&[("response_mode", "web_message")]);
    Story::approved("").authorize(&request).error_in_fragment("invalid_request");
}

#[test]
fn az_27_request_and_request_uri_together_are_refused() {
    let request = ask(&[("request", "x.y.z"), ("request_uri", "urn:x")]);
    Story::approved("").authorize(&request).error_in_fragment("invalid_request");
}

#[test]
fn az_29_request_objects_are_refused_and_not_ignored() {
    let story = Story::approved("");
    for (name, code) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        let location = story.authorize(&ask(&[(name, "x")])).error_in_fragment(code);
        assert_eq!(location.raw("access_token"), None);
    }
}

#[test]
fn az_34_any_state_comes_back_byte_for_byte_or_is_refused_for_its_length() {
    let story = Story::approved("");
    let escaped = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("%{b:02x}")).collect() };
    let longest = vec![b'x'; MAX_STATE];
    for state in
        [&b"\r\nSet-Cookie: a=b"[..], b"\0", "🎫".as_bytes(), &[0xff, 0xc0, 0x80], &longest]
    {
        let location = story.authorize(&(ask(&[]) + "&state=" + &escaped(state))).token();
        assert_eq!(location.bytes("state").as_deref(), Some(state));
        assert!(location.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    for length in [MAX_STATE + 1, 8192] {
        let state = "x".repeat(length);
        let request = ask(&[("state", &state)]);
        let location = story.authorize(&request).error_in_fragment("invalid_request");
        assert_eq!(location.raw("state"), Some(state.as_str()), "never cut");
    }
}

#[test]
fn az_35_a_registered_uri_cannot_bring_a_parameter_of_the_answer() {
    use hallpass_protocol::model::{
        RESERVED_PARAMETERS, RedirectUri, RedirectUriPolicy, RedirectUriProblem,
    };
    let policy = RedirectUriPolicy { localhost: true };
    for name in RESERVED_PARAMETERS {
        for uri in [format!("https://a.example/cb?{name}=1"), format!("my.app:/cb?x=1&{name}")] {
            assert_eq!(
                RedirectUri::register(&uri, policy),
                Err(RedirectUriProblem::ReservedParameter(name))
            );
            let mut story = Story::approved("");
            story.app().redirect_uris = vec![RedirectUri::from_stored(&uri).unwrap()];
            let page = story.authorize(&ask(&[("redirect_uri", &uri)])).page();
            assert_eq!(page, "INVALID_CLIENT: Insecure redirect URI", "nor come from an old row");
        }
    }
}

/// Where an answer has no fragment of its own, `server/http/redirect.rs` ends it with an empty one if
/// the request could have had one; so the answer itself has one or none.
#[test]
fn az_36_an_answer_has_one_fragment_or_none() {
    let story = Story::approved("");
    let fragments = |outcome: Outcome| match outcome {
        Outcome::Token(location) | Outcome::Error(location) => {
            location.as_str().matches('#').count()
        }
        other => panic!("no redirect: {other:?}"),
    };
    assert_eq!(fragments(story.authorize(&ask(&[("state", "#a#b")]))), 1);
    assert_eq!(fragments(story.authorize(&ask(&[("scope", "#"), ("state", "#")]))), 1);
    assert_eq!(fragments(story.authorize(&ask(&[("response_type", "code"), ("state", "#")]))), 0);
    assert_eq!(fragments(story.answer(&ask(&[("state", "#")]), Deny)), 0);
}

#[test]
fn az_40_every_answer_names_its_issuer() {
    let story = Story::approved("");
    let location = story.authorize(&ask(&[])).token();
    assert_eq!(location.get("iss").as_deref(), Some(ISSUER));
    let location = story.authorize(&ask(&[("scope", "?")])).error();
    assert_eq!(location.get("iss").as_deref(), Some(ISSUER));
}

#[test]
fn az_43_a_description_is_our_own_text_and_reflects_no_markup() {
    let story = Story::approved("");
    for wrong in ["<script>alert(1)</script>", "\"><img src=x>", "a b\"c"] {
        for name in ["scope", "show_dialog", "response_type", "response_mode", "request"] {
            let location = story.authorize(&ask(&[(name, wrong)])).error();
            let uri = location.as_str();
            assert!(!uri.contains(['<', '>', '"', ' ', '\'']), "{uri}");
        }
    }
    let page = story.authorize(&ask(&[("client_id", "<script>")])).page();
    assert_eq!(page, INVALID_CLIENT);
}

#[test]
fn az_46_a_request_beyond_the_limits_is_not_looked_at() {
    let parse = AuthorizationQuery::parse;
    assert_eq!(parse(&"x".repeat(64 * 1024)), Err(QueryProblem::TooLong));
    assert_eq!(parse(&"a&".repeat(5_000)), Err(QueryProblem::TooManyParameters));
    let most: String = (0..MAX_PARAMETERS).map(|n| format!("&p{n}=1")).collect();
    assert!(parse(&most).is_ok());
    assert_eq!(parse(&(most + "&one=more")), Err(QueryProblem::TooManyParameters));
}

#[test]
fn az_50_hints_for_pages_are_never_an_error() {
    let story = Story::approved("");
    let request = ask(&[("ui_locales", "../../etc/passwd"), ("display", "x"), ("acr_values", "9")]);
    story.authorize(&request).token();
}

#[test]
fn az_54_a_denial_goes_into_the_query_and_every_other_error_of_a_token_into_the_fragment() {
    let mut story = Story::signed_in();
    story.answer(&ask(&[]), Deny).error_in_query("access_denied");
    story.authorize(&ask(&[("scope", "?")])).error_in_fragment("invalid_scope");
    story.app().denial = Denial::Fragment;
    story.answer(&ask(&[]), Deny).error_in_fragment("access_denied");
}

#[test]
fn az_56_a_nul_byte_names_nothing_that_there_is() {
    let story = Story::approved("");
    let id = format!("{CLIENT_ID}\0");
    assert_eq!(story.authorize(&ask(&[("client_id", &id)])).page(), INVALID_CLIENT);
    let uri = format!("{CALLBACK}\0");
    assert_eq!(story.authorize(&ask(&[("redirect_uri", &uri)])).page(), INVALID_REDIRECT_URI);
    story.authorize(&ask(&[("scope", "streaming\0")])).error_in_fragment("invalid_scope");
}
