//! The invented music: artists, their albums, their tracks; and how each looks in JSON.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::handler::Handler as _;
use axum::routing::get;
use hallpass_guard::Guard;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::{Json, Problem};
use crate::images;
use crate::router::Api;
use crate::seed::Seed;

const ALBUMS_PER_ARTIST: usize = 3;
const TRACKS_PER_ALBUM: usize = 6;

const ARTISTS: [&str; 16] = [
    "Velvet Cartographers",
    "Nine Copper Foxes",
    "Tidewater Orrery",
    "Lumen Thicket",
    "Saltbox Parade",
    "The Umber Timetable",
    "Kettle & Comet",
    "Pale Aviary Society",
    "Odd Weather Club",
    "Fennel Street Choir",
    "Ostrich Telegraph",
    "Marrow Lake Ferry",
    "Winter Abacus",
    "Clementine Static",
    "Harbour of Paper",
    "A Quarrel of Lanterns",
];
const GENRES: [&str; 6] =
    ["attic folk", "ferry jazz", "glass pop", "night baroque", "slow electronics", "tin rock"];
const MANNERS: [&str; 12] = [
    "Amber", "Borrowed", "Distant", "Folded", "Half", "Hollow", "Latent", "Northern", "Patient",
    "Second", "Silver", "Unsent",
];
const THINGS: [&str; 16] = [
    "Almanac",
    "Bridges",
    "Cinders",
    "Departures",
    "Echoes",
    "Ferries",
    "Gardens",
    "Letters",
    "Maps",
    "Orchards",
    "Platforms",
    "Rivers",
    "Shutters",
    "Tides",
    "Umbrellas",
    "Windows",
];
const PLACES: [&str; 8] = [
    "after the Rain",
    "at the Ferry",
    "before Noon",
    "by Lamplight",
    "for Two Voices",
    "in the Attic",
    "on the Last Train",
    "under Glass",
];

/// All the music there is.
pub(crate) struct Catalogue {
    artists: Vec<Artist>,
    albums: Vec<Album>,
    tracks: Vec<Track>,
    tracks_by_id: HashMap<String, usize>,
}

struct Artist {
    id: String,
    name: &'static str,
    genre: &'static str,
    popularity: usize,
}

struct Album {
    id: String,
    name: String,
    artist: usize,
    released: String,
}

struct Track {
    id: String,
    name: String,
    album: usize,
    number: usize,
    duration_ms: usize,
    explicit: bool,
    popularity: usize,
}

impl Catalogue {
    /// The same music at each call.
    pub(crate) fn invented() -> Self {
        let mut seed = Seed::of(&["catalogue"]);
        let mut all =
            Self { artists: vec![], albums: vec![], tracks: vec![], tracks_by_id: HashMap::new() };
        for (artist, name) in ARTISTS.into_iter().enumerate() {
            let genre = seed.choose(&GENRES);
            all.artists.push(Artist { id: seed.id(), name, genre, popularity: seed.below(101) });
            for _ in 0..ALBUMS_PER_ARTIST {
                all.invent_album(artist, &mut seed);
            }
        }
        all.tracks_by_id =
            all.tracks.iter().enumerate().map(|(at, track)| (track.id.clone(), at)).collect();
        all
    }

    fn invent_album(&mut self, artist: usize, seed: &mut Seed) {
        let name = format!("{} {}", seed.choose(&MANNERS), seed.choose(&THINGS));
        let (year, month, day) = (1998 + seed.below(28), 1 + seed.below(12), 1 + seed.below(28));
        let released = format!("{year}-{month:02}-{day:02}");
        let album = self.albums.len();
        self.albums.push(Album { id: seed.id(), name, artist, released });
        for number in 1..=TRACKS_PER_ALBUM {
            self.tracks.push(Track {
                id: seed.id(),
                name: format!("{} {}", seed.choose(&THINGS), seed.choose(&PLACES)),
                album,
                number,
                duration_ms: 95_000 + seed.below(240_000),
                explicit: seed.below(12) == 0,
                popularity: seed.below(101),
            });
        }
    }

    pub(crate) fn artist_count(&self) -> usize {
        self.artists.len()
    }

    pub(crate) fn track_count(&self) -> usize {
        self.tracks.len()
    }

    /// The position of the track with this id.
    pub(crate) fn track_position(&self, id: &str) -> Option<usize> {
        self.tracks_by_id.get(id).copied()
    }

    /// The artist at a position below [`Catalogue::artist_count`].
    pub(crate) fn artist(&self, links: &Links, position: usize) -> Value {
        let artist = &self.artists[position];
        let mut object = self.artist_link(links, position);
        object["followers"] = json!({"href": null, "total": artist.popularity * 731});
        object["genres"] = json!([artist.genre]);
        object["images"] = links.images(&artist.id);
        object["popularity"] = json!(artist.popularity);
        object
    }

