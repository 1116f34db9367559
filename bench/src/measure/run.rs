//! One run: each operation on a server of its own, beside its yardstick, slice by slice.

use anyhow::Context as _;

use super::crew::Crew;
use super::figure::Figure;
use super::operation::{Audience, Operation};
use super::plan::Plan;
use super::rival::{Rival, Work};
use super::statistics::Spread;
use crate::server::hashing::Hashing;
use crate::server::{Bare, Cores, Engine, Hallpass, Recorded, World};
use crate::walk::Progress;
use crate::wire::Connection;

/// What is to be measured, and how.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// On what.
    pub(crate) engine: Engine,
    /// Which operations.
    pub(crate) operations: Vec<Operation>,
    /// With how many connections, one after the other.
    pub(crate) connections: Vec<usize>,
    /// For how long.
    pub(crate) plan: Plan,
    /// Who has which core.
    pub(crate) cores: Cores,
}

/// Measures all of it; each figure is told when it is there.
///
/// # Errors
/// A server does not start, or gives a wrong answer.
pub(crate) async fn run(order: &Order, tell: impl Fn(&Figure)) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for operation in &order.operations {
        let context = || format!("{} {}", operation.letter(), operation.name());
        let most = operation.most_connections();
        let mut connections: Vec<usize> =
            order.connections.iter().map(|count| *count.min(&most)).collect();
        connections.dedup();
        let hallpass = start(order, *operation).with_context(context)?;
        let browsers = connections.iter().copied().max().unwrap_or(1);
        let world = World::prepare(&hallpass, browsers).await.with_context(context)?;
        for count in connections {
            let contest = Contest { order, operation: *operation, hallpass: &hallpass, count };
            let figure = contest.hold(&world).await.with_context(context)?;
            tell(&figure);
            figures.push(figure);
        }
    }
    Ok(figures)
}

fn start(order: &Order, operation: Operation) -> anyhow::Result<Hallpass> {
    match operation {
        Operation::GuardedApi => order.engine.demo(order.cores),
        _ => order.engine.serve(order.cores),
    }
}

/// One operation at one number of connections.
struct Contest<'a> {
    order: &'a Order,
    operation: Operation,
    hallpass: &'a Hallpass,
    count: usize,
}

impl Contest<'_> {
    async fn hold(&self, world: &World) -> anyhow::Result<Figure> {
        let mut subject = self.subject(world).await?;
        let mut yardstick = self.yardstick(world).await?;
        let plan = self.order.plan;
        subject.warm_up(plan.warm_up).await?;
        yardstick.warm_up(plan.warm_up).await?;
        let mut ratios = Vec::with_capacity(plan.pairs);
        for pair in 0..plan.pairs {
            // Each goes first every other time, so that a machine that gets slower favours nobody.
            let (subject, yardstick) = if pair % 2 == 0 {
                let subject = subject.slice(plan.slice).await?;
                (subject, yardstick.slice(plan.slice).await?)
            } else {
                let yardstick = yardstick.slice(plan.slice).await?;
                (subject.slice(plan.slice).await?, yardstick)
            };
            ratios.push(subject / yardstick);
        }
        Ok(self.figure(ratios, &subject, &yardstick))
    }

    async fn subject(&self, world: &World) -> anyhow::Result<Rival> {
        let walks = self.operation.walks(world, self.count, Audience::Subject).await?;
        let address = match self.operation {
            Operation::GuardedApi => self.hallpass.api.context("the sample API does not run")?,
            _ => self.hallpass.address,
        };
        let crew = Crew::gather(address, walks).await?;
        Rival::new(Work::Server(crew), self.hallpass.program.id())
    }

    async fn yardstick(&self, world: &World) -> anyhow::Result<Rival> {
        if self.operation == Operation::SignIn {
            let hashing = Hashing::start(self.order.cores)?;
            let id = hashing.id();
            return Rival::new(Work::Hashing(hashing), id);
        }
        let recorded = self.record(world).await?;
        let bare = Bare::start(&recorded, self.order.cores)?;
        let walks = self.operation.walks(world, self.count, Audience::Yardstick).await?;
        let crew = Crew::gather(bare.address, walks).await?;
        let id = bare.program.id();
        Rival::new(Work::Bare { crew, _server: bare }, id)
    }

    /// Walks once and keeps the answers.
    async fn record(&self, world: &World) -> anyhow::Result<Recorded> {
        let mut walk = self.operation.walk(world, 0, Audience::Yardstick).await?;
        let address = match self.operation {
            Operation::GuardedApi => self.hallpass.api.context("the sample API does not run")?,
            _ => self.hallpass.address,
        };
        let mut connection = Connection::open(address).await?;
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

    fn figure(&self, ratios: Vec<f64>, subject: &Rival, yardstick: &Rival) -> Figure {
        let operation = self.operation;
        let p99s = subject.p99s().zip(yardstick.p99s());
        let p99s = p99s.filter(|(_, yardstick)| *yardstick > 0.0);
        Figure {
            letter: operation.letter().to_owned(),
            name: operation.name().to_owned(),
            engine: self.order.engine.name().to_owned(),
            connections: self.count,
            cores: self.order.cores,
            budget: self.budget(),
            ratio: Spread::of(ratios),
            processor_ratio: yardstick.side().processor_us / subject.side().processor_us.max(1e-9),
            p99_ratio: Spread::of(p99s.map(|(subject, yardstick)| subject / yardstick)).median,
            p99_budget: operation.p99_budget().filter(|_| self.budget().is_some()),
            subject: subject.side(),
            yardstick: yardstick.side(),
        }
    }

    /// The budgets are about the embedded store, one core, and 64 connections.
    fn budget(&self) -> Option<f64> {
        let count = self.operation.most_connections().min(64);
        let is_budgets = self.order.cores == Cores::Apart
            && self.order.engine.database.is_none()
            && self.count == count;
        is_budgets.then(|| self.operation.budget())
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
