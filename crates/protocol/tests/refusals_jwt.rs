//! Refusals, section 12: texts that somebody made to be taken for a token of ours.

use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hallpass_protocol::access_token::jwt::{self, JwtProblem};
use hallpass_protocol::access_token::{Claims, TokenSubject};
use hallpass_protocol::jose::{self, PublicKey, PublicKeys, PublicMaterial, Signer};
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClaimSet, ClientId, Randomness, ScopeSet, SignatureAlgorithm,
    Timestamp,
};

const ISSUER: &str = "https://accounts.example";
const API: &str = "https://api.example";
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

struct Counted(u8);

impl Randomness for Counted {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
}

struct Key(Ed25519KeyPair);

impl Key {
    fn of(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn public(&self) -> PublicKeys {
        let point = self.0.public_key().as_ref().try_into().unwrap();
        PublicKey::new(self.key_id(), PublicMaterial::Ed25519(point)).into_iter().collect()
    }

    /// A token whose parts are exactly these.
    fn signed(&self, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(payload));
        format!("{message}.{}", encode(self.sign(message.as_bytes())))
    }
}

impl Signer for Key {
    fn key_id(&self) -> String {
        "00000007".to_owned()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EdDsa
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"00000007"}"#;

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn claims() -> Claims {
    let mut rng = Counted(3);
    Claims {
        client: ClientId::mint(&mut rng),
        subject: TokenSubject::Account(AccountId::mint(&mut rng, NOW)),
        authorization: AuthorizationId::mint(&mut rng, NOW),
        consent: Some(AuthorizationId::mint(&mut rng, NOW)),
        scopes: ScopeSet::parse("user-read-email user-read-private").unwrap(),
        userinfo: ClaimSet::EMPTY,
        audience: API.to_owned(),
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(3600)),
    }
}

fn token(claims: &Claims) -> String {
    jwt::encode(claims, ISSUER, &Key::of(7), &mut Counted(9)).reveal().to_owned()
}

/// The JSON of a good token's payload.
fn payload() -> String {
    let token = token(&claims());
    let payload = token.split('.').nth(1).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn decode_at(text: &str, now: Timestamp) -> Result<Claims, JwtProblem> {
    jwt::decode(text, &Key::of(7).public(), ISSUER, &[API], now)
}

fn decode(text: &str) -> Result<Claims, JwtProblem> {
    decode_at(text, NOW)
}

#[track_caller]
fn refused(text: &str) {
    assert_eq!(decode(text), Err(JwtProblem::NotOurs), "{text}");
}

#[test]
fn a_token_says_what_was_put_into_it() {
    let own = Claims { subject: TokenSubject::Client, consent: None, ..claims() };
    let bare = Claims { scopes: ScopeSet::empty(), ..claims() };
    for claims in [claims(), own, bare] {
        assert_eq!(decode(&token(&claims)), Ok(claims));
    }
    assert_eq!(decode(&Key::of(7).signed(HEADER, &payload())), Ok(claims()));
}

#[test]
fn a_token_for_another_api_of_another_issuer_or_of_another_key_is_not_ours() {
    let good = token(&claims());
    let keys = Key::of(7).public();
    for (issuer, audiences) in
        [("https://other.example", [API]), (ISSUER, ["https://other.example"])]
    {
        assert_eq!(jwt::decode(&good, &keys, issuer, &audiences, NOW), Err(JwtProblem::NotOurs));
    }
    let others = jwt::decode(&good, &Key::of(8).public(), ISSUER, &[API], NOW);
    assert_eq!(others, Err(JwtProblem::NotOurs));
    let none = jwt::decode(&good, &PublicKeys::default(), ISSUER, &[API], NOW);
    assert_eq!(none, Err(JwtProblem::NotOurs));
}

#[test]
fn a_token_with_any_byte_changed_is_not_ours() {
    let good = token(&claims());
    for position in 0..good.len() {
        let mut bad = good.clone().into_bytes();
        bad[position] = if bad[position] == b'A' { b'B' } else { b'A' };
        refused(&String::from_utf8(bad).unwrap());
    }
}

#[test]
fn jw_01_a_token_without_a_signature_is_refused() {
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let header = HEADER.replace("EdDSA", alg);
        refused(&Key::of(7).signed(&header, &payload()));
        refused(&format!("{}.{}.", encode(&header), encode(payload())));
    }
    refused(&format!("{}.{}.", encode(HEADER), encode(payload())));
    refused(&format!("{}.{}", encode(HEADER), encode(payload())));
}

