//! `GET /v1/me`: the user's profile, with the fields that the token's scopes open.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use hallpass_guard::Guard;
use serde_json::{Value, json};

use crate::answer::{Json, Problem};
use crate::catalogue::Links;
use crate::listener::Listener;
use crate::router::Api;
use crate::seed::Seed;

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    // Needs only a token: whatever the scopes, an app may see the public profile.
    let me = || get(own).route_layer(guard.require_token());
    Router::new()
        .route("/v1/me", me())
        .route("/v1/me/", me())
        .route("/v1/users/{id}", get(public).route_layer(guard.require_token()))
}

async fn own(State(api): State<Api>, listener: Listener) -> Json {
    let Listener { person, access, .. } = &listener;
    let mut profile = public_profile(&api.links, &listener);
    if access.allows("user-read-email") {
        profile["email"] = json!(person.email);
    }
    if access.allows("user-read-private") {
        profile["country"] = json!(person.country);
        profile["product"] = json!(person.product);
        profile["explicit_content"] = json!({"filter_enabled": false, "filter_locked": false});
    }
    Json(profile)
}

/// Other users are not known here, and are not told apart from names that nobody has.
async fn public(
    State(api): State<Api>,
    Path(id): Path<String>,
    listener: Listener,
) -> Result<Json, Problem> {
    if id != listener.person.username {
        return Err(Problem::NotFound);
    }
    Ok(Json(public_profile(&api.links, &listener)))
}

/// What every app may see.
pub(crate) fn public_profile(links: &Links, listener: &Listener) -> Value {
    let id = &listener.person.username;
    let subject = listener.subject.as_str();
    let mut profile = links.object("user", "users", id);
    profile["account_id"] = json!(subject);
    profile["display_name"] = json!(id);
    profile["followers"] =
        json!({"href": null, "total": Seed::of(&["followers", subject]).below(500)});
    profile["images"] = links.images(id);
    profile
}
