//! The routes, and what lies around all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::response::Response;
use hallpass_guard::{Clock, ErrorShape, Guard};
use http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, ORIGIN, RETRY_AFTER,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method};
use tower_http::cors::{Any, CorsLayer};

use crate::answer::Problem;
use crate::catalogue::{Catalogue, Links};
use crate::people::People;
use crate::saved::SavedTracks;
use crate::{catalogue, images, player, playlists, profile, top, tracks};

/// A list of 50 ids is below 2 KiB.
const MAX_BODY: usize = 16 * 1024;

/// What an installation of the API chooses.
pub struct Config {
    /// Where the API is reached, without a slash at its end: `http://127.0.0.1:8081`. Links in answers
    /// begin with it.
    pub base_url: String,
    /// When a track is saved, it is saved at this clock's time.
    pub clock: Arc<dyn Clock>,
}

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
pub fn router(guard: Guard, people: Arc<dyn People>, config: Config) -> Router {
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
    Router::new()
        .merge(profile::routes(&guard))
        .merge(playlists::routes(&guard))
        .merge(top::routes(&guard))
        .merge(tracks::routes(&guard))
        .merge(player::routes(&guard))
        .merge(catalogue::routes(&guard))
        .merge(images::routes())
        .fallback(|| async { Problem::NotFound })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(map_response(private))
        .layer(cors())
        .with_state(api)
}

/// Personal answers are for the app that asked and for nobody between, unless a handler said otherwise.
async fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Any page may call the API: what protects it is the token, and no cookie is ever read. This layer is
/// the outermost, so that errors carry it too and preflights need no token.
fn cors() -> CorsLayer {
    const PREFLIGHT_LIFETIME: Duration = Duration::from_secs(604_800);
    let request_headers: [HeaderName; 5] =
        [AUTHORIZATION, CONTENT_TYPE, ACCEPT, ORIGIN, RETRY_AFTER];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS])
        .allow_headers(request_headers)
        .expose_headers([RETRY_AFTER, WWW_AUTHENTICATE])
        .max_age(PREFLIGHT_LIFETIME)
}
