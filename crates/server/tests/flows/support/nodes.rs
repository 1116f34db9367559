//! Two nodes of one installation, of which each request meets the other one.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hallpass_protocol::model::Timestamp;
use tower::ServiceExt as _;

use super::browser::Browser;
use super::client::Client;
use super::clock::AFTERNOON;
use super::server::{Setup, TestServer};
use super::store::Sharing;

/// See the module.
pub(crate) struct Nodes {
    pub(crate) one: TestServer,
    pub(crate) other: TestServer,
    /// What sends each request to the node that the one before did not meet, as a proxy does it.
    router: Router,
}

impl Nodes {
    /// Two whose clocks agree.
    pub(crate) async fn start() -> Self {
        Self::with_clocks(AFTERNOON, AFTERNOON).await
    }

    /// Two whose clocks show this.
    pub(crate) async fn with_clocks(one: Timestamp, other: Timestamp) -> Self {
        let setup = Setup { now: one, sharing: Sharing::WithOthers, ..Setup::default() };
        let one = TestServer::with(setup).await;
        let other = one.beside(other).await;
        let router = alternating([one.router.clone(), other.router.clone()]);
        Self { one, other, router }
    }

    /// A new browser, in which nobody is known.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), &self.one.app.policy.issuer)
    }

    /// An app, as it would be at the first node.
    pub(crate) fn client(&self, client: Client) -> Client {
        client.at(&self.router)
    }

    /// The next request goes to the node that would be passed over.
    pub(crate) async fn turn(&self) {
        self.browser().get("/jwks").await;
    }

    /// Both ask the store what others have changed.
    pub(crate) async fn follow(&self) {
        self.one.follow().await.unwrap();
        self.other.follow().await.unwrap();
    }

    /// Lets time pass, for both.
    pub(crate) fn wait(&self, duration: Duration) {
        self.one.wait(duration);
        self.other.wait(duration);
    }
}

fn alternating(routers: [Router; 2]) -> Router {
    let turn = Arc::new(AtomicUsize::new(0));
    let front = tower::service_fn(move |request: Request<Body>| {
        let router = routers[turn.fetch_add(1, Ordering::SeqCst) % 2].clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap()) }
    });
    Router::new().fallback_service(front)
}
