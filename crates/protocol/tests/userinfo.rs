//! OpenID Connect Core 1.0 §5.3 and §5.4: what a token lets its client know. Names that begin with an id are
//! rows of the list of refusals.

use hallpass_protocol::access_token::{Claims, TokenKeys, TokenSubject};
use hallpass_protocol::issuer::{Issuer, NoKey};
use hallpass_protocol::jose::Signers;
use hallpass_protocol::model::{
    Account, AccountStatus, AuthorizationId, Claim, ClaimSet, Client, ClientStatus, OpenIdSettings,
    Person, PostalAddress, Profile, SignatureAlgorithm, SubjectType, Timestamp,
};
use hallpass_protocol::userinfo::{Told, UserinfoError, decide, judge};

use super::support::{
    Counted, ISSUER, NOW, Nobody, SIGNERS, account, app, keys, policy, read, scopes, token_keys,
};

/// Ada, who tells everything.
fn ada() -> Person {
    let told = |text: &str| Some(text.to_owned());
    let profile = Profile {
        name: told("Ada Lovelace"),
        given_name: told("Ada"),
        family_name: told("Lovelace"),
        picture: told("https://example.com/ada.png"),
        birthdate: told("1815-12-10"),
        phone_number: told("+441632960000"),
        email_verified: true,
        address: PostalAddress { country: told("England"), ..PostalAddress::default() },
        updated_at: Some(Timestamp::from_seconds(1_795_000_001)),
        ..Profile::default()
    };
    Person { account: account("ada", 1), profile }
}

fn token(list: &str) -> Claims {
    Claims {
        client: app().id,
        subject: TokenSubject::Account(ada().id()),
        authorization: AuthorizationId::mint(&mut Counted(9), NOW),
        consent: Some(AuthorizationId::mint(&mut Counted(10), NOW)),
        scopes: scopes(list),
        userinfo: ClaimSet::EMPTY,
        audience: ISSUER.to_owned(),
        issued_at: NOW,
        expires_at: NOW,
    }
}

/// What `client` is told of ada for this token.
fn told(token: &Claims, client: &Client) -> Result<Told, NoKey> {
    told_with(&*SIGNERS, token, client)
}

fn told_with(signing: &dyn Signers, token: &Claims, client: &Client) -> Result<Told, NoKey> {
    let (keys, policy, ada) = (keys(1), policy(), ada());
    let issuer = Issuer { policy: &policy, keys: TokenKeys { sealing: &keys, signing } };
    let asked = judge(token, &policy).unwrap();
    decide(&asked, Some(client), Some(&ada)).unwrap().write(&issuer, NOW)
}

fn plain(token: &Claims) -> String {
    match told(token, &app()) {
        Ok(Told::Plain(json)) => json,
        other => panic!("{other:?}"),
    }
}

/// The names of the members, the subject first.
fn members(json: &str) -> Vec<&str> {
    json.split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| json.contains(&format!("\"{text}\":")))
        .collect()
}

/// Section 5.3.2: "The sub (subject) Claim MUST always be returned in the UserInfo Response."
#[test]
fn section_5_3_2_the_subject_is_always_told() {
    let subject = ada().account.id.subject();
    assert_eq!(plain(&token("openid")), format!("{{\"sub\":\"{subject}\"}}"));
}

#[test]
fn ui_08_section_5_4_a_scope_brings_its_claims_and_no_others() {
    for (list, brought) in [
        ("openid email", &["sub", "email", "email_verified"][..]),
        ("openid phone streaming", &["sub", "phone_number", "phone_number_verified"]),
        ("address openid", &["sub", "address", "formatted", "country"]),
        (
            "openid profile",
            &[
                "sub",
                "name",
                "given_name",
                "family_name",
                "preferred_username",
                "picture",
                "birthdate",
                "updated_at",
            ],
        ),
    ] {
        assert_eq!(members(&plain(&token(list))), brought, "{list}");
    }
}

/// Section 5.5: what was asked for by name, and allowed, comes beside what the scopes bring.
#[test]
fn ui_08_section_5_5_claims_asked_for_by_name_are_told() {
    let by_name = [Claim::Email, Claim::Birthdate, Claim::Website].into_iter().collect();
    let token = Claims { userinfo: by_name, ..token("openid phone") };
    let brought = ["sub", "birthdate", "email", "phone_number", "phone_number_verified"];
    assert_eq!(members(&plain(&token)), brought);
}

#[test]
fn ui_05_a_token_without_openid_lacks_a_scope() {
    for list in ["", "profile email", "openid2 open"] {
        let refused = judge(&token(list), &policy());
        assert_eq!(refused, Err(UserinfoError::InsufficientScope), "{list}");
    }
}

#[test]
fn ui_06_of_an_apps_own_token_no_user_is_made_up() {
    let own = Claims { subject: TokenSubject::Client, consent: None, ..token("openid") };
    assert_eq!(judge(&own, &policy()), Err(UserinfoError::InvalidToken));
}

#[test]
fn in_02_a_token_for_an_api_says_nothing_here() {
    for audience in ["https://music.example", "https://accounts.example/", ""] {
        let other = Claims { audience: audience.to_owned(), ..token("openid") };
        assert_eq!(judge(&other, &policy()), Err(UserinfoError::InvalidToken), "{audience}");
    }
}

#[test]
fn ui_09_who_was_shut_out_and_who_is_not_there_is_not_told_of() {
    let asked = judge(&token("openid"), &policy()).unwrap();
    let (client, ada) = (app(), ada());
    let shut_app = Client { status: ClientStatus::Disabled, ..app() };
    let shut = Account { status: AccountStatus::Disabled, ..ada.account.clone() };
    let shut = Person { account: shut, ..ada.clone() };
    for (client, person) in [
        (Some(&client), None),
        (Some(&client), Some(&shut)),
        (None, Some(&ada)),
        (Some(&shut_app), Some(&ada)),
    ] {
        let refused = decide(&asked, client, person).map(|_| ());
        assert_eq!(refused, Err(UserinfoError::InvalidToken));
    }
}

#[test]
fn section_8_a_pairwise_client_is_told_its_own_subject() {
    let pairwise =
        OpenIdSettings { subject_type: SubjectType::Pairwise, ..OpenIdSettings::default() };
    let client = Client { openid: pairwise, ..app() };
    let (keys, policy) = (keys(1), policy());
    let own = Issuer { policy: &policy, keys: token_keys(&keys) }.subject(&client, ada().id());
    assert_ne!(own, ada().account.id.subject());
    let json = Told::Plain(format!("{{\"sub\":\"{own}\"}}"));
    assert_eq!(told(&token("openid"), &client), Ok(json));
}

/// It is never told unsigned to a client that has settled otherwise.
#[test]
fn without_a_key_nothing_is_told_that_was_to_be_signed() {
    let algorithm = SignatureAlgorithm::EdDsa;
    let signed =
        OpenIdSettings { userinfo_algorithm: Some(algorithm), ..OpenIdSettings::default() };
    let client = Client { openid: signed, ..app() };
    let token = token("openid");
    assert_eq!(told_with(&Nobody::default(), &token, &client), Err(NoKey(algorithm)));
    let Ok(Told::Signed(text)) = told(&token, &client) else { panic!("it is to be signed") };
    assert_eq!(read(&text).text("sub"), Some(ada().account.id.subject().as_str()));
}
