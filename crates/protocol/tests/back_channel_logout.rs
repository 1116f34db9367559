//! OpenID Connect Back-Channel Logout 1.0: the logout token. By section.

use std::time::Duration;

use hallpass_protocol::access_token::jwt;
use hallpass_protocol::id_token::{self, Hint};
use hallpass_protocol::jose::{self, Object, Signers as _, Value};
use hallpass_protocol::logout::{LogoutToken, TYP};
use hallpass_protocol::model::{OpenIdSettings, SignatureAlgorithm, SubjectType};

use super::support::house::{House, openid_app, read};
use super::support::{Counted, ISSUER, NOW, account, browser_of};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the app of the guide is told when Ada has signed out.
fn token(house: &House) -> String {
    let (client, ada) = (openid_app(), browser_of(account("ada", 50), "her laptop"));
    let token = LogoutToken { client: &client, account: ada.account.id, session: &ada.session.id };
    token.sign(&house.issuer(), &mut Counted(7), NOW).unwrap()
}

/// Section 2.4 names the claims; section 2.4 also: "A Logout Token MUST contain either a sub or a sid Claim,
/// and MAY contain both."
#[test]
fn section_2_4_a_logout_token_has_every_claim_and_no_other() {
    let (house, client) = (House::of(1), openid_app());
    let ada = browser_of(account("ada", 50), "her laptop");
    let (_, payload) = read(&token(&house));
    let payload = Object::parse(payload.as_bytes()).unwrap();
    assert_eq!(payload.text("iss"), Some(ISSUER));
    assert_eq!(payload.text("sub"), Some(ada.account.id.subject().as_str()));
    assert_eq!(payload.text("aud"), Some(client.id.as_str()));
    assert_eq!(payload.integer("iat"), Some(NOW.seconds()));
    assert_eq!(payload.text("jti").map(str::len), Some(22));
    assert_eq!(payload.text("sid"), Some(&*id_token::sid(&ada.session.id, &client.id)));
    let Some(Value::Object(events)) = payload.get("events") else { panic!("{payload:?}") };
    assert_eq!(events.get(EVENT), Some(&Value::Object(Object::default())));
    let names: Vec<_> = payload.members().map(|(name, _)| name).collect();
    assert_eq!(names, ["iss", "sub", "aud", "iat", "exp", "jti", "sid", "events"]);
}

/// Section 2.4: "A nonce Claim MUST NOT be present […] to prevent misuse"; section 4: an expiration "preferably
/// at most two minutes in the future".
#[test]
fn section_4_it_is_good_for_two_minutes() {
    let (_, payload) = read(&token(&House::of(1)));
    let payload = Object::parse(payload.as_bytes()).unwrap();
    let end = NOW.plus(Duration::from_secs(120)).seconds();
    assert_eq!(payload.integer("exp"), Some(end));
    assert_eq!(payload.get("nonce"), None);
}

/// Section 2.4: "It is RECOMMENDED that Logout Tokens be explicitly typed […] "logout+jwt"", and signed as the
/// client's ID tokens are.
#[test]
fn section_2_4_it_is_typed_and_signed_as_an_id_token_would_be() {
    let house = House::of(1);
    let (header, _) = read(&token(&house));
    assert_eq!(header, r#"{"alg":"EdDSA","typ":"logout+jwt","kid":"00000007"}"#);
    assert!(jose::verify(&token(&house), TYP, house.public(), 4096).is_ok());

    let mut other = openid_app();
    other.openid.id_token_algorithm = SignatureAlgorithm::Rs256;
    let ada = browser_of(account("ada", 50), "her laptop");
    let unsigned =
        LogoutToken { client: &other, account: ada.account.id, session: &ada.session.id };
    let signed = unsigned.sign(&house.issuer(), &mut Counted(7), NOW);
    assert!(signed.is_err(), "never with another algorithm than the client's");
}

/// Section 2.4: the "sub" is the one that the ID tokens have (Core §8.1).
#[test]
fn section_2_4_who_knows_people_by_a_pairwise_subject_is_told_that() {
    let house = House::of(1);
    let mut client = openid_app();
    client.openid = OpenIdSettings { subject_type: SubjectType::Pairwise, ..client.openid };
    let ada = browser_of(account("ada", 50), "her laptop");
    let told = LogoutToken { client: &client, account: ada.account.id, session: &ada.session.id };
    let (_, payload) = read(&told.sign(&house.issuer(), &mut Counted(7), NOW).unwrap());
    let payload = Object::parse(payload.as_bytes()).unwrap();
    let (_, known) = read(&house.id_token(&client, &ada));
    let known = Object::parse(known.as_bytes()).unwrap();
    assert_eq!(payload.text("sub"), known.text("sub"));
    assert_eq!(payload.text("sid"), known.text("sid"));
    assert_ne!(payload.text("sub"), Some(ada.account.id.subject().as_str()));
}

#[test]
fn lo_07_a_logout_token_is_no_id_token_and_no_hint_and_no_access_token() {
    let (house, client) = (House::of(1), openid_app());
    let token = token(&house);
    assert!(jose::verify(&token, id_token::TYP, house.public(), 4096).is_err());
    assert_eq!(Hint::read(&token, &house.issuer()), None);
    let audiences = [client.id.as_str()];
    assert!(jwt::decode(&token, house.public(), ISSUER, &audiences, NOW).is_err());
    // Not even if only its kind were another.
    let (_, payload) = read(&token);
    let retyped = house.signed(r#"{"alg":"EdDSA","typ":"JWT","kid":"00000007"}"#, &payload);
    assert_eq!(Hint::read(&retyped, &house.issuer()), None);
}

#[test]
fn lo_07_an_id_token_is_no_logout_token() {
    let house = House::of(1);
    let ada = browser_of(account("ada", 50), "her laptop");
    let id_token = house.id_token(&openid_app(), &ada);
    assert!(jose::verify(&id_token, TYP, house.public(), 4096).is_err());
    let (_, payload) = read(&id_token);
    let payload = Object::parse(payload.as_bytes()).unwrap();
    assert_eq!(payload.get("events"), None, "which a logout token must have");
    assert!(payload.text("nonce").is_some(), "which it must not have");
}
