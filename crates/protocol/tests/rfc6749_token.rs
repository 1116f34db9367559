//! RFC 6749, The OAuth 2.0 Authorization Framework: codes, the client credentials grant, the token
//! endpoint and refresh tokens.

use std::time::Duration;

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::authorize::Verdict::Deny;
use hallpass_protocol::authorize::{CODE_LIFETIME, UnknownScopes};
use hallpass_protocol::model::GrantType;

use crate::support::*;

const BOTH: &str = "streaming user-top-read";

/// Section 4.1, Authorization Code Grant.
mod section_4_1 {
    use super::*;

    /// Section 4.1.1: response_type "Value MUST be set to code".
    #[test]
    fn section_4_1_1_a_request_for_a_code_is_judged_like_one_for_a_token() {
        let desk = Desk::opens();
        let story = &desk.story;
        story.authorize(&ask_code(&[("scope", BOTH)])).code();
        story.authorize(&ask_code(&[("scope", "user-read-email")])).dialog();
        story.authorize(&ask_code(&[("show_dialog", "true")])).dialog();
        story.authorize(&ask_code(&[("redirect_uri", "https://evil.example/")])).page();
        story.authorize(&ask_code(&[("scope", "what")])).error_in_query("invalid_scope");
        story.authorize(&ask_code(&[("response_mode", "query")])).code();
        let request = ask_code(&[("response_mode", "bogus")]);
        story.authorize(&request).error_in_query("invalid_request");
    }

