//! The guide to the implicit grant, sentence by sentence: every one that can be a rule is a test.

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::authorize::Verdict::{Approve, Deny};
use hallpass_protocol::model::AllowedScopes;

use crate::support::*;

const SENT: [(&str, &str); 2] = [("scope", "user-read-private user-read-email"), ("state", "123")];

// "It does not involve secret keys."

#[test]
fn no_secret_is_asked_for_and_one_that_is_sent_changes_nothing() {
    let story = Story::approved("");
    let plain = story.authorize(&ask(&[]));
    assert_eq!(story.authorize(&ask(&[("client_secret", "whatever")])), plain);
    plain.token();
}

// "Access tokens issued are short-lived with no refresh token."

#[test]
fn a_token_ends_when_it_was_said_to_and_comes_without_a_refresh_token() {
    let story = Story::approved("");
    let location = story.authorize(&ask(&[])).token();
    let claims = story.open(location.raw("access_token").unwrap());
    assert_eq!(claims.expires_at.since(claims.issued_at).as_secs(), 3600);
    assert!(claims.is_expired(claims.expires_at));
    assert_eq!(location.raw("refresh_token"), None);
}

// The table of the request: client_id, required, the id that was given at registration.

#[test]
fn client_id_is_required() {
    let page = Story::signed_in().authorize(&ask_without("client_id")).page();
    assert_eq!(page, "Missing required parameter: client_id");
}

#[test]
fn client_id_is_the_one_given_at_registration() {
    let page = Story::signed_in().authorize(&ask(&[("client_id", "f".repeat(32).as_str())])).page();
    assert_eq!(page, "INVALID_CLIENT: Invalid client");
}

// response_type, required, `token`.

#[test]
fn response_type_is_required() {
    let location = Story::signed_in().authorize(&ask_without("response_type")).error();
    assert_eq!(location.raw("error"), Some("invalid_request"));
}

#[test]
fn response_type_is_token() {
    let location = Story::signed_in().authorize(&ask(&[("response_type", "tokens")])).error();
    assert_eq!(location.raw("error"), Some("unsupported_response_type"));
}

// redirect_uri, required, exactly one of those in the allowlist, "including upper or lowercase,
// terminating slashes, and such". (All of `redirect_uris.rs` is about this sentence.)

#[test]
fn redirect_uri_is_required() {
    let page = Story::signed_in().authorize(&ask_without("redirect_uri")).page();
    assert_eq!(page, "Missing required parameter: redirect_uri");
}

#[test]
fn redirect_uri_matches_exactly_or_not_at_all() {
    let mut story = Story::signed_in();
    story.app().redirect_uris.push(redirect_uri("http://localhost:8888/callback"));
    for registered in [CALLBACK, "http://localhost:8888/callback"] {
        story.authorize(&ask(&[("redirect_uri", registered)])).dialog();
    }
    for other in [
        "https://example.com/Callback",
        "https://EXAMPLE.com/callback",
        "https://example.com/callback/",
        "https://example.com/callback?",
        "https://example.com/callback#",
        "https://example.com/",
        "http://localhost:8889/callback",
        "https://localhost:8888/callback",
    ] {
        let page = story.authorize(&ask(&[("redirect_uri", other)])).page();
        assert_eq!(page, "INVALID_CLIENT: Invalid redirect URI", "{other}");
    }
}

// state, optional, strongly recommended.

#[test]
fn state_comes_back_as_it_was_sent_and_is_absent_if_it_was_absent() {
    let story = Story::approved("");
    let with = story.authorize(&ask(&[("state", "a b&c=d;é")])).token();
    assert_eq!(with.get("state").as_deref(), Some("a b&c=d;é"));
    let without = story.authorize(&ask(&[])).token();
    assert_eq!(without.raw("state"), None);
}

// scope, optional, "a space-separated list".

#[test]
fn scope_is_a_list_separated_by_spaces_however_they_are_encoded() {
    let story = Story::signed_in();
    for list in ["user-read-private%20user-read-email", "user-read-private+user-read-email"] {
        let dialog = story.authorize(&format!("{}&scope={list}", ask(&[]))).dialog();
        assert_eq!(dialog.new, ["user-read-email", "user-read-private"], "{list}");
    }
}

#[test]
fn without_scope_only_what_is_public_is_asked_for() {
    let mut story = Story::signed_in();
    for request in [ask(&[]), ask(&[("scope", "")])] {
        assert!(story.authorize(&request).dialog().new.is_empty());
        let token = story.answer(&request, Approve).token();
        assert!(story.open(token.raw("access_token").unwrap()).scopes.is_empty());
    }
    story.app().scopes = AllowedScopes::Only(scopes(""));
    story.authorize(&ask(&[])).dialog();
}

// show_dialog, optional: `false` is the default.

