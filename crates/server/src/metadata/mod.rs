//! Authorization server metadata (RFC 8414): what works here, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use hallpass_protocol::authorize::ResponseMode;
use hallpass_protocol::model::ScopeGroup;
use serde::Serialize;

use crate::http::document::Document;
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes(app: &App) -> Router<AppState> {
    // Our shapes have text keys and finite numbers, which is all that can go wrong.
    let text = serde_json::to_string(&metadata(app)).unwrap_or_default();
    let document = Arc::new(Document::new("application/json", text));
    Router::new().route(
        "/.well-known/oauth-authorization-server",
        get(async move |request: Request| document.response(request.headers())),
    )
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
    response_types_supported: [&'static str; 2],
    response_modes_supported: [&'static str; 3],
    grant_types_supported: [&'static str; 4],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 5],
    authorization_response_iss_parameter_supported: bool,
}

/// The issuer is the configured one, whatever host the request names (RFC 8414 §6.2).
fn metadata(app: &App) -> Metadata<'_> {
    let issuer = &*app.policy.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let ordinary = app.policy.catalogue.iter().filter(|scope| scope.group != ScopeGroup::Partner);
    Metadata {
        issuer,
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/api/token"),
        revocation_endpoint: at("/revoke"),
        introspection_endpoint: at("/introspect"),
        jwks_uri: at("/jwks"),
        scopes_supported: ordinary.map(|scope| scope.scope.as_str()).collect(),
        response_types_supported: ["code", "token"],
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
    }
}

const CLIENT_AUTHENTICATION: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];
