//! The metadata document (RFC 8414, OpenID Connect Discovery 1.0) against what the server does: all that it
//! names works, and what it does not name is refused. What OpenID Connect adds is in `openid/discovery.rs`.
//! Names that begin with an id are rows of the list of refusals.

use std::collections::HashSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{
    Answer, CASSETTE, ISSUER, Part, Setup, TURNTABLE, TURNTABLE_SECRET, TestServer, basic, escape,
    link,
};

const PATHS: [&str; 2] =
    ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

/// The document, which is the same at both places.
pub(crate) async fn document(server: &TestServer) -> Value {
    let [one, two] = PATHS.map(async |path| server.browser().get(path).await);
    let [one, two] = [one.await, two.await];
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    assert_eq!(one.body, two.body);
    serde_json::from_str(&one.body).unwrap()
}

/// The texts of one member.
pub(crate) fn list(document: &Value, name: &str) -> Vec<String> {
    let list = document[name].as_array().unwrap_or_else(|| panic!("{name} in {document}"));
    list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What Turntable gets if it presents itself in this way.
async fn present(server: &TestServer, method: &str, path: &str, form: &str) -> Answer {
    let header = basic(TURNTABLE, TURNTABLE_SECRET);
    let secret = escape(TURNTABLE_SECRET);
    let (headers, body) = match method {
        "client_secret_basic" => (vec![("authorization", &*header)], form.to_owned()),
        "client_secret_post" => {
            (vec![], format!("{form}&client_id={TURNTABLE}&client_secret={secret}"))
        }
        "none" => (vec![], format!("{form}&client_id={CASSETTE}")),
        other => panic!("nobody knows how to present themselves by {other}"),
    };
    server.turntable().send(path, &headers, &body).await
}

#[tokio::test]
async fn the_document_says_what_there_is() {
    let server = TestServer::start().await;
    let at = |path: &str| format!("{ISSUER}{path}");
    assert_eq!(
        document(&server).await,
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": at("/authorize"),
            "jwks_uri": at("/jwks"),
            "token_endpoint": at("/api/token"),
            "revocation_endpoint": at("/revoke"),
            "introspection_endpoint": at("/introspect"),
            "userinfo_endpoint": at("/userinfo"),
            "end_session_endpoint": at("/logout"),
            "scopes_supported": [
                "openid", "profile", "email", "address", "phone", "offline_access", "history",
                "playlists",
            ],
            "response_types_supported": [
                "code", "token", "id_token", "id_token token", "code id_token", "code token",
                "code id_token token",
            ],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported":
                ["authorization_code", "refresh_token", "client_credentials", "implicit"],
            "token_endpoint_auth_methods_supported":
                ["client_secret_basic", "client_secret_post", "none"],
            "revocation_endpoint_auth_methods_supported":
                ["client_secret_basic", "client_secret_post", "none"],
            "introspection_endpoint_auth_methods_supported":
                ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
            "authorization_response_iss_parameter_supported": true,
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["EdDSA", "ES256", "RS256"],
            "userinfo_signing_alg_values_supported": ["EdDSA", "ES256", "RS256"],
            "acr_values_supported": ["1"],
            "claim_types_supported": ["normal"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "azp", "sid", "nonce",
                "at_hash", "c_hash", "name", "given_name", "family_name", "middle_name", "nickname",
                "preferred_username", "profile", "picture", "website", "gender", "birthdate",
                "zoneinfo", "locale", "updated_at", "email", "email_verified", "address",
                "phone_number", "phone_number_verified",
            ],
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "ui_locales_supported": ["en"],
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        })
    );
}

