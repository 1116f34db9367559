//! Hallpass on PostgreSQL: A and the like beside Hallpass on SQLite, B beside the database alone, which
//! `pgbench` sends the same statements. Database, server and load share the same two cores.

use anyhow::Context as _;

use super::contest::{Contest, Order};
use super::figure::{Comparison, Figure};
use super::operation::Operation;
use super::rival::{Rival, Work};
use super::run::Stage;
use crate::server::{Cores, Engine, Pgbench};

/// What A on PostgreSQL should be at least, by A on SQLite.
const BUDGET: f64 = 0.35;
/// What B on PostgreSQL should be at least, by what `pgbench` gets with the same statements.
const ALONE_BUDGET: f64 = 0.5;

/// Measures the order's operations on both engines, and B beside the database alone.
///
/// # Errors
/// A server does not start, or gives a wrong answer.
pub(crate) async fn beside_sqlite(
    order: &Order,
    tell: impl Fn(&Figure),
) -> anyhow::Result<Vec<Figure>> {
    let url = order.engine.database().context("say on which --database")?;
    let mut figures = Vec::new();
    for operation in order.operations.iter().copied() {
        let context = || format!("{} {}", operation.letter(), operation.name());
        let connections = operation.most_connections().min(64);
        let stage = Stage::set(&order.engine, operation, Cores::Shared, connections).await;
        let stage = stage.with_context(context)?;
        let (budget, yardstick) = match operation {
            Operation::Code => (Some(ALONE_BUDGET), alone(url)),
            Operation::Implicit => (Some(BUDGET), embedded(order, operation).await),
            _ => (None, embedded(order, operation).await),
        };
        let contest = Contest {
            comparison: Comparison::Engines,
            operation,
            connections,
            budget,
            subject: stage.subject(connections).await.with_context(context)?,
            yardstick: yardstick.with_context(context)?,
        };
        let figure = contest.hold(operation.plan(order.plan)).await.with_context(context)?;
        tell(&figure);
        figures.push(figure);
    }
    Ok(figures)
}

/// Hallpass on the embedded store.
async fn embedded(order: &Order, operation: Operation) -> anyhow::Result<Rival> {
    let engine = Engine::embedded(&order.engine.binary);
    let connections = operation.most_connections().min(64);
    let stage = Stage::set(&engine, operation, Cores::Shared, connections).await?;
    Ok(stage.subject(connections).await?.owning(stage))
}

/// The tables are there by now: Hallpass has made them.
fn alone(url: &str) -> anyhow::Result<Rival> {
    let work = Work::Pgbench(Pgbench::prepare(url)?);
    Rival::new("pgbench, the same statements", work, None, Cores::Shared)
}
