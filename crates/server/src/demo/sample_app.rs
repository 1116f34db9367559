//! The sample apps, served as they lie in `examples/`, with settings for this demo.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::response::IntoResponse as _;
use axum::routing::get;
use serde_json::{Value, json};

use super::World;

/// What the apps ask for, as the guide's sample does.
const SCOPE: &str = "user-read-private user-read-email";

/// The files of one app.
struct Files {
    page: &'static str,
    script: &'static str,
    style: &'static str,
    icon: &'static str,
}

const IMPLICIT: Files = Files {
    page: include_str!("../../../../examples/implicit-app/index.html"),
    script: include_str!("../../../../examples/implicit-app/app.js"),
    style: include_str!("../../../../examples/implicit-app/style.css"),
    icon: include_str!("../../../../examples/implicit-app/icon.svg"),
};

const PKCE: Files = Files {
    page: include_str!("../../../../examples/pkce-app/index.html"),
    script: include_str!("../../../../examples/pkce-app/app.js"),
    style: include_str!("../../../../examples/pkce-app/style.css"),
    icon: include_str!("../../../../examples/pkce-app/icon.svg"),
};

/// The guide's app, which talks to the API only.
pub(super) fn implicit(world: &World, client_id: &str) -> Router {
    let settings = json!({
        "authorizeUrl": format!("{}/authorize", world.accounts),
        "apiUrl": world.api,
        "clientId": client_id,
        "scope": SCOPE,
    });
    routes(&IMPLICIT, &settings, &[api_origin(world)])
}

/// The same app after moving to PKCE: it asks the accounts service for its tokens too.
pub(super) fn pkce(world: &World, client_id: &str) -> Router {
    let settings = json!({
        "authorizeUrl": format!("{}/authorize", world.accounts),
        "tokenUrl": format!("{}/api/token", world.accounts),
        "apiUrl": world.api,
        "clientId": client_id,
        "scope": SCOPE,
    });
    routes(&PKCE, &settings, &[api_origin(world), &world.accounts])
}

fn api_origin(world: &World) -> &str {
    world.api.trim_end_matches("/v1")
}

/// The files, with `settings` as the demo's own `config.js`; the page stands at `/` and at `/callback`.
/// The script may talk to the origins of `partners`, of which the first has the pictures.
fn routes(files: &Files, settings: &Value, partners: &[&str]) -> Router {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {}; connect-src {}; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
        partners[0],
        partners.join(" ")
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
    let page = || file("text/html; charset=utf-8", files.page.to_owned());
    let script = |content: String| file("text/javascript; charset=utf-8", content);
    Router::new()
        .route("/", page())
        .route("/callback", page())
        .route("/app.js", script(files.script.to_owned()))
        .route("/style.css", file("text/css; charset=utf-8", files.style.to_owned()))
        .route("/icon.svg", file("image/svg+xml", files.icon.to_owned()))
        .route("/config.js", script(format!("window.hallpassConfig = {settings};\n")))
}