#[tokio::test]
async fn ds_01_no_request_changes_who_the_service_says_it_is() {
    let server = TestServer::start().await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "https://evil.example/"),
    ] {
        for path in PATHS {
            let expected = server.browser().get(path).await.body;
            let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
            let answer = server.browser().send(request).await;
            assert_eq!(answer.body, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn ds_02_the_issuer_is_the_same_to_the_byte_wherever_it_stands() {
    for issuer in [ISSUER, "http://127.0.0.1:8080"] {
        let server = TestServer::with(Setup { issuer, ..Setup::default() }).await;
        let document = document(&server).await;
        assert_eq!(document["issuer"], issuer);
        let mut ada = server.browser_of("ada").await;
        let page = ada.get(&server.cassette().link(&[])).await;
        let landing = ada.agree(&page).await.landing();
        assert_eq!(landing.query("iss"), Some(issuer));
        let tokens = server.cassette().exchange(landing.query("code").unwrap()).await.tokens();
        let told = server.told_of(&tokens.access).await;
        assert_eq!((&told["iss"], &told["aud"]), (&json!(issuer), &json!(issuer)));
    }
}

#[tokio::test]
async fn ds_06_every_endpoint_that_is_named_is_there() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    for (name, expected) in [
        ("authorization_endpoint", 400),
        ("token_endpoint", 400),
        ("revocation_endpoint", 400),
        ("introspection_endpoint", 401),
        ("userinfo_endpoint", 401),
        ("end_session_endpoint", 303),
        ("jwks_uri", 200),
    ] {
        let path = document[name].as_str().unwrap().strip_prefix(ISSUER).unwrap();
        let answer = match name {
            "authorization_endpoint" | "end_session_endpoint" | "jwks_uri" => {
                server.browser().get(path).await
            }
            _ => server.cassette().send(path, &[], "").await,
        };
        assert_eq!(answer.status, expected, "{name}");
    }
    for absent in ["/register", "/par", "/device", "/check-session"] {
        assert_eq!(server.browser().get(absent).await.status, 404, "{absent}");
    }
}

#[tokio::test]
async fn ds_03_ds_04_published_keys_are_public_and_told_apart() {
    let server = TestServer::start().await;
    let answer = server.browser().get("/jwks").await;
    let set: Value = serde_json::from_str(&answer.body).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert!(!keys.is_empty(), "{set}");
    let mut names = HashSet::new();
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None, "{private}");
        }
        for told in ["kty", "kid", "alg", "use"] {
            assert!(key[told].is_string(), "{told} in {key}");
        }
        assert!(names.insert(key["kid"].as_str().unwrap()), "{set}");
    }
}

