//! Whom the client means: `id_token_hint`, and the claim `sub` with a value.

use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::authorize::Entrance;
use hallpass_protocol::jose::{self, Signer as _, Signers as _};
use hallpass_protocol::model::{Api, ApiIdentifier, SignatureAlgorithm, SubjectType, TokenFormat};

use super::{answered, asks, sign_in, sign_in_again, sign_in_as, story, wait};
use crate::support::{ISSUER, SIGNERS, Story, client_id, scopes};

/// An ID token that the app got, about whoever is at the browser.
fn got(story: &Story) -> String {
    let location = story.authorize(&asks("id_token", &[])).token();
    location.raw("id_token").unwrap().to_owned()
}

fn with_hint(hint: &str) -> String {
    asks("id_token token", &[("id_token_hint", hint)])
}

fn silently(hint: &str) -> String {
    asks("id_token token", &[("id_token_hint", hint), ("prompt", "none")])
}

/// What an ID token says, as text.
fn payload(id_token: &str) -> String {
    let payload = id_token.split('.').nth(1).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A text of these two parts, signed with the key of EdDSA.
fn signed(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let key = SIGNERS.key(SignatureAlgorithm::EdDsa);
    format!("{message}.{}", encode(key.sign(message.as_bytes())))
}

/// Section 3.1.2.1: "If the End-User identified by the ID Token is logged in […] then the Authorization Server
/// returns a positive response".
#[test]
fn section_3_1_2_1_the_one_who_is_hinted_at_goes_on() {
    let mut story = story("openid");
    for algorithm in SignatureAlgorithm::ALL {
        story.app().openid.id_token_algorithm = algorithm;
        let hint = got(&story);
        answered(story.authorize(&with_hint(&hint)));
        answered(story.authorize(&silently(&hint)));
    }
    let before = got(&story);
    sign_in_again(&mut story);
    answered(story.authorize(&silently(&before)));
}

/// An ID token that the app has kept is a hint, however old it is (AZ-47).
#[test]
fn az_47_an_expired_id_token_of_ours_is_a_hint() {
    let mut story = story("openid");
    let hint = got(&story);
    wait(&mut story, Duration::from_secs(30 * 86_400));
    answered(story.authorize(&silently(&hint)));
}

/// "otherwise, it SHOULD return an error, such as login_required."
#[test]
fn section_3_1_2_1_somebody_else_is_not_passed_off_as_the_one_who_is_meant() {
    let mut story = story("openid");
    let hint = got(&story);
    let request = with_hint(&hint);
    let ada = story.facts.signed_in.clone();
    sign_in_as(&mut story, "eve");
    story.facts.consent.as_mut().unwrap().account = story.person().account.id;
    story.authorize(&silently(&hint)).error_in_fragment("login_required");
    assert_eq!(sign_in(story.authorize(&request)), (Entrance::SignIn, true));

    // Sent to sign in, and back: as the same, as a third person, as the one who is meant.
    let marked = story.marked(&request);
    assert_eq!(sign_in(story.authorize(&marked)), (Entrance::SignIn, true), "went back");
    let mut third = Story { facts: story.facts.clone(), ..self::story("openid") };
    sign_in_as(&mut third, "mallory");
    third.person().session.id = ada.as_ref().unwrap().session.id;
    third.authorize(&marked).error_in_fragment("login_required");
    story.facts = self::story("openid").facts;
    story.facts.signed_in = ada;
    answered(story.authorize(&marked));
}

/// AZ-47: it "must never select or log in a user by hint".
#[test]
fn az_47_a_hint_signs_nobody_in() {
    let mut story = story("openid");
    let hint = got(&story);
    story.facts.signed_in = None;
    assert_eq!(sign_in(story.authorize(&with_hint(&hint))), (Entrance::SignIn, true));
    story.authorize(&silently(&hint)).error_in_fragment("login_required");
}

#[test]
fn section_8_a_pairwise_app_means_people_by_the_subject_it_knows() {
    let mut story = story("openid");
    let public = got(&story);
    story.app().openid.subject_type = SubjectType::Pairwise;
    let pairwise = got(&story);
    answered(story.authorize(&silently(&pairwise)));
    story.authorize(&silently(&public)).error_in_fragment("login_required");
}

#[test]
fn az_47_what_no_key_of_ours_has_signed_is_no_hint() {
    let mut story = story("openid");
    story.app().openid.id_token_algorithm = SignatureAlgorithm::EdDsa;
    let good = got(&story);
    let header = r#"{"alg":"EdDSA","typ":"JWT","kid":"the EdDSA key"}"#;
    assert_eq!(
        signed(header, &payload(&good)),
        good,
        "what is forged below differs in one thing each"
    );

    let none = header.replace("EdDSA\",\"typ", "none\",\"typ");
    let message = |header: &str| format!("{}.{}", encode(header), encode(payload(&good)));
    let hs256 = message(&header.replace("EdDSA\",\"typ", "HS256\",\"typ"));
    let public = SIGNERS.public().to_json();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes()), hs256.as_bytes());
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[6; 32]).unwrap();
    let foreign = stranger.sign(message(header).as_bytes());
    for forged in [
        format!("{}.", message(&none)),
        signed(&none, &payload(&good)),
        format!("{hs256}.{}", encode(tag)),
        format!("{}.{}", message(header), encode(foreign)),
        signed(&header.replace("the EdDSA key", "the RS256 key"), &payload(&good)),
        signed(&header.replace("the EdDSA key", "../../etc/passwd"), &payload(&good)),
        format!("{good}x"),
        good.replace('.', "%2E"),
        good.split('.').next().unwrap().to_owned(),
        "[]".to_owned(),
        "x".repeat(17 * 1024),
    ] {
        for request in [with_hint(&forged), silently(&forged)] {
            story.authorize(&request).error_in_fragment("invalid_request");
        }
    }
}

