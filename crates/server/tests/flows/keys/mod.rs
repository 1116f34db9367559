//! Keys change, and nobody notices; or one is revoked, and what it made is refused. Names that begin with
//! an id are rows of the list of refusals.

pub(crate) mod verifier;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use hallpass::config::Settings;
use hallpass::keyring::{Ended, KeyRow, KeyringProblem};
use hallpass::signing;
use hallpass_guard::{Checker, ClientId, Denied, Feed, FeedEndpoint, ScopeSet, Secret};
use hallpass_protocol::model::{JWKS_MAX_AGE, KeyId, KeyPurpose, SignatureAlgorithm, Timestamp};
use serde_json::Value;

use crate::support::{
    APIS, ISSUER, NIGHT_TRAIN, NIGHT_TRAIN_SECRET, Setup, Sharing, TestServer, Wire, link,
};
use verifier::Verifier;

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);
const SIGNING_APIS: [&str; 3] =
    ["https://music.example", "https://video.example", "https://old.example"];

/// Keys last a day, and so do tokens.
fn daily() -> Settings {
    Settings { key_lifetime: Some(86_400), token_lifetime: Some(86_400), ..Settings::default() }
}

async fn server() -> TestServer {
    TestServer::with_settings(daily()).await
}

/// A signed token for this API.
async fn token(server: &TestServer, api: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", "history"), ("resource", api)];
    let answer = server.turntable().post("/token", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

async fn keys(server: &TestServer) -> Vec<KeyRow> {
    server.node.change_keys(async |keyring| keyring.list().await).await.unwrap()
}

/// The id of the key that is in use for this.
async fn active(server: &TestServer, purpose: &str) -> KeyId {
    let keys = keys(server).await;
    let is_it = |key: &&KeyRow| key.purpose == purpose && key.state == "active";
    KeyId::parse(&keys.iter().find(is_it).unwrap().id).unwrap()
}

async fn revoke(server: &TestServer, purpose: &str) -> Ended {
    let id = active(server, purpose).await;
    server.node.change_keys(async |keyring| keyring.revoke(id).await).await.unwrap()
}

/// A day has almost passed when upkeep comes: the next keys are made, and a little later in use.
async fn rotate(server: &TestServer) {
    server.wait(DAY - 3 * MINUTE);
    server.node.keep_keys().await.unwrap();
    server.wait(8 * MINUTE);
}

/// The next RSA key is there already, for a time that never comes: making twenty of them would take longer
/// than the rest of a story that is about other keys.
async fn never_rsa_again(server: &TestServer) {
    let newest = active(server, "sign-rs256").await;
    let at = server.now().plus(DAY * 3_650);
    let added = server.node.change_keys(async |keyring| {
        let key = signing::make_key(SignatureAlgorithm::Rs256, keyring.master, at)?;
        Ok(keyring.store.add_key(&key, newest).await?)
    });
    assert!(added.await.unwrap());
}

fn published(answer: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(answer).unwrap()["keys"].as_array().unwrap().clone()
}

/// Two nodes, whose clocks differ by a minute, change all keys twice while an independent verifier goes on
/// with a copy of the published keys for as long as it may, made in the worst moment: just before the next
/// key is. It verifies each token as it comes, and again at the end of its life.
#[tokio::test]
async fn ds_05_a_verifier_never_fails_while_keys_change() {
    const QUIET: Duration = Duration::from_secs(3_600);
    const STEP: Duration = Duration::from_secs(53);
    let setup = Setup { settings: daily(), sharing: Sharing::WithOthers, ..Setup::default() };
    let one = TestServer::with(setup).await;
    drop(one.beside_with(APIS).await);
    let nodes = [&one, &one.beside(one.now().plus(MINUTE)).await];
    let (mut verifier, mut issued) = (Verifier::default(), VecDeque::new());
    let mut seen = BTreeSet::new();
    for hour in 0..66 {
        verifier.read_anew(nodes[hour % 2]).await;
        nodes[hour / 2 % 2].node.keep_keys().await.unwrap();
        let is_coming = keys(&one).await.iter().any(|key| key.state == "coming");
        let steps = if is_coming { vec![STEP; 12] } else { vec![QUIET] };
        for (step, pause) in steps.into_iter().enumerate() {
            for node in nodes {
                node.wait(pause);
                node.follow().await.unwrap();
            }
            for api in SIGNING_APIS {
                let token = token(nodes[step % 2], api).await;
                seen.insert(verifier.verify(nodes[step / 2 % 2], &token, api).await);
                issued.push_back((one.now(), token, api));
            }
            while let Some((at, token, api)) = issued.front()
                && at.plus(DAY) <= one.now().plus(QUIET)
            {
                verifier.verify(nodes[hour % 2], token, api).await;
                issued.pop_front();
            }
        }
    }
    assert_eq!(seen.len(), 9, "of each algorithm the first, the second and the third key");
    let left = published(&one.browser().get("/jwks").await.body).len();
    assert!(left <= 6, "{left} keys are published: those that are over are gone");
}

#[tokio::test]
async fn ds_05_a_key_is_published_for_the_caching_time_before_it_signs() {
    let server = server().await;
    server.wait(DAY - 3 * MINUTE);
    server.node.keep_keys().await.unwrap();
    let answer = server.browser().get("/jwks").await;
    assert_eq!(
        answer.header("cache-control"),
        Some(&*format!("public, max-age={}", JWKS_MAX_AGE.as_secs()))
    );
    assert_eq!(published(&answer.body).len(), 6, "of each algorithm this one and the next");
    let signing = |server: &TestServer| {
        let signers = server.node.app();
        hallpass_protocol::jose::Signer::key_id(signers.signers.own(server.now()))
    };
    let first = signing(&server);
    server.wait(JWKS_MAX_AGE);
    assert_eq!(signing(&server), first);
    server.wait(JWKS_MAX_AGE);
    assert_ne!(signing(&server), first);
}

#[tokio::test]
async fn ds_04_each_published_key_has_a_name_of_its_own_an_algorithm_and_a_use() {
    let server = server().await.restarted_with(APIS).await;
    for _ in 0..3 {
        rotate(&server).await;
    }
    let keys = published(&server.browser().get("/jwks").await.body);
    assert!(keys.len() > 3, "{keys:?}");
    let names: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(names.len(), keys.len());
    for key in &keys {
        assert!(["EdDSA", "ES256", "RS256"].contains(&key["alg"].as_str().unwrap()));
        assert_eq!(key["use"], "sig");
    }
}

#[tokio::test]
async fn tokens_and_pages_outlast_a_change_of_keys() {
    let server = server().await;
    let client = server.turntable();
    let mut ada = server.browser_of("ada").await;
    let tokens = client.tokens(&mut ada, "email").await;
    server.wait(DAY - 3 * MINUTE);
    server.node.keep_keys().await.unwrap();
    server.wait(2 * MINUTE);
    let page = ada.get(&link(&[("scope", "email history")])).await;
    assert!(server.is_good(&tokens.access).await);

    let before = keys(&server).await;
    server.wait(6 * MINUTE);
    let active = |keys: &[KeyRow]| -> Vec<String> {
        let is_rotated = |key: &&KeyRow| key.purpose != "pairwise-subject";
        let active = keys.iter().filter(|key| key.state == "active").filter(is_rotated);
        active.map(|key| key.id.clone()).collect()
    };
    let after = keys(&server).await;
    assert!(active(&before).iter().all(|id| !active(&after).contains(id)), "{after:?}");

    let landing = ada.agree(&page).await.landing();
    assert!(server.is_good(landing.fragment("access_token").unwrap()).await);
    let next = client.refresh(tokens.refresh()).await.tokens();
    assert!(server.is_good(&next.access).await);
    // The answer was lost: the token of the retired key is sent once more.
    let again = client.refresh(tokens.refresh()).await.tokens();
    assert_eq!(again.refresh(), next.refresh());
}

#[tokio::test]
async fn an_old_refresh_token_is_good_after_many_changes_of_keys() {
    let server = server().await;
    never_rsa_again(&server).await;
    let client = server.turntable();
    let mut ada = server.browser_of("ada").await;
    let tokens = client.tokens(&mut ada, "email").await;
    for _ in 0..20 {
        rotate(&server).await;
    }
    let next = client.refresh(tokens.refresh()).await.tokens();
    assert!(server.is_good(&next.access).await);
    let keys = keys(&server).await;
    let of = |purpose: &str| keys.iter().filter(|key| key.purpose == purpose).count();
    assert_eq!(of("refresh-token"), 21, "as long as an unused token can live");
    assert!(of("access-token") <= 3 && of("form") <= 3, "{keys:?}");
}

#[tokio::test]
async fn a_revoked_key_takes_with_it_what_it_made_and_nothing_else() {
    const VIDEO: &str = "https://video.example";
    let server = server().await.restarted_with(APIS).await;
    let client = server.turntable();
    let is_good = async |token: &str| {
        let told = server.turntable().post("/introspect", &[("token", token)]).await;
        told.json()["active"] == true
    };
    let mut ada = server.browser_of("ada").await;
    let tokens = client.tokens(&mut ada, "email").await;
    let signed = token(&server, VIDEO).await;
    assert!(is_good(&tokens.access).await && is_good(&signed).await);

    let ended = revoke(&server, "access-token").await;
    assert_eq!(ended.successor.unwrap().state, "active");
    assert!(!is_good(&tokens.access).await && is_good(&signed).await);
    let next = client.refresh(tokens.refresh()).await.tokens();
    assert!(is_good(&next.access).await);

    revoke(&server, "sign-es256").await;
    assert!(!is_good(&signed).await && is_good(&next.access).await);
    assert!(is_good(&token(&server, VIDEO).await).await);

    revoke(&server, "refresh-token").await;
    client.refresh(next.refresh()).await.assert_refused("invalid_grant", "Invalid refresh token");

    let page = ada.get(&link(&[("scope", "history")])).await;
    revoke(&server, "form").await;
    ada.agree(&page).await.assert_page(403, "This page is out of date");
}

#[tokio::test]
async fn a_key_that_is_coming_or_retired_is_revoked_without_a_successor() {
    let server = server().await;
    server.wait(DAY - 3 * MINUTE);
    server.node.keep_keys().await.unwrap();
    for state in ["coming", "active"] {
        let key = keys(&server).await.into_iter().find(|key| key.state == state).unwrap();
        let id = KeyId::parse(&key.id).unwrap();
        let ended =
            server.node.change_keys(async |keyring| keyring.revoke(id).await).await.unwrap();
        assert_eq!((ended.key, ended.successor.is_some()), (key, state == "active"));
        let again = server.node.change_keys(async |keyring| keyring.revoke(id).await).await;
        assert!(again.unwrap_err().to_string().contains("there is no key"));
    }
}

/// With another key every app of pairwise subjects would take its people for somebody new.
#[tokio::test]
async fn the_key_of_pairwise_subjects_is_one_for_ever() {
    let server = server().await;
    never_rsa_again(&server).await;
    let key = active(&server, "pairwise-subject").await;
    for _ in 0..2 {
        rotate(&server).await;
    }
    let kept: Vec<_> = keys(&server).await;
    let kept: Vec<_> = kept.iter().filter(|key| key.purpose == "pairwise-subject").collect();
    let [kept] = kept[..] else { panic!("one key: {kept:?}") };
    assert_eq!((&*kept.id, &*kept.state, &kept.until), (&*key.to_string(), "active", &None));

    let purposes = [KeyPurpose::PairwiseSubject, KeyPurpose::Form];
    let before = keys(&server).await;
    let rotated = server.node.change_keys(async |keyring| keyring.rotate(&purposes).await).await;
    let revoked = server.node.change_keys(async |keyring| keyring.revoke(key).await).await;
    for problem in [rotated.unwrap_err(), revoked.unwrap_err()] {
        assert!(matches!(problem, KeyringProblem::ForEver(_)), "{problem:?}");
        assert!(problem.to_string().contains("the pairwise-subject key is one for ever"));
    }
    assert_eq!(keys(&server).await, before, "nothing was changed");
}

#[tokio::test]
async fn a_revoked_key_is_refused_on_the_other_node_when_it_has_heard() {
    let setup = Setup { settings: daily(), sharing: Sharing::WithOthers, ..Setup::default() };
    let one = TestServer::with(setup).await;
    let other = one.beside(one.now()).await;
    let mut ada = other.browser_of("ada").await;
    let tokens = other.turntable().tokens(&mut ada, "email").await;
    revoke(&one, "access-token").await;
    assert!(!one.is_good(&tokens.access).await);
    other.follow().await.unwrap();
    assert!(!other.is_good(&tokens.access).await);
}

#[tokio::test]
async fn rv_08_a_guard_that_follows_forgets_a_revoked_key_and_knows_its_successor() {
    let server = server().await.restarted_with(APIS).await;
    let wire = Wire::open(server.router.clone(), 100).await;
    let now: Timestamp = server.now();
    let endpoint = FeedEndpoint {
        revocations_url: format!("http://{}/revocations", wire.address),
        jwks_url: format!("http://{}/jwks", wire.address),
        issuer: ISSUER.to_owned(),
        client_id: ClientId::parse(NIGHT_TRAIN).unwrap(),
        client_secret: Secret::presented(NIGHT_TRAIN_SECRET),
    };
    let feed = Feed::follow(endpoint, move || now).unwrap();
    let checker = Checker::with_feed(feed.clone(), "https://video.example", move || now);
    let check = async |token: &str| {
        checker.check(&Secret::presented(token), &ScopeSet::empty()).await.map(|_| ())
    };
    let old = token(&server, "https://video.example").await;
    feed.heard().await;
    assert_eq!(check(&old).await, Ok(()));

    // Another key than the one that signs the feed, and then that one too.
    for purpose in ["sign-es256", "sign-ed25519"] {
        revoke(&server, purpose).await;
        let new = token(&server, "https://video.example").await;
        // The answer that was under way, the one that tells of it, and one more.
        for _ in 0..3 {
            feed.heard().await;
        }
        assert_eq!((check(&old).await, check(&new).await), (Err(Denied::Unknown), Ok(())));
    }
}

#[tokio::test]
async fn st_01_no_key_lies_in_the_database_in_clear() {
    let server = server().await.restarted_with(APIS).await;
    rotate(&server).await;
    let stored = server.store().keys().await.unwrap();
    assert!(stored.len() > 6);
    let app = server.node.app();
    for signing in app.keys.signing() {
        let sealed = &stored.iter().find(|key| key.id == signing.id).unwrap().sealed;
        assert!(!sealed.windows(16).any(|part| signing.pkcs8.windows(16).any(|own| own == part)));
    }
}
