//! A person's own pages: `/account` and all below it.
//!
//! Owns "Apps with access": what a person allows apps, and taking it back; and "Your profile": what they
//! tell of themselves, for apps that they let read it. Who sees what is settled by the session alone: no
//! handler takes an account from a request, so nobody reaches what is another person's (refusals DB-01).
//!
//! ```text
//! GET  /account/apps                        one row an app
//! GET  /account/apps/remove?client_id=…     asks, with the effect stated
//! POST /account/apps/remove                 asks too, until the form says that it was asked
//!      -> the consent and all that rests on it end -> 303 back to the list
//! GET  /account/profile                     the form
//! POST /account/profile                     judged -> stored -> 303 back
//! GET  /account/sign-out-everywhere         asks, with the effect stated
//! POST /account/sign-out-everywhere         all sessions of the account end
//! ```

mod apps;
mod permissions;
mod profile;
mod profile_fields;
mod remove;
mod sign_out_everywhere;

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::http::redirect::{self, Asked};
use crate::state::AppState;

/// Where a person sees what they allow.
const APPS: &str = "/account/apps";

/// Where a person signs out of every browser at once.
const SIGN_OUT_EVERYWHERE: &str = "/account/sign-out-everywhere";

/// Where a person tells of themselves.
const PROFILE: &str = "/account/profile";

/// The routes of these pages.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/account", get(to_apps))
        .route(APPS, get(apps::list))
        .route("/account/apps/remove", get(remove::ask).post(remove::remove))
        .route(PROFILE, get(profile::show).post(profile::save))
        .route(
            SIGN_OUT_EVERYWHERE,
            get(sign_out_everywhere::ask).post(sign_out_everywhere::sign_out),
        )
}

/// The first of the pages.
async fn to_apps() -> Response {
    redirect::to_page(APPS, Asked::ByLink)
}