    /// Section 4.1.2: "adding the following parameters to the query component": code, state "REQUIRED
    /// if the state parameter was present"; RFC 9207 adds iss.
    #[test]
    fn section_4_1_2_the_code_is_in_the_query_with_the_state() {
        let desk = Desk::opens();
        let (location, _) = desk.story.authorize(&ask_code(&[("state", "a b")])).code();
        let names: Vec<&str> = location.query().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["code", "state", "iss"]);
        assert_eq!(location.raw("state"), Some("a%20b"));
        assert_eq!(location.fragment(), []);
        let (location, _) = desk.story.authorize(&ask_code(&[])).code();
        assert_eq!(location.raw("state"), None);
    }

    /// Section 4.1.2: "MUST expire shortly after it is issued … A maximum authorization code lifetime
    /// of 10 minutes is RECOMMENDED"; here it is a minute.
    #[test]
    fn section_4_1_2_a_code_ends_after_a_minute() {
        let mut desk = Desk::opens();
        let expires_at = desk.story.now.plus(CODE_LIFETIME);
        let code = desk.code();
        assert_eq!(CODE_LIFETIME, Duration::from_secs(60));
        desk.story.now = expires_at;
        let expired = ("invalid_grant", "Authorization code expired".to_owned());
        assert_eq!(desk.exchange(&code, &[]), Err(expired));
        desk.story.now = hallpass_protocol::model::Timestamp::from_millis(expires_at.millis() - 1);
        desk.exchange(&code, &[]).unwrap();
    }

    /// Section 4.1.2: "The authorization code is bound to the client identifier and redirection URI."
    #[test]
    fn section_4_1_2_a_code_is_bound_to_its_client_and_redirect_uri() {
        let mut desk = Desk::opens();
        let code = desk.code();
        desk.story.app().id = client_id("another");
        let (error, description) = desk.exchange(&code, &[("client_id", "another")]).unwrap_err();
        assert_eq!((error, &*description), ("invalid_grant", "Invalid authorization code"));
        desk.story.app().id = client_id(CLIENT_ID);
        let elsewhere = format!("{CALLBACK}/");
        let (error, description) =
            desk.exchange(&code, &[("redirect_uri", &elsewhere)]).unwrap_err();
        assert_eq!((error, &*description), ("invalid_grant", "Invalid redirect URI"));
    }

    /// Section 4.1.2: "If an authorization code is used more than once, the authorization server MUST
    /// deny the request and SHOULD revoke (when possible) all tokens previously issued based on that
    /// authorization code."
    #[test]
    fn section_4_1_2_a_code_used_twice_ends_what_followed_from_it() {
        let mut desk = Desk::opens();
        let code = desk.code();
        let first = desk.exchange(&code, &[]).unwrap();
        assert!(desk.check(&first).is_some());
        assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "invalid_grant");
        assert_eq!(desk.check(&first), None);
        assert!(desk.refresh(&first.refresh_token.unwrap(), &[]).is_err());
    }

    /// Section 4.1.2.1: errors go into the query, with the state.
    #[test]
    fn section_4_1_2_1_every_error_is_in_the_query() {
        let mut desk = Desk::opens();
        let state = ("state", "xyz");
        let no = desk.story.answer(&ask_code(&[state]), Deny).error_in_query("access_denied");
        assert_eq!(no.raw("state"), Some("xyz"));
        for (code, wrong) in [
            ("invalid_request", ("code_challenge_method", "plain")),
            ("invalid_scope", ("scope", "unknown")),
        ] {
            let location = desk.story.authorize(&ask_code(&[wrong, state])).error_in_query(code);
            assert_eq!(location.raw("state"), Some("xyz"));
        }
        desk.story.app().grant_types = [GrantType::Implicit].into_iter().collect();
        desk.story.authorize(&ask_code(&[])).error_in_query("unauthorized_client");
    }

    /// Section 4.1.3: "ensure that the redirect_uri parameter is present if the redirect_uri parameter
    /// was included in the initial authorization request … and … that their values are identical."
    #[test]
    fn section_4_1_3_the_redirect_uri_is_the_one_of_the_request() {
        let mut desk = Desk::opens();
        let code = desk.code();
        let other = format!("{CALLBACK}/");
        for wrong in ["", &other, "HTTPS://example.com/callback", "https://example.com"] {
            let refused = desk.exchange(&code, &[("redirect_uri", wrong)]).unwrap_err();
            assert_eq!(refused, ("invalid_grant", "Invalid redirect URI".to_owned()), "{wrong}");
        }
        desk.exchange(&code, &[]).unwrap();
    }

    /// Section 4.1.4: the answer is that of section 5.1, with what was granted.
    #[test]
    fn section_4_1_4_the_answer_is_a_token_for_what_was_granted() {
        let mut desk = Desk::opens();
        desk.story.policy.unknown_scopes = UnknownScopes::Ignore;
        let code = desk.code_of(&ask_code(&[("scope", "streaming what")]));
        let tokens = desk.exchange(&code, &[]).unwrap();
        assert_eq!(tokens.scope, "streaming");
        let claims = desk.check(&tokens).unwrap();
        let person = desk.story.person().account.id;
        assert_eq!(claims.subject, TokenSubject::Account(person));
        assert_eq!(claims.scopes, scopes("streaming"));
        let consent = desk.story.facts.consent.as_ref().map(|consent| consent.authorization);
        assert_eq!(claims.consent, consent);
        assert_eq!(claims.audience, ISSUER);
    }

    /// A consent given now counts as one given before.
    #[test]
    fn section_4_1_1_a_first_approval_leads_to_a_code_that_rests_on_it() {
        let mut desk = Desk::opens();
        desk.story.facts.consent = None;
        let request = ask_code(&[("scope", "streaming")]);
        let form = desk.story.form(&request);
        let code = desk.code_of_answer(&form, &request);
        let tokens = desk.exchange(&code, &[]).unwrap();
        let consent = desk.story.facts.consent.as_ref().map(|consent| consent.authorization);
        assert!(consent.is_some());
        assert_eq!(desk.check(&tokens).unwrap().consent, consent);
    }
}

/// Section 4.4, Client Credentials Grant.
mod section_4_4 {
    use super::*;

    const SECRET: &str = "hps_secret";

    fn for_itself(desk: &mut Desk, scope: &str) -> Result<Tokens, Refused> {
        desk.post(&[
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", SECRET),
            ("scope", scope),
        ])
    }

    fn desk() -> Desk {
        let mut desk = Desk::opens();
        let grants = [GrantType::ClientCredentials, GrantType::RefreshToken];
        desk.story.facts.client = Some(confidential(SECRET).into());
        desk.story.app().grant_types = grants.into_iter().collect();
        desk
    }

