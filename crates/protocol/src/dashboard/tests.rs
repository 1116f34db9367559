#![allow(clippy::unwrap_used, clippy::expect_used)]

use uuid::Uuid;

use super::*;
use crate::model::{GrantType, Randomness, RedirectUriProblem, Secret};

const POLICY: RedirectUriPolicy = RedirectUriPolicy { localhost: true };

struct Zero;

impl Randomness for Zero {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn form() -> ClientForm {
    ClientForm {
        name: "Mixtape".to_owned(),
        description: "Makes tapes.".to_owned(),
        website: "https://mixtape.example".to_owned(),
        redirect_uris: vec!["https://mixtape.example/callback".to_owned()],
        grant_types: [GrantType::Implicit].into_iter().collect(),
        denial: Denial::Query,
    }
}

fn problems(form: &ClientForm) -> FormProblems {
    judge(form, &ClientType::Public, POLICY).expect_err("a form with problems")
}

fn registered(form: &ClientForm) -> Client {
    let settings = judge(form, &ClientType::Public, POLICY).expect("a good form");
    let owner = AccountId::from_uuid(Uuid::from_u128(1));
    let name = Username::parse("grace").unwrap();
    let now = Timestamp::from_seconds(1);
    settings.register(ClientId::mint(&mut Zero), ClientType::Public, owner, &name, now)
}

#[test]
fn a_good_form_becomes_a_client_of_its_owner() {
    let client = registered(&form());
    assert_eq!(client.name, "Mixtape");
    assert_eq!(client.website.as_deref(), Some("https://mixtape.example/"));
    assert_eq!(client.redirect_uris[0].as_str(), "https://mixtape.example/callback");
    assert_eq!(client.owner_name, "grace");
    assert_eq!(client.status, ClientStatus::Active);
    assert_eq!(client.scopes, AllowedScopes::Ordinary);
}

#[test]
fn rg_06_editing_reaches_no_id_owner_type_status_scope_or_date() {
    let mut before = registered(&form());
    before.status = ClientStatus::Disabled;
    let secret = Secret::mint("hps_", &mut Zero);
    before.client_type = ClientType::Confidential { secrets: vec![secret.digest()] };
    let typed = ClientForm { name: "Other".to_owned(), denial: Denial::Fragment, ..form() };
    let settings = judge(&typed, &before.client_type, POLICY).unwrap();
    let after = settings.edit(before.clone());
    assert_eq!(
        after,
        Client { name: "Other".to_owned(), denial: Denial::Fragment, ..before.clone() }
    );
}

#[test]
fn co_07_a_name_is_a_line_that_people_can_read() {
    let named = |name: &str| ClientForm { name: name.to_owned(), ..form() };
    for name in ["", "  ", "\u{202e}", "…", "\u{3164}"] {
        assert_eq!(problems(&named(name)).name, Some(TextProblem::Missing), "{name:?}");
    }
    let long = "x".repeat(5_000);
    assert_eq!(problems(&named(&long)).name, Some(TextProblem::TooLong(80)));
    assert_eq!(registered(&named("Official\n\u{202e}Admin")).name, "Official Admin");
    assert_eq!(registered(&named(&"é".repeat(80))).name, "é".repeat(80));
}

#[test]
fn rg_11_a_description_has_an_end() {
    let typed = ClientForm { description: "y".repeat(501), ..form() };
    assert_eq!(problems(&typed).description, Some(TextProblem::TooLong(500)));
}

#[test]
fn rg_10_a_website_is_a_page_on_the_web() {
    let with = |website: &str| ClientForm { website: website.to_owned(), ..form() };
    for website in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://example.com",
        "mixtape.example",
        "//mixtape.example",
        "https://bank.example@evil.example/",
        "https://",
    ] {
        let found = problems(&with(website)).website;
        assert_eq!(found, Some(WebsiteProblem::NotAWebAddress), "{website:?}");
    }
    let long = format!("https://example.com/{}", "z".repeat(1_000));
    assert_eq!(problems(&with(&long)).website, Some(WebsiteProblem::TooLong));
    assert_eq!(registered(&with("  ")).website, None);
    let look_alike = registered(&with("https://аpple.example"));
    assert_eq!(look_alike.website.as_deref(), Some("https://xn--pple-43d.example/"));
}

#[test]
fn every_bad_row_is_named_where_it_stands() {
    let rows = ["https://a.example/cb", "", " http://a.example/cb ", "https://a.example/cb"];
    let typed = ClientForm { redirect_uris: rows.map(str::to_owned).to_vec(), ..form() };
    let insecure = RowProblem::Uri(RedirectUriProblem::InsecureHttp);
    assert_eq!(problems(&typed).rows, [None, None, Some(insecure), Some(RowProblem::Repeated)]);
}

#[test]
fn ru_03_a_wildcard_cannot_be_registered() {
    for row in ["https://*.example/cb", "https://a.example/cb/*"] {
        let typed = ClientForm { redirect_uris: vec![row.to_owned()], ..form() };
        let wildcard = RowProblem::Uri(RedirectUriProblem::Wildcard);
        assert_eq!(problems(&typed).rows, [Some(wildcard)]);
    }
}

#[test]
fn ru_22_fifty_redirect_uris_are_enough() {
    let rows = |count: usize| -> Vec<String> {
        (0..count).map(|row| format!("https://a.example/{row}")).collect()
    };
    let most = ClientForm { redirect_uris: rows(50), ..form() };
    assert_eq!(registered(&most).redirect_uris.len(), 50);
    let more = ClientForm { redirect_uris: rows(51), ..form() };
    assert_eq!(problems(&more).redirect_uris, Some(RedirectUrisProblem::TooMany));
    assert!(problems(&more).rows.is_empty());
}

#[test]
fn a_redirect_uri_is_needed_where_people_return() {
    let none = ClientForm { redirect_uris: vec![String::new()], ..form() };
    assert_eq!(problems(&none).redirect_uris, Some(RedirectUrisProblem::Missing));
    let machine = ClientType::Confidential { secrets: Vec::new() };
    let grants = [GrantType::ClientCredentials].into_iter().collect();
    let typed = ClientForm { grant_types: grants, ..none };
    assert!(judge(&typed, &machine, POLICY).is_ok());
}

#[test]
fn rg_05_grant_types_fit_one_another_and_the_client() {
    let ticked = |grants: &[GrantType]| ClientForm {
        grant_types: grants.iter().copied().collect(),
        ..form()
    };
    for (grants, problem) in [
        (&[][..], GrantProblem::Missing),
        (&[GrantType::RefreshToken][..], GrantProblem::RefreshAlone),
        (&[GrantType::ClientCredentials][..], GrantProblem::SecretNeeded),
    ] {
        assert_eq!(problems(&ticked(grants)).grant_types, Some(problem));
    }
    let machine = ClientType::Confidential { secrets: Vec::new() };
    assert!(judge(&ticked(&[GrantType::ClientCredentials]), &machine, POLICY).is_ok());
}

#[test]
fn all_problems_are_told_at_once() {
    let typed = ClientForm {
        name: String::new(),
        description: "y".repeat(501),
        website: "x".to_owned(),
        redirect_uris: vec!["x".to_owned()],
        grant_types: GrantTypes::default(),
        denial: Denial::Query,
    };
    let found = problems(&typed);
    assert!(found.name.is_some() && found.description.is_some() && found.website.is_some());
    assert!(found.rows[0].is_some() && found.grant_types.is_some());
}
