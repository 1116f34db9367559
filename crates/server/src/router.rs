//! All routes, one line a folder, and what is around them.

use std::sync::Arc;

use axum::Router;

use crate::http::dressed::Dressed;
use crate::state::AppState;
use crate::{
    account, authorize, dashboard, forward_auth, health, home, introspect, jwks, layout, logout,
    metadata, revocations, revoke, sign_in, sign_out, sign_up, token, userinfo,
};

/// The accounts service as one service.
pub fn router(app: AppState) -> Dressed {
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
        .merge(userinfo::routes())
        .merge(forward_auth::routes(&app))
        .merge(metadata::routes(&app))
        .merge(jwks::routes(&app))
        .merge(health::routes())
        .merge(layout::routes(&app.layout));
    // Answers to a proxy become part of another site and are no pages of ours.
    Dressed::new(routes.with_state(Arc::clone(&app)), app, forward_auth::is_asked_at)
}
