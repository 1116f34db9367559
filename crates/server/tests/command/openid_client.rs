//! The OpenID Connect library of most Rust programs, `openidconnect`, against the running program, with the apps
//! of `interop/openid.toml`.
//!
//! It discovers, writes the requests and judges ID tokens and userinfo with its own code for every algorithm;
//! `state`, `iss` and the HTTP are its user's.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenVerifier, IssuerUrl, JsonWebKeySet,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse as _, UserInfoRequest,
};

use crate::support::{Town, field, send};

const APPS: &str = include_str!("../../../../interop/openid.toml");
/// Registered without a port: the app listens where it can (RFC 8252 §7.3).
const ANY_PORT: &str = "http://127.0.0.1:49152/callback";
/// Somebody who has told everything that there is to tell.
const HEDY: &str = "hedy";
const EMAIL: &str = "hedy@interop.example";

type Library = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

#[test]
fn a_public_client_signs_somebody_in_and_asks_who_it_is() {
    let app = App::of("Pocket Paper", ANY_PORT);
    let answer = app.sign_in(&["profile", "email", "phone", "address"]);
    let claims = app.judged(&answer);
    assert_eq!(claims.issuer().as_str(), app.town.accounts());
    assert_eq!(claims.audiences().len(), 1);
    assert!(claims.auth_time().is_some());
    // What the scopes bring comes from userinfo, because there is an access token (OpenID Connect Core §5.4).
    assert!(claims.email().is_none());

    let person: CoreUserInfoClaims = app.ask_userinfo(&answer, &claims).request(&send).unwrap();
    assert_eq!(person.subject(), claims.subject());
    assert_eq!(person.email().unwrap().as_str(), EMAIL);
    assert_eq!(person.email_verified(), Some(true));
    assert_eq!(person.name().unwrap().get(None).unwrap().as_str(), "Hedy Lamarr");
    assert_eq!(person.birthdate().unwrap().as_str(), "1914-11-09");
    assert_eq!(person.phone_number().unwrap().as_str(), "+4312345678");
    assert_eq!(person.address().unwrap().locality.as_ref().unwrap().as_str(), "Wien");
    assert!(person.updated_at().is_some());
}

