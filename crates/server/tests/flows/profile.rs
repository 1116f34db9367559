//! "Your profile": what a person tells of themselves, on the page and in the operator's file. Names that begin
//! with an id are rows of the list of refusals.

use std::time::Duration;

use hallpass_protocol::model::{PostalAddress, Profile};

use crate::support::{Browser, Form, Site, TestServer, Trouble, WORLD};

const PROFILE: &str = "/account/profile";

/// The page's form, with this typed into it.
async fn typed(browser: &mut Browser, fields: &[(&str, &str)]) -> Form {
    let form = browser.visit(PROFILE).await.form(PROFILE);
    fields.iter().fold(form, |form, (name, value)| form.with(name, value))
}

async fn told(server: &TestServer, username: &str) -> Profile {
    let id = server.account(username).await.id;
    server.store().person(id).await.unwrap().unwrap().profile
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn what_a_person_tells_is_kept_shown_and_nobody_elses() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = typed(
        &mut ada,
        &[
            ("name", " Ada  Lovelace "),
            ("birthdate", "1815-12-10"),
            ("locale", "en_gb"),
            ("phone_number", "+44 (1632) 960-000"),
            ("street_address", "Flat 2\r\n1 Long Lane"),
            ("country", "England"),
        ],
    )
    .await;
    let saved = ada.submit(form).await;
    assert_eq!((saved.status.as_u16(), saved.location()), (303, "/account/profile?saved"));
    let page = ada.follow(saved).await;
    assert!(page.text().contains("Your profile is saved."), "{}", page.text());
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for (name, value) in [
        ("name", "Ada Lovelace"),
        ("locale", "en-GB"),
        ("phone_number", "+441632960000"),
        ("street_address", "Flat 2\n1 Long Lane"),
        ("family_name", ""),
    ] {
        assert_eq!(page.form(PROFILE).value(name), value, "{name}");
    }

    let address = PostalAddress {
        street_address: text("Flat 2\n1 Long Lane"),
        country: text("England"),
        ..PostalAddress::default()
    };
    let expected = Profile {
        name: text("Ada Lovelace"),
        birthdate: text("1815-12-10"),
        locale: text("en-GB"),
        phone_number: text("+441632960000"),
        address,
        updated_at: Some(server.now()),
        ..Profile::default()
    };
    assert_eq!(told(&server, "ada").await, expected);
    assert_eq!(told(&server, "grace").await, Profile::default());
}

#[tokio::test]
async fn what_is_emptied_is_told_no_more() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = typed(&mut ada, &[("name", "Ada"), ("country", "England")]).await;
    ada.submit(form).await;
    let form = typed(&mut ada, &[("name", ""), ("country", " ")]).await;
    ada.submit(form).await;
    let kept = told(&server, "ada").await;
    assert_eq!((kept.name, kept.address.country), (None, None));
}

#[tokio::test]
async fn after_a_mistake_nothing_is_saved_and_nothing_typed_is_lost() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let fields = [
        ("name", "Ada"),
        ("birthdate", "10 December"),
        ("website", "ada.example"),
        ("street_address", "1\r\n2\r\n3\r\n4\r\n5\r\n6"),
    ];
    let form = typed(&mut ada, &fields).await;
    let answer = ada.submit(form).await;
    assert_eq!(answer.status, 422);
    for told in [
        "Nothing is saved yet: 3 things need to be changed.",
        "Enter a date like 1990-12-31",
        "Enter a whole address",
        "Use at most 5 lines.",
    ] {
        assert!(answer.text().contains(told), "{told}: {}", answer.text());
    }
    for (name, value) in fields {
        assert_eq!(answer.form(PROFILE).value(name), value, "{name}");
    }
    assert_eq!(told(&server, "ada").await, Profile::default());

    let mended = answer.form(PROFILE).with("birthdate", "0000-12-10").with("website", "");
    assert_eq!(ada.submit(mended.with("street_address", "")).await.status, 303);
    assert_eq!(told(&server, "ada").await.birthdate, text("0000-12-10"));
}

