//! `GET /v1/me/player/recently-played`: what the user heard last, and when.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::handler::Handler as _;
use axum::routing::get;
use hallpass_guard::{Guard, Timestamp};
use serde_json::{Value, json};

use crate::answer::Json;
use crate::listener::Listener;
use crate::paging::Paging;
use crate::router::Api;
use crate::saved::{FIRST_DAY, written};
use crate::seed::Seed;

const PATH: &str = "/v1/me/player/recently-played";
const COUNT: usize = 60;

struct Play {
    track: usize,
    at: Timestamp,
}

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    Router::new().route(PATH, get(played.layer(guard.require(&["user-read-recently-played"]))))
}

async fn played(State(api): State<Api>, listener: Listener, paging: Paging) -> Json {
    let plays = invented(listener.subject.as_str(), api.catalogue.track_count());
    Json(paging.page(&api.links.to(&[PATH]), &plays, |play| object(&api, play)))
}

/// The newest first.
fn invented(subject: &str, tracks: usize) -> Vec<Play> {
    let mut seed = Seed::of(&["player", subject]);
    let mut at = FIRST_DAY;
    let mut plays: Vec<Play> = (0..COUNT)
        .map(|_| {
            at = at.plus(Duration::from_secs(180 + seed.below(7200) as u64));
            Play { track: seed.below(tracks), at }
        })
        .collect();
    plays.reverse();
    plays
}

fn object(api: &Api, play: &Play) -> Value {
    json!({
        "context": null,
        "played_at": written(play.at),
        "track": api.catalogue.track(&api.links, play.track),
    })
}
