//! An operator's file is taken over whole, or not at all.

use hallpass_protocol::authorize::CodeRecord;
use hallpass_protocol::model::{
    Account, AccountStatus, AllowedScopes, Api, ApiIdentifier, Client, ClientStatus, ClientType,
    PkceRule, Revoked, ScopeDefinition, ScopeGroup, Secret, SignatureAlgorithm, Timestamp,
    TokenFormat, Username,
};

use super::actors::{
    AnyStore, LATER, NOW, address, app, app_of, approval, client_id, code, end, exchange,
    exchanged, family, openid_settings, password_hash, person, redirect_uri, revocations, rotation,
    scope_definition, scopes, sign_in, stranger,
};
use crate::{Declaration, Declared, Identifier, Outcome};

fn declared(account: &Account) -> (Account, String) {
    (account.clone(), password_hash(account))
}

fn of_accounts<const N: usize>(accounts: [&Account; N]) -> Declaration {
    Declaration { accounts: accounts.map(declared).to_vec(), ..Declaration::new(NOW) }
}

/// Whether the store holds nothing of what `declaration` would bring.
async fn nothing_came(store: &AnyStore, declaration: &Declaration) {
    for (account, _) in &declaration.accounts {
        let stored = store.account(account.id).await.unwrap();
        assert_ne!(stored.as_ref(), Some(account));
    }
    for client in &declaration.clients {
        assert_eq!(store.client(&client.id).await.unwrap(), None);
    }
    assert_eq!(store.scopes().await.unwrap(), []);
}

pub async fn what_is_not_there_is_added(store: AnyStore) {
    let ada = stranger("ada");
    let declaration = Declaration {
        accounts: vec![declared(&ada)],
        scopes: vec![scope_definition("b", "see b"), scope_definition("a", "see a")],
        clients: vec![app_of(&ada, "tunes"), app_of(&ada, "other")],
        ..Declaration::new(NOW)
    };
    assert_eq!(store.declare(&Declaration::new(NOW)).await.unwrap(), Declared::Applied);
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);

    let by_name = Identifier::Username(ada.username.clone());
    let credentials = store.credentials(&by_name).await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, password_hash(&ada));
    assert_eq!(credentials.account, ada);
    for client in &declaration.clients {
        assert_eq!(store.client(&client.id).await.unwrap().as_ref(), Some(client));
    }
    assert_eq!(store.scopes().await.unwrap(), declaration.scopes);
}

pub async fn what_is_there_is_replaced_and_keeps_its_date(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let tunes = app(&store, &ada, "tunes").await;

    let new_ada = Account {
        username: Username::parse("Countess").unwrap(),
        email: address("countess@example.com"),
        status: AccountStatus::Disabled,
        ..ada.clone()
    };
    let new_tunes = Client {
        client_type: ClientType::Confidential {
            secrets: vec![Secret::presented("secret").digest()],
        },
        name: "New".to_owned(),
        owner: ben.id,
        owner_name: ben.username.to_string(),
        redirect_uris: vec![redirect_uri("https://new.example/")],
        scopes: AllowedScopes::Only(scopes("partner")),
        pkce: PkceRule::IfSent,
        openid: openid_settings(),
        status: ClientStatus::Disabled,
        ..tunes
    };
    let declaration = Declaration {
        accounts: vec![(Account { created_at: LATER, ..new_ada.clone() }, "new hash".to_owned())],
        scopes: vec![],
        clients: vec![Client { created_at: LATER, ..new_tunes.clone() }],
        ..Declaration::new(LATER)
    };
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);

    let by_name = Identifier::Username(new_ada.username.clone());
    let credentials = store.credentials(&by_name).await.unwrap().unwrap();
    assert_eq!((credentials.account, &*credentials.password_hash), (new_ada, "new hash"));
    let by_old_name = Identifier::Username(ada.username);
    assert_eq!(store.credentials(&by_old_name).await.unwrap(), None);
    assert_eq!(store.client(&new_tunes.id).await.unwrap(), Some(new_tunes));
}

