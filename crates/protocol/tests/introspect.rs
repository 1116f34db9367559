//! Introspection (RFC 7662): what a token is worth now. Of one that is worth nothing, nothing is said.

use hallpass_protocol::access_token::{self, Claims, RevocationList, TokenSubject};
use hallpass_protocol::introspect::{Introspection, decide};
use hallpass_protocol::model::{AuthorizationId, ClaimSet, Revocation, Revoked, Timestamp};

use crate::support::*;

fn claims() -> Claims {
    Claims {
        client: app().id,
        subject: TokenSubject::Account(account("ada", 50).id),
        authorization: AuthorizationId::mint(&mut Counted(80), NOW),
        consent: Some(AuthorizationId::mint(&mut Counted(90), NOW)),
        scopes: scopes("user-top-read"),
        userinfo: ClaimSet::EMPTY,
        audience: ISSUER.to_owned(),
        issued_at: NOW,
        expires_at: after(3600),
    }
}

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + seconds)
}

/// The list on which only this stands, ended at `at`.
fn ended(revoked: Revoked, at: Timestamp) -> RevocationList {
    let mut list = RevocationList::default();
    list.add(&Revocation { revoked, at, until: after(90_000) });
    list
}

#[test]
fn a_good_token_is_active_and_says_whose_it_is() {
    let own = Claims { subject: TokenSubject::Client, consent: None, ..claims() };
    for claims in [claims(), own] {
        let told = decide(claims.clone(), &RevocationList::default(), NOW);
        assert_eq!(told, Introspection::Active(claims));
    }
}

#[test]
fn in_03_a_token_ends_with_its_last_second() {
    let end = claims().expires_at;
    let last = Timestamp::from_millis(end.millis() - 1);
    let nothing = RevocationList::default();
    assert_ne!(decide(claims(), &nothing, last), Introspection::Inactive);
    assert_eq!(decide(claims(), &nothing, end), Introspection::Inactive);
}

#[test]
fn in_03_a_token_ends_with_its_client_its_account_its_consent_and_its_authorization() {
    let Claims { client, authorization, consent, .. } = claims();
    for revoked in [
        Revoked::Client(client),
        Revoked::Account(account("ada", 50).id),
        Revoked::Consent(consent.unwrap()),
        Revoked::Authorization(authorization),
    ] {
        let list = ended(revoked.clone(), after(5));
        assert_eq!(decide(claims(), &list, after(5)), Introspection::Inactive, "{revoked:?}");
    }
}

#[test]
fn in_03_a_token_does_not_end_with_somebody_elses() {
    let another = AuthorizationId::mint(&mut Counted(91), NOW);
    for revoked in [
        Revoked::Client(client_id("another")),
        Revoked::Account(account("eve", 60).id),
        Revoked::Consent(another),
        Revoked::Authorization(another),
    ] {
        let list = ended(revoked.clone(), after(5));
        assert_ne!(decide(claims(), &list, after(5)), Introspection::Inactive, "{revoked:?}");
    }
}

#[test]
fn in_03_garbage_and_a_mebibyte_are_no_tokens_and_nothing_is_said_of_them() {
    let keys = keys(1);
    for text in [String::new(), "hpa_".into(), "hpa_AAAA".into(), "☃".into(), "A".repeat(1 << 20)]
    {
        assert_eq!(access_token::open(&text, &keys), Err(access_token::NotOurs));
    }
}
