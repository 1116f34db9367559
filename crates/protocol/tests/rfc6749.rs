//! RFC 6749, The OAuth 2.0 Authorization Framework: the authorization endpoint and the implicit grant.
//! One document, one file, section by section; so it may be long.

use hallpass_protocol::authorize::UnknownScopes;
use hallpass_protocol::authorize::Verdict::{Approve, Deny};

use crate::support::*;

/// Section 3.1, Authorization Endpoint.
mod section_3_1 {
    use super::*;

    /// "Parameters sent without a value MUST be treated as if they were omitted from the request."
    #[test]
    fn a_parameter_without_a_value_was_not_sent() {
        let story = Story::approved("");
        for empty in ["scope", "state", "show_dialog", "response_mode", "request", "request_uri"] {
            for text in [format!("&{empty}="), format!("&{empty}")] {
                let location = story.authorize(&(ask(&[]) + &text)).token();
                assert_eq!(location.raw("state"), None);
            }
        }
        let page = |request: &str| story.authorize(request).page();
        assert_eq!(page(&ask(&[("client_id", "")])), "Missing required parameter: client_id");
        assert_eq!(page(&ask(&[("redirect_uri", "")])), "Missing required parameter: redirect_uri");
        let location = story.authorize(&ask(&[("response_type", "")])).error();
        assert_eq!(location.raw("error"), Some("invalid_request"));
    }

    /// So it cannot be a repetition either, before or after the one with a value.
    #[test]
    fn a_parameter_without_a_value_repeats_nothing() {
        let story = Story::approved("user-top-read");
        let good = ask(&[("scope", "user-top-read"), ("state", "1")]);
        for request in
            [format!("scope=&state&client_id=&{good}"), format!("{good}&scope=&state&a&a=")]
        {
            assert_eq!(story.authorize(&request).token().raw("state"), Some("1"), "{request}");
        }
    }

    /// "The authorization server MUST ignore unrecognized request parameters."
    #[test]
    fn unknown_parameters_are_ignored() {
        let story = Story::approved("");
        let plain = story.authorize(&ask(&[]));
        for extra in
            ["&utm_source=x", "&prompt=none", "&Scope=a", "&a[b]=c", "&x=100%", "&%zz=1&%zy=2"]
        {
            assert_eq!(story.authorize(&(ask(&[]) + extra)), plain, "{extra}");
            assert_eq!(story.authorize(&format!("{}&{}", &extra[1..], ask(&[]))), plain, "{extra}");
        }
        assert_eq!(story.authorize(&format!("&&{}&&", ask(&[]))), plain);
    }

    /// PKCE's parameters mean nothing to this grant: a client that sends them everywhere gets on.
    #[test]
    fn a_code_challenge_is_ignored() {
        let story = Story::approved("");
        let request = ask(&[("code_challenge", "x"), ("code_challenge_method", "plain")]);
        assert_eq!(story.authorize(&request), story.authorize(&ask(&[])));
    }

    /// "Request and response parameters MUST NOT be included more than once."
    #[test]
    fn no_parameter_may_come_twice() {
        let story = Story::approved("");
        for name in ["response_type", "scope", "state", "show_dialog", "response_mode", "colour"] {
            for (one, two) in [("token", "token"), ("token", "code")] {
                let request = ask(&[(name, one)]) + &format!("&{name}={two}");
                let location = story.authorize(&request).error();
                assert_eq!(location.raw("error"), Some("invalid_request"), "{request}");
                assert_eq!(location.raw("access_token"), None);
            }
        }
    }

    /// The answer keeps to the same: each parameter once, whatever was asked.
    #[test]
    fn no_answer_names_a_parameter_twice() {
        let mut story = Story::approved("user-top-read");
        story.policy.unknown_scopes = UnknownScopes::Ignore;
        let request = ask(&[("scope", "user-top-read what"), ("state", "state=1&iss=2#error=3")]);
        let location = story.authorize(&request).token();
        let mut names = location.fragment_names();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), location.fragment().len());
    }
}

/// Section 3.1.1, Response Type.
mod section_3_1_1 {
    use super::*;

    /// "If an authorization request is missing the response_type parameter, or if the response type is
    /// not understood, the authorization server MUST return an error response".
    #[test]
    fn a_missing_or_unknown_type_is_an_error_for_the_client_in_the_query() {
        let story = Story::signed_in();
        story.authorize(&ask_without("response_type")).error_in_query("invalid_request");
        for other in ["Token", "tok", "token,code", "token\u{0}", "none", "token token"] {
            let request = ask(&[("response_type", other)]);
            story.authorize(&request).error_in_query("unsupported_response_type");
        }
    }

