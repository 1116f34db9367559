//! Requests to addresses that others chose: the one way by which this server makes them.
//!
//! Whoever registers an app may write any address. So what is sent there is a form and nothing else, and of
//! what comes back nothing is used but the status: no body is read, nobody is told more than that it did or
//! did not work, and the log names one of a few fixed reasons.
//!
//! ```text
//! target     is this an address that may be asked? scheme, port, user name, our own address
//! resolver   its name becomes addresses; one that is inner, and none is used
//! place      which networks an address belongs to
//! turns      so many at once, one to each host
//! ```
//!
//! The connection goes to the addresses that were judged and to no others, redirects are answers like any
//! other, and no proxy stands in the environment. A connection is used once, so that each request is judged
//! anew.

mod place;
mod resolver;
mod target;
#[cfg(test)]
mod tests;
mod turns;

use std::error::Error;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use reqwest::{Client, redirect};
use thiserror::Error;
use tokio::sync::OnceCell;

pub use place::Reach;
pub use resolver::Names;
use resolver::{Resolver, SystemNames};
use target::{OwnAddress, Target};
use turns::Turns;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long all of it may take, names included.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why an address did not answer. The words are fixed: they tell nothing that the address did not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OutgoingProblem {
    /// It is not of a kind that is asked.
    #[error("the address is of a kind that is not asked")]
    Address,
    /// It leads to this very service.
    #[error("the address is this service's own")]
    Own,
    /// It leads into a network that is not asked (`outgoing_requests`).
    #[error("the address leads into a network that is not asked")]
    Inner,
    /// The name is nobody's, nobody listens, or it is not who it says.
    #[error("the address cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("no answer came in time")]
    Slow,
    /// There is nothing to ask with: the system has no authorities to trust.
    #[error("no HTTPS client could be made: are the system's root certificates installed?")]
    Unprepared,
}

/// What makes the requests.
pub struct Outgoing {
    reach: Reach,
    own: OwnAddress,
    names: Arc<dyn Names>,
    /// Made when it is first needed: reading the authorities takes longer than everything else at the start.
    client: OnceCell<Client>,
    turns: Turns,
}

impl Outgoing {
    /// For a service known as `issuer` that may ask as far as `reach` says.
    pub fn new(reach: Reach, issuer: &str) -> Self {
        Self::with_names(reach, issuer, Arc::new(SystemNames))
    }

    /// The same with other names than the system's.
    pub fn with_names(reach: Reach, issuer: &str, names: Arc<dyn Names>) -> Self {
        let own = OwnAddress::of(issuer);
        Self { reach, own, names, client: OnceCell::new(), turns: Turns::default() }
    }

    /// Sends a form, and answers with the status of what came back, whatever it is.
    ///
    /// # Errors
    /// [`OutgoingProblem`].
    pub async fn post_form(
        &self,
        address: &str,
        fields: &[(&str, &str)],
    ) -> Result<StatusCode, OutgoingProblem> {
        let target = Target::parse(address, self.reach, &self.own)?;
        let client = self.client.get_or_try_init(|| self.make_client()).await?;
        let _turn = self.turns.take(target.host()).await;
        let request = client.post(target.into_url()).form(fields);
        let response = request.send().await.map_err(|error| reason(&error))?;
        // The rest of it is never read: with the response the connection goes too.
        Ok(response.status())
    }

    async fn make_client(&self) -> Result<Client, OutgoingProblem> {
        let resolver = Resolver::new(Arc::clone(&self.names), self.reach);
        let made = tokio::task::spawn_blocking(move || client(resolver)).await;
        match made {
            Ok(Ok(client)) => Ok(client),
            Ok(Err(_)) | Err(_) => Err(OutgoingProblem::Unprepared),
        }
    }
}

fn client(resolver: Resolver) -> reqwest::Result<Client> {
    // If the program has chosen a provider already, that one serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder()
        .user_agent("Hallpass")
        .dns_resolver(Arc::new(resolver))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .pool_max_idle_per_host(0)
        .build()
}

/// Nothing of the error's own words is kept: they may hold what the other side said.
fn reason(error: &reqwest::Error) -> OutgoingProblem {
    let mut causes = iter::successors(error.source(), |cause| (**cause).source());
    let judged = causes.find_map(|cause| cause.downcast_ref::<OutgoingProblem>());
    match judged {
        Some(problem) => *problem,
        None if error.is_timeout() => OutgoingProblem::Slow,
        None => OutgoingProblem::Unreachable,
    }
}