#[test]
fn who_approved_before_is_redirected_without_a_page() {
    let story = Story::approved("user-read-private user-read-email");
    for changes in [SENT.to_vec(), [SENT.to_vec(), vec![("show_dialog", "false")]].concat()] {
        story.authorize(&ask(&changes)).token();
    }
}

#[test]
fn show_dialog_true_asks_again_and_never_redirects_by_itself() {
    let story = Story::approved("user-read-private user-read-email");
    for yes in ["true", "True", "TRUE"] {
        let request = ask(&[SENT[0], ("show_dialog", yes)]);
        let dialog = story.authorize(&request).dialog();
        assert_eq!(dialog.known, ["user-read-email", "user-read-private"]);
        assert!(dialog.new.is_empty() && dialog.approved_before);
        story.answer(&request, Approve).token();
    }
}

#[test]
fn show_dialog_is_true_or_false() {
    let story = Story::approved("");
    for other in ["1", "yes", "maybe", " true"] {
        let request = ask(&[("show_dialog", other)]);
        story.authorize(&request).error_in_fragment("invalid_request");
    }
}

// The JavaScript sample: response_type, client_id, scope, redirect_uri, state, in that order, each
// encoded by encodeURIComponent; the redirect URI on localhost.

#[test]
fn the_request_of_the_guides_sample_leads_to_the_dialog() {
    let mut story = Story::signed_in();
    story.app().redirect_uris = vec![redirect_uri("http://localhost:8888/callback")];
    let url = format!(
        "response_type=token&client_id={CLIENT_ID}&scope=user-read-private%20user-read-email\
         &redirect_uri=http%3A%2F%2Flocalhost%3A8888%2Fcallback&state=uRz7pLq0aXbN3vTd"
    );
    let dialog = story.authorize(&url).dialog();
    assert_eq!(dialog.origin, "http://localhost:8888");
    let token = story.answer(&url, Approve).token();
    assert!(token.as_str().starts_with("http://localhost:8888/callback#access_token="));
    assert_eq!(token.raw("state"), Some("uRz7pLq0aXbN3vTd"));
}

// "The user will see the authorization dialog asking to authorize access within the scopes."

#[test]
fn the_dialog_shows_each_scope_that_is_sought() {
    let dialog = Story::signed_in().authorize(&ask(&SENT)).dialog();
    assert_eq!(dialog.new, ["user-read-email", "user-read-private"]);
    assert_eq!((dialog.username.as_str(), dialog.approved_before), ("ada", false));
}

// "If the user is not logged in, they are prompted to do so"; "when the user is logged in, they are
// asked".

#[test]
fn who_is_not_signed_in_signs_in_first_and_is_asked_then() {
    let mut story = Story::begins();
    assert_eq!(story.authorize(&ask(&SENT)), Outcome::SIGN_IN);
    story.facts.signed_in = Some(browser_of(account("ada", 50), "ada's cookie"));
    story.authorize(&ask(&SENT)).dialog();
}

// "After the user accepts, or denies your request, [the server] redirects the user back to your
// redirect_uri."

#[test]
fn both_answers_lead_back_to_the_redirect_uri() {
    let story = Story::signed_in();
    assert!(story.answer(&ask(&SENT), Approve).token().as_str().starts_with(CALLBACK));
    assert!(story.answer(&ask(&SENT), Deny).error().as_str().starts_with(CALLBACK));
}

// "If the user grants access, the final URL will contain a hash fragment", encoded as a query string:
// access_token, token_type "Bearer", expires_in in seconds, state. The order is the example's.

#[test]
fn a_granted_request_ends_at_exactly_the_guides_url_followed_by_the_issuer() {
    let story = Story::signed_in();
    let location = story.answer(&ask(&SENT), Approve).token();
    let token = location.raw("access_token").unwrap();
    assert_eq!(
        location.as_str(),
        format!(
            "https://example.com/callback#access_token={token}&token_type=Bearer\
             &expires_in=3600&state=123&iss=https%3A%2F%2Faccounts.example"
        )
    );
}

#[test]
fn the_access_token_is_the_persons_and_the_apps_for_what_was_asked() {
    let mut story = Story::signed_in();
    let location = story.answer(&ask(&SENT), Approve).token();
    let claims = story.open(location.raw("access_token").unwrap());
    assert_eq!(claims.subject, TokenSubject::Account(story.person().account.id));
    assert_eq!(claims.client.as_str(), CLIENT_ID);
    assert_eq!(claims.scopes.to_string(), "user-read-private user-read-email");
}

// "If the user denies access, access token is not included and the final URL includes a query string."

#[test]
fn a_denied_request_ends_at_exactly_the_guides_url_followed_by_the_issuer() {
    let location = Story::signed_in().answer(&ask(&SENT), Deny).error();
    assert_eq!(
        location.as_str(),
        "https://example.com/callback?error=access_denied&state=123\
         &iss=https%3A%2F%2Faccounts.example"
    );
}