    /// "The client credentials grant type MUST only be used by confidential clients."
    #[test]
    fn only_a_confidential_client_may_act_for_itself() {
        let mut desk = desk();
        for_itself(&mut desk, "").unwrap();
        desk.story.app().client_type = app().client_type;
        let refused = desk.post(&[("grant_type", "client_credentials"), ("client_id", CLIENT_ID)]);
        assert_eq!(refused.unwrap_err().0, "unauthorized_client");
        desk.story.facts.client = Some(confidential(SECRET).into());
        assert_eq!(for_itself(&mut desk, "").unwrap_err().0, "unauthorized_client");
    }

    /// Section 4.4.3: "A refresh token SHOULD NOT be included."
    #[test]
    fn section_4_4_3_the_token_is_the_clients_own_and_no_refresh_token_comes_with_it() {
        let mut desk = desk();
        let tokens = for_itself(&mut desk, "streaming").unwrap();
        assert_eq!((tokens.refresh_token.as_deref(), &*tokens.scope), (None, "streaming"));
        let claims = desk.check(&tokens).unwrap();
        assert_eq!((claims.subject, claims.consent), (TokenSubject::Client, None));
    }

    /// Section 3.3: what the client may not ask for is refused, or left out and not told.
    #[test]
    fn only_scopes_that_the_client_may_ask_for_are_granted() {
        let mut desk = desk();
        for wrong in ["user-soa-link", "streaming what", "a\"b", "streaming  streaming"] {
            assert_eq!(for_itself(&mut desk, wrong).unwrap_err().0, "invalid_scope", "{wrong}");
        }
        desk.story.policy.unknown_scopes = UnknownScopes::Ignore;
        assert_eq!(for_itself(&mut desk, "streaming what").unwrap().scope, "streaming");
        assert_eq!(for_itself(&mut desk, "user-soa-link").unwrap_err().0, "invalid_scope");
    }
}

/// Section 5, Issuing an Access Token.
mod section_5 {
    use super::*;

    /// Section 5.1: access_token, expires_in, refresh_token, scope ("OPTIONAL, if identical to the
    /// scope requested"; here always).
    #[test]
    fn section_5_1_the_answer_holds_what_the_token_says() {
        let mut desk = Desk::opens();
        desk.story.policy.token_lifetime = Duration::from_secs(60);
        let tokens = desk.session();
        assert_eq!((tokens.expires_in.as_secs(), &*tokens.scope), (60, BOTH));
        let claims = desk.check(&tokens).unwrap();
        assert_eq!(claims.expires_at.since(claims.issued_at), tokens.expires_in);
        for token in [tokens.access_token, tokens.refresh_token.unwrap()] {
            assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        }
    }

    /// A client that did not register the refresh token grant gets none.
    #[test]
    fn section_5_1_a_refresh_token_comes_only_to_a_client_that_uses_them() {
        let mut desk = Desk::opens();
        desk.story.app().grant_types = [GrantType::AuthorizationCode].into_iter().collect();
        assert_eq!(desk.session().refresh_token, None);
        assert_eq!(desk.families, []);
    }

    /// Section 5.2, with the texts that published clients compare.
    #[test]
    fn section_5_2_each_error_has_its_code_and_its_text() {
        let mut desk = Desk::opens();
        let code = desk.code();
        let mut refused = |fields: &[(&str, &str)], error, description: &str| {
            let fields = [fields, &[("client_id", CLIENT_ID)]].concat();
            assert_eq!(desk.post(&fields), Err((error, description.to_owned())), "{fields:?}");
        };
        let exchange = ("grant_type", "authorization_code");
        let refresh = ("grant_type", "refresh_token");
        refused(&[], "invalid_request", "grant_type parameter is missing");
        refused(&[("grant_type", "")], "invalid_request", "grant_type parameter is missing");
        refused(&[exchange], "invalid_request", "code must be supplied");
        refused(&[exchange, ("code", "")], "invalid_request", "code must be supplied");
        refused(&[refresh], "invalid_request", "refresh_token must be supplied");
        let unknown = [exchange, ("code", "hpc_unknown")];
        refused(&unknown, "invalid_grant", "Invalid authorization code");
        let place = [exchange, ("code", &*code), ("redirect_uri", "https://example.com/")];
        refused(&place, "invalid_grant", "Invalid redirect URI");
        let proof = [exchange, ("code", &*code), ("redirect_uri", CALLBACK)];
        refused(&proof, "invalid_grant", "code_verifier was incorrect");
        let unknown = [refresh, ("refresh_token", "hpr_unknown")];
        refused(&unknown, "invalid_grant", "Invalid refresh token");
        let malformed = [refresh, ("refresh_token", "x"), ("scope", "a  b")];
        let names =
            "Invalid scope: a scope list holds printable ASCII names separated by single spaces";
        refused(&malformed, "invalid_scope", names);
        let offered = "grant_type must be authorization_code, refresh_token or client_credentials";
        refused(&[("grant_type", "password")], "unsupported_grant_type", offered);
        refused(&[("client_id", "nobody")], "invalid_client", "Invalid client");
        refused(&[("client_secret", "x")], "invalid_client", "Invalid client secret");
    }