    /// "where the order of values does not matter": what is asked is the same, and so is the answer.
    #[test]
    fn the_order_of_its_words_does_not_matter() {
        let story = Story::approved("openid");
        let [one, two] = ["id_token token", "token id_token"].map(|text| {
            let request = ask(&[("response_type", text), ("scope", "openid"), ("nonce", "n")]);
            story.authorize(&request).token()
        });
        assert_eq!(one, two);
    }
}

/// Section 3.1.2, Redirection Endpoint.
mod section_3_1_2 {
    use super::*;
    use hallpass_protocol::model::{RedirectUri, RedirectUriPolicy, RedirectUriProblem};

    /// "The redirection endpoint URI MUST be an absolute URI … MUST NOT include a fragment component."
    #[test]
    fn a_redirect_uri_is_absolute_and_without_fragment() {
        let register = |uri| RedirectUri::register(uri, RedirectUriPolicy { localhost: true });
        for relative in ["/cb", "example.com/cb", "//example.com/cb", "cb", "?x"] {
            assert_eq!(register(relative), Err(RedirectUriProblem::Scheme), "{relative}");
        }
        for fragment in ["https://a.example/#", "https://a.example/cb#x", "https://a.example/?a#b"]
        {
            assert_eq!(register(fragment), Err(RedirectUriProblem::Fragment), "{fragment}");
        }
    }

    /// "The endpoint URI MAY include an … query component, which MUST be retained when adding
    /// additional query parameters."
    #[test]
    fn a_query_that_is_there_is_kept_and_joined() {
        for (uri, denied) in [
            (
                "https://a.example/cb?x=1&y=%20",
                "https://a.example/cb?x=1&y=%20&error=access_denied&",
            ),
            ("https://a.example/cb?", "https://a.example/cb?error=access_denied&"),
            ("https://a.example/cb?x=1&", "https://a.example/cb?x=1&error=access_denied&"),
            ("https://a.example/a&", "https://a.example/a&?error=access_denied&"),
            ("https://a.example", "https://a.example?error=access_denied&"),
            ("com.example.app:/cb", "com.example.app:/cb?error=access_denied&"),
        ] {
            let mut story = Story::signed_in();
            story.app().redirect_uris = vec![redirect_uri(uri)];
            let request = ask(&[("redirect_uri", uri)]);
            let location = story.answer(&request, Deny).error();
            assert!(location.as_str().starts_with(denied), "{}", location.as_str());
            let location = story.answer(&request, Approve).token();
            assert!(location.as_str().starts_with(&format!("{uri}#access_token=")), "{uri}");
        }
    }

    /// Section 3.1.2.2: "Public clients … MUST register"; a client without any gets nowhere.
    #[test]
    fn section_3_1_2_2_a_client_without_redirect_uris_is_never_redirected_to() {
        let mut story = Story::approved("");
        story.app().redirect_uris.clear();
        assert_eq!(story.authorize(&ask(&[])).page(), "INVALID_CLIENT: Invalid redirect URI");
        let page = story.authorize(&ask_without("redirect_uri")).page();
        assert_eq!(page, "Missing required parameter: redirect_uri");
    }

    /// Section 3.1.2.3: "If multiple redirection URIs have been registered … the client MUST include a
    /// redirection URI". (Here it always must: the guide's table says "Required".)
    #[test]
    fn section_3_1_2_3_the_redirect_uri_is_named_however_many_are_registered() {
        let mut story = Story::approved("");
        story.authorize(&ask_without("redirect_uri")).page();
        story.app().redirect_uris.push(redirect_uri("https://example.com/other"));
        story.authorize(&ask_without("redirect_uri")).page();
        let location =
            story.authorize(&ask(&[("redirect_uri", "https://example.com/other")])).token();
        assert!(location.as_str().starts_with("https://example.com/other#"));
    }

    /// Section 3.1.2.4: "the authorization server SHOULD inform the resource owner of the error and
    /// MUST NOT automatically redirect the user-agent to the invalid redirection URI".
    #[test]
    fn section_3_1_2_4_an_invalid_redirect_uri_is_never_redirected_to() {
        for story in [Story::begins(), Story::signed_in(), Story::approved("")] {
            for uri in ["https://evil.example/", "javascript:alert(1)", "/callback", "%"] {
                let page = story.authorize(&ask(&[("redirect_uri", uri)])).page();
                assert_eq!(page, "INVALID_CLIENT: Invalid redirect URI", "{uri}");
            }
            for raw in [
                "redirect_uri=%ff",
                "redirect_uri=%",
                "redirect_uri[]=https://example.com/callback",
            ] {
                let page =
                    story.authorize(&format!("{}&{raw}", ask_without("redirect_uri"))).page();
                assert_eq!(page, "INVALID_CLIENT: Invalid redirect URI", "{raw}");
            }
        }
    }
}

