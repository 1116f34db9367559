//! One running process of an installation: what it serves now, and how that changes.
//!
//! ```text
//! store --(read anew)--> App, with a router of its own --(one pointer is swapped)--> requests from then on
//! ```
//!
//! Keys, scopes and APIs are read from the store and kept in memory. They are part of an [`App`], which
//! never changes: when another node changes them, everything is read anew into another `App`, and that
//! takes the place of the old one. A request is served by the router that was there when it came, to its
//! end, so that it never sees half of one state and half of another.
//!
//! Who tells a node that there is something to read is a [`Follower`].

mod follow;

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use axum::body::HttpBody;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use hallpass_protocol::model::{KeySet, MasterKey, ScopeCatalogue, standard_scopes};
use hallpass_store::Store;
use tower::util::MapResponse;
use tower::util::future::MapResponseFuture;
use tower::{BoxError, Service};

use crate::config::{Config, PublicUrl};
use crate::http::dressed::{Dressed, Dressing};
use crate::installation::InstallationError;
use crate::keyring::{KeyRow, Keyring, KeyringProblem};
use crate::router::router;
use crate::signing::Signers;
use crate::state::{App, AppState, Common};

pub use follow::{FollowProblem, Follower};

/// See the module.
pub struct Node {
    current: ArcSwap<Generation>,
    master: MasterKey,
    issuer: PublicUrl,
}

/// What serves, until the next takes its place.
struct Generation {
    app: AppState,
    router: Dressed,
}

impl Generation {
    fn of(app: App) -> Arc<Self> {
        let app = Arc::new(app);
        Arc::new(Self { router: router(Arc::clone(&app)), app })
    }
}

impl Node {
    /// A node that begins with `app`, whose keys `master` opens.
    pub(crate) fn new(app: App, master: MasterKey, issuer: PublicUrl) -> Arc<Self> {
        Arc::new(Self { current: ArcSwap::new(Generation::of(app)), master, issuer })
    }

    /// The state that serves at this moment.
    pub fn app(&self) -> AppState {
        Arc::clone(&self.current.load().app)
    }

    /// What takes requests: each goes to the router that is there when it comes.
    pub fn front(self: &Arc<Self>) -> Front {
        Front(Arc::clone(self))
    }

    /// Reads everything anew that is kept in memory, and serves it from now on. What was remembered on
    /// the way is forgotten.
    ///
    /// # Errors
    /// Then nothing has changed here.
    pub(crate) async fn renew(&self) -> Result<(), InstallationError> {
        loop {
            let old = self.current.load_full();
            let app = &old.app;
            let common = read_common(&*app.store, &self.master, &app.config, &self.issuer).await?;
            let before = self.current.compare_and_swap(&old, Generation::of(app.with(common)));
            // If somebody else was quicker, what they read may be newer or older than this: once more.
            if Arc::ptr_eq(&before, &old) {
                app.remembered.forget_all();
                app.revocations.tell_of_keys();
                return Ok(());
            }
        }
    }

    /// The keys there are.
    ///
    /// # Errors
    /// [`KeyringProblem`].
    pub(crate) async fn keys(&self) -> Result<Vec<KeyRow>, KeyringProblem> {
        let app = self.app();
        Keyring::of(&app, &self.master).list().await
    }

    /// Changes the keys. When it has answered, this node uses them as they are then.
    ///
    /// # Errors
    /// [`KeyringProblem`].
    pub async fn change_keys<T>(
        &self,
        change: impl AsyncFnOnce(Keyring<'_>) -> Result<T, KeyringProblem>,
    ) -> Result<T, KeyringProblem> {
        let app = self.app();
        let changed = change(Keyring::of(&app, &self.master)).await?;
        self.use_keys().await?;
        Ok(changed)
    }

    /// Makes the keys that are due and removes those that are over. Every node does so: where several find
    /// the same to do, one does it.
    ///
    /// # Errors
    /// [`KeyringProblem`].
    pub async fn keep_keys(&self) -> Result<(), KeyringProblem> {
        let app = self.app();
        match Keyring::of(&app, &self.master).keep(app.config.key_lifetime).await? {
            true => self.use_keys().await,
            false => Ok(()),
        }
    }

    async fn use_keys(&self) -> Result<(), KeyringProblem> {
        let renewed = self.renew().await;
        renewed.map_err(|problem| KeyringProblem::NotInForce(problem.to_string()))
    }
}

/// Reads what all nodes of an installation have in common and keep in memory.
///
/// # Errors
/// The store's; or the keys do not open, or cannot sign.
pub(crate) async fn read_common(
    store: &dyn Store,
    master: &MasterKey,
    config: &Config,
    issuer: &PublicUrl,
) -> Result<Common, InstallationError> {
    let keys = KeySet::open(master, &store.keys().await?)?;
    let catalogue = ScopeCatalogue::new(standard_scopes().chain(store.scopes().await?));
    let policy = config.policy(issuer, catalogue, store.apis().await?);
    Ok(Common { signers: Signers::open(&keys)?, keys: Arc::new(keys), policy })
}

/// A node, as whoever takes connections sees it.
#[derive(Clone)]
pub struct Front(Arc<Node>);

impl<B> Service<Request<B>> for Front
where
    B: HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = MapResponseFuture<Dressing, fn(Response) -> Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let current = self.0.current.load();
        let finish: fn(Response) -> Response =
            if current.app.departure.is_announced() { with_farewell } else { as_it_is };
        MapResponse::new(current.router.clone(), finish).call(request)
    }
}

const fn as_it_is(response: Response) -> Response {
    response
}

/// Whoever keeps connections open for further requests, as proxies do, closes this one: none is cut off
/// in the moment in which the next request is sent.
fn with_farewell(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