#[test]
fn az_47_what_we_have_signed_for_another_purpose_or_app_is_no_hint() {
    let mut story = story("openid");
    story.app().openid.id_token_algorithm = SignatureAlgorithm::EdDsa;
    let good = got(&story);
    let header = r#"{"alg":"EdDSA","typ":"JWT","kid":"the EdDSA key"}"#;
    let sealed = answered(story.authorize(&asks("id_token token", &[])));
    let other = Story { policy: crate::support::policy(), ..self::story("openid") };
    let mut elsewhere = Story { keys: crate::support::keys(1), ..other };
    elsewhere.policy.issuer = "https://elsewhere.example".into();
    elsewhere.app().openid.id_token_algorithm = SignatureAlgorithm::EdDsa;
    let mut others = self::story("openid");
    others.app().id = client_id("fedcba9876543210fedcba9876543210");
    others.facts.consent.as_mut().unwrap().client = others.app().id.clone();
    let theirs = asks("id_token", &[("client_id", "fedcba9876543210fedcba9876543210")]);
    let theirs = others.authorize(&theirs).token().raw("id_token").unwrap().to_owned();
    for wrong in [
        got(&elsewhere),
        theirs,
        signed_access_token(&mut story),
        sealed.raw("access_token").unwrap().to_owned(),
        signed(&header.replace("JWT", "at+jwt"), &payload(&good)),
        signed(&header.replace("JWT", "logout+jwt"), &payload(&good)),
        signed(header, &payload(&good).replace("\"sub\"", "\"events\":{},\"sub\"")),
        signed(header, &payload(&good).replace("\"sub\"", "\"bus\"")),
        signed(header, "[]"),
        jose::sign("JWT", b"{}", SIGNERS.key(SignatureAlgorithm::EdDsa)),
    ] {
        let location = story.authorize(&silently(&wrong)).error_in_fragment("invalid_request");
        assert!(!location.as_str().contains(&wrong), "nothing of it comes back");
    }
}

/// An access token in the form of RFC 9068, signed with the same keys.
fn signed_access_token(story: &mut Story) -> String {
    let identifier = ApiIdentifier::parse("https://music.example").unwrap();
    let format = TokenFormat::Jwt(SignatureAlgorithm::EdDsa);
    story.policy.apis = vec![Api { identifier, format, scopes: scopes(""), introspector: None }];
    let request = asks("id_token token", &[("resource", "https://music.example")]);
    let token = answered(story.authorize(&request)).raw("access_token").unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3);
    assert!(payload(&token).contains(ISSUER));
    token
}

/// Section 5.5.1: a value of `sub` means one person, as a hint does.
#[test]
fn section_5_5_1_a_value_of_sub_means_one_person() {
    let mut story = story("openid");
    let ada = story.person().account.id.subject();
    let means = |sub: &str, more: &[(&str, &str)]| {
        let claims = format!(r#"{{"id_token":{{"sub":{{"value":"{sub}"}}}}}}"#);
        asks("id_token", &[&[("claims", &*claims)], more].concat())
    };
    answered(story.authorize(&means(ada.as_str(), &[("prompt", "none")])));
    let request = means("somebody", &[]);
    assert_eq!(sign_in(story.authorize(&request)), (Entrance::SignIn, true));
    let silent = means("somebody", &[("prompt", "none")]);
    story.authorize(&silent).error_in_fragment("login_required");
    let marked = story.marked(&request);
    sign_in_again(&mut story);
    story.authorize(&marked).error_in_fragment("login_required");

    let hint = got(&story);
    let both = means("somebody", &[("id_token_hint", &hint)]);
    story.authorize(&both).error_in_fragment("invalid_request");
    let both = means(ada.as_str(), &[("id_token_hint", &hint)]);
    answered(story.authorize(&both));
    for bad in [
        r#"{"id_token":{"sub":{"value":7}}}"#,
        r#"{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}"#,
    ] {
        story.authorize(&asks("id_token", &[("claims", bad)])).error_in_fragment("invalid_request");
    }
}
