//! `GET /v1/me`: the user's profile, with the fields that the token's scopes open.

use axum::Router;
use axum::extract::{Path, State};
use axum::handler::Handler as _;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hallpass_guard::Guard;
use serde::Serialize;

use crate::answer::{Json, Problem};
use crate::catalogue::{Image, Links};
use crate::listener::Listener;
use crate::router::Api;
use crate::seed::Seed;

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    // Needs only a token: whatever the scopes, an app may see the public profile.
    let me = || get(own.layer(guard.require_token()));
    Router::new()
        .route("/v1/me", me())
        .route("/v1/me/", me())
        .route("/v1/users/{id}", get(public.layer(guard.require_token())))
}

/// A user, as apps see them: what every app may see, and what the token's scopes add to it.
#[derive(Serialize)]
pub(crate) struct Profile<'a> {
    account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explicit_content: Option<ExplicitContent>,
    external_urls: ExternalUrls,
    followers: Followers,
    href: String,
    id: &'a str,
    images: [Image; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'a str>,
    r#type: &'static str,
    uri: String,
}

#[derive(Serialize)]
struct ExplicitContent {
    filter_enabled: bool,
    filter_locked: bool,
}

#[derive(Serialize)]
struct ExternalUrls {
    hallpass: String,
}

#[derive(Serialize)]
struct Followers {
    href: (),
    total: usize,
}

async fn own(State(api): State<Api>, listener: Listener) -> Response {
    let Listener { person, access, .. } = &listener;
    let mut profile = Profile::public(&api.links, &listener);
    if access.allows("user-read-email") {
        profile.email = Some(&person.email);
    }
    if access.allows("user-read-private") {
        profile.country = Some(&person.country);
        profile.product = Some(&person.product);
        profile.explicit_content =
            Some(ExplicitContent { filter_enabled: false, filter_locked: false });
    }
    Json(profile).into_response()
}

/// Other users are not known here, and are not told apart from names that nobody has.
async fn public(
    State(api): State<Api>,
    Path(id): Path<String>,
    listener: Listener,
) -> Result<Response, Problem> {
    if id != listener.person.username {
        return Err(Problem::NotFound);
    }
    Ok(Json(Profile::public(&api.links, &listener)).into_response())
}

impl<'a> Profile<'a> {
    /// What every app may see.
    pub(crate) fn public(links: &Links, listener: &'a Listener) -> Self {
        let id = listener.person.username.as_str();
        let subject = listener.subject.as_str();
        let href = links.to(&["/v1/users/", id]);
        Self {
            account_id: subject,
            country: None,
            display_name: id,
            email: None,
            explicit_content: None,
            external_urls: ExternalUrls { hallpass: href.clone() },
            followers: Followers { href: (), total: Seed::of(&["followers", subject]).below(500) },
            href,
            id,
            images: [links.image(id)],
            product: None,
            r#type: "user",
            uri: ["hallpass:user:", id].concat(),
        }
    }
}
