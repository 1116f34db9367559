//! What an app is told of the person: by scopes, and by the parameter `claims`.

use hallpass_protocol::authorize::Verdict::Approve;
use hallpass_protocol::authorize::{AuthorizationQuery, CodeGround, QueryProblem};
use hallpass_protocol::model::{AllowedScopes, Claim, ClaimSet};
use serde_json::{Value, json};

use super::{answered, asks, desk, id_token, story};
use crate::support::{Read, Story, ask, read, scopes};

const ALL: &str = "openid profile email address phone";

/// What each scope brings of Ada (section 5.4).
fn of_scope(scope: &str) -> Value {
    match scope {
        "profile" => json!({
            "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
            "middle_name": "King", "nickname": "Enchantress", "preferred_username": "ada",
            "profile": "https://people.example/ada", "picture": "https://people.example/ada.png",
            "website": "https://ada.example", "gender": "female", "birthdate": "1815-12-10",
            "zoneinfo": "Europe/London", "locale": "en-GB", "updated_at": 1_795_000_000,
        }),
        "email" => json!({ "email": "ada@example.com", "email_verified": true }),
        "phone" => json!({ "phone_number": "+441632960000", "phone_number_verified": true }),
        "address" => json!({ "address": {
            "formatted": "1 Long Lane\nEC1A London England\nUK", "street_address": "1 Long Lane",
            "locality": "London", "region": "England", "postal_code": "EC1A", "country": "UK",
        }}),
        _ => json!({}),
    }
}