#[tokio::test]
async fn ds_06_every_grant_type_that_is_named_works_and_no_other() {
    let server = TestServer::start().await;
    let turntable = server.turntable();
    let mut ada = server.browser_of("ada").await;
    for grant in list(&document(&server).await, "grant_types_supported") {
        match &*grant {
            "authorization_code" => drop(turntable.tokens(&mut ada, "email").await),
            "refresh_token" => {
                let tokens = turntable.tokens(&mut ada, "email").await;
                turntable.refresh(tokens.refresh()).await.tokens();
            }
            "client_credentials" => {
                turntable.post("/api/token", &[("grant_type", &grant)]).await.tokens();
            }
            "implicit" => {
                let page = ada.get(&link(&[])).await;
                assert!(ada.agree(&page).await.landing().fragment("access_token").is_some());
            }
            other => panic!("{other} is named, and nobody knows what it is"),
        }
    }
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    for other in ["password", device, "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
        let answer = turntable.post("/api/token", &[("grant_type", other)]).await;
        assert_eq!(answer.error().1, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn ds_06_every_way_to_authenticate_that_is_named_works_and_no_other() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    for (name, path) in [
        ("token_endpoint_auth_methods_supported", "/api/token"),
        ("revocation_endpoint_auth_methods_supported", "/revoke"),
        ("introspection_endpoint_auth_methods_supported", "/introspect"),
    ] {
        let named = list(&document, name);
        for method in &named {
            let form = "grant_type=refresh_token&refresh_token=x&token=x";
            let answer = present(&server, method, path, form).await;
            let is_believed = answer.status == 200 || answer.error().1 == "invalid_grant";
            assert!(is_believed, "{path} {method}: {answer:?}");
        }
        if !named.contains(&"none".to_owned()) {
            let answer = present(&server, "none", path, "token=x").await;
            assert_eq!(answer.error().1, "invalid_client", "{path}");
        }
        let assertion = "grant_type=client_credentials&token=x&client_assertion=a.b.c\
            &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let body = format!("{assertion}&client_id={TURNTABLE}");
        let answer = server.turntable().send(path, &[], &body).await;
        assert_eq!(answer.error().1, "invalid_client", "{path}");
    }
}

#[tokio::test]
async fn ds_06_every_scope_that_is_named_can_be_asked_for_and_no_other() {
    let server = TestServer::start().await;
    let scopes = list(&document(&server).await, "scopes_supported");
    let mut ada = server.browser_of("ada").await;
    for scope in &scopes {
        // It counts only where the person is asked for it (OpenID Connect Core §11).
        let prompt = if scope == "offline_access" { "consent" } else { "" };
        let code = server.cassette().code(&mut ada, &[("scope", scope), ("prompt", prompt)]).await;
        assert_eq!(server.cassette().exchange(&code).await.tokens().scope, *scope);
    }
    for other in ["partners", "groups", "OpenID", "email_verified"] {
        assert!(!scopes.contains(&other.to_owned()));
        let answer = ada.get(&server.cassette().link(&[("scope", other)])).await;
        answer.assert_error(Part::Query, "invalid_scope", None);
    }
}

#[tokio::test]
async fn pk_11_the_one_method_that_is_named_is_the_one_that_works() {
    let server = TestServer::start().await;
    let methods = list(&document(&server).await, "code_challenge_methods_supported");
    assert_eq!(methods, ["S256"]);
    let mut ada = server.browser_of("ada").await;
    server.cassette().tokens(&mut ada, "email").await;
    let answer = ada.get(&server.cassette().link(&[("code_challenge_method", "plain")])).await;
    answer.assert_error(Part::Query, "invalid_request", None);
}

#[tokio::test]
async fn ds_07_the_document_is_in_two_places_and_no_other() {
    let server = TestServer::start().await;
    for other in [
        "/.well-known/oauth-authorization-server/tenant",
        "/tenant/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration/tenant",
        "/tenant/.well-known/openid-configuration",
        "/.well-known/openid-configuration/",
        "/.well-known/webfinger",
    ] {
        assert_eq!(server.browser().get(other).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn ds_08_every_page_may_read_the_document_and_keep_it_for_a_while() {
    let server = TestServer::start().await;
    server.calls();
    let origins = ["https://cassette.example", "https://anybody.example", "null"];
    for (origin, path) in origins.iter().flat_map(|origin| PATHS.map(|path| (*origin, path))) {
        let request = Request::get(path).header("origin", origin).body(Body::empty()).unwrap();
        let answer = server.browser().send(request).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert!(server.calls().is_empty(), "nothing is read for it");
}

/// RFC 9110 §13.1.2: who has the document already is told only that it is still the one.
#[tokio::test]
async fn a_document_that_has_not_changed_is_not_sent_again() {
    let server = TestServer::start().await;
    let ask = async |path: &str, known: &str| {
        let request = Request::get(path).header("if-none-match", known).body(Body::empty());
        server.browser().send(request.unwrap()).await
    };
    for path in [PATHS[0], PATHS[1], "/jwks"] {
        let first = server.browser().get(path).await;
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.len() == 45, "{tag}");
        for known in [&*tag, &format!("\"x\", W/{tag}"), "*"] {
            let again = ask(path, known).await;
            assert_eq!((again.status.as_u16(), &*again.body), (304, ""));
            assert_eq!(again.header("etag"), Some(&*tag));
            assert_eq!(again.header("cache-control"), first.header("cache-control"));
        }
        for known in ["\"x\"", "", tag.trim_matches('"')] {
            let other = ask(path, known).await;
            assert_eq!((other.status.as_u16(), &other.body), (200, &first.body));
        }
    }
}