pub async fn what_a_file_ends_has_ended_with_it(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let used = exchanged(&store, &laptop, &tunes, 1).await;
    let act = end(Revoked::Account(ada.id));
    let shut = Account { status: AccountStatus::Disabled, ..ada };
    let declaration = Declaration { revocations: vec![act.clone()], ..of_accounts([&shut]) };
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);
    let acts = revocations(&store, 0).await;
    assert_eq!(acts.into_iter().map(|(_, act)| act).collect::<Vec<_>>(), [act]);
    assert_eq!(store.rotate(&rotation(&used, 0)).await.unwrap(), Outcome::Gone);
}

pub async fn what_is_not_named_stays(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let ben = stranger("ben");

    let declaration = Declaration { clients: vec![app_of(&ben, "bens")], ..of_accounts([&ben]) };
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);
    assert_eq!(store.account(ada.id).await.unwrap(), Some(ada));
    assert_eq!(store.client(&tunes.id).await.unwrap(), Some(tunes));
}

pub async fn consents_and_sessions_outlive_a_declaration(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    store.record_approval(&approval(&laptop, &tunes, "a")).await.unwrap().unwrap();

    let declaration = Declaration { clients: vec![tunes.clone()], ..of_accounts([&ada]) };
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);
    let facts = store.authorization_facts(&tunes.id, Some(&laptop.id)).await.unwrap();
    assert_eq!(facts.signed_in.unwrap().session, laptop);
    assert_eq!(facts.consent.unwrap().authorization, family(1));
}

pub async fn scopes_keep_the_order_of_their_first_declaration(store: AnyStore) {
    let of_scopes = |scopes: &[ScopeDefinition]| Declaration {
        scopes: scopes.to_vec(),
        ..Declaration::new(NOW)
    };
    let [c, a, b] = ["c", "a", "b"].map(|name| scope_definition(name, "see something"));
    store.declare(&of_scopes(&[c.clone(), a])).await.unwrap();

    let new_a =
        ScopeDefinition { group: ScopeGroup::Partner, ..scope_definition("a", "see \u{1f3b5}") };
    store.declare(&of_scopes(&[b.clone(), new_a.clone()])).await.unwrap();
    assert_eq!(store.scopes().await.unwrap(), [c, new_a, b]);
}

pub async fn a_name_of_somebody_else_changes_nothing(store: AnyStore) {
    person(&store, "ada").await;
    let ben = stranger("ben");
    let cleo = Account { username: Username::parse("ADA").unwrap(), ..stranger("cleo") };
    let declaration = Declaration {
        scopes: vec![scope_definition("a", "see a")],
        clients: vec![app_of(&ben, "tunes")],
        ..of_accounts([&ben, &cleo])
    };

    let answer = store.declare(&declaration).await.unwrap();
    assert_eq!(answer, Declared::UsernameTaken(cleo.id));
    nothing_came(&store, &declaration).await;
}

pub async fn an_address_of_somebody_else_changes_nothing(store: AnyStore) {
    person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let new_ben = Account { email: address("ADA@example.com"), ..ben.clone() };
    let declaration = Declaration {
        scopes: vec![scope_definition("a", "see a")],
        clients: vec![app_of(&ben, "tunes")],
        ..of_accounts([&new_ben])
    };

    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::EmailTaken(ben.id));
    nothing_came(&store, &declaration).await;
    let by_name = Identifier::Username(ben.username.clone());
    assert_eq!(store.credentials(&by_name).await.unwrap().unwrap().account, ben);
}

