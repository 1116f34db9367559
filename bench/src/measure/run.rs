//! Each operation on a Hallpass of its own, beside a server that does nothing but answer.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::contest::{Contest, Order};
use super::crew::Crew;
use super::figure::{Comparison, Figure};
use super::operation::{Audience, Operation};
use super::rival::{Rival, Work};
use crate::server::hashing::Hashing;
use crate::server::{Bare, Cores, Engine, Hallpass, Recorded, World};
use crate::walk::Progress;
use crate::wire::Connection;

/// Measures all of it; each figure is told when it is there.
///
/// # Errors
/// A server does not start, or gives a wrong answer.
pub(crate) async fn beside_bare(
    order: &Order,
    tell: impl Fn(&Figure),
) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for operation in order.operations.iter().copied() {
        let context = || format!("{} {}", operation.letter(), operation.name());
        let most = operation.most_connections();
        let mut connections: Vec<usize> =
            order.connections.iter().map(|count| *count.min(&most)).collect();
        connections.dedup();
        let most = connections.iter().copied().max().unwrap_or(1);
        let stage = Stage::set(&order.engine, operation, Cores::Apart, most).await;
        let stage = stage.with_context(context)?;
        for count in connections {
            let contest = Contest {
                comparison: Comparison::Bare,
                operation,
                connections: count,
                budget: budget(order, operation, count),
                subject: stage.subject(count).await.with_context(context)?,
                yardstick: stage.bare(count).await.with_context(context)?,
            };
            let plan = operation.plan(order.plan);
            let plan = if contest.budget.is_some() { plan } else { plan.once() };
            let figure = contest.hold(plan).await.with_context(context)?;
            tell(&figure);
            figures.push(figure);
        }
    }
    Ok(figures)
}

/// The budgets are about the embedded store and 64 connections.
fn budget(order: &Order, operation: Operation, count: usize) -> Option<f64> {
    let is_budgets = count == operation.most_connections().min(64) && order.engine.is_embedded();
    is_budgets.then(|| operation.budget())
}

/// A Hallpass that is ready for one operation.
pub(super) struct Stage {
    operation: Operation,
    cores: Cores,
    name: String,
    pub(super) hallpass: Hallpass,
    pub(super) world: World,
}

impl Stage {
    /// Starts one, with people who are signed in.
    ///
    /// # Errors
    /// It does not start, or does not do what it should.
    pub(super) async fn set(
        engine: &Engine,
        operation: Operation,
        cores: Cores,
        connections: usize,
    ) -> anyhow::Result<Self> {
        let hallpass = match operation {
            Operation::GuardedApi => engine.demo(cores)?,
            _ => engine.serve(cores)?,
        };
        let world = World::prepare(&hallpass, connections).await?;
        let name = format!("Hallpass, {}", engine.name());
        Ok(Self { operation, cores, name, hallpass, world })
    }

    /// It, under load over `count` connections.
    ///
    /// # Errors
    /// It does not give what the walks need.
    pub(super) async fn subject(&self, count: usize) -> anyhow::Result<Rival> {
        let walks = self.operation.walks(&self.world, count, Audience::Subject).await?;
        let crew = Crew::gather(self.address()?, walks).await?;
        let work = self.operation.work(crew);
        Rival::new(&self.name, work, Some(self.hallpass.program.id()), self.cores)
    }

    /// What it is held beside.
    async fn bare(&self, count: usize) -> anyhow::Result<Rival> {
        if self.operation == Operation::SignIn {
            let hashing = Hashing::start(self.cores)?;
            let process = Some(hashing.id());
            return Rival::new("one hash at a time", Work::Hashing(hashing), process, self.cores);
        }
        let command = self.cores.command(std::env::current_exe()?);
        let bare = Bare::start(&self.record().await?, command)?;
        let walks = self.operation.walks(&self.world, count, Audience::Yardstick).await?;
        let crew = Crew::gather(bare.address, walks).await?;
        let process = Some(bare.program.id());
        let rival = Rival::new("bare axum", Work::Server(crew), process, self.cores)?;
        Ok(rival.owning(bare))
    }

    /// Who answers.
    pub(super) fn address(&self) -> anyhow::Result<SocketAddr> {
        match self.operation {
            Operation::GuardedApi => self.hallpass.api.context("the sample API does not run"),
            _ => Ok(self.hallpass.address),
        }
    }

    /// Walks once and keeps the answers.
    pub(super) async fn record(&self) -> anyhow::Result<Recorded> {
        let mut walk = self.operation.walk(&self.world, 0, Audience::Yardstick).await?;
        let mut connection = Connection::open(self.address()?).await?;
        let mut recorded = Recorded::default();
        while let Some(request) = walk.request() {
            let path = path_of(request).context("a request without a path")?;
            let answer = connection.ask(request).await?;
            recorded.0.push((path, answer.keep()));
            if walk.judge(&answer)? == Progress::Done {
                break;
            }
        }
        Ok(recorded)
    }
}

/// The path of a request, without its query.
fn path_of(request: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(request).ok()?.lines().next()?;
    let target = line.split(' ').nth(1)?;
    Some(target.split('?').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bare_server_routes_by_path() {
        assert_eq!(path_of(b"GET /authorize?a=b HTTP/1.1\r\n\r\n").as_deref(), Some("/authorize"));
        assert_eq!(path_of(b"").as_deref(), None);
    }
}
