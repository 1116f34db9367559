//! Hallpass on PostgreSQL beside Hallpass on SQLite; database, server and load on the same two cores.

use anyhow::Context as _;

use super::contest::{Contest, Order};
use super::figure::{Comparison, Figure};
use super::operation::Operation;
use super::run::Stage;
use crate::server::{Cores, Engine};

/// What A on PostgreSQL should be at least, by A on SQLite.
const BUDGET: f64 = 0.35;

/// Measures the order's operations on both engines.
///
/// # Errors
/// A server does not start, or gives a wrong answer.
pub(crate) async fn beside_sqlite(
    order: &Order,
    tell: impl Fn(&Figure),
) -> anyhow::Result<Vec<Figure>> {
    let embedded = Engine::embedded(&order.engine.binary);
    let mut figures = Vec::new();
    for operation in order.operations.iter().copied() {
        let context = || format!("{} {}", operation.letter(), operation.name());
        let connections = operation.most_connections().min(64);
        let subject = Stage::set(&order.engine, operation, Cores::Shared, connections).await;
        let yardstick = Stage::set(&embedded, operation, Cores::Shared, connections).await;
        let (subject, yardstick) =
            (subject.with_context(context)?, yardstick.with_context(context)?);
        let contest = Contest {
            comparison: Comparison::Engines,
            operation,
            connections,
            budget: (operation == Operation::Implicit).then_some(BUDGET),
            subject: subject.subject(connections).await.with_context(context)?,
            yardstick: yardstick.subject(connections).await.with_context(context)?,
        };
        let figure = contest.hold(order.plan).await.with_context(context)?;
        tell(&figure);
        figures.push(figure);
    }
    Ok(figures)
}