/// Section 3.3, Access Token Scope.
mod section_3_3 {
    use super::*;

    /// "expressed as a list of space-delimited, case-sensitive strings … their order does not matter".
    #[test]
    fn scopes_are_case_sensitive_and_their_order_is_free() {
        let story = Story::approved("user-top-read streaming");
        for list in [
            "user-top-read streaming",
            "streaming user-top-read",
            "streaming streaming user-top-read",
        ] {
            let location = story.authorize(&ask(&[("scope", list)])).token();
            assert_eq!(story.open(location.raw("access_token").unwrap()).scopes.len(), 2, "{list}");
        }
        let request = ask(&[("scope", "Streaming")]);
        story.authorize(&request).error_in_fragment("invalid_scope");
    }

    /// "scope = scope-token *( SP scope-token ); scope-token = 1*( %x21 / %x23-5B / %x5D-7E )".
    #[test]
    fn a_list_of_another_form_is_an_invalid_scope() {
        let story = Story::approved("streaming");
        for list in [
            "streaming ",
            " streaming",
            "streaming  streaming",
            "a\tb",
            "a\"b",
            "a\\b",
            "é",
            "\u{7f}",
        ] {
            let request = ask(&[("scope", list)]);
            story.authorize(&request).error_in_fragment("invalid_scope");
        }
    }

    /// "If the issued access token scope is different from the one requested by the client, the
    /// authorization server MUST include the scope response parameter".
    #[test]
    fn the_answer_says_the_scope_where_it_differs_and_only_there() {
        let mut story = Story::approved("user-top-read");
        let location = story.authorize(&ask(&[("scope", "user-top-read")])).token();
        assert_eq!(location.raw("scope"), None);
        story.policy.unknown_scopes = UnknownScopes::Ignore;
        let location =
            story.authorize(&ask(&[("scope", "what user-top-read"), ("state", "s")])).token();
        assert_eq!(location.get("scope").as_deref(), Some("user-top-read"));
        let order = ["access_token", "token_type", "expires_in", "state", "scope", "iss"];
        assert_eq!(location.fragment_names(), order);
        let claims = story.open(location.raw("access_token").unwrap());
        assert_eq!(claims.scopes.to_string(), "user-top-read");
    }
}

/// Section 4.2.2, the implicit grant's Access Token Response.
mod section_4_2_2 {
    use super::*;

    /// Section 4.2.1: response_type "Value MUST be set to token"; the rest as in sections 3.1 and 3.3.
    #[test]
    fn section_4_2_1_the_request_of_the_example_is_understood() {
        let mut story = Story::approved("");
        story.app().id = client_id("s6BhdRkqt3");
        story.app().redirect_uris = vec![redirect_uri("https://client.example.com/cb")];
        story.facts.consent.as_mut().unwrap().client = client_id("s6BhdRkqt3");
        let request = "response_type=token&client_id=s6BhdRkqt3&state=xyz\
                       &redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb";
        assert_eq!(story.authorize(request).token().raw("state"), Some("xyz"));
    }

    /// "adding the following parameters to the fragment component": access_token, token_type and, if
    /// it was sent, state are REQUIRED, expires_in RECOMMENDED.
    #[test]
    fn the_parameters_are_in_the_fragment() {
        let location = Story::approved("").authorize(&ask(&[("state", "xyz")])).token();
        assert_eq!(location.query(), []);
        assert_eq!(
            location.fragment_names(),
            ["access_token", "token_type", "expires_in", "state", "iss"]
        );
        assert_eq!(location.raw("token_type"), Some("Bearer"));
        assert_eq!(location.raw("expires_in"), Some("3600"));
    }

    /// "The authorization server MUST NOT issue a refresh token."
    #[test]
    fn there_is_never_a_refresh_token() {
        let mut story = Story::approved("");
        use hallpass_protocol::model::GrantType::{Implicit, RefreshToken};
        story.app().grant_types = [Implicit, RefreshToken].into_iter().collect();
        let location = story.authorize(&ask(&[])).token();
        assert!(!location.as_str().contains("refresh"));
    }

    /// "The lifetime in seconds of the access token" is what the token itself says.
    #[test]
    fn expires_in_is_the_tokens_own_lifetime_in_whole_seconds() {
        let mut story = Story::approved("");
        for (millis, said) in [(60_000, "60"), (3_600_000, "3600"), (86_400_999, "86400")] {
            story.policy.token_lifetime = std::time::Duration::from_millis(millis);
            let location = story.authorize(&ask(&[])).token();
            assert_eq!(location.raw("expires_in"), Some(said));
            let claims = story.open(location.raw("access_token").unwrap());
            assert_eq!(claims.expires_at.since(claims.issued_at).as_secs().to_string(), said);
        }
    }
}

