//! All routes, one line a folder, and the layer around them.

use axum::Router;
use axum::middleware;

use crate::http::page::dress;
use crate::state::AppState;
use crate::{
    account, authorize, dashboard, forward_auth, health, home, introspect, jwks, layout, logout,
    metadata, revocations, revoke, sign_in, sign_out, sign_up, token,
};

/// The accounts service as one service.
pub fn router(app: AppState) -> Router {
    let routes = Router::new()
        .merge(home::routes())
        .merge(authorize::routes())
        .merge(sign_in::routes())
        .merge(sign_up::routes())
        .merge(sign_out::routes())
        .merge(logout::routes())
        .merge(account::routes())
        .merge(dashboard::routes())
        .merge(token::routes())
        .merge(revoke::routes())
        .merge(revocations::routes())
        .merge(introspect::routes())
        .merge(metadata::routes(&app))
        .merge(jwks::routes(&app))
        .merge(health::routes())
        .merge(layout::routes(&app.layout));
    let dressed = routes.layer(middleware::from_fn_with_state(app.clone(), dress));
    // Outside of the layer: its answers become part of another site and are no pages of ours. The
    // dressed routes come second, because of two merged routers the second answers for unknown paths.
    forward_auth::routes(&app).merge(dressed).with_state(app)
}
