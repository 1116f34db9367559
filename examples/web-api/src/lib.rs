//! A small music API in the guide's shape, protected with [`hallpass_guard`].
//!
//! It shows what an API must do to be open to third-party apps: a token on every route, the scopes that
//! the route needs, the errors that clients of the guide expect, and CORS on all of it. The music is
//! invented and the same at each start; what a user saves is kept in memory.
//!
//! | route | scope |
//! |---|---|
//! | `GET /v1/me`, `/v1/me/` | any token; `user-read-email` and `user-read-private` add fields |
//! | `GET /v1/users/{id}` | any token; only the user's own name is known here |
//! | `GET /v1/me/playlists` | `playlist-read-private`; `playlist-read-collaborative` adds some |
//! | `GET /v1/playlists/{id}` | the same; only the user's own |
//! | `GET /v1/me/top/{artists,tracks}` | `user-top-read` |
//! | `GET /v1/me/tracks` | `user-library-read` |
//! | `PUT`, `DELETE /v1/me/tracks` | `user-library-modify` |
//! | `GET /v1/me/player/recently-played` | `user-read-recently-played` |
//! | `GET /v1/artists/{id}`, `/v1/albums/{id}`, `/v1/tracks/{id}` | any token |
//! | `GET /images/{id}.svg` | none: pictures are public |
//!
//! Where its users come from is the program's choice: see [`People`].

mod answer;
mod catalogue;
mod images;
mod listener;
mod paging;
mod people;
mod player;
mod playlists;
mod profile;
mod router;
mod saved;
mod seed;
mod top;
mod tracks;

pub use people::{Invented, People, PeopleUnavailable, Person};
pub use router::{Answering, Config, router};