pub async fn two_accounts_with_one_name_change_nothing(store: AnyStore) {
    let ada = stranger("ada");
    let namesake = Account { username: Username::parse("Ada").unwrap(), ..stranger("namesake") };
    let housemate = Account { email: address("Ada@example.com"), ..stranger("housemate") };

    let declaration = of_accounts([&ada, &namesake]);
    let answer = store.declare(&declaration).await.unwrap();
    assert_eq!(answer, Declared::UsernameTaken(namesake.id));
    nothing_came(&store, &declaration).await;

    let declaration = of_accounts([&ada, &housemate]);
    let answer = store.declare(&declaration).await.unwrap();
    assert_eq!(answer, Declared::EmailTaken(housemate.id));
    nothing_came(&store, &declaration).await;
}

pub async fn accounts_may_swap_their_names(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let ben = person(&store, "ben").await;
    let new_ada =
        Account { username: ben.username.clone(), email: ben.email.clone(), ..ada.clone() };
    let new_ben = Account { username: ada.username, email: ada.email, ..ben };

    let declaration = of_accounts([&new_ada, &new_ben]);
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);
    for account in [new_ada, new_ben] {
        let by_name = Identifier::Username(account.username.clone());
        assert_eq!(store.credentials(&by_name).await.unwrap().unwrap().account, account);
        let by_address = Identifier::Email(account.email.clone());
        assert_eq!(store.credentials(&by_address).await.unwrap().unwrap().account, account);
    }
}

pub async fn a_client_of_nobody_changes_nothing(store: AnyStore) {
    let ada = stranger("ada");
    let orphan =
        Client { created_at: Timestamp::from_millis(0), ..app_of(&stranger("x"), "orphan") };
    let declaration = Declaration {
        scopes: vec![scope_definition("a", "see a")],
        clients: vec![app_of(&ada, "tunes"), orphan],
        ..of_accounts([&ada])
    };

    assert!(store.declare(&declaration).await.is_err());
    nothing_came(&store, &declaration).await;
    assert_eq!(store.client(&client_id("tunes")).await.unwrap(), None);
}

pub async fn an_api_comes_back_and_is_replaced_by_its_identifier(store: AnyStore) {
    let api = |identifier: &str, format| Api {
        identifier: ApiIdentifier::parse(identifier).unwrap(),
        format,
        scopes: scopes("a b"),
        introspector: Some(client_id("radio")),
    };
    let of_apis = |apis: &[Api]| Declaration { apis: apis.to_vec(), ..Declaration::new(NOW) };
    let formats = SignatureAlgorithm::ALL.map(TokenFormat::Jwt);
    let declared = [
        api("https://a.example", TokenFormat::Opaque),
        api("https://b.example", formats[0]),
        api("https://c.example/v1?x=y", formats[1]),
        api("urn:example:d", formats[2]),
    ];
    assert_eq!(store.apis().await.unwrap(), []);
    store.declare(&of_apis(&declared)).await.unwrap();
    assert_eq!(store.apis().await.unwrap(), declared);

    let [mut first, rest @ ..] = declared;
    first = Api { introspector: None, scopes: scopes(""), ..first };
    store.declare(&of_apis(&[first.clone()])).await.unwrap();
    assert_eq!(store.apis().await.unwrap(), [vec![first], rest.to_vec()].concat());
}

pub async fn a_code_and_its_family_keep_the_api_that_they_are_for(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let tunes = app(&store, &ada, "tunes").await;
    let laptop = sign_in(&store, "laptop", &ada).await;
    let api = ApiIdentifier::parse("https://api.example").unwrap();
    let record = CodeRecord { resource: Some(api.clone()), ..code(&laptop, &tunes, "a b", 1) };
    assert!(store.record_code(&record).await.unwrap());
    let facts = store.code_facts(&tunes.id, &record.key).await.unwrap();
    assert_eq!(facts.code.unwrap().resource, Some(api.clone()));
    assert_eq!(store.redeem_code(&exchange(&record)).await.unwrap(), Outcome::Done);
    let facts = store.refresh_facts(&tunes.id, record.authorization).await.unwrap();
    assert_eq!(facts.family.unwrap().resource, Some(api));
}
