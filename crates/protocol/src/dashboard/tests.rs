#![allow(clippy::unwrap_used, clippy::expect_used)]

use uuid::Uuid;

use super::*;
use crate::model::{
    GrantType, LogoutUri, LogoutUriProblem, Randomness, RedirectUriProblem, ScopeSet, Secret,
    SignatureAlgorithm, SubjectType,
};

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
        openid: OpenIdForm::default(),
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
    before.pkce = PkceRule::IfSent;
    before.scopes = AllowedScopes::Only(ScopeSet::empty());
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
        openid: OpenIdForm { backchannel_logout_uri: "x".to_owned(), ..OpenIdForm::default() },
    };
    let found = problems(&typed);
    assert!(found.name.is_some() && found.description.is_some() && found.website.is_some());
    assert!(found.rows[0].is_some() && found.grant_types.is_some());
    assert!(found.openid.backchannel_logout_uri.is_some());
}

fn with_openid(openid: OpenIdForm) -> ClientForm {
    ClientForm { openid, ..form() }
}

fn pairwise(redirect_uris: &[&str]) -> ClientForm {
    let openid = OpenIdForm { subject_type: SubjectType::Pairwise, ..OpenIdForm::default() };
    let redirect_uris = redirect_uris.iter().map(|row| (*row).to_owned()).collect();
    ClientForm { redirect_uris, ..with_openid(openid) }
}

fn post_logout(rows: &[&str]) -> ClientForm {
    let post_logout_redirect_uris = rows.iter().map(|row| (*row).to_owned()).collect();
    with_openid(OpenIdForm { post_logout_redirect_uris, ..OpenIdForm::default() })
}

#[test]
fn what_is_settled_about_openid_connect_is_the_clients() {
    assert_eq!(registered(&form()).openid, OpenIdSettings::default());
    let uri = |text| RedirectUri::register(text, POLICY).unwrap();
    let settings = OpenIdSettings {
        id_token_algorithm: SignatureAlgorithm::Es256,
        userinfo_algorithm: Some(SignatureAlgorithm::EdDsa),
        subject_type: SubjectType::Pairwise,
        post_logout_redirect_uris: vec![uri("https://a.example/out"), uri("com.example:/out")],
        backchannel_logout_uri: LogoutUri::parse("https://a.example/logout").ok(),
    };
    let typed = OpenIdForm::of(&settings);
    assert!(!typed.is_untouched());
    let client = registered(&with_openid(typed));
    assert_eq!(client.openid, settings);
    let reset = judge(&form(), &ClientType::Public, POLICY).unwrap().edit(client);
    assert_eq!(reset.openid, OpenIdSettings::default());
}

#[test]
fn empty_rows_and_blanks_settle_nothing() {
    let mut typed = post_logout(&["", "  "]);
    typed.openid.backchannel_logout_uri = " ".to_owned();
    assert!(typed.openid.is_untouched());
    assert_eq!(registered(&typed).openid, OpenIdSettings::default());
}

#[test]
fn lo_02_a_post_logout_redirect_uri_is_registered_by_the_rules_of_redirect_uris() {
    let rows = [
        "https://a.example/out",
        "",
        "http://a.example/out",
        "javascript:alert(1)",
        "https://a.example/*",
        "https://a.example/#out",
        "https://ada@a.example/",
        " https://a.example/out ",
    ];
    let told = |problem| Some(RowProblem::Uri(problem));
    let expected = [
        None,
        None,
        told(RedirectUriProblem::InsecureHttp),
        told(RedirectUriProblem::ForeignScheme("javascript".to_owned())),
        told(RedirectUriProblem::Wildcard),
        told(RedirectUriProblem::Fragment),
        told(RedirectUriProblem::UserInfo),
        Some(RowProblem::Repeated),
    ];
    let found = problems(&post_logout(&rows));
    assert_eq!(found.openid.rows, expected);
    assert_eq!(found.rows, [None], "the others are well");
    // RP-Initiated Logout 1.0 §3: state is added to the URI.
    let reserved = problems(&post_logout(&["https://a.example/out?state=x"])).openid.rows;
    assert_eq!(reserved, [told(RedirectUriProblem::ReservedParameter("state"))]);
}

#[test]
fn ru_22_fifty_post_logout_redirect_uris_are_enough() {
    let rows: Vec<_> = (0..51).map(|row| format!("https://a.example/{row}")).collect();
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    assert_eq!(registered(&post_logout(&rows[..50])).openid.post_logout_redirect_uris.len(), 50);
    let found = problems(&post_logout(&rows)).openid;
    assert_eq!(found.post_logout_redirect_uris, Some(RedirectUrisProblem::TooMany));
}

#[test]
fn sf_04_a_back_channel_logout_address_is_of_the_web() {
    let with = |text: &str| {
        with_openid(OpenIdForm { backchannel_logout_uri: text.to_owned(), ..OpenIdForm::default() })
    };
    for bad in ["logout", "http://a.example/", "https://a.example/#x", "https://u@a.example/"] {
        let found = problems(&with(bad)).openid.backchannel_logout_uri;
        assert_eq!(found, Some(LogoutUriProblem), "{bad}");
    }
    let good = registered(&with(" https://a.example/logout ")).openid.backchannel_logout_uri;
    assert_eq!(good, LogoutUri::parse("https://a.example/logout").ok());
}

#[test]
fn core_8_1_pairwise_subjects_need_one_sector() {
    for good in [
        &["https://a.example/1", "https://a.example:8443/2"][..],
        &["com.example.app:/a", "org.example:/b"],
        &["http://127.0.0.1/cb", "http://localhost/cb", "com.example.app:/a"],
    ] {
        let client = registered(&pairwise(good));
        assert_eq!(client.openid.subject_type, SubjectType::Pairwise, "{good:?}");
    }
    for bad in [
        &["https://a.example/1", "https://b.example/1"][..],
        &["https://a.example/1", "https://www.a.example/1"],
        &["https://a.example/1", "com.example.app:/a"],
        &["http://127.0.0.1/cb", "https://a.example/1"],
    ] {
        let found = problems(&pairwise(bad)).openid.subject_type;
        assert_eq!(found, Some(SubjectTypeProblem::ManySectors), "{bad:?}");
        assert_eq!(problems(&pairwise(bad)).rows, [None, None], "each of them is well");
        let mut public = pairwise(bad);
        public.openid.subject_type = SubjectType::Public;
        assert_eq!(registered(&public).redirect_uris.len(), 2);
    }
    // An app that has no redirect URIs at all is a sector of its own.
    let machine = ClientType::Confidential { secrets: Vec::new() };
    let grants = [GrantType::ClientCredentials].into_iter().collect();
    let typed = ClientForm { grant_types: grants, ..pairwise(&[]) };
    assert!(judge(&typed, &machine, POLICY).is_ok());
}
