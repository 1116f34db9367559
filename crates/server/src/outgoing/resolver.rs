//! Names become addresses here, and are judged before anything is sent.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::OutgoingProblem;
use super::place::{Place, Reach};

/// Who knows the addresses of a name.
#[async_trait]
pub trait Names: Send + Sync + 'static {
    /// Its addresses at this moment.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The names that the system knows.
pub(super) struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Asks once for each request, and gives away what was judged: the connection is made to these addresses,
/// whatever the name says a moment later.
pub(super) struct Resolver {
    names: Arc<dyn Names>,
    reach: Reach,
}

impl Resolver {
    pub(super) fn new(names: Arc<dyn Names>, reach: Reach) -> Self {
        Self { names, reach }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, reach) = (Arc::clone(&self.names), self.reach);
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await;
            let found = found.map_err(|_| OutgoingProblem::Unreachable)?;
            judge(name.as_str(), &found, reach)?;
            // The port is the URL's.
            let judged: Addrs = Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(judged)
        })
    }
}

/// One address that may not be asked spoils all: who is at home in both worlds means the inner one.
fn judge(name: &str, found: &[IpAddr], reach: Reach) -> Result<(), OutgoingProblem> {
    if found.is_empty() {
        return Err(OutgoingProblem::Unreachable);
    }
    // To this name a form may go in clear, so it must be what everybody takes it for.
    let is_elsewhere = |address: &IpAddr| Place::of(*address) != Place::Loopback;
    let is_misnamed = name == "localhost" && found.iter().any(is_elsewhere);
    if is_misnamed || !found.iter().all(|address| reach.covers(*address)) {
        return Err(OutgoingProblem::Inner);
    }
    Ok(())
}