    /// The track at a position below [`Catalogue::track_count`].
    pub(crate) fn track(&self, links: &Links, position: usize) -> Value {
        let track = &self.tracks[position];
        let mut object = links.object("track", "tracks", &track.id);
        object["album"] = self.album(links, track.album);
        object["artists"] = json!([self.artist_link(links, self.albums[track.album].artist)]);
        object["disc_number"] = json!(1);
        object["duration_ms"] = json!(track.duration_ms);
        object["explicit"] = json!(track.explicit);
        object["is_local"] = json!(false);
        object["is_playable"] = json!(true);
        object["name"] = json!(track.name);
        object["popularity"] = json!(track.popularity);
        object["preview_url"] = Value::Null;
        object["track_number"] = json!(track.number);
        object
    }

    fn album(&self, links: &Links, position: usize) -> Value {
        let album = &self.albums[position];
        let mut object = links.object("album", "albums", &album.id);
        object["album_type"] = json!("album");
        object["artists"] = json!([self.artist_link(links, album.artist)]);
        object["images"] = links.images(&album.id);
        object["name"] = json!(album.name);
        object["release_date"] = json!(album.released);
        object["release_date_precision"] = json!("day");
        object["total_tracks"] = json!(TRACKS_PER_ALBUM);
        object
    }

    /// An artist as tracks and albums mention it.
    fn artist_link(&self, links: &Links, position: usize) -> Value {
        let artist = &self.artists[position];
        let mut object = links.object("artist", "artists", &artist.id);
        object["name"] = json!(artist.name);
        object
    }
}

/// A picture, as apps see it.
#[derive(Serialize)]
pub(crate) struct Image {
    height: u32,
    url: String,
    width: u32,
}

/// Makes the addresses that answers hold.
#[derive(Clone)]
pub(crate) struct Links {
    base: Arc<str>,
}

impl Links {
    pub(crate) fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').into() }
    }

    /// The address of a path of this API, given in parts.
    pub(crate) fn to(&self, path: &[&str]) -> String {
        let length = self.base.len() + path.iter().map(|part| part.len()).sum::<usize>();
        let mut address = String::with_capacity(length);
        address.push_str(&self.base);
        address.extend(path.iter().copied());
        address
    }

    /// What every object of this API begins with. There is no player to open things in, so the external
    /// address is the object's own.
    pub(crate) fn object(&self, kind: &str, collection: &str, id: &str) -> Value {
        let href = self.to(&["/v1/", collection, "/", id]);
        json!({
            "external_urls": {"hallpass": href},
            "href": href,
            "id": id,
            "type": kind,
            "uri": format!("hallpass:{kind}:{id}"),
        })
    }

    /// The pictures of whatever has this id: one.
    pub(crate) fn images(&self, id: &str) -> Value {
        json!([self.image(id)])
    }

    /// The picture of whatever has this id.
    pub(crate) fn image(&self, id: &str) -> Image {
        let url = self.to(&["/images/", id, ".svg"]);
        Image { height: images::SIZE, url, width: images::SIZE }
    }
}

pub(crate) fn routes(guard: &Guard) -> Router<Api> {
    Router::new()
        .route("/v1/artists/{id}", get(artist.layer(guard.require_token())))
        .route("/v1/albums/{id}", get(album.layer(guard.require_token())))
        .route("/v1/tracks/{id}", get(track.layer(guard.require_token())))
}

async fn artist(State(api): State<Api>, Path(id): Path<String>) -> Result<Json, Problem> {
    let all = &api.catalogue;
    let position = all.artists.iter().position(|artist| artist.id == id);
    position.map(|at| Json(all.artist(&api.links, at))).ok_or(Problem::NotFound)
}

async fn album(State(api): State<Api>, Path(id): Path<String>) -> Result<Json, Problem> {
    let all = &api.catalogue;
    let position = all.albums.iter().position(|album| album.id == id);
    position.map(|at| Json(all.album(&api.links, at))).ok_or(Problem::NotFound)
}

async fn track(State(api): State<Api>, Path(id): Path<String>) -> Result<Json, Problem> {
    let position = api.catalogue.track_position(&id);
    position.map(|at| Json(api.catalogue.track(&api.links, at))).ok_or(Problem::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_music_is_the_same_at_each_start_and_no_two_tracks_share_an_id() {
        let (one, two) = (Catalogue::invented(), Catalogue::invented());
        let links = Links::new("http://127.0.0.1:8081/");
        assert_eq!(one.track(&links, 7), two.track(&links, 7));
        assert_eq!(one.tracks_by_id.len(), one.track_count());
        assert_eq!(one.track_count(), 288);
    }
}
