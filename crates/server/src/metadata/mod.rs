//! What works here, and nothing else: OpenID Provider metadata (OpenID Connect Discovery 1.0 §3) and
//! authorization server metadata (RFC 8414), one document at two addresses.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use hallpass_protocol::authorize::{ResponseMode, ResponseType};
use hallpass_protocol::id_token;
use hallpass_protocol::model::{Claim, ScopeGroup, SignatureAlgorithm, SubjectType};
use serde::Serialize;

use crate::http::document::Document;
use crate::state::{App, AppState};

/// Where the document is, for clients of either kind.
const PLACES: [&str; 2] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// The routes of this endpoint.
pub(crate) fn routes(app: &App) -> Router<AppState> {
    // Our shapes have text keys and finite numbers, which is all that can go wrong.
    let text = serde_json::to_string(&Metadata::of(app)).unwrap_or_default();
    let document = Arc::new(Document::new("application/json", text));
    PLACES.into_iter().fold(Router::new(), |router, place| {
        let document = Arc::clone(&document);
        router.route(place, get(async move |request: Request| document.response(request.headers())))
    })
}

/// The document's members (RFC 8414 §2; RFC 9207 §3; Initiating User Registration via OpenID Connect 1.0
/// §4.1).
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'static str; 7],
    response_modes_supported: [&'static str; 3],
    grant_types_supported: [&'static str; 4],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 5],
    authorization_response_iss_parameter_supported: bool,
    #[serde(flatten)]
    openid: OpenId,
}

/// What OpenID Connect adds (Discovery §3; RP-Initiated Logout §2.1; Back-Channel Logout §2.1).
#[derive(Serialize)]
struct OpenId {
    userinfo_endpoint: String,
    end_session_endpoint: String,
    subject_types_supported: [&'static str; 2],
    id_token_signing_alg_values_supported: [&'static str; 3],
    userinfo_signing_alg_values_supported: [&'static str; 3],
    acr_values_supported: [&'static str; 1],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    /// Said, because who reads nothing has to take it for `true` (Discovery §3).
    request_uri_parameter_supported: bool,
    ui_locales_supported: [&'static str; 1],
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
}

impl<'a> Metadata<'a> {
    /// The issuer is the configured one, whatever host the request names (RFC 8414 §6.2).
    fn of(app: &'a App) -> Self {
        let issuer = &*app.policy.issuer;
        let at = |path: &str| format!("{issuer}{path}");
        let scopes = app.policy.catalogue.iter();
        let ordinary = scopes.filter(|scope| scope.group != ScopeGroup::Partner);
        Self {
            issuer,
            authorization_endpoint: at("/authorize"),
            token_endpoint: at("/api/token"),
            revocation_endpoint: at("/revoke"),
            introspection_endpoint: at("/introspect"),
            jwks_uri: at("/jwks"),
            scopes_supported: ordinary.map(|scope| scope.scope.as_str()).collect(),
            response_types_supported: ResponseType::ALL,
            response_modes_supported: ResponseMode::ALL.map(ResponseMode::as_str),
            grant_types_supported: [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "implicit",
            ],
            token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            introspection_endpoint_auth_methods_supported: [
                "client_secret_basic",
                "client_secret_post",
            ],
            code_challenge_methods_supported: ["S256"],
            prompt_values_supported: ["none", "login", "consent", "select_account", "create"],
            authorization_response_iss_parameter_supported: true,
            openid: OpenId::at(issuer),
        }
    }
}

impl OpenId {
    fn at(issuer: &str) -> Self {
        let claims = ID_TOKEN_CLAIMS.into_iter().chain(Claim::ALL.map(Claim::as_str));
        Self {
            userinfo_endpoint: format!("{issuer}/userinfo"),
            end_session_endpoint: format!("{issuer}/logout"),
            subject_types_supported: SubjectType::ALL.map(SubjectType::as_str),
            id_token_signing_alg_values_supported: ALGORITHMS,
            userinfo_signing_alg_values_supported: ALGORITHMS,
            acr_values_supported: [id_token::ACR],
            claim_types_supported: ["normal"],
            claims_supported: claims.collect(),
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            ui_locales_supported: ["en"],
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
        }
    }
}

const CLIENT_AUTHENTICATION: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

const ALGORITHMS: [&str; 3] = {
    let [first, second, third] = SignatureAlgorithm::ALL;
    [first.as_str(), second.as_str(), third.as_str()]
};

/// What an ID token can say of itself and of the sign-in, beside the standard claims about the person.
const ID_TOKEN_CLAIMS: [&str; 13] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "sid",
    "nonce",
    "at_hash",
    "c_hash",
];
