//! The list of what ended before its time (refusals CO-10, DB-13, RV-06, RV-08): whom an act ends, whom it
//! spares, and when it may be forgotten.

use std::time::Duration;

use hallpass_protocol::access_token::{Claims, RevocationList, TokenSubject};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClaimSet, Revocation, Revoked, Secret, Timestamp,
};
use hallpass_protocol::revoke;
use proptest::prelude::*;

use crate::properties::settled;
use crate::support::*;

const HOUR: Duration = Duration::from_secs(3600);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + millis)
}

fn authorization(seed: u8) -> AuthorizationId {
    AuthorizationId::mint(&mut Counted(seed), NOW)
}

fn ada() -> AccountId {
    account("ada", 50).id
}

/// A token for Ada, issued now; authorization and consent are those of seed 1 and 2.
fn token() -> Claims {
    Claims {
        client: app().id,
        subject: TokenSubject::Account(ada()),
        authorization: authorization(1),
        consent: Some(authorization(2)),
        scopes: scopes("streaming"),
        userinfo: ClaimSet::EMPTY,
        audience: ISSUER.to_owned(),
        issued_at: NOW,
        expires_at: NOW.plus(HOUR),
    }
}

fn list(acts: &[(Revoked, i64)]) -> RevocationList {
    let mut list = RevocationList::default();
    for (revoked, millis) in acts {
        let (revoked, at) = (revoked.clone(), at(*millis));
        list.add(&Revocation { revoked, at, until: at.plus(HOUR) });
    }
    list
}

/// A code for Ada, issued now on a remembered consent.
fn code() -> SealedCode {
    let (location, _) = Desk::opens().story.authorize(&ask_code(&[])).code();
    let code = Secret::presented(location.get("code").unwrap());
    SealedCode::open(&code, &Desk::opens().story.keys).unwrap()
}

/// TK-08: nothing is on record of it that an act could have taken away.
#[test]
fn tk_08_an_end_of_its_account_or_its_client_is_one_of_a_code_issued_before() {
    let code = code();
    let its_own = [Revoked::Account(code.code.account), Revoked::Client(code.code.client.clone())];
    for revoked in its_own {
        assert!(list(&[(revoked.clone(), 0)]).covers_code(&code), "{revoked:?}");
        assert!(!list(&[(revoked.clone(), -1)]).covers_code(&code), "{revoked:?}");
    }
    let others = [
        (Revoked::Account(account("grace", 60).id), 0),
        (Revoked::Client(client_id("another")), 0),
    ];
    assert!(!list(&others).covers_code(&code));
}

#[test]
fn a_list_without_acts_ends_nothing() {
    let list = RevocationList::default();
    assert!(list.is_empty() && !list.covers(&token()));
}

#[test]
fn an_authorization_and_a_consent_never_come_back() {
    for revoked in [Revoked::Authorization(authorization(1)), Revoked::Consent(authorization(2))] {
        for millis in [-1, 0, 1] {
            assert!(list(&[(revoked.clone(), millis)]).covers(&token()), "{revoked:?} {millis}");
        }
    }
}

#[test]
fn an_authorization_that_ended_is_known_by_its_id() {
    let list = list(&[
        (Revoked::Authorization(authorization(1)), 0),
        (Revoked::Consent(authorization(2)), 0),
    ]);
    assert!(list.has_ended(authorization(1)));
    assert!(!list.has_ended(authorization(2)) && !list.has_ended(authorization(3)));
}

#[test]
fn an_id_of_one_kind_says_nothing_about_another_kind() {
    for revoked in [
        Revoked::Authorization(authorization(2)),
        Revoked::Consent(authorization(1)),
        Revoked::Account(AccountId::from_uuid(*authorization(1).as_uuid())),
        Revoked::Client(client_id("another")),
    ] {
        assert!(!list(&[(revoked.clone(), 1)]).covers(&token()), "{revoked:?}");
    }
}

