//! People approve apps, from several browsers, while other things happen.

use std::future::Future;
use std::sync::Arc;

use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{
    Account, AccountStatus, AuthorizationId, Client, ClientStatus, Consent, Scope, ScopeSet,
    Session,
};

use crate::Page;

use super::actors::{
    AnyStore, END, LATER, NOW, app_of, approval, at_once, client_id, end_of, family, person,
    scopes, session_in, sign_in, sign_up, story, stranger,
};

/// What `session`'s account allows `client`, as the store has it.
async fn consent(store: &AnyStore, session: &Session, client: &Client) -> Option<Consent> {
    let page = Page { offset: 0, limit: 100 };
    let allowed = store.consents_of(session.account, page).await.unwrap().rows;
    allowed.into_iter().find(|one| one.client.id == client.id).map(|one| one.consent)
}

pub async fn the_first_approval_begins_the_family(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;

    let given = Approval { authorization: family(7), ..approval(&laptop, &tunes, "b a") };
    assert_eq!(store.record_approval(&given).await.unwrap(), Some(family(7)));
    let expected = Consent {
        account: ada.id,
        client: tunes.id.clone(),
        scopes: scopes("b a"),
        authorization: family(7),
        given_at: NOW,
    };
    assert_eq!(consent(&store, &laptop, &tunes).await, Some(expected));
}

pub async fn a_later_approval_widens_the_consent_and_keeps_the_family(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let phone = sign_in(&store, "phone", &ada).await;
    store.record_approval(&approval(&laptop, &tunes, "b a")).await.unwrap();

    let wider =
        Approval { authorization: family(2), given_at: LATER, ..approval(&phone, &tunes, "c a") };
    assert_eq!(store.record_approval(&wider).await.unwrap(), Some(family(1)));
    let narrower = approval(&laptop, &tunes, "a");
    assert_eq!(store.record_approval(&narrower).await.unwrap(), Some(family(1)));
    let remembered = consent(&store, &laptop, &tunes).await.unwrap();
    assert_eq!(remembered.scopes, scopes("b a c"));
    assert_eq!((remembered.authorization, remembered.given_at), (family(1), NOW));
}

pub async fn an_approval_of_no_scopes_is_remembered(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;

    assert_eq!(
        store.record_approval(&approval(&laptop, &tunes, "")).await.unwrap(),
        Some(family(1))
    );
    assert_eq!(consent(&store, &laptop, &tunes).await.unwrap().scopes, ScopeSet::empty());
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap();
    assert_eq!(consent(&store, &laptop, &tunes).await.unwrap().scopes, scopes("a"));
}

pub async fn a_consent_may_hold_more_scopes_than_one_request(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let long = "s".repeat(Scope::MAX_LENGTH - 3);
    let names: Vec<String> =
        (0..2 * ScopeSet::MAX_SCOPES).map(|number| format!("{long}{number:03}")).collect();

    for name in &names {
        store.record_approval(&approval(&laptop, &tunes, name)).await.unwrap().unwrap();
    }
    let remembered = consent(&store, &laptop, &tunes).await.unwrap();
    assert_eq!(remembered.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(), names);
}

pub async fn an_approval_counts_only_in_an_open_session(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;

    let too_late = Approval { given_at: END, ..approval(&laptop, &tunes, "a") };
    assert_eq!(store.record_approval(&too_late).await.unwrap(), None);
    let never_open = approval(&session_in("phone", &ada), &tunes, "a");
    assert_eq!(store.record_approval(&never_open).await.unwrap(), None);
    assert_eq!(consent(&store, &laptop, &tunes).await, None);

    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();
    store.close_session(&laptop.id, LATER).await.unwrap();
    assert_eq!(store.record_approval(&approval(&laptop, &tunes, "b")).await.unwrap(), None);
    assert_eq!(consent(&store, &laptop, &tunes).await.unwrap().scopes, scopes("a"));
}

pub async fn an_approval_counts_only_in_a_session_of_its_account(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;
    let ben = person(&store, "ben").await;
    let bens = sign_in(&store, "bens", &ben).await;

    let forged = Approval { account: ben.id, ..approval(&laptop, &tunes, "a") };
    assert_eq!(store.record_approval(&forged).await.unwrap(), None);
    assert_eq!(consent(&store, &laptop, &tunes).await, None);
    assert_eq!(consent(&store, &bens, &tunes).await, None);
}