#[test]
fn jw_02_the_algorithm_comes_from_the_key() {
    let point = Key::of(7).0.public_key().as_ref().to_vec();
    let jwk = Key::of(7).public().to_json();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(&point)
    );
    for secret in [point.as_slice(), jwk.as_bytes(), pem.as_bytes(), b""] {
        let header = HEADER.replace("EdDSA", "HS256");
        let message = format!("{}.{}", encode(header), encode(payload()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        refused(&format!("{message}.{}", encode(tag)));
    }
    for alg in ["ES256", "RS256", "eddsa", "Ed25519ph"] {
        refused(&Key::of(7).signed(&HEADER.replace("EdDSA", alg), &payload()));
    }
}

#[test]
fn jw_03_a_key_in_the_header_is_never_used() {
    let attacker = Key::of(66);
    let set = attacker.public().to_json();
    let jwk = set.trim_start_matches("{\"keys\":[").trim_end_matches("]}");
    for more in [
        format!("\"jwk\":{jwk}"),
        "\"jku\":\"https://evil.example/jwks\"".to_owned(),
        "\"x5u\":\"https://evil.example/cert\"".to_owned(),
        "\"x5c\":[\"AAAA\"]".to_owned(),
    ] {
        let header = HEADER.replace('}', &format!(",{more}}}"));
        refused(&attacker.signed(&header, &payload()));
        // And it does no harm beside a good signature: nothing looks at it.
        assert_eq!(decode(&Key::of(7).signed(&header, &payload())), Ok(claims()), "{more}");
    }
}

#[test]
fn jw_05_an_end_of_another_type_is_no_end_at_all() {
    let exp = claims().expires_at.seconds().to_string();
    for bad in [
        "\"1800003600\"",
        "1800003600.0",
        "1.8e9",
        "-1",
        "9223372036854775808",
        "1e400",
        "null",
        "true",
        "[1800003600]",
    ] {
        refused(&Key::of(7).signed(HEADER, &payload().replace(&exp, bad)));
    }
    refused(&Key::of(7).signed(HEADER, &payload().replace("\"exp\"", "\"end\"")));
    let furthest = payload().replace(&exp, "9223372036854775807");
    assert!(
        decode(&Key::of(7).signed(HEADER, &furthest)).is_ok(),
        "the end stops at the last moment"
    );
}

#[test]
fn jw_06_extensions_that_must_be_understood_are_refused() {
    for more in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":false"#,
        r#""b64":true"#,
    ] {
        refused(&Key::of(7).signed(&HEADER.replace('}', &format!(",{more}}}")), &payload()));
    }
}

