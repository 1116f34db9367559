//! What an ID token says of whom, and what it is signed with.

use std::time::Duration;

use aws_lc_rs::digest::{self, SHA256, SHA512};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::access_token::{self, TokenKeys, jwt};
use hallpass_protocol::id_token::IdToken;
use hallpass_protocol::issuer::{Issuer, NoKey};
use hallpass_protocol::jose::Signers as _;
use hallpass_protocol::model::{
    Authentication, ClaimSet, RequestedClaims, Secret, SessionId, SignatureAlgorithm, SubjectType,
};
use serde_json::json;

use super::{NONCE, answered, asks, desk, id_token, sign_in_as, story};
use crate::support::*;

/// Section 2, the whole of it: iss, sub, aud, exp, iat, auth_time, nonce, acr, amr, azp. Back-Channel Logout
/// section 2.1 adds sid.
#[test]
fn section_2_an_id_token_says_who_signed_in_when_and_how_for_whom() {
    let mut story = story("openid");
    story.now = story.now.plus(Duration::from_secs(100));
    let token = id_token(&story.authorize(&asks("id_token", &[])).token());
    let sub = story.person().account.id.subject();
    let sid = token.text("sid").unwrap();
    let (signed_in, now) = (NOW.seconds(), NOW.seconds() + 100);
    assert_eq!(
        token.claims,
        json!({
            "iss": ISSUER, "sub": sub.as_str(), "aud": CLIENT_ID, "azp": CLIENT_ID,
            "iat": now, "exp": now + 3600, "auth_time": signed_in,
            "acr": "1", "amr": ["pwd"], "sid": sid, "nonce": NONCE,
        })
    );
    assert_eq!(token.header.typ.as_deref(), Some("JWT"));
}

/// Back-Channel Logout section 2.1: "sid […] MUST be unique to each" session of an issuer. And no two apps can
/// find out by it that they have the same person before them.
#[test]
fn a_session_has_a_name_of_its_own_for_each_app() {
    let mut story = story("openid");
    let sid = |story: &Story| {
        let token = id_token(&story.authorize(&asks("id_token", &[])).token());
        token.text("sid").unwrap().to_owned()
    };
    let first = sid(&story);
    assert_eq!(sid(&story), first);
    assert!(first.len() >= 22, "{first}");
    let session = story.person().session.id;
    let other = client_id("fedcba9876543210fedcba9876543210");
    assert_ne!(hallpass_protocol::id_token::sid(&session, &other), first);
    story.person().session.id = SessionId::of(&Secret::presented("ada's telephone"));
    assert_ne!(sid(&story), first);
}

/// Section 2: "ID Tokens MUST be signed using JWS"; section 3.1.3.7 item 7: "the alg value SHOULD be the default
/// of RS256 or the algorithm sent by the Client […] during Registration."
#[test]
fn section_15_1_rs256_unless_the_app_has_chosen_another() {
    let mut desk = desk("openid");
    let code = desk.code_of(&asks("code", &[]));
    let tokens = desk.exchange(&code, &[]).unwrap();
    assert_eq!(read(tokens.id_token.as_ref().unwrap()).header.alg, jsonwebtoken::Algorithm::RS256);
    for algorithm in SignatureAlgorithm::ALL {
        desk.story.app().openid.id_token_algorithm = algorithm;
        let location = desk.answer_of(&asks("code id_token", &[]));
        let tokens = desk.exchange(&location.get("code").unwrap(), &[]).unwrap();
        for token in [id_token(&location), read(tokens.id_token.as_ref().unwrap())] {
            let name = format!("{:?}", token.header.alg);
            assert_eq!(name, algorithm.as_str());
            assert_eq!(token.header.kid, Some(format!("the {name} key")));
        }
    }
}

/// Section 2 forbids `none` for whatever comes straight from the authorization endpoint; here it is not even a
/// word. And what is kept of a secret is its hash, so no HS256 could be keyed with it.
#[test]
fn jw_16_no_id_token_is_signed_with_a_secret_or_not_at_all() {
    for other in ["none", "None", "HS256", "HS384", "HS512", "rs256", ""] {
        assert_eq!(SignatureAlgorithm::parse(other), None, "{other:?}");
    }
}

/// Nothing is sent rather than something unsigned.
#[test]
fn jw_16_without_a_key_there_is_no_id_token() {
    let story = story("openid");
    let keys = TokenKeys { sealing: &story.keys, signing: &Nobody::default() };
    let issuer = Issuer { policy: &story.policy, keys };
    let authentication = signed_in_now();
    let (client, account) = (app(), account("ada", 50).id);
    let id_token = IdToken {
        client: &client,
        account,
        authentication: &authentication,
        code: None,
        access_token: None,
        claims: ClaimSet::EMPTY,
        person: None,
    };
    assert_eq!(id_token.sign(&issuer, NOW), Err(NoKey(SignatureAlgorithm::Rs256)));
    story.authorize(&asks("id_token", &[])).token();
}