pub async fn an_approval_counts_only_while_account_and_client_are_active(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;
    let shut = Client { status: ClientStatus::Disabled, ..app_of(&ada, "shut") };
    store.create_client(&shut).await.unwrap();
    let banned = Account { status: AccountStatus::Disabled, ..stranger("banned") };
    sign_up(&store, &banned).await;
    let banneds = sign_in(&store, "banneds", &banned).await;
    let unknown = Client { id: client_id("unknown"), ..tunes.clone() };

    for (session, client) in [(&laptop, &shut), (&banneds, &tunes), (&laptop, &unknown)] {
        let given = approval(session, client, "a");
        assert_eq!(store.record_approval(&given).await.unwrap(), None);
        assert_eq!(consent(&store, session, client).await, None);
    }
}

pub async fn a_hundred_approvals_at_once_are_one_family_with_all_scopes(store: AnyStore) {
    let (_, tunes, laptop) = story(&store).await;

    let answers = at_once(100, |number| approve(&store, &laptop, &tunes, number)).await;
    let remembered = consent(&store, &laptop, &tunes).await.unwrap();
    assert!(answers.iter().all(|(_, family)| *family == Some(remembered.authorization)));
    assert!(answers.iter().all(|(scope, _)| remembered.covers(scope)));
    assert_eq!(remembered.scopes.len(), 100);
}

/// One of many approvals, of its own scope and with its own family; what it was of and what it was
/// answered.
fn approve(
    store: &AnyStore,
    session: &Session,
    client: &Client,
    number: usize,
) -> impl Future<Output = (ScopeSet, Option<AuthorizationId>)> + use<> {
    let store = Arc::clone(store);
    let given = Approval {
        authorization: family(1 + number as u128),
        ..approval(session, client, &format!("scope{number}"))
    };
    async move {
        let answer = store.record_approval(&given).await.unwrap();
        (given.scopes, answer)
    }
}

/// Among the approvals of a race, the one that is sent after something has ended them all.
const AFTER: usize = 50;

pub async fn an_approval_that_races_a_sign_out_counts_if_and_only_if_it_was_answered(
    store: AnyStore,
) {
    let (_, tunes, laptop) = story(&store).await;

    let answers = at_once(100, |number| {
        let (store, id) = (Arc::clone(&store), laptop.id);
        let approve = approve(&store, &laptop, &tunes, number);
        async move {
            if number == AFTER {
                store.close_session(&id, LATER).await.unwrap();
                assert_eq!(store.session(&id).await.unwrap(), None);
            }
            (number, approve.await)
        }
    })
    .await;

    let remembered = consent(&store, &laptop, &tunes).await;
    let remembered = remembered.map(|consent| consent.scopes).unwrap_or_default();
    for (number, (scope, answer)) in answers {
        let is_remembered = scope.iter().all(|scope| remembered.contains(scope));
        assert_eq!(is_remembered, answer.is_some(), "{scope}");
        assert!(number != AFTER || answer.is_none(), "after the sign-out nothing counts");
    }
}

pub async fn an_approval_that_races_the_deletion_of_its_client_leaves_nothing(store: AnyStore) {
    let (ada, tunes, laptop) = story(&store).await;

    let answers = at_once(100, |number| {
        let (store, owner, client) = (Arc::clone(&store), ada.id, tunes.clone());
        let approve = approve(&store, &laptop, &tunes, number);
        async move {
            if number == AFTER {
                let end = end_of(&client);
                assert!(store.delete_client(owner, &client.id, &end).await.unwrap());
            }
            (number, approve.await)
        }
    })
    .await;

    let after = answers.iter().find(|(number, _)| *number == AFTER);
    assert_eq!(after.unwrap().1.1, None);
    // Would a consent have outlived its client, a new client of the same id would inherit it.
    store.create_client(&tunes).await.unwrap();
    assert_eq!(consent(&store, &laptop, &tunes).await, None);
}
