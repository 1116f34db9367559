//! Signed tokens, verified offline with the public keys of the accounts service.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use hallpass_guard::{
    Checker, Claims, Denied, PublicKeys, ScopeSet, Secret, Standing, Timestamp, TokenSubject,
};
use hallpass_protocol::access_token::jwt;
use hallpass_protocol::jose::{PublicKey, PublicMaterial, Signer};
use hallpass_protocol::model::SignatureAlgorithm;
use support::{AUDIENCE, Counted, LIFETIME, NOW, Told, ada, claims, client, keys, sealed};

const API: &str = "https://api.example/v1";

struct Key(Ed25519KeyPair);

impl Signer for Key {
    fn key_id(&self) -> String {
        "0000002a".to_owned()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EdDsa
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

fn key(seed: u8) -> Key {
    Key(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
}

/// The key set as the accounts service publishes it, read as an API reads it.
fn published(key: &Key) -> PublicKeys {
    let point = key.0.public_key().as_ref().try_into().unwrap();
    let public = PublicKey::new(key.key_id(), PublicMaterial::Ed25519(point));
    PublicKeys::parse(&public.into_iter().collect::<PublicKeys>().to_json()).unwrap()
}

fn for_api(scopes: &str) -> Claims {
    Claims { audience: API.to_owned(), ..claims(scopes) }
}

fn signed(claims: &Claims, key: &Key) -> Secret {
    jwt::encode(claims, AUDIENCE, key, &mut Counted(1))
}

fn checker_at(seconds: i64) -> Checker {
    let clock = move || Timestamp::from_seconds(NOW.seconds() + seconds);
    Checker::with_jwks(published(&key(1)), AUDIENCE, API, clock)
}

#[tokio::test]
async fn a_good_token_tells_who_may_do_what_until_when() {
    let token = signed(&for_api("user-read-email user-top-read"), &key(1));
    let needed = ScopeSet::parse("user-top-read").unwrap();
    let access = checker_at(10).check(&token, &needed).await.unwrap();
    assert_eq!((access.client.clone(), access.user()), (client(), Some(ada().subject())));
    assert!(access.allows("user-read-email") && !access.allows("user-read"));
    assert_eq!((access.expires_at, access.username), (for_api("").expires_at, None));
}

#[tokio::test]
async fn ui_06_an_apps_own_token_has_no_user() {
    let claims = Claims { subject: TokenSubject::Client, consent: None, ..for_api("") };
    let token = signed(&claims, &key(1));
    let access = checker_at(10).check(&token, &ScopeSet::empty()).await.unwrap();
    assert_eq!(access.user(), None);
}

#[tokio::test]
async fn ui_04_a_token_for_another_api_of_another_key_or_of_another_form_is_unknown() {
    let elsewhere = signed(&claims("a"), &key(1));
    let others = signed(&for_api("a"), &key(2));
    let opaque = sealed(&for_api("a"), &keys(1));
    for token in [elsewhere, others, opaque, Secret::presented("a.b.c")] {
        let denied = checker_at(10).check(&token, &ScopeSet::empty()).await;
        assert_eq!(denied, Err(Denied::Unknown));
    }
}

#[tokio::test]
async fn jw_13_a_token_is_expired_when_no_clock_can_be_that_wrong() {
    let token = signed(&for_api("a"), &key(1));
    let at =
        async |seconds| checker_at(seconds).check(&token, &ScopeSet::empty()).await.map(|_| ());
    assert_eq!(at(LIFETIME + 29).await, Ok(()));
    assert_eq!(at(LIFETIME + 30).await, Err(Denied::Expired));
    assert_eq!(at(-31).await, Err(Denied::Unknown));
}

#[tokio::test]
async fn ui_04_a_token_that_was_ended_is_revoked_and_without_news_none_is_good() {
    let token = signed(&for_api("a"), &key(1));
    let with = |standing| checker_at(10).with_revocations(Told::that(standing));
    let check = async |standing| with(standing).check(&token, &ScopeSet::empty()).await.map(|_| ());
    assert_eq!(check(Standing::Good).await, Ok(()));
    assert_eq!(check(Standing::Revoked).await, Err(Denied::Revoked));
    assert_eq!(check(Standing::Unknown).await, Err(Denied::Unavailable));
}

#[tokio::test]
async fn a_token_without_one_of_the_scopes_is_told_all_that_are_needed() {
    let token = signed(&for_api("a b"), &key(1));
    let needed = ScopeSet::parse("a c").unwrap();
    let denied = checker_at(10).check(&token, &needed).await;
    assert_eq!(denied, Err(Denied::InsufficientScope(needed)));
}