    /// Section 5.2, unauthorized_client: "not authorized to use this authorization grant type".
    #[test]
    fn section_5_2_a_grant_that_is_not_switched_on_is_refused_at_use() {
        let mut desk = Desk::opens();
        let code = desk.code();
        let refresh_token = desk.session().refresh_token.unwrap();
        desk.story.app().grant_types = [GrantType::Implicit].into_iter().collect();
        assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "unauthorized_client");
        assert_eq!(desk.refresh(&refresh_token, &[]).unwrap_err().0, "unauthorized_client");
    }
}

/// Section 6, Refreshing an Access Token.
mod section_6 {
    use super::*;

    /// "The requested scope MUST NOT include any scope not originally granted by the resource owner, and
    /// if omitted is treated as equal to the scope originally granted".
    #[test]
    fn a_refresh_asks_for_less_or_for_the_same_and_never_for_more() {
        let mut desk = Desk::opens();
        let first = desk.session().refresh_token.unwrap();
        let less = desk.refresh(&first, &[("scope", "streaming")]).unwrap();
        assert_eq!(less.scope, "streaming");
        assert_eq!(desk.check(&less).unwrap().scopes, scopes("streaming"));
        let second = less.refresh_token.unwrap();
        let (error, description) =
            desk.refresh(&second, &[("scope", "streaming user-read-email")]).unwrap_err();
        assert_eq!(error, "invalid_scope");
        assert_eq!(description, "The scope user-read-email was not granted");
        // "… identical to that of the refresh token": what was granted stays, and the refusal used nothing.
        assert_eq!(desk.refresh(&second, &[]).unwrap().scope, BOTH);
    }

    /// "the refresh token is bound to the client to which it was issued".
    #[test]
    fn a_refresh_token_is_bound_to_its_client() {
        let mut desk = Desk::opens();
        let token = desk.session().refresh_token.unwrap();
        desk.families[0].client = client_id("another");
        let unknown = ("invalid_grant", "Invalid refresh token".to_owned());
        assert_eq!(desk.refresh(&token, &[]), Err(unknown));
    }

    /// "require client authentication for confidential clients".
    #[test]
    fn a_confidential_client_proves_who_it_is_with_each_refresh() {
        let mut desk = Desk::opens();
        desk.keeps_a_secret();
        let code = desk.code();
        assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "invalid_client");
        let proof = [("client_secret", "secret")];
        let token = desk.exchange(&code, &proof).unwrap().refresh_token.unwrap();
        assert_eq!(desk.refresh(&token, &[]).unwrap_err().0, "invalid_client");
        desk.refresh(&token, &proof).unwrap();
    }
}

/// Section 10.5: "Authorization codes MUST be short lived and single-use. If the authorization server
/// observes multiple attempts to exchange an authorization code for an access token, the authorization
/// server SHOULD attempt to revoke all access tokens already granted".
#[test]
fn section_10_5_a_second_exchange_ends_every_token_refreshed_ones_too() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let first = desk.exchange(&code, &[]).unwrap();
    let second = desk.refresh(first.refresh_token.as_ref().unwrap(), &[]).unwrap();
    // Long after the code's own end, too: used is used.
    desk.wait(Duration::from_secs(600));
    assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "invalid_grant");
    for tokens in [&first, &second] {
        assert_eq!(desk.check(tokens), None);
        let revoked = ("invalid_grant", "Refresh token revoked".to_owned());
        assert_eq!(desk.refresh(tokens.refresh_token.as_ref().unwrap(), &[]), Err(revoked));
    }
}