/// The claims about the person that an ID token holds.
fn told(token: &Read) -> Value {
    let members = token.claims.as_object().unwrap().iter();
    members
        .filter(|(name, _)| Claim::parse(name).is_some())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn set(names: &str) -> ClaimSet {
    ClaimSet::parse(names).unwrap()
}

/// A request of this type and these scopes with `claims`.
fn wish(response_type: &str, scope: &str, claims: &str) -> String {
    asks(response_type, &[("scope", scope), ("claims", claims)])
}

/// Section 5.4: "The Claims requested by the profile, email, address, and phone scope values are returned from
/// the UserInfo Endpoint […] when a response_type value is used that results in an Access Token being issued.
/// However, when no Access Token is issued […] the resulting Claims are returned in the ID Token."
#[test]
fn section_5_4_scopes_bring_their_claims_into_an_id_token_that_is_alone() {
    let mut desk = desk(ALL);
    for scope in ["profile", "email", "address", "phone"] {
        let both = format!("openid {scope}");
        let wish = |response_type| asks(response_type, &[("scope", &both)]);
        let alone = id_token(&desk.story.authorize(&wish("id_token")).token());
        assert_eq!(told(&alone), of_scope(scope));
        for beside in ["id_token token", "code id_token", "code id_token token"] {
            let location = answered(desk.story.authorize(&wish(beside)));
            assert_eq!(told(&id_token(&location)), json!({}), "{beside}");
        }
        let code = desk.code_of(&wish("code"));
        let tokens = desk.exchange(&code, &[]).unwrap();
        assert_eq!(told(&read(tokens.id_token.as_ref().unwrap())), json!({}));
        assert_eq!(desk.check(&tokens).unwrap().scopes, scopes(&both));
    }
    let alone = id_token(&desk.story.authorize(&asks("id_token", &[])).token());
    assert_eq!(told(&alone), json!({}), "openid alone says who, and nothing of them");
}

/// Section 5.5.1: null, `essential`, `value` and `values` all ask for the claim.
#[test]
fn section_5_5_1_a_claim_is_asked_for_by_name_in_any_of_the_forms() {
    let mut desk = desk(ALL);
    for form in [
        "null",
        "{}",
        r#"{"essential":true}"#,
        r#"{"essential":false}"#,
        r#"{"value":"somebody@else.example"}"#,
        r#"{"values":["a","b"],"purpose":"because","essential":true}"#,
    ] {
        let claims = format!(r#"{{"id_token":{{"email":{form}}}}}"#);
        let request = wish("code id_token token", "openid", &claims);
        let location = desk.answer_of(&request);
        assert_eq!(told(&id_token(&location)), json!({ "email": "ada@example.com" }), "{form}");
        let tokens = desk.exchange(&location.get("code").unwrap(), &[]).unwrap();
        let second = read(tokens.id_token.as_ref().unwrap());
        assert_eq!(told(&second), json!({ "email": "ada@example.com" }), "{form}");
        assert_eq!(desk.check(&tokens).unwrap().userinfo, ClaimSet::EMPTY);
    }
}

/// Section 5.5: the member `userinfo` is for the access token, and travels in it: in that of the answer, in that
/// of the exchange, and in every later one.
#[test]
fn section_5_5_claims_for_userinfo_travel_with_the_access_token() {
    let claims = r#"{"userinfo":{"email":null,"nickname":{"essential":true}}}"#;
    let mut desk = desk(ALL);
    let location = desk.answer_of(&wish("code id_token token", "openid", claims));
    assert_eq!(told(&id_token(&location)), json!({}));
    let first = desk.story.open(location.raw("access_token").unwrap());
    let asked = set("nickname email");
    assert_eq!((first.userinfo, first.scopes), (asked, scopes("openid")));
    let mut tokens = desk.exchange(&location.get("code").unwrap(), &[]).unwrap();
    for _ in 0..3 {
        assert_eq!(desk.check(&tokens).unwrap().userinfo, asked);
        tokens = desk.refresh(tokens.refresh_token.as_ref().unwrap(), &[]).unwrap();
    }
    let request = wish("id_token", "openid", claims);
    assert_eq!(told(&id_token(&desk.story.authorize(&request).token())), json!({}));
}

/// What is asked for by name is shown to the person, and remembered, as the scope that would bring it; and does
/// not become that scope.
#[test]
fn claims_by_name_need_the_same_permission_as_their_scope_and_are_not_granted_by_it() {
    for member in ["id_token", "userinfo"] {
        let claims = format!(r#"{{"{member}":{{"email":null,"phone_number":null}}}}"#);
        let request = wish("code", "openid", &claims);
        let story = story("openid");
        assert_eq!(story.authorize(&request).dialog().new, ["email", "phone"]);
        let silent = format!("{request}&prompt=none");
        story.authorize(&silent).error_in_query("consent_required");
        let (_, record) = story.answer(&request, Approve).code();
        let CodeGround::Approved(approval) = &record.ground else { panic!("{record:?}") };
        assert_eq!(approval.scopes, scopes("openid email phone"));
        assert_eq!(record.scopes, scopes("openid"), "the token may do no more than was asked");
    }
    // With no access token there is no userinfo to ask, so nobody is troubled for it.
    let useless = wish("id_token", "openid", r#"{"userinfo":{"email":null}}"#);
    story("openid").authorize(&useless).token();
}

/// "claims" of a scope that the app may not ask for are passed over, as anything is that is not known here.
#[test]
fn claims_of_a_scope_that_the_app_may_not_ask_for_are_passed_over() {
    let mut story = story("openid");
    story.app().scopes = AllowedScopes::Only(scopes("openid phone"));
    story.facts.consent.as_mut().unwrap().scopes = scopes("openid phone");
    let claims = r#"{"id_token":{"email":{"essential":true},"phone_number":null}}"#;
    let token = id_token(&story.authorize(&wish("id_token", "openid", claims)).token());
    assert_eq!(told(&token), json!({ "phone_number": "+441632960000" }));
}

/// Section 5.5: "The Claims Parameter […] Members not understood MUST be ignored."
#[test]
fn az_49_what_is_not_known_is_ignored_even_if_it_is_essential() {
    for claims in [
        "{}",
        r#"{"id_token":null,"userinfo":null}"#,
        r#"{"introspection":{"email":null},"x":[1,2,{"y":7}]}"#,
        r#"{"id_token":{"family_name#ja-Kana-JP":null,"shoe_size":{"essential":true}}}"#,
        r#"{"id_token":{"auth_time":{"essential":true},"nonce":null,"iss":{"value":"x"}}}"#,
        r#"{"id_token":{"Email":null," email":null}}"#,
    ] {
        let location = story("openid").authorize(&wish("id_token", "openid", claims)).token();
        assert_eq!(told(&id_token(&location)), json!({}), "{claims}");
    }
}

#[test]
fn az_49_claims_that_are_no_such_json_are_an_error() {
    let deep = format!(r#"{{"id_token":{}1{}}}"#, r#"{"a":"#.repeat(1_000), "}".repeat(1_000));
    let lists = format!(r#"{{"x":{}{}}}"#, "[".repeat(3_000), "]".repeat(3_000));
    let deeper = format!("{{\"x\":{}", "[".repeat(10_000));
    let long = format!(r#"{{"id_token":{{"{}":null}}}}"#, "x".repeat(8 * 1024));
    for claims in [
        "x",
        "[]",
        "null",
        "\"email\"",
        "{\"id_token\":",
        "{\"id_token\":[]}",
        "{\"userinfo\":\"email\"}",
        "{\"id_token\":{\"email\":true}}",
        "{\"id_token\":{\"email\":\"essential\"}}",
        "{\"id_token\":{\"email\":null,\"email\":null}}",
        "{'id_token':{}}",
        "{\"id_token\":{}} x",
        &deep,
        &lists,
        &deeper,
        &long,
    ] {
        let request = wish("id_token", "openid", claims);
        story("openid").authorize(&request).error_in_fragment("invalid_request");
    }
    // Longer than any request may be: it is not even looked at.
    let request = wish("id_token", "openid", &"x".repeat(1 << 20));
    assert_eq!(AuthorizationQuery::parse(&request), Err(QueryProblem::TooLong));
}

/// A request that is none of OpenID has no `claims`, whatever it says.
#[test]
fn without_the_scope_openid_claims_mean_nothing() {
    let story = Story::approved("");
    story.authorize(&ask(&[("claims", "no JSON at all")])).token();
    let request = ask(&[("claims", r#"{"userinfo":{"email":null}}"#)]);
    let location = story.authorize(&request).token();
    assert_eq!(story.open(location.raw("access_token").unwrap()).userinfo, ClaimSet::EMPTY);
}

/// Section 5.5.1.1: "If this is an Essential Claim and the requirement cannot be met, then the Authorization
/// Server MUST treat that outcome as a failed authentication attempt."
#[test]
fn section_5_5_1_1_an_essential_acr_is_met_or_refused() {
    let story = story("openid");
    for (acr, is_met) in [
        (r"null", true),
        (r#"{"essential":true}"#, true),
        (r#"{"essential":true,"value":"1"}"#, true),
        (r#"{"essential":true,"values":["urn:mace:incommon:iap:silver","1"]}"#, true),
        (r#"{"essential":true,"values":["2","3"]}"#, false),
        (r#"{"essential":true,"values":[]}"#, false),
        (r#"{"essential":true,"value":"2"}"#, false),
        (r#"{"essential":true,"value":1}"#, false),
        (r#"{"essential":true,"values":"1"}"#, false),
        (r#"{"essential":false,"value":"2"}"#, true),
        (r#"{"values":["2"]}"#, true),
    ] {
        for response_type in ["code", "id_token"] {
            let claims = format!(r#"{{"id_token":{{"acr":{acr}}}}}"#);
            let outcome = story.authorize(&wish(response_type, "openid", &claims));
            if is_met {
                answered(outcome);
                continue;
            }
            let error = outcome.error();
            let code = "unmet_authentication_requirements";
            assert_eq!(error.raw("error"), Some(code), "{acr}");
        }
    }
    let voluntary = asks("id_token", &[("acr_values", "2 phrh")]);
    assert_eq!(id_token(&story.authorize(&voluntary).token()).text("acr"), Some("1"));
}
