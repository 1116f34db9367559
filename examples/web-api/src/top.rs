//! `GET /v1/me/top/{type}`: what the user listens to most.

use axum::Router;
use axum::extract::{FromRequestParts, Path, State};
use axum::handler::Handler as _;
use axum::routing::get;
use hallpass_guard::Guard;
use http::request::Parts;

use crate::answer::{Json, Problem};
use crate::listener::Listener;
use crate::paging::{Paging, one, query};
use crate::router::Api;
use crate::seed::Seed;

const TRACKS: usize = 75;

/// Over how long a time the listening is counted: `time_range`.
struct TimeRange(&'static str);

impl<S: Send + Sync> FromRequestParts<S> for TimeRange {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match one(&query(parts)?, "time_range")? {
            None | Some("medium_term") => Ok(Self("medium_term")),
            Some("short_term") => Ok(Self("short_term")),
            Some("long_term") => Ok(Self("long_term")),
            Some(_) => Err(Problem::BadRequest(
                "Invalid time_range: it is short_term, medium_term or long_term".to_owned(),
            )),
        }
    }
}

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    Router::new().route("/v1/me/top/{type}", get(top.layer(guard.require(&["user-top-read"]))))
}

async fn top(
    State(api): State<Api>,
    Path(kind): Path<String>,
    listener: Listener,
    TimeRange(range): TimeRange,
    paging: Paging,
) -> Result<Json, Problem> {
    let (links, all) = (&api.links, &api.catalogue);
    let list = links.to(&["/v1/me/top/", &kind, "?time_range=", range]);
    let mut seed = Seed::of(&["top", &kind, range, listener.subject.as_str()]);
    match kind.as_str() {
        "artists" => {
            let drawn = seed.draw(all.artist_count(), all.artist_count());
            Ok(Json(paging.page(&list, &drawn, |at| all.artist(links, *at))))
        }
        "tracks" => {
            let drawn = seed.draw(TRACKS, all.track_count());
            Ok(Json(paging.page(&list, &drawn, |at| all.track(links, *at))))
        }
        _ => Err(Problem::NotFound),
    }
}