/// What is known to be true is not the person's to say: no field of the form does.
#[tokio::test]
async fn rg_06_fields_that_are_not_of_the_form_change_nothing() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = typed(&mut ada, &[("phone_number", "+441632960000")]).await;
    let grace = server.account("grace").await.id.subject().to_string();
    let forged = form
        .and("phone_number_verified", "true")
        .and("email_verified", "true")
        .and("email", "grace@people.example")
        .and("account_id", &grace)
        .and("updated_at", "0");
    assert_eq!(ada.submit(forged).await.status, 303);
    let told = told(&server, "ada").await;
    assert!(!told.phone_number_verified && !told.email_verified, "{told:?}");
    assert_eq!(self::told(&server, "grace").await, Profile::default());
    assert_eq!(server.account("ada").await.email.as_str(), "ada@people.example");
}

#[tokio::test]
async fn db_03_a_form_from_elsewhere_tells_nothing() {
    let server = TestServer::start().await;
    let mut grace = server.browser_of("grace").await;
    let stolen = typed(&mut grace, &[("name", "Somebody else")]).await;
    let mut ada = server.browser_of("ada").await;
    let own = typed(&mut ada, &[("name", "Somebody else")]).await;
    for form in [stolen, own.clone().without("form_token")] {
        let refused = ada.submit(form).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("This page is out of date"), "{}", refused.text());
    }
    let refused = ada.submit_from(Site::Sibling, own).await;
    assert_eq!(refused.status, 403);
    assert_eq!(told(&server, "ada").await, Profile::default());
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let answer = browser.get(PROFILE).await;
    assert!(answer.location().starts_with("/sign-in?return_to="), "{answer:?}");
    let page = browser.follow(answer).await;
    let answer = browser.sign_in_on(&page, "ada").await;
    assert_eq!(answer.location(), PROFILE);
}

#[tokio::test]
async fn when_the_store_fails_nothing_is_said_to_be_saved() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = typed(&mut ada, &[("name", "Ada")]).await;
    server.trouble_store(Trouble::Fails);
    assert_eq!(ada.submit(form.clone()).await.status, 503);
    server.trouble_store(Trouble::None);
    assert_eq!(told(&server, "ada").await, Profile::default());
    assert_eq!(ada.submit(form).await.status, 303);
}

fn world_with(keys: &str) -> String {
    WORLD.replacen(
        "email = \"ada@people.example\"",
        &format!("email = \"ada@people.example\"\n{keys}"),
        1,
    )
}

#[tokio::test]
async fn a_declared_profile_is_there_after_each_start_and_its_date_stays() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let form = typed(&mut ada, &[("name", "Countess"), ("gender", "female")]).await;
    ada.submit(form).await;
    let server = server.restarted_with(WORLD).await;
    assert_eq!(told(&server, "ada").await.name, text("Countess"), "a file without it leaves it");

    let file = world_with(
        "name = \"Ada\"\nphone_number = \"+44 1632 960000\"\nphone_number_verified = true
         email_verified = true\naddress = { locality = \"London\" }",
    );
    let server = server.restarted_with(&file).await;
    let declared = Profile {
        name: text("Ada"),
        phone_number: text("+441632960000"),
        phone_number_verified: true,
        email_verified: true,
        address: PostalAddress { locality: text("London"), ..PostalAddress::default() },
        updated_at: Some(server.now()),
        ..Profile::default()
    };
    assert_eq!(told(&server, "ada").await, declared);

    server.wait(Duration::from_secs(60));
    let server = server.restarted_with(&file).await;
    assert_eq!(told(&server, "ada").await, declared, "nothing has changed, so no date has");

    let mut ada = server.browser_of("ada").await;
    let page = ada.visit(PROFILE).await;
    assert!(page.text().contains("ada@people.example Confirmed"), "{}", page.text());
    let form = page.form(PROFILE).with("phone_number", "+441632960001");
    assert_eq!(ada.submit(form).await.status, 303);
    let told = told(&server, "ada").await;
    assert_eq!((told.phone_number_verified, told.email_verified), (false, true));
}
