//! What goes on without the person: `offline_access`, and refreshing.

use std::time::Duration;

use hallpass_protocol::authorize::Verdict::Approve;
use hallpass_protocol::model::{GrantType, SignatureAlgorithm};

use super::{answered, asks, desk, story};
use crate::support::{Desk, Tokens, read, scopes};

const OFFLINE: (&str, &str) = ("scope", "openid offline_access");
const CONSENT: (&str, &str) = ("prompt", "consent");

/// Section 11: "MUST ignore the offline_access request unless the Client is using a response_type value that would
/// result in an Authorization Code being returned"; and "the prompt parameter contains consent".
#[test]
fn co_12_offline_access_is_ignored_where_nobody_is_asked_or_nothing_could_be_renewed() {
    let mut story = story("openid offline_access");
    for ignored in [asks("code", &[OFFLINE]), asks("code id_token", &[OFFLINE, ("prompt", "none")])]
    {
        let (_, record) = story.authorize(&ignored).code();
        assert_eq!(record.scopes, scopes("openid"), "{ignored}");
    }
    for response_type in ["token", "id_token token"] {
        let request = asks(response_type, &[OFFLINE, CONSENT]);
        let location = answered(story.answer(&request, Approve));
        let token = story.open(location.raw("access_token").unwrap());
        assert_eq!(token.scopes, scopes("openid"));
        assert_eq!(
            location.raw("scope"),
            Some("openid"),
            "RFC 6749 section 4.2.2: less than asked"
        );
        assert_eq!(location.raw("refresh_token"), None);
    }
    let asked = asks("code", &[OFFLINE, CONSENT]);
    assert_eq!(story.authorize(&asked).dialog().known, ["openid", "offline_access"]);
    let (_, record) = story.answer(&asked, Approve).code();
    assert_eq!(record.scopes, scopes("openid offline_access"));

    story.app().grant_types =
        [GrantType::AuthorizationCode, GrantType::Implicit].into_iter().collect();
    let (_, record) = story.answer(&asked, Approve).code();
    assert_eq!(record.scopes, scopes("openid"), "the app refreshes nothing");
}

/// A code of these scopes, exchanged.
fn tokens(desk: &mut Desk, scope: &str) -> Tokens {
    let code = desk.code_of(&asks("code", &[("scope", scope)]));
    desk.exchange(&code, &[]).unwrap()
}

/// Section 12.2: "its iss Claim Value MUST be the same […], its sub Claim Value MUST be the same […], its iat Claim
/// MUST represent the time that the new ID Token is issued, its aud Claim Value MUST include the same value, if the
/// ID Token contains an auth_time Claim, its value MUST represent the time of the original authentication […], its
/// azp […] the same […]; it SHOULD NOT have a nonce Claim".
#[test]
fn section_12_2_a_refreshed_id_token_tells_of_the_same_sign_in_at_a_new_time() {
    let mut desk = desk("openid email");
    let mut last = tokens(&mut desk, "openid email");
    let first = read(last.id_token.as_ref().unwrap());
    let sid = first.text("sid").unwrap().to_owned();
    for turn in 1..=3 {
        desk.wait(Duration::from_secs(600));
        last = desk.refresh(last.refresh_token.as_ref().unwrap(), &[]).unwrap();
        let next = read(last.id_token.as_ref().unwrap());
        for same in ["iss", "sub", "aud", "azp", "auth_time", "sid", "acr", "amr"] {
            assert_eq!(next.claims[same], first.claims[same], "{same}");
        }
        let now = desk.story.now.seconds();
        assert_eq!((&next.claims["iat"], &next.claims["exp"]), (&now.into(), &(now + 3600).into()));
        assert_eq!(next.text("nonce"), None, "turn {turn}");
        assert!(next.text("at_hash") != first.text("at_hash") && next.text("c_hash").is_none());
    }
    // The app's newest choice of algorithm counts; a session that has ended since keeps its name.
    desk.story.app().openid.id_token_algorithm = SignatureAlgorithm::Es256;
    let next = desk.refresh(last.refresh_token.as_ref().unwrap(), &[]).unwrap();
    let next = read(next.id_token.as_ref().unwrap());
    assert_eq!((next.header.alg, next.text("sid")), (jsonwebtoken::Algorithm::ES256, Some(&*sid)));
}

/// A lost answer is given again: the refresh token is the same, the ID token a new one of the same kind.
#[test]
fn section_12_2_an_answer_that_is_given_again_has_its_id_token_too() {
    let mut desk = desk("openid");
    let first = tokens(&mut desk, "openid");
    let refresh = first.refresh_token.as_ref().unwrap();
    let [one, two] = [desk.refresh(refresh, &[]).unwrap(), desk.refresh(refresh, &[]).unwrap()];
    assert_eq!(one.refresh_token, two.refresh_token);
    for answer in [one, two] {
        assert_eq!(read(answer.id_token.as_ref().unwrap()).text("nonce"), None);
    }
}

#[test]
fn section_12_2_less_scope_without_openid_brings_no_id_token_and_the_next_may_again() {
    let mut desk = desk("openid email");
    let first = tokens(&mut desk, "openid email");
    let less = desk.refresh(first.refresh_token.as_ref().unwrap(), &[("scope", "email")]).unwrap();
    assert_eq!((less.id_token.as_deref(), &*less.scope), (None, "email"));
    let whole = desk.refresh(less.refresh_token.as_ref().unwrap(), &[]).unwrap();
    assert!(whole.id_token.is_some());
    let never = tokens(&mut desk, "email");
    assert_eq!(never.id_token, None);
    assert_eq!(desk.refresh(never.refresh_token.as_ref().unwrap(), &[]).unwrap().id_token, None);
}