fn signed_in_now() -> Authentication {
    Authentication {
        session: SessionId::of(&Secret::presented("ada's cookie")),
        at: NOW,
        nonce: None,
        claims: RequestedClaims::default(),
    }
}

/// Section 3.1.3.6 and section 3.3.2.11, by the examples of appendices A.3 and A.4.
#[test]
fn section_3_1_3_6_the_hashes_of_the_examples() {
    let story = story("openid");
    let (client, authentication) = (app(), signed_in_now());
    let code = Secret::presented("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk");
    let access_token = Secret::presented("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    let id_token = IdToken {
        client: &client,
        account: account("ada", 50).id,
        authentication: &authentication,
        code: Some(&code),
        access_token: Some(&access_token),
        claims: ClaimSet::EMPTY,
        person: None,
    };
    let token = read(&id_token.sign(&story.issuer(), NOW).unwrap());
    assert_eq!(token.text("at_hash"), Some("77QmUPtjPfzWtF2AnpK9RQ"));
    assert_eq!(token.text("c_hash"), Some("LDktKdoQak3Pk0cnXxCltA"));
}

/// Section 3.1.3.6: "the left-most half of the hash […] where the hash algorithm used is the hash algorithm used
/// in the alg Header Parameter". EdDSA names none; with Ed25519 it is SHA-512 inside, and all libraries take that.
#[test]
fn section_3_1_3_6_each_algorithm_has_its_hash() {
    for (algorithm, hash) in [
        (SignatureAlgorithm::Rs256, &SHA256),
        (SignatureAlgorithm::Es256, &SHA256),
        (SignatureAlgorithm::EdDsa, &SHA512),
    ] {
        let mut desk = desk("openid");
        desk.story.app().openid.id_token_algorithm = algorithm;
        let half = |text: &str| {
            let whole = digest::digest(hash, text.as_bytes());
            URL_SAFE_NO_PAD.encode(&whole.as_ref()[..whole.as_ref().len() / 2])
        };
        let location = desk.answer_of(&asks("code id_token token", &[]));
        let code = location.get("code").unwrap();
        let token = id_token(&location);
        assert_eq!(token.text("c_hash"), Some(&*half(&code)));
        assert_eq!(token.text("at_hash"), Some(&*half(location.raw("access_token").unwrap())));
        let tokens = desk.exchange(&code, &[]).unwrap();
        let token = read(tokens.id_token.as_ref().unwrap());
        assert_eq!(token.text("at_hash"), Some(&*half(&tokens.access_token)));
        assert_eq!(token.text("c_hash"), None, "there is no code in that answer");
    }
}

/// Section 8: "the sub (subject) value […] pairwise: a different sub value to each Client".
#[test]
fn section_8_a_pairwise_app_gets_a_subject_of_its_own_everywhere() {
    let mut desk = desk("openid");
    let account = desk.story.person().account.id.subject();
    desk.story.app().openid.subject_type = SubjectType::Pairwise;
    let location = desk.answer_of(&asks("code id_token", &[]));
    let first = id_token(&location);
    let sub = first.text("sub").unwrap();
    assert_ne!(sub, account.as_str());
    assert!(sub.len() <= 255, "section 2");
    let tokens = desk.exchange(&location.get("code").unwrap(), &[]).unwrap();
    assert_eq!(read(tokens.id_token.as_ref().unwrap()).text("sub"), Some(sub));
    let tokens = desk.refresh(tokens.refresh_token.as_ref().unwrap(), &[]).unwrap();
    assert_eq!(read(tokens.id_token.as_ref().unwrap()).text("sub"), Some(sub));

    sign_in_as(&mut desk.story, "eve");
    desk.story.facts.consent.as_mut().unwrap().account = desk.story.person().account.id;
    let eve = id_token(&desk.story.authorize(&asks("id_token", &[])).token());
    assert_ne!(eve.text("sub"), Some(sub));
}

/// An ID token is not an access token, sealed or signed, and an access token is no ID token.
#[test]
fn jw_07_an_id_token_opens_nothing() {
    let mut story = story("openid");
    for algorithm in SignatureAlgorithm::ALL {
        story.app().openid.id_token_algorithm = algorithm;
        let location = answered(story.authorize(&asks("id_token token", &[])));
        let id_token = location.raw("id_token").unwrap();
        assert!(access_token::open(id_token, &story.keys).is_err());
        let audiences = [ISSUER, CLIENT_ID];
        let public = SIGNERS.public();
        assert!(jwt::decode(id_token, public, ISSUER, &audiences, NOW).is_err());
    }
}
