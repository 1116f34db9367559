//! RFC 9207, OAuth 2.0 Authorization Server Issuer Identification.

use hallpass_protocol::authorize::Verdict::{Approve, Deny};

use crate::support::*;

/// Section 2: "the iss parameter", an https URL without query or fragment, in every response.
#[test]
fn section_2_a_successful_answer_names_its_issuer() {
    let location = Story::signed_in().answer(&ask(&[("state", "1")]), Approve).token();
    assert_eq!(location.get("iss").as_deref(), Some(ISSUER));
    assert_eq!(location.fragment().last().unwrap().0, "iss");
}

/// Section 2: "In authorization responses to the client, including error responses".
#[test]
fn section_2_every_error_names_its_issuer_in_the_part_where_the_error_is() {
    let story = Story::signed_in();
    for (request, in_query) in [
        (ask_without("response_type"), true),
        (ask(&[("response_type", "code")]), true),
        (ask(&[("response_type", "id_token token")]), false),
        (ask(&[("scope", "unknown")]), false),
        (ask(&[("response_mode", "query")]), false),
        (ask(&[("request", "x.y.z")]), false),
        (ask(&[("show_dialog", "maybe")]), false),
    ] {
        let location = story.authorize(&request).error();
        assert_eq!(location.get("iss").as_deref(), Some(ISSUER), "{request}");
        let part = if in_query { location.query() } else { location.fragment() };
        assert_eq!(part.last().unwrap().0, "iss", "{request}");
    }
    let denial = story.answer(&ask(&[]), Deny).error();
    assert_eq!(denial.get("iss").as_deref(), Some(ISSUER));
}

/// Section 2.4: a client compares it by simple string comparison, so it is the configured string.
#[test]
fn section_2_4_the_issuer_is_given_back_byte_for_byte() {
    let mut story = Story::approved("");
    for issuer in ["https://accounts.example/", "http://127.0.0.1:8080", "https://a.example/T%20x"]
    {
        story.policy.issuer = issuer.into();
        let location = story.authorize(&ask(&[])).token();
        assert_eq!(location.get("iss").as_deref(), Some(issuer));
        assert_eq!(story.open(location.raw("access_token").unwrap()).audience, issuer);
    }
}

/// Section 2.3, 4 (mix-up): a registered redirect URI cannot bring an `iss` of its own.
#[test]
fn section_4_no_answer_carries_a_second_issuer() {
    use hallpass_protocol::model::{RedirectUri, RedirectUriPolicy, RedirectUriProblem};
    let policy = RedirectUriPolicy { localhost: true };
    for uri in ["https://a.example/cb?iss=https://evil.example", "https://a.example/cb?x=1&%69ss="]
    {
        assert_eq!(
            RedirectUri::register(uri, policy),
            Err(RedirectUriProblem::ReservedParameter("iss"))
        );
    }
}
