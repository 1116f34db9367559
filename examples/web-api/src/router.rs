//! The routes, and what lies around all of them.

use std::sync::Arc;

use axum::Router;
use hallpass_guard::{Clock, ErrorShape, Guard, OpenToPages, Opened};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE};
use tower::Layer as _;

use crate::answer::Problem;
use crate::catalogue::{Catalogue, Links};
use crate::people::People;
use crate::saved::SavedTracks;
use crate::{catalogue, images, player, playlists, profile, top, tracks};

/// What an installation of the API chooses.
pub struct Config {
    /// Where the API is reached, without a slash at its end: `http://127.0.0.1:8081`. Links in answers
    /// begin with it.
    pub base_url: String,
    /// When a track is saved, it is saved at this clock's time.
    pub clock: Arc<dyn Clock>,
}

/// The routes and what lies around them: a service as [`Router`] is one, for requests with any body.
pub type Answering = Opened<Router>;

/// What the handlers share, behind one pointer: each request takes a copy of it.
pub(crate) type Api = Arc<Shared>;

/// See [`Api`].
pub(crate) struct Shared {
    pub(crate) guard: Guard,
    pub(crate) people: Arc<dyn People>,
    pub(crate) links: Links,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) saved: Arc<SavedTracks>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The API. Its errors, and those of `guard` in front of it, have the guide's shape.
pub fn router(guard: Guard, people: Arc<dyn People>, config: Config) -> Answering {
    let guard = guard.with_errors(ErrorShape::Guide);
    let catalogue = Arc::new(Catalogue::invented());
    let api = Arc::new(Shared {
        people,
        links: Links::new(&config.base_url),
        saved: Arc::new(SavedTracks::new(Arc::clone(&catalogue))),
        catalogue,
        clock: config.clock,
        guard: guard.clone(),
    });
    let routes = Router::new()
        .merge(profile::routes(&guard))
        .merge(playlists::routes(&guard))
        .merge(top::routes(&guard))
        .merge(tracks::routes(&guard))
        .merge(player::routes(&guard))
        .merge(catalogue::routes(&guard))
        .merge(images::routes())
        .fallback(|| async { Problem::NotFound })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .with_state(api);
    // Around the routes and not among their layers, each of which the router copies for every request.
    open_to_pages().layer(routes)
}

/// Any page may call the API: what protects it is the token, and no cookie is ever read. This layer is
/// the outermost, so that errors carry its headers too and preflights need no token.
fn open_to_pages() -> OpenToPages {
    let methods = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS];
    let sent = [AUTHORIZATION, CONTENT_TYPE, ACCEPT, ORIGIN, RETRY_AFTER];
    OpenToPages::new(&methods, &sent, &[RETRY_AFTER, WWW_AUTHENTICATE])
}
