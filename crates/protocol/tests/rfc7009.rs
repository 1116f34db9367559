//! RFC 7009, OAuth 2.0 Token Revocation, with the refusals RV-01 to RV-04 as far as rules alone show them.

use std::time::Duration;

use hallpass_protocol::model::{Client, Revoked, Secret};
use hallpass_protocol::revoke::{CLOCK_DIFFERENCE, Presented, end, read};

use crate::support::*;

fn present(desk: &Desk, text: &str, client: &Client) -> Presented {
    read(&Secret::presented(text), client, &desk.story.keys)
}

/// Section 2.1: "Implementations MUST support the revocation of refresh tokens and SHOULD support the
/// revocation of access tokens". Both lead to the one authorization that they belong to, so each ends
/// the other.
#[test]
fn section_2_1_an_access_token_and_its_refresh_token_name_the_same_authorization() {
    let mut desk = Desk::opens();
    let tokens = desk.session();
    let authorization = desk.families[0].authorization;
    let access = present(&desk, &tokens.access_token, &app());
    assert_eq!(access, Presented::AccessToken(authorization));
    let refresh = present(&desk, tokens.refresh_token.as_ref().unwrap(), &app());
    assert_eq!(refresh, Presented::RefreshToken(authorization));
    desk.end(authorization);
    assert_eq!(desk.check(&tokens), None);
    let refused = desk.refresh(tokens.refresh_token.as_ref().unwrap(), &[]).unwrap_err();
    assert_eq!(refused, ("invalid_grant", "Refresh token revoked".to_owned()));
}

/// Section 2.1: an older generation is a token of the family as well.
#[test]
fn section_2_1_every_generation_of_a_refresh_token_ends_the_family() {
    let mut desk = Desk::opens();
    let first = desk.session().refresh_token.unwrap();
    let second = desk.refresh(&first, &[]).unwrap().refresh_token.unwrap();
    desk.refresh(&second, &[]).unwrap();
    let authorization = desk.families[0].authorization;
    for token in [first, second] {
        assert_eq!(present(&desk, &token, &app()), Presented::RefreshToken(authorization));
    }
}

/// Section 2.1: the server "verifies whether the token was issued to the client making the revocation
/// request".
#[test]
fn rv_01_another_clients_access_token_is_nothing_to_this_one() {
    let mut desk = Desk::opens();
    let tokens = desk.session();
    let another = Client { id: client_id("another"), ..app() };
    assert_eq!(present(&desk, &tokens.access_token, &another), Presented::Nothing);
    assert!(desk.check(&tokens).is_some());
}

/// RV-02 at the rules' level: nobody is a client without saying which.
#[test]
fn rv_02_a_caller_without_a_client_id_is_no_client() {
    use hallpass_protocol::client_auth::{ClientAuthError, ClientCredentials};
    let nobody = ClientCredentials::read(None, None, None).err();
    assert_eq!(nobody, Some(ClientAuthError::UnknownClient));
}

/// Section 2.2: "invalid tokens do not cause an error response".
#[test]
fn rv_03_an_unknown_token_is_nothing_and_a_revoked_one_ends_once_more() {
    let mut desk = Desk::opens();
    let long = "A".repeat(1 << 20);
    for unknown in ["", "x", "hpa_", "hpr_", "hpa_AAAA", "hpr_AAAA", "hpc_AAAA", "☃", &long] {
        assert_eq!(present(&desk, unknown, &app()), Presented::Nothing, "{unknown:.20}");
    }
    let tokens = desk.session();
    let authorization = desk.families[0].authorization;
    desk.end(authorization);
    let again = present(&desk, &tokens.access_token, &app());
    assert_eq!(again, Presented::AccessToken(authorization));
    desk.end(authorization);
    assert_eq!(desk.ended.len(), 1);
}

/// Section 2.1: with a wrong hint "it MUST extend its search across all of its supported token types".
/// There is no hint to be wrong about: a token says itself what it is.
#[test]
fn rv_04_a_token_is_found_by_what_it_is() {
    let mut desk = Desk::opens();
    let tokens = desk.session();
    let swapped = tokens.refresh_token.unwrap().replacen("hpr_", "hpa_", 1);
    assert_eq!(present(&desk, &swapped, &app()), Presented::Nothing);
    let swapped = tokens.access_token.replacen("hpa_", "hpr_", 1);
    assert_eq!(present(&desk, &swapped, &app()), Presented::Nothing);
}

/// A code can be exchanged or left to end; it is no token.
#[test]
fn a_code_is_no_token() {
    let mut desk = Desk::opens();
    let code = desk.code();
    assert_eq!(present(&desk, &code, &app()), Presented::Nothing);
}

/// An act is remembered until no token that it concerns can be alive on any node.
#[test]
fn an_act_is_remembered_as_long_as_the_longest_token_and_a_difference_of_clocks() {
    let mut desk = Desk::opens();
    desk.session();
    let authorization = desk.families[0].authorization;
    let longest = Duration::from_secs(86_400);
    let act = end(authorization, longest, NOW);
    assert_eq!((act.revoked, act.at), (Revoked::Authorization(authorization), NOW));
    assert_eq!(act.until, NOW.plus(longest).plus(CLOCK_DIFFERENCE));
}
