//! `GET /v1/me/playlists`: the user's playlists.

use axum::Router;
use axum::extract::{Path, State};
use axum::handler::Handler as _;
use axum::routing::get;
use hallpass_guard::Guard;
use serde_json::{Value, json};

use crate::answer::{Json, Problem};
use crate::listener::Listener;
use crate::paging::Paging;
use crate::profile::Profile;
use crate::router::Api;
use crate::seed::Seed;

const PATH: &str = "/v1/me/playlists";
const COUNT: usize = 27;
const MOODS: [&str; 9] =
    ["Calm", "Early", "Kitchen", "Long", "Rainy", "Running", "Slow", "Sunday", "Window"];
const TIMES: [&str; 7] = ["hours", "mix", "morning", "evening", "walk", "work", "drive"];

struct Playlist {
    id: String,
    name: String,
    visibility: Visibility,
    tracks: usize,
    snapshot: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visibility {
    Public,
    Private,
    /// Private, and friends add to it: seen only with a scope of its own.
    Collaborative,
}

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    let read = guard.require(&["playlist-read-private"]);
    Router::new()
        .route(PATH, get(list.layer(read.clone())))
        .route("/v1/playlists/{id}", get(one.layer(read)))
}

async fn list(State(api): State<Api>, listener: Listener, paging: Paging) -> Json {
    let owner = json!(Profile::public(&api.links, &listener));
    let lists = visible(&listener);
    Json(paging.page(&api.links.to(&[PATH]), &lists, |list| object(&api, &owner, list)))
}

/// Only the user's own playlists are known here.
async fn one(
    State(api): State<Api>,
    Path(id): Path<String>,
    listener: Listener,
) -> Result<Json, Problem> {
    let owner = json!(Profile::public(&api.links, &listener));
    let lists = visible(&listener);
    let list = lists.iter().find(|list| list.id == id).ok_or(Problem::NotFound)?;
    Ok(Json(object(&api, &owner, list)))
}

/// The playlists that the app may see.
fn visible(listener: &Listener) -> Vec<Playlist> {
    let mut lists = invented(listener.subject.as_str());
    if !listener.access.allows("playlist-read-collaborative") {
        lists.retain(|list| list.visibility != Visibility::Collaborative);
    }
    lists
}

fn invented(subject: &str) -> Vec<Playlist> {
    let mut seed = Seed::of(&["playlists", subject]);
    let invent = |number| Playlist {
        id: seed.id(),
        name: format!("{} {}", seed.choose(&MOODS), seed.choose(&TIMES)),
        visibility: match number % 6 {
            5 => Visibility::Collaborative,
            2 | 4 => Visibility::Private,
            _ => Visibility::Public,
        },
        tracks: 4 + seed.below(90),
        snapshot: seed.id(),
    };
    (0..COUNT).map(invent).collect()
}

fn object(api: &Api, owner: &Value, list: &Playlist) -> Value {
    let mut object = api.links.object("playlist", "playlists", &list.id);
    object["collaborative"] = json!(list.visibility == Visibility::Collaborative);
    object["description"] = json!("");
    object["images"] = api.links.images(&list.id);
    object["name"] = json!(list.name);
    object["owner"] = owner.clone();
    object["public"] = json!(list.visibility == Visibility::Public);
    object["snapshot_id"] = json!(list.snapshot);
    object["tracks"] = json!({"total": list.tracks});
    object
}
