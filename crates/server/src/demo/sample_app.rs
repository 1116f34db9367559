//! The guide's app, served as it lies in `examples/implicit-app`, with settings for this demo.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::response::IntoResponse as _;
use axum::routing::get;

use super::World;

const PAGE: &str = include_str!("../../../../examples/implicit-app/index.html");
const SCRIPT: &str = include_str!("../../../../examples/implicit-app/app.js");
const STYLE: &str = include_str!("../../../../examples/implicit-app/style.css");
const ICON: &str = include_str!("../../../../examples/implicit-app/icon.svg");

/// What the app asks for, as the guide's sample does.
const SCOPE: &str = "user-read-private user-read-email";

/// The app's files; its page stands at `/` and at `/callback`.
pub(super) fn routes(world: &World) -> Router {
    let api = world.api.trim_end_matches("/v1").to_owned();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {api}; connect-src {api}; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    );
    let file = |content_type: &'static str, content: String| {
        let policy = policy.clone();
        get(move || async move {
            let headers = [
                (CONTENT_TYPE, content_type.to_owned()),
                (CONTENT_SECURITY_POLICY, policy),
                (CACHE_CONTROL, "no-store".to_owned()),
                (REFERRER_POLICY, "no-referrer".to_owned()),
                (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, content).into_response()
        })
    };
    let page = || file("text/html; charset=utf-8", PAGE.to_owned());
    Router::new()
        .route("/", page())
        .route("/callback", page())
        .route("/app.js", file("text/javascript; charset=utf-8", SCRIPT.to_owned()))
        .route("/style.css", file("text/css; charset=utf-8", STYLE.to_owned()))
        .route("/icon.svg", file("image/svg+xml", ICON.to_owned()))
        .route("/config.js", file("text/javascript; charset=utf-8", settings(world)))
}

/// The demo's own `config.js`.
fn settings(world: &World) -> String {
    let settings = serde_json::json!({
        "authorizeUrl": format!("{}/authorize", world.accounts),
        "apiUrl": world.api,
        "clientId": world.sample_client_id(),
        "scope": SCOPE,
    });
    format!("window.hallpassConfig = {settings};\n")
}