#[test]
fn jw_07_a_text_of_another_kind_is_no_access_token() {
    for typ in ["JWT", "jwt", "id_token", "logout+jwt", "dpop+jwt", "revocations+jwt", ""] {
        refused(&Key::of(7).signed(&HEADER.replace("at+jwt", typ), &payload()));
    }
    refused(&Key::of(7).signed(r#"{"alg":"EdDSA","kid":"00000007"}"#, &payload()));
    for typ in ["at+JWT", "application/at+jwt"] {
        assert!(decode(&Key::of(7).signed(&HEADER.replace("at+jwt", typ), &payload())).is_ok());
    }
    let keys = Key::of(7).public();
    assert!(jose::verify(&token(&claims()), "revocations+jwt", &keys, 8192).is_err());
}

#[test]
fn jw_08_a_key_is_looked_up_by_its_name_and_nowhere_else() {
    let long = "7".repeat(5_000);
    for kid in ["../../dev/null", "' OR 1=1", "", "7", long.as_str()] {
        refused(&Key::of(7).signed(&HEADER.replace("00000007", kid), &payload()));
    }
    refused(&Key::of(7).signed(&HEADER.replace("\"00000007\"", "7"), &payload()));
    refused(&Key::of(7).signed(r#"{"alg":"EdDSA","typ":"at+jwt"}"#, &payload()));
}

#[test]
fn jw_09_a_member_twice_is_refused_in_header_and_payload() {
    refused(&Key::of(7).signed(&HEADER.replace('}', r#","kid":"00000007"}"#), &payload()));
    refused(&Key::of(7).signed(HEADER, &payload().replacen('{', r#"{"sub":"a","#, 1)));
}

#[test]
fn jw_10_there_is_one_way_to_write_a_token() {
    let good = token(&claims());
    for bad in [
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.AAAA"),
        format!("{good}.AAAA.AAAA.AAAA"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("\u{feff}{good}"),
        good.replacen('.', "..", 1),
        good.replacen('.', "=.", 1),
        good.replacen('.', "+.", 1),
        String::new(),
        "..".to_owned(),
    ] {
        refused(&bad);
    }
    // 64 bytes leave four bits over; only zeros are right there.
    let (rest, last) = good.split_at(good.len() - 1);
    assert!("AQgw".contains(last), "{last}");
    for other in "BCDEFRSThijkxyz".chars() {
        refused(&format!("{rest}{other}"));
    }
    refused(&Key::of(7).signed(HEADER, &format!("\u{feff}{}", payload())));
    refused(&Key::of(7).signed(HEADER, &payload().replacen(':', ":\u{a0}", 1)));
}

#[test]
fn jw_11_an_encrypted_text_is_not_opened() {
    for header in [
        r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"PBES2-HS256+A128KW","enc":"A128CBC-HS256","p2c":1000000000,"p2s":"AA"}"#,
    ] {
        refused(&format!("{}.AAAA.AAAA.AAAA.AAAA", encode(header)));
        refused(&Key::of(7).signed(header, &payload()));
    }
}

#[test]
fn jw_12_a_text_too_long_is_not_looked_at_and_a_deep_one_is_refused() {
    let long = payload().replacen('{', &format!("{{\"x\":\"{}\",", "x".repeat(8_000)), 1);
    refused(&Key::of(7).signed(HEADER, &long));
    refused(&"a".repeat(1_048_576));
    let deep = format!("{{\"x\":{}{},", "[".repeat(2_000), "]".repeat(2_000));
    refused(&Key::of(7).signed(HEADER, &payload().replacen('{', &deep, 1)));
}

#[test]
fn jw_13_clocks_may_differ_by_half_a_minute_and_not_by_five() {
    let token = token(&claims());
    let early = |seconds| decode_at(&token, Timestamp::from_seconds(NOW.seconds() - seconds));
    let late = |seconds| decode_at(&token, claims().expires_at.plus(Duration::from_secs(seconds)));
    assert!(early(30).is_ok() && late(29).is_ok());
    assert_eq!(early(31), Err(JwtProblem::NotOurs));
    assert_eq!(early(300), Err(JwtProblem::NotOurs));
    assert_eq!(late(30), Err(JwtProblem::Expired));
    assert_eq!(late(300), Err(JwtProblem::Expired));
}

#[test]
fn every_claim_is_needed_in_its_own_type() {
    for name in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "authorization_id"] {
        refused(&Key::of(7).signed(HEADER, &payload().replace(&format!("\"{name}\""), "\"x\"")));
    }
    for (name, value) in [("scope", "7"), ("consent_id", "null"), ("scope", "\"a  b\"")] {
        let bare = Claims { scopes: ScopeSet::empty(), consent: None, ..claims() };
        let text = token(&bare);
        let bytes = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap();
        let with = format!("{{\"{name}\":{value},");
        let payload = String::from_utf8(bytes).unwrap().replacen('{', &with, 1);
        refused(&Key::of(7).signed(HEADER, &payload));
    }
}
