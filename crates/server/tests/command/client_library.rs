//! The Rust client library of most programs, `oauth2`, against the running program. Those of other
//! languages are in `interop/`, with the apps that all of them stand for.
//!
//! It leaves `state`, `iss` and the HTTP to its user, so this shows what it does itself: requests of
//! each grant, both ways of client authentication, and that it can read every answer.

use std::io;

use oauth2::basic::{
    BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, IntrospectionUrl, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
};
use serde_json::Value;

use crate::support::{Town, field, send};

const APPS: &str = include_str!("../../../../interop/apps.toml");
/// Registered without a port: the app listens where it can (RFC 8252 §7.3).
const ANY_PORT: &str = "http://127.0.0.1:49152/callback";

type Library = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;
type Refused = BasicRequestTokenError<io::Error>;

#[test]
fn a_public_client_gets_a_code_with_pkce_refreshes_twice_and_revokes() {
    let town = Libraries::new();
    let app = town.app("Pocket Radio").set_redirect_uri(redirect_uri(ANY_PORT));
    let (code, verifier) = town.ask(&app);
    let first = redeem(&app, code, verifier).unwrap();
    let scopes: Vec<&str> = first.scopes().unwrap().iter().map(|scope| scope.as_str()).collect();
    assert_eq!(scopes, ["user-read-email", "user-read-private"]);
    assert_eq!(first.expires_in().unwrap().as_secs(), 3600);

    let second = refresh(&app, &first).unwrap();
    let third = refresh(&app, &second).unwrap();
    let token = |tokens: &BasicTokenResponse| tokens.refresh_token().unwrap().secret().clone();
    assert_ne!(token(&first), token(&second));
    assert_ne!(token(&second), token(&third));

    revoke(&app, third.refresh_token().unwrap().clone());
    let (code, text) = told(refresh(&app, &third).unwrap_err());
    assert_eq!(
        (code, text.as_str()),
        (BasicErrorResponseType::InvalidGrant, "Refresh token revoked")
    );
    assert!(!town.is_active(third.access_token()));
}

#[test]
fn a_confidential_client_does_everything_by_either_method() {
    let town = Libraries::new();
    // The library encodes id and secret within Basic, so an awkward secret arrives as it is.
    for name in ["Night Mail", "Awkward Mail"] {
        for method in [AuthType::BasicAuth, AuthType::RequestBody] {
            let uri = format!("https://{}.example/callback", name.to_lowercase().replace(' ', "-"));
            let app = town.app(name).set_auth_type(method).set_redirect_uri(redirect_uri(&uri));
            let (code, verifier) = town.ask(&app);
            let first = redeem(&app, code, verifier).unwrap();
            let last = refresh(&app, &refresh(&app, &first).unwrap()).unwrap();
            assert!(town.is_active(last.access_token()));
            revoke(&app, last.access_token().clone());
            assert!(!town.is_active(last.access_token()));
        }
    }
}

#[test]
fn client_credentials_are_for_the_app_itself() {
    let town = Libraries::new();
    for name in ["Awkward Mail", "Night Train Radio"] {
        let app = town.app(name);
        let own = app.exchange_client_credentials().request(&send).unwrap();
        assert!(own.refresh_token().is_none());
        let known = app.introspect(own.access_token()).request(&send).unwrap();
        assert!(known.active());
        assert_eq!(known.sub(), Some(app.client_id().as_str()));
    }
}

#[test]
fn what_is_refused_is_told_as_an_error_of_the_library() {
    let town = Libraries::new();
    let app = town.app("Pocket Radio").set_redirect_uri(redirect_uri(ANY_PORT));
    let (code, _) = town.ask(&app);
    let (_, strange) = PkceCodeChallenge::new_random_sha256();
    let told_of = |error, text: &str| (error, text.to_owned());
    assert_eq!(
        told(redeem(&app, code, strange).unwrap_err()),
        told_of(BasicErrorResponseType::InvalidGrant, "code_verifier was incorrect"),
    );
    let wrong = town.app("Night Mail").set_client_secret(ClientSecret::new("not this one".into()));
    assert_eq!(
        told(wrong.exchange_client_credentials().request(&send).unwrap_err()),
        told_of(BasicErrorResponseType::InvalidClient, "Invalid client secret"),
    );
}

/// A demo with the apps of the libraries, and what the library needs to know of it.
struct Libraries {
    town: Town,
}

impl Libraries {
    fn new() -> Self {
        Self { town: Town::new(APPS) }
    }

    /// The app as a client made with the library, at the endpoints that the metadata names.
    fn app(&self, name: &str) -> Library {
        let app = self.town.app(name);
        let metadata = self.metadata();
        let endpoint = |name: &str| metadata[name].as_str().unwrap().to_owned();
        // The library revokes at https only; `send` looks at the port and not at the scheme.
        let revocation = endpoint("revocation_endpoint").replace("http://", "https://");
        let id = ClientId::new(app["client_id"].as_str().unwrap().to_owned());
        let client = BasicClient::new(id)
            .set_auth_uri(AuthUrl::new(endpoint("authorization_endpoint")).unwrap())
            .set_token_uri(TokenUrl::new(endpoint("token_endpoint")).unwrap())
            .set_introspection_url(
                IntrospectionUrl::new(endpoint("introspection_endpoint")).unwrap(),
            )
            .set_revocation_url(RevocationUrl::new(revocation).unwrap());
        match app["client_secret"].as_str() {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.to_owned())),
            None => client,
        }
    }

    fn metadata(&self) -> Value {
        let answer = self.town.browser().get("/.well-known/oauth-authorization-server");
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Somebody signs in and agrees; the code that the app then gets.
    fn ask(&self, app: &Library) -> (AuthorizationCode, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (request, state) = app
            .authorize_url(CsrfToken::new_random)
            .add_scope(Scope::new("user-read-email".to_owned()))
            .add_scope(Scope::new("user-read-private".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let callback = self.town.agree("ada", &request);
        assert_eq!(&field(&callback, "state"), state.secret());
        assert_eq!(field(&callback, "iss"), self.town.accounts());
        (AuthorizationCode::new(field(&callback, "code")), verifier)
    }

    /// What an app is told that may ask.
    fn is_active(&self, token: &oauth2::AccessToken) -> bool {
        let asker = self.app("Night Mail");
        asker.introspect(token).request(&send).unwrap().active()
    }
}

fn redirect_uri(uri: &str) -> RedirectUrl {
    RedirectUrl::new(uri.to_owned()).unwrap()
}

fn redeem(
    app: &Library,
    code: AuthorizationCode,
    verifier: PkceCodeVerifier,
) -> Result<BasicTokenResponse, Refused> {
    app.exchange_code(code).set_pkce_verifier(verifier).request(&send)
}

fn refresh(app: &Library, tokens: &BasicTokenResponse) -> Result<BasicTokenResponse, Refused> {
    app.exchange_refresh_token(tokens.refresh_token().unwrap()).request(&send)
}

fn revoke(app: &Library, token: impl Into<StandardRevocableToken>) {
    app.revoke_token(token.into()).unwrap().request(&send).unwrap();
}

/// What the server said was wrong.
fn told(refused: Refused) -> (BasicErrorResponseType, String) {
    match refused {
        RequestTokenError::ServerResponse(error) => {
            (error.error().clone(), error.error_description().cloned().unwrap_or_default())
        }
        other => panic!("no answer in the form of RFC 6749 §5.2: {other:?}"),
    }
}
