//! The developer's dashboard: `/dashboard` and all below it. Any signed-in person may register apps.
//!
//! Owns listing, registering, editing and deleting the apps of one's own. What may be registered is
//! judged by `hallpass_protocol::dashboard`. Who may see which app is settled once, in [`access`], by
//! the extractors that every handler takes: no app is ever loaded but through its owner, and another
//! person's app is as absent as one that never was (refusals DB-01).
//!
//! Every form holds a form token of the session (refusals DB-03). The pages work without script: rows
//! are added by the server, and deleting asks on a page of its own.

mod access;
mod apps;
mod create;
mod delete;
mod first_request;
mod form;
mod openid;
mod overview;
mod pages;
mod rows;
mod settings;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

/// The routes of the dashboard. An operator's client id may be any word, so nothing else lies beside
/// the ids under `/dashboard/apps/`.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard", get(apps::list))
        .route("/dashboard/create", get(create::show).post(create::create))
        .route("/dashboard/apps/{client_id}", get(overview::show))
        .route("/dashboard/apps/{client_id}/settings", get(settings::show).post(settings::save))
        .route("/dashboard/apps/{client_id}/delete", get(delete::ask).post(delete::delete))
}
