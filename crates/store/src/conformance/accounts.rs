//! People sign up and are found again.

use std::sync::Arc;

use hallpass_protocol::model::{AccountStatus, Username};

use super::actors::{
    AnyStore, address, at_once, password_hash, person, sign_in, sign_up, stranger,
};
use crate::{AccountCreation, Identifier};

pub async fn an_account_is_found_by_its_id_its_name_and_its_address(store: AnyStore) {
    let ada = person(&store, "Ada").await;
    person(&store, "Ben").await;

    assert_eq!(store.account(ada.id).await.unwrap(), Some(ada.clone()));
    for identifier in
        [Identifier::Username(ada.username.clone()), Identifier::Email(ada.email.clone())]
    {
        let found = store.credentials(&identifier).await.unwrap().unwrap();
        assert_eq!(found.account, ada);
        assert_eq!(found.password_hash, password_hash(&ada));
    }

    let nobody = stranger("Nobody");
    assert_eq!(store.account(nobody.id).await.unwrap(), None);
    for identifier in [Identifier::Username(nobody.username), Identifier::Email(nobody.email)] {
        assert_eq!(store.credentials(&identifier).await.unwrap(), None);
    }
}

pub async fn names_and_addresses_are_compared_without_case(store: AnyStore) {
    let ada = person(&store, "Ada").await;

    let by_name = Identifier::Username(Username::parse("aDA").unwrap());
    let by_address = Identifier::Email(address("ADA@Example.COM"));
    for identifier in [by_name, by_address] {
        let found = store.credentials(&identifier).await.unwrap().unwrap();
        assert_eq!(found.account, ada, "what is shown is what its owner wrote");
    }
}

pub async fn a_taken_name_or_address_stores_nothing(store: AnyStore) {
    let ada = person(&store, "ada").await;

    let mut namesake = stranger("somebody");
    namesake.username = Username::parse("ADA").unwrap();
    let creation = store.create_account(&namesake, "hash").await.unwrap();
    assert_eq!(creation, AccountCreation::UsernameTaken);

    let mut housemate = stranger("housemate");
    housemate.email = address("ADA@example.com");
    let creation = store.create_account(&housemate, "hash").await.unwrap();
    assert_eq!(creation, AccountCreation::EmailTaken);

    for refused in [namesake, housemate] {
        assert_eq!(store.account(refused.id).await.unwrap(), None);
    }
    let somebody = Identifier::Email(address("somebody@example.com"));
    assert_eq!(store.credentials(&somebody).await.unwrap(), None);
    let housemate = Identifier::Username(Username::parse("housemate").unwrap());
    assert_eq!(store.credentials(&housemate).await.unwrap(), None);
    let ada_again = store.credentials(&Identifier::Username(ada.username.clone())).await.unwrap();
    assert_eq!(ada_again.unwrap().password_hash, password_hash(&ada));
}

pub async fn the_status_of_an_account_comes_back(store: AnyStore) {
    let mut ada = stranger("ada");
    ada.status = AccountStatus::Disabled;
    sign_up(&store, &ada).await;
    let laptop = sign_in(&store, "laptop", &ada).await;

    assert_eq!(store.account(ada.id).await.unwrap(), Some(ada.clone()));
    let credentials = store.credentials(&Identifier::Username(ada.username.clone())).await.unwrap();
    assert_eq!(credentials.unwrap().account, ada);
    assert_eq!(store.session(&laptop.id).await.unwrap().unwrap().account, ada);
}

pub async fn st_10_of_a_hundred_people_who_want_one_name_one_gets_it(store: AnyStore) {
    let creations = at_once(100, |number| {
        let store = Arc::clone(&store);
        async move {
            let mut somebody = stranger(&format!("person{number}"));
            let name = if number % 2 == 0 { "ada" } else { "ADA" };
            somebody.username = Username::parse(name).unwrap();
            (somebody.id, store.create_account(&somebody, "hash").await.unwrap())
        }
    })
    .await;

    let winners: Vec<_> =
        creations.iter().filter(|(_, creation)| *creation == AccountCreation::Created).collect();
    let [(winner, _)] = winners[..] else { panic!("one wins, not {}", winners.len()) };
    let losers =
        creations.iter().filter(|(_, creation)| *creation == AccountCreation::UsernameTaken);
    assert_eq!(losers.count(), 99);
    let name = Identifier::Username(Username::parse("ada").unwrap());
    assert_eq!(store.credentials(&name).await.unwrap().unwrap().account.id, *winner);
}

pub async fn st_10_of_a_hundred_people_with_one_address_one_gets_in(store: AnyStore) {
    let creations = at_once(100, |number| {
        let store = Arc::clone(&store);
        async move {
            let mut somebody = stranger(&format!("person{number}"));
            somebody.email = address("shared@example.com");
            store.create_account(&somebody, "hash").await.unwrap()
        }
    })
    .await;

    let count = |wanted| creations.iter().filter(|creation| **creation == wanted).count();
    assert_eq!(count(AccountCreation::Created), 1);
    assert_eq!(count(AccountCreation::EmailTaken), 99);
}