/// Section 4.2.2.1, Error Response.
mod section_4_2_2_1 {
    use super::*;
    use hallpass_protocol::model::{Denial, GrantTypes};

    /// "the authorization server informs the client by adding the following parameters to the fragment
    /// component": error, error_description, state.
    #[test]
    fn each_error_is_told_in_the_fragment_with_the_state() {
        let story = Story::signed_in();
        for (code, wrong) in [
            ("invalid_request", ("show_dialog", "maybe")),
            ("invalid_scope", ("scope", "unknown")),
            ("invalid_request", ("response_type", "id_token token")),
        ] {
            let request = ask(&[wrong, ("state", "a b")]);
            let location = story.authorize(&request).error_in_fragment(code);
            assert_eq!(location.raw("state"), Some("a%20b"));
            assert_eq!(location.fragment_names(), ["error", "error_description", "state", "iss"]);
        }
        let mut story = Story::signed_in();
        story.app().grant_types = GrantTypes::default();
        story.authorize(&ask(&[])).error_in_fragment("unauthorized_client");
    }

    /// `access_denied` stands in the query as the guide says (Deviation), in the fragment for an app
    /// that chose the RFC's place.
    #[test]
    fn a_denial_is_where_the_app_chose() {
        let mut story = Story::signed_in();
        story.answer(&ask(&[]), Deny).error_in_query("access_denied");
        story.app().denial = Denial::Fragment;
        story.answer(&ask(&[]), Deny).error_in_fragment("access_denied");
    }

    /// "Values for the error_description parameter MUST NOT include characters outside the set
    /// %x20-21 / %x23-5B / %x5D-7E."
    #[test]
    fn a_description_holds_only_the_characters_it_may() {
        let story = Story::signed_in();
        for list in ["!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "x\"y", "é", "a\\b", &"x".repeat(200)] {
            let location = story.authorize(&ask(&[("scope", list)])).error();
            let description = location.bytes("error_description").unwrap();
            assert!(
                description
                    .iter()
                    .all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)),
                "{list}: {description:?}"
            );
        }
    }
}

/// Section 10.12, Cross-Site Request Forgery: "the state parameter" binds the answer to the request.
mod section_10_12 {
    use super::*;

    #[test]
    fn every_answer_brings_the_state_that_was_sent() {
        let story = Story::signed_in();
        let state = ("state", "hash of the cookie");
        let request = ask(&[state]);
        let wrong = ask(&[state, ("scope", "unknown")]);
        for location in [
            story.answer(&request, Approve).token(),
            story.answer(&request, Deny).error(),
            story.authorize(&wrong).error(),
        ] {
            assert_eq!(location.get("state").as_deref(), Some("hash of the cookie"));
        }
    }

    /// Of two states neither is the client's: an attacker's must not be chosen.
    #[test]
    fn of_two_states_none_comes_back() {
        let request = ask(&[("state", "mine")]) + "&state=theirs";
        let location = Story::approved("").authorize(&request).error_in_fragment("invalid_request");
        assert_eq!(location.raw("state"), None);
    }

    /// "The endpoint … MUST be protected": an approval counts only in the session that was asked.
    #[test]
    fn an_answer_is_believed_only_from_the_browser_that_was_asked() {
        let mut story = Story::signed_in();
        let form = story.form(&ask(&[]));
        story.facts.signed_in = Some(browser_of(account("eve", 60), "eve's cookie"));
        let page = story.answer_with(&form, &ask(&[]), Approve).page();
        assert_eq!(page, "This page is out of date");
    }
}

/// Appendix A and B: the syntax of what goes back.
mod appendix_a {
    use super::*;

    /// A.5 `state`, B: "application/x-www-form-urlencoded", escaped so that every decoder agrees.
    #[test]
    fn a_5_reserved_characters_are_escaped_and_unreserved_ones_never() {
        let story = Story::approved("");
        let unreserved = "ABCxyz0189-._~";
        let location = story.authorize(&ask(&[("state", unreserved)])).token();
        assert_eq!(location.raw("state"), Some(unreserved));
        let location = story.authorize(&ask(&[("state", "; = & # \" { } + % /")])).token();
        assert_eq!(
            location.raw("state"),
            Some("%3B%20%3D%20%26%20%23%20%22%20%7B%20%7D%20%2B%20%25%20%2F")
        );
    }

    /// A.12 `access_token = 1*VSCHAR`, narrowed: clients split on `=` and mangle `+`.
    #[test]
    fn a_12_a_token_holds_only_letters_digits_dash_and_underscore() {
        let location = Story::approved("").authorize(&ask(&[])).token();
        let token = location.raw("access_token").unwrap();
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{token}");
    }
}
