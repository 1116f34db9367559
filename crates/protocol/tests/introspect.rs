//! Introspection (RFC 7662): what a token is worth now. Of one that is worth nothing, nothing is said.

use hallpass_protocol::access_token::{self, Claims, TokenSubject};
use hallpass_protocol::introspect::{Facts, Introspection, decide};
use hallpass_protocol::model::{AccountStatus, AuthorizationId, ClientStatus, Consent, Timestamp};

use crate::support::*;

fn claims() -> Claims {
    Claims {
        client: app().id,
        subject: TokenSubject::Account(account("ada", 50).id),
        authorization: AuthorizationId::mint(&mut Counted(80), NOW),
        consent: Some(AuthorizationId::mint(&mut Counted(90), NOW)),
        scopes: scopes("user-top-read"),
        audience: ISSUER.to_owned(),
        issued_at: NOW,
        expires_at: Timestamp::from_seconds(NOW.seconds() + 3600),
    }
}

/// Everything is as it was when the token was issued.
fn facts() -> Facts {
    let claims = claims();
    let consent = Consent {
        account: account("ada", 50).id,
        client: claims.client,
        scopes: claims.scopes,
        authorization: claims.consent.unwrap(),
        given_at: NOW,
    };
    Facts {
        caller: Some(app()),
        client: Some(app()),
        account: Some(account("ada", 50)),
        consent: Some(consent),
    }
}

#[test]
fn a_good_token_is_active_and_says_whose_it_is() {
    let username = Some("ada".to_owned());
    let active = Introspection::Active { claims: claims(), username };
    assert_eq!(decide(claims(), &facts(), NOW), active);
}

#[test]
fn a_clients_own_token_needs_no_person() {
    let own = Claims { subject: TokenSubject::Client, consent: None, ..claims() };
    let facts = Facts { account: None, consent: None, ..facts() };
    let active = Introspection::Active { claims: own.clone(), username: None };
    assert_eq!(decide(own, &facts, NOW), active);
}

#[test]
fn in_03_a_token_ends_with_its_last_second() {
    let end = claims().expires_at;
    let last = Timestamp::from_millis(end.millis() - 1);
    assert_ne!(decide(claims(), &facts(), last), Introspection::Inactive);
    assert_eq!(decide(claims(), &facts(), end), Introspection::Inactive);
}

#[test]
fn in_03_a_token_ends_with_its_client_its_account_and_its_consent() {
    type Change = fn(&mut Facts);
    let changes: [(&str, Change); 10] = [
        ("the client was deleted", |facts| facts.client = None),
        ("the client was disabled", |facts| {
            facts.client.as_mut().unwrap().status = ClientStatus::Disabled;
        }),
        ("another client was read", |facts| {
            facts.client.as_mut().unwrap().id = client_id("another");
        }),
        ("the account was deleted", |facts| facts.account = None),
        ("the account was disabled", |facts| {
            facts.account.as_mut().unwrap().status = AccountStatus::Disabled;
        }),
        ("another account was read", |facts| facts.account = Some(account("eve", 60))),
        ("the consent was withdrawn", |facts| facts.consent = None),
        ("the consent was withdrawn and given again", |facts| {
            let again = AuthorizationId::mint(&mut Counted(91), NOW);
            facts.consent.as_mut().unwrap().authorization = again;
        }),
        ("another account's consent was read", |facts| {
            facts.consent.as_mut().unwrap().account = account("eve", 60).id;
        }),
        ("another client's consent was read", |facts| {
            facts.consent.as_mut().unwrap().client = client_id("another");
        }),
    ];
    for (what, change) in changes {
        let mut facts = facts();
        change(&mut facts);
        assert_eq!(decide(claims(), &facts, NOW), Introspection::Inactive, "{what}");
    }
    assert_eq!(decide(claims(), &Facts::default(), NOW), Introspection::Inactive);
}

#[test]
fn in_03_garbage_and_a_mebibyte_are_no_tokens_and_nothing_is_said_of_them() {
    let keys = keys(1);
    for text in [String::new(), "hpa_".into(), "hpa_AAAA".into(), "☃".into(), "A".repeat(1 << 20)]
    {
        assert_eq!(access_token::open(&text, &keys), Err(access_token::NotOurs));
    }
}
