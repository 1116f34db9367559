//! RFC 8707: a token is for the API that the client names, and for no other.

use hallpass_protocol::introspect;
use hallpass_protocol::model::{Api, ApiIdentifier, GrantType, TokenFormat};

use crate::support::{
    CLIENT_ID, Desk, ISSUER, Refused, Story, Tokens, ask, ask_code, client_id, scopes,
};

const MUSIC: &str = "https://music.example/v1";
const VIDEO: &str = "urn:example:video";

fn api(identifier: &str, list: &str) -> Api {
    Api {
        identifier: ApiIdentifier::parse(identifier).unwrap(),
        format: TokenFormat::Opaque,
        scopes: scopes(list),
        introspector: None,
    }
}

fn story() -> Story {
    let mut story = Story::approved("streaming user-top-read");
    story.policy.apis = vec![api(MUSIC, "streaming"), api(VIDEO, "")];
    story
}

fn desk() -> Desk {
    let mut desk = Desk::opens();
    desk.story.policy.apis = story().policy.apis;
    desk
}

fn audience(desk: &Desk, tokens: &Tokens) -> String {
    desk.check(tokens).unwrap().audience
}

fn target(tokens: Result<Tokens, Refused>) {
    assert_eq!(tokens.unwrap_err().0, "invalid_target");
}

#[test]
fn section_2_1_an_implicit_token_is_for_the_api_that_was_named() {
    let story = story();
    let audience = |more: &[(&str, &str)]| {
        let location = story.authorize(&ask(more)).token();
        story.open(&location.get("access_token").unwrap()).audience
    };
    assert_eq!(audience(&[]), ISSUER);
    assert_eq!(audience(&[("resource", MUSIC)]), MUSIC);
    assert_eq!(audience(&[("resource", VIDEO), ("scope", "user-top-read")]), VIDEO);
    let twice = ask(&[("resource", VIDEO)]) + "&resource=urn%3Aexample%3Avideo";
    story.authorize(&twice).token();
}

#[test]
fn az_53_what_is_no_known_api_is_refused() {
    let story = story();
    for bad in [
        "music",
        "%2Fv1",
        "%00",
        "https://other.example",
        "https://music.example/v1%23a",
        "https://music.example/v1/",
        "HTTPS://music.example/v1",
    ] {
        let more = format!("&resource={bad}");
        story.authorize(&(ask(&[]) + &more)).error_in_fragment("invalid_target");
        let desk = desk();
        desk.story.authorize(&(ask_code(&[]) + &more)).error_in_query("invalid_target");
    }
    story.authorize(&(ask(&[]) + "&resource=")).token();
    for more in ["&resource=%ff", "&resource[]=a", "&resource=%zz"] {
        story.authorize(&(ask(&[]) + more)).error_in_fragment("invalid_target");
    }
}

#[test]
fn az_53_a_token_is_for_one_api() {
    let two = ask(&[("resource", MUSIC)]) + "&resource=" + VIDEO;
    story().authorize(&two).error_in_fragment("invalid_target");
}

#[test]
fn section_3_a_token_carries_no_scope_of_another_api() {
    let request = ask(&[("resource", MUSIC), ("scope", "streaming user-top-read")]);
    story().authorize(&request).error_in_fragment("invalid_scope");
    let request = ask(&[("resource", MUSIC), ("scope", "streaming")]);
    story().authorize(&request).token();
}

#[test]
fn section_2_2_a_code_and_all_that_follows_are_for_the_api_that_was_named() {
    let mut desk = desk();
    let code = desk.code_of(&ask_code(&[("scope", "streaming"), ("resource", MUSIC)]));
    let tokens = desk.exchange(&code, &[]).unwrap();
    assert_eq!(audience(&desk, &tokens), MUSIC);
    let token = tokens.refresh_token.unwrap();
    let tokens = desk.refresh(&token, &[("resource", MUSIC)]).unwrap();
    assert_eq!(audience(&desk, &tokens), MUSIC);
    let again = desk.refresh(&token, &[]).unwrap();
    assert_eq!(audience(&desk, &again), MUSIC);
}

#[test]
fn section_2_2_another_api_than_was_granted_is_refused_and_nothing_is_used_up() {
    let mut desk = desk();
    let code = desk.code_of(&ask_code(&[("scope", "streaming"), ("resource", MUSIC)]));
    for other in [VIDEO, ISSUER, "https://other.example", "x"] {
        target(desk.exchange(&code, &[("resource", other)]));
    }
    let token = desk.exchange(&code, &[("resource", MUSIC)]).unwrap().refresh_token.unwrap();
    target(desk.refresh(&token, &[("resource", VIDEO)]));
    let next = desk.refresh(&token, &[]).unwrap().refresh_token.unwrap();
    target(desk.refresh(&token, &[("resource", VIDEO)]));
    desk.refresh(&next, &[]).unwrap();
}

#[test]
fn section_2_2_what_was_granted_for_no_api_is_for_none_later() {
    let mut desk = desk();
    let code = desk.code();
    target(desk.exchange(&code, &[("resource", VIDEO)]));
    let tokens = desk.exchange(&code, &[]).unwrap();
    assert_eq!(audience(&desk, &tokens), ISSUER);
    target(desk.refresh(&tokens.refresh_token.unwrap(), &[("resource", VIDEO)]));
}

#[test]
fn an_api_that_is_not_there_any_more_gets_no_tokens() {
    let mut desk = desk();
    let code = desk.code_of(&ask_code(&[("scope", "streaming"), ("resource", MUSIC)]));
    let token = desk.exchange(&code, &[]).unwrap().refresh_token.unwrap();
    desk.story.policy.apis.clear();
    target(desk.refresh(&token, &[]));
}

#[test]
fn section_2_2_an_app_names_the_api_of_its_own_token() {
    let mut desk = desk();
    desk.keeps_a_secret();
    desk.story.app().grant_types = [GrantType::ClientCredentials].into_iter().collect();
    let own = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", "secret"),
        ("scope", "streaming"),
    ];
    let mut with = |more: &[(&str, &str)]| desk.post(&[more, &own].concat());
    let tokens = with(&[("resource", MUSIC)]).unwrap();
    target(with(&[("resource", "https://other.example")]));
    let wide = with(&[("resource", MUSIC), ("scope", "user-top-read")]);
    assert_eq!(wide.unwrap_err().0, "invalid_scope");
    assert_eq!(audience(&desk, &tokens), MUSIC);
}

#[test]
fn in_02_an_introspector_knows_of_its_own_apis_tokens_and_nobody_else_does() {
    let (music, video, app) = (client_id("music"), client_id("video"), client_id("app"));
    let of = |identifier, client| Api { introspector: Some(client), ..api(identifier, "") };
    let apis = [of(MUSIC, music.clone()), of(VIDEO, video), api("urn:example:free", "")];
    let may = |caller, audience| introspect::may_ask(caller, audience, &apis);
    assert!(may(&music, MUSIC));
    assert!(!may(&music, VIDEO) && !may(&music, ISSUER) && !may(&music, "urn:example:free"));
    assert!(!may(&app, MUSIC));
    assert!(may(&app, ISSUER) && may(&app, "urn:example:free"));
}