/// What is given again after it was taken away has another consent.
#[test]
fn co_10_a_withdrawn_consent_ends_its_tokens_and_not_those_of_the_next() {
    let list = list(&[(Revoked::Consent(authorization(2)), 0)]);
    assert!(list.covers(&token()));
    let again = Claims { consent: Some(authorization(3)), ..token() };
    assert!(!list.covers(&again));
}

#[test]
fn an_account_or_client_that_comes_back_has_lost_only_its_old_tokens() {
    for revoked in [Revoked::Account(ada()), Revoked::Client(app().id)] {
        assert!(list(&[(revoked.clone(), 1)]).covers(&token()), "{revoked:?}");
        assert!(list(&[(revoked.clone(), 0)]).covers(&token()), "{revoked:?} in this instant");
        assert!(!list(&[(revoked.clone(), -1)]).covers(&token()), "{revoked:?}");
    }
}

#[test]
fn a_clients_own_token_ends_with_the_client_and_not_with_anybodys_account() {
    let own = Claims { subject: TokenSubject::Client, consent: None, ..token() };
    assert!(!list(&[(Revoked::Account(ada()), 1)]).covers(&own));
    assert!(list(&[(Revoked::Client(app().id), 1)]).covers(&own));
}

/// Nodes hear of acts in different orders, and more than once.
#[test]
fn of_two_acts_about_the_same_the_later_counts_in_any_order() {
    let [early, late] = [-1, 1].map(|millis| (Revoked::Account(ada()), millis));
    for acts in [[early.clone(), late.clone()], [late.clone(), early.clone()]] {
        let mut list = list(&acts);
        assert!(list.covers(&token()));
        assert_eq!(list.len(), 1);
        list.forget_ended(at(0).plus(HOUR));
        assert!(list.covers(&token()), "the later act's end counts as well");
    }
}

#[test]
fn an_act_is_forgotten_with_its_last_millisecond() {
    let mut list = list(&[(Revoked::Account(ada()), 0)]);
    list.forget_ended(at(3_599_999));
    assert_eq!(list.len(), 1);
    list.forget_ended(at(3_600_000));
    assert!(list.is_empty());
}

fn act() -> impl Strategy<Value = (Revoked, i64)> {
    let revoked = prop_oneof![
        (0_u8..3).prop_map(|seed| Revoked::Authorization(authorization(seed))),
        (0_u8..3).prop_map(|seed| Revoked::Consent(authorization(seed))),
        (50_u8..52).prop_map(|seed| Revoked::Account(account("ada", seed).id)),
        prop_oneof![Just(CLIENT_ID), Just("another")].prop_map(|id| Revoked::Client(client_id(id))),
    ];
    (revoked, -3_i64..3)
}

proptest! {
    #![proptest_config(settled())]

    /// What the list says is what the acts say one by one.
    #[test]
    fn the_list_says_what_its_acts_say(acts in prop::collection::vec(act(), 0..12)) {
        let token = token();
        let is_ended = acts.iter().any(|(revoked, millis)| match revoked {
            Revoked::Authorization(id) => *id == token.authorization,
            Revoked::Consent(id) => Some(*id) == token.consent,
            Revoked::Account(id) => *id == ada() && *millis >= 0,
            Revoked::Client(id) => *id == token.client && *millis >= 0,
        });
        prop_assert_eq!(list(&acts).covers(&token), is_ended);
    }

    /// RV-08: no token comes back to life because its act was forgotten, not even one that a node whose
    /// clock is fast issued in the act's own moment.
    #[test]
    fn rv_08_forgetting_revives_no_token(
        lifetime in 60_u64..86_400, ahead in 0_u64..60, later in 0_u64..200_000,
    ) {
        let longest = Duration::from_secs(86_400);
        let issued_at = NOW.plus(Duration::from_secs(ahead));
        let expires_at = issued_at.plus(Duration::from_secs(lifetime));
        let token = Claims { issued_at, expires_at, ..token() };
        let mut list = RevocationList::default();
        list.add(&revoke::end(token.authorization, longest, NOW));
        let now = NOW.plus(Duration::from_secs(later));
        list.forget_ended(now);
        prop_assert!(token.is_expired(now) || list.covers(&token));
    }
}
