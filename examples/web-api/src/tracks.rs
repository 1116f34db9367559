//! `/v1/me/tracks`: the tracks that the user saved; read with one scope, changed with another.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::handler::Handler as _;
use axum::routing::get;
use hallpass_guard::Guard;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Json, Problem};
use crate::listener::Listener;
use crate::paging::{Paging, one, query};
use crate::router::Api;
use crate::saved::{SavedTrack, written};

const PATH: &str = "/v1/me/tracks";
const MAX_IDS: usize = 50;
/// A list of so many ids is below 2 KiB.
const MAX_BODY: usize = 16 * 1024;

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    let read = get(list.layer(guard.require(&["user-library-read"])));
    let modify = axum::routing::put(save)
        .delete(remove)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .route_layer(guard.require(&["user-library-modify"]));
    Router::new().route(PATH, read.merge(modify))
}

async fn list(State(api): State<Api>, listener: Listener, paging: Paging) -> Json {
    let saved = api.saved.of(&listener.subject);
    Json(paging.page(&api.links.to(&[PATH]), &saved, |entry| object(&api, entry)))
}

async fn save(State(api): State<Api>, listener: Listener, Ids(tracks): Ids) {
    api.saved.save(&listener.subject, &tracks, api.clock.now());
}

async fn remove(State(api): State<Api>, listener: Listener, Ids(tracks): Ids) {
    api.saved.remove(&listener.subject, &tracks);
}

fn object(api: &Api, entry: &SavedTrack) -> Value {
    json!({
        "added_at": written(entry.added_at),
        "track": api.catalogue.track(&api.links, entry.track),
    })
}

/// The tracks that a request names: `?ids=…,…`, or a JSON body `{"ids":["…"]}`. The query goes first,
/// and then the body is not looked at.
struct Ids(Vec<usize>);

#[derive(Deserialize)]
struct Body {
    ids: Vec<String>,
}

impl FromRequest<Api> for Ids {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let ids: Vec<String> = match one(&query(&parts)?, "ids")? {
            Some(list) => list.split(',').map(str::to_owned).collect(),
            None => {
                let request = Request::from_parts(parts, body);
                let bytes = Bytes::from_request(request, &())
                    .await
                    .map_err(|rejection| too_large(&rejection))?;
                let body: Body = serde_json::from_slice(&bytes).map_err(|_| no_ids())?;
                body.ids
            }
        };
        if !(1..=MAX_IDS).contains(&ids.len()) {
            return Err(no_ids());
        }
        let find = |id: &String| {
            let unknown = || Problem::BadRequest("Invalid ids: one is not a track's id".to_owned());
            api.catalogue.track_position(id).ok_or_else(unknown)
        };
        ids.iter().map(find).collect::<Result<_, _>>().map(Self)
    }
}

fn no_ids() -> Problem {
    Problem::BadRequest(format!("Invalid ids: send 1 to {MAX_IDS} ids of tracks"))
}

fn too_large(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::BodyTooLarge
    } else {
        Problem::BadRequest("The request's body ended too early".to_owned())
    }
}
