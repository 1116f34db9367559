//! What people use instead.

use std::time::Duration;

use anyhow::{Context as _, bail};

use super::contest::{Contest, Order};
use super::crew::Crew;
use super::figure::{Comparison, Figure};
use super::operation::Operation;
use super::rival::{Rival, Work};
use super::run::Stage;
use crate::server::{Cores, OidcProvider};
use crate::walk::{CodeFlow, Expected, Fixed, Walk};

/// What both do, with everything else left out: oidc-provider has no forward-auth, and signs people in
/// with pages of its user's. Its userinfo endpoint is held beside the sample API's `/v1/me`, which tells
/// the same: whose token this is.
const OPERATIONS: [Operation; 5] = [
    Operation::Implicit,
    Operation::Code,
    Operation::ClientCredentials,
    Operation::IntrospectOpaque,
    Operation::GuardedApi,
];

/// A program that is compiled while it runs is slow at first.
const WARM_UP: Duration = Duration::from_secs(3);

/// Measures those of the order's operations that both do.
///
/// # Errors
/// A server does not start, or gives a wrong answer.
pub(crate) async fn beside_peer(
    order: &Order,
    tell: impl Fn(&Figure),
) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let connections = 64;
    for operation in OPERATIONS.into_iter().filter(|one| order.operations.contains(one)) {
        let context = || format!("{} {}", operation.letter(), operation.name());
        let stage = Stage::set(&order.engine, operation, Cores::Apart, connections).await;
        let stage = stage.with_context(context)?;
        let contest = Contest {
            comparison: Comparison::Peers,
            operation,
            connections,
            budget: None,
            subject: stage.subject(connections).await.with_context(context)?,
            yardstick: oidc_provider(operation, connections).await.with_context(context)?,
        };
        let figure = contest.hold(order.plan.once()).await.with_context(context)?;
        tell(&figure);
        figures.push(figure);
    }
    Ok(figures)
}

async fn oidc_provider(operation: Operation, count: usize) -> anyhow::Result<Rival> {
    let mut peer = OidcProvider::start(Cores::Apart)?;
    peer.sign_in().await.context("oidc-provider")?;
    let mut walks = Vec::with_capacity(count);
    for _ in 0..count {
        walks.push(walk(&peer, operation).await?);
    }
    let crew = Crew::gather(peer.address, walks).await?;
    let process = Some(peer.program.id());
    let mut rival = Rival::new("oidc-provider", Work::Server(crew), process, Cores::Apart)?;
    rival.warm_up(WARM_UP).await?;
    Ok(rival.owning(peer))
}

async fn walk(peer: &OidcProvider, operation: Operation) -> anyhow::Result<Box<dyn Walk>> {
    Ok(match operation {
        Operation::Implicit => {
            let expected = Expected::header(303, "location", "&access_token=");
            Box::new(Fixed::new(&peer.implicit(), expected))
        }
        Operation::Code => Box::new(CodeFlow::any_of([peer.code()])),
        Operation::ClientCredentials => {
            Box::new(Fixed::new(&peer.client_credentials(), Expected::body("\"access_token\":\"")))
        }
        Operation::IntrospectOpaque => {
            let token = peer.token().await?;
            Box::new(Fixed::new(&peer.introspect(&token), Expected::body("\"active\":true")))
        }
        Operation::GuardedApi => {
            let request = peer.userinfo(&peer.token().await?);
            Box::new(Fixed::new(&request, Expected::body("\"sub\":")))
        }
        other => bail!("oidc-provider is not measured in {}", other.name()),
    })
}