#[test]
fn a_confidential_client_reads_id_tokens_of_each_algorithm() {
    let algorithms = [
        ("Signed Paper", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        ("Elliptic Paper", CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        ("Edwards Paper", CoreJwsSigningAlgorithm::EdDsa),
    ];
    for (name, algorithm) in algorithms {
        let uri = format!("https://{}.example/callback", name.to_lowercase().replace(' ', "-"));
        let app = App::of(name, &uri);
        let answer = app.sign_in(&["email"]);
        app.judged(&answer);
        assert_eq!(answer.id_token().signing_alg().unwrap(), &algorithm);
    }
}

#[test]
fn a_signed_userinfo_is_judged_as_well() {
    let app = App::of("Signed Paper", "https://signed-paper.example/callback");
    let answer = app.sign_in(&["email"]);
    let claims = app.judged(&answer);
    // The library reads no other algorithm than RS256 there.
    let request = app.ask_userinfo(&answer, &claims).require_signed_response(true);
    let person: CoreUserInfoClaims = request.request(&send).unwrap();
    assert_eq!(person.email().unwrap().as_str(), EMAIL);
}

#[test]
fn a_refreshed_id_token_is_of_the_same_person_and_the_same_sign_in() {
    let app = App::of("Pocket Paper", ANY_PORT);
    let first = app.sign_in(&["email"]);
    let before = app.judged(&first);
    let tokens = app
        .library
        .exchange_refresh_token(first.tokens.refresh_token().unwrap())
        .unwrap()
        .request(&send)
        .unwrap();
    // A refreshed one has no nonce (OpenID Connect Core §12.2).
    let verifier = app.library.id_token_verifier();
    let id_token = tokens.id_token().unwrap();
    let after = id_token.claims(&verifier, |nonce: Option<&Nonce>| match nonce {
        None => Ok(()),
        Some(_) => Err("there is a nonce".to_owned()),
    });
    let after = after.unwrap();
    assert_eq!(after.subject(), before.subject());
    assert_eq!(after.auth_time(), before.auth_time());
    assert_eq!(after.audiences(), before.audiences());
    assert_bound(id_token, after, &tokens, &verifier);
}

#[test]
fn the_library_takes_no_id_token_of_another_request_or_of_another_app() {
    let app = App::of("Pocket Paper", ANY_PORT);
    let answer = app.sign_in(&[]);
    let verifier = app.library.id_token_verifier();
    let judged = answer.id_token().claims(&verifier, &Nonce::new_random());
    assert!(matches!(judged, Err(ClaimsVerificationError::InvalidNonce(_))));

    let metadata = &app.metadata;
    let other = ClientId::new("e0e17a6c9b2d4806a1c3e5f7092b4d68".to_owned());
    let other = CoreClient::from_provider_metadata(metadata.clone(), other, None);
    let judged = answer.id_token().claims(&other.id_token_verifier(), &answer.nonce);
    assert!(matches!(judged, Err(ClaimsVerificationError::InvalidAudience(_))));

    let unknown = metadata.clone().set_jwks(JsonWebKeySet::new(Vec::new()));
    let unknown =
        CoreClient::from_provider_metadata(unknown, app.library.client_id().clone(), None);
    let judged = answer.id_token().claims(&unknown.id_token_verifier(), &answer.nonce);
    let no_key = SignatureVerificationError::NoMatchingKey;
    let refused = ClaimsVerificationError::SignatureVerification(no_key);
    assert_eq!(judged.unwrap_err(), refused);
}

/// An app that discovered its provider, which runs.
struct App {
    library: Library,
    metadata: CoreProviderMetadata,
    town: Town,
}

/// What an app has when somebody has signed in.
struct SignedIn {
    tokens: CoreTokenResponse,
    nonce: Nonce,
}

impl App {
    fn of(name: &str, redirect_uri: &str) -> Self {
        let town = Town::new(APPS);
        let issuer = IssuerUrl::new(town.accounts().to_owned()).unwrap();
        let metadata = CoreProviderMetadata::discover(&issuer, &send).unwrap();
        let app = town.app(name);
        let id = ClientId::new(app["client_id"].as_str().unwrap().to_owned());
        let secret = app["client_secret"].as_str().map(|text| ClientSecret::new(text.to_owned()));
        let library = CoreClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).unwrap());
        Self { library, metadata, town }
    }

    /// Sends somebody to sign in; the library asks for the scope openid itself.
    fn sign_in(&self, scopes: &[&str]) -> SignedIn {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (request, state, nonce) = self
            .library
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        let callback = self.town.agree(HEDY, &request);
        assert_eq!(&field(&callback, "state"), state.secret());
        assert_eq!(field(&callback, "iss"), self.town.accounts());
        let code = AuthorizationCode::new(field(&callback, "code"));
        let request = self.library.exchange_code(code).unwrap().set_pkce_verifier(verifier);
        let tokens = request.request(&send).unwrap();
        SignedIn { tokens, nonce }
    }

    /// The claims of the ID token, judged by the library, `at_hash` included.
    fn judged(&self, answer: &SignedIn) -> CoreIdTokenClaims {
        let verifier = self.library.id_token_verifier();
        let id_token = answer.id_token();
        let claims = id_token.claims(&verifier, &answer.nonce).unwrap();
        assert_bound(id_token, claims, &answer.tokens, &verifier);
        claims.clone()
    }

    /// Asks who it is; the library takes nothing that is about another subject.
    fn ask_userinfo(
        &self,
        answer: &SignedIn,
        claims: &CoreIdTokenClaims,
    ) -> UserInfoRequest<'_, CoreJweContentEncryptionAlgorithm, CoreJsonWebKey> {
        let token = answer.tokens.access_token().clone();
        self.library.user_info(token, Some(claims.subject().clone())).unwrap()
    }
}

impl SignedIn {
    fn id_token(&self) -> &CoreIdToken {
        self.tokens.id_token().unwrap()
    }
}

/// The ID token is bound to the access token of the same answer (OpenID Connect Core §3.1.3.6).
fn assert_bound(
    id_token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    tokens: &CoreTokenResponse,
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
) {
    let algorithm = id_token.signing_alg().unwrap();
    let key = id_token.signing_key(verifier).unwrap();
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));
}
