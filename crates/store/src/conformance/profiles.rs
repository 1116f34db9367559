//! What people tell of themselves.

use hallpass_protocol::model::{Account, AccountStatus, Person, PostalAddress, Profile};

use super::actors::{
    AnyStore, LATER, NOW, address, changes, password_hash, person, sign_up, stranger,
};
use crate::{Change, Declaration, Declared};

/// Everything that can be told, in several scripts.
fn everything() -> Profile {
    let told = |text: &str| Some(text.to_owned());
    Profile {
        name: told("Ада Лавлейс"),
        given_name: told("Ada"),
        family_name: told("de l'Œuvre"),
        middle_name: told("\"B.\""),
        nickname: told("小艾 👋"),
        profile: told("https://example.com/people/ada?a=b#c"),
        picture: told("https://example.com/ada.png"),
        website: told("http://ada.example/"),
        gender: told("נקבה"),
        birthdate: told("0000-12-10"),
        zoneinfo: told("America/Argentina/Buenos_Aires"),
        locale: told("zh-Hant-TW"),
        phone_number: told("+441632960000;ext=12"),
        phone_number_verified: false,
        email_verified: false,
        address: PostalAddress {
            street_address: told("Τμήμα 5\nΟδός 12"),
            locality: told("Αθήνα"),
            region: told("Αττική"),
            postal_code: told("105 57"),
            country: told("Ελλάδα"),
        },
        updated_at: Some(NOW),
    }
}

fn of_number(number: &str) -> Profile {
    Profile { phone_number: Some(number.to_owned()), ..Profile::default() }
}

async fn told(store: &AnyStore, account: &Account) -> Profile {
    let Person { account: read, profile } = store.person(account.id).await.unwrap().unwrap();
    assert_eq!(read, *account);
    profile
}

async fn declare(store: &AnyStore, account: &Account, profile: Option<Profile>) {
    let declaration = Declaration {
        accounts: vec![(account.clone(), password_hash(account))],
        profiles: profile.map(|profile| (account.id, profile)).into_iter().collect(),
        ..Declaration::new(LATER)
    };
    assert_eq!(store.declare(&declaration).await.unwrap(), Declared::Applied);
}

pub async fn who_tells_nothing_has_an_empty_profile(store: AnyStore) {
    let ada = person(&store, "ada").await;
    assert_eq!(told(&store, &ada).await, Profile::default());
    assert_eq!(store.person(stranger("nobody").id).await.unwrap(), None);
}

pub async fn what_a_person_tells_comes_back_in_any_script(store: AnyStore) {
    let (ada, ben) = (person(&store, "ada").await, person(&store, "ben").await);
    assert!(store.set_profile(ada.id, &everything(), NOW).await.unwrap());
    assert_eq!(told(&store, &ada).await, everything());
    assert_eq!(told(&store, &ben).await, Profile::default());
}

pub async fn what_is_told_anew_leaves_nothing_of_what_was_told_before(store: AnyStore) {
    let ada = person(&store, "ada").await;
    assert!(store.set_profile(ada.id, &everything(), NOW).await.unwrap());
    assert!(store.set_profile(ada.id, &Profile::default(), LATER).await.unwrap());
    let nothing = Profile { updated_at: Some(LATER), ..Profile::default() };
    assert_eq!(told(&store, &ada).await, nothing);
}

pub async fn what_is_known_to_be_true_is_not_the_owners_to_say(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let known = |profile: Profile| (profile.phone_number_verified, profile.email_verified);
    let verified =
        |number| Profile { phone_number_verified: true, email_verified: true, ..of_number(number) };
    assert!(store.set_profile(ada.id, &verified("+1"), NOW).await.unwrap());
    assert_eq!(known(told(&store, &ada).await), (false, false), "nobody knows but she says so");

    declare(&store, &ada, Some(verified("+1"))).await;
    assert_eq!(known(told(&store, &ada).await), (true, true));
    assert!(store.set_profile(ada.id, &of_number("+1"), NOW).await.unwrap());
    assert_eq!(known(told(&store, &ada).await), (true, true), "it is the same number");
    assert!(store.set_profile(ada.id, &of_number("+2"), NOW).await.unwrap());
    assert_eq!(known(told(&store, &ada).await), (false, true), "it is another number");
    assert!(store.set_profile(ada.id, &verified("+1"), NOW).await.unwrap());
    assert_eq!(known(told(&store, &ada).await), (false, true), "she may not have it any more");

    declare(&store, &ada, Some(verified("+1"))).await;
    assert!(store.set_profile(ada.id, &Profile::default(), NOW).await.unwrap());
    assert_eq!(known(told(&store, &ada).await), (false, true), "there is no number");
}

pub async fn nobody_and_who_is_shut_out_tell_nothing(store: AnyStore) {
    let shut = Account { status: AccountStatus::Disabled, ..stranger("ada") };
    sign_up(&store, &shut).await;
    let before = changes(&store).await;
    for account in [&shut, &stranger("nobody")] {
        assert!(!store.set_profile(account.id, &everything(), NOW).await.unwrap());
    }
    assert_eq!(told(&store, &shut).await, Profile::default());
    assert_eq!(changes(&store).await, before);
}

pub async fn what_a_person_tells_is_told_to_those_who_follow(store: AnyStore) {
    let ada = person(&store, "ada").await;
    assert!(store.set_profile(ada.id, &everything(), NOW).await.unwrap());
    let news: Vec<_> = changes(&store).await.into_iter().map(|(_, change)| change).collect();
    assert_eq!(news, [Change::Account(ada.id)]);
}

pub async fn a_declared_profile_replaces_all_that_was_told(store: AnyStore) {
    let ada = person(&store, "ada").await;
    assert!(store.set_profile(ada.id, &everything(), NOW).await.unwrap());
    let declared = Profile { email_verified: true, ..of_number("+1") };
    declare(&store, &ada, Some(declared.clone())).await;
    assert_eq!(told(&store, &ada).await, Profile { updated_at: Some(LATER), ..declared });

    let ben = stranger("ben");
    declare(&store, &ben, Some(everything())).await;
    assert_eq!(told(&store, &ben).await, Profile { updated_at: Some(LATER), ..everything() });
}

pub async fn an_account_declared_without_a_profile_keeps_it(store: AnyStore) {
    let ada = person(&store, "ada").await;
    declare(&store, &ada, Some(Profile { email_verified: true, ..everything() })).await;
    let before = told(&store, &ada).await;
    declare(&store, &ada, None).await;
    assert_eq!(told(&store, &ada).await, before);
}

pub async fn an_address_that_is_declared_anew_is_not_known(store: AnyStore) {
    let ada = person(&store, "ada").await;
    let known = Profile { email_verified: true, ..everything() };
    declare(&store, &ada, Some(known.clone())).await;
    let moved = Account { email: address("countess@example.com"), ..ada };
    declare(&store, &moved, None).await;
    let doubted = Profile { email_verified: false, updated_at: Some(LATER), ..known.clone() };
    assert_eq!(told(&store, &moved).await, doubted);

    let again = Account { email: address("ada@example.com"), ..moved };
    declare(&store, &again, Some(known.clone())).await;
    assert!(told(&store, &again).await.email_verified, "unless the file says so");
}
