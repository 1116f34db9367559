//! What a second core is good for.
//!
//! Of two cores the load needs one, so the rate of a server that has both cannot be seen. What can be
//! seen is what a request costs: beside itself on one core, a server on both pays for what its threads
//! do to each other (locks, caches, hops). `2 × cost on one / cost on both` is the rate of two cores by
//! that of one, if nothing but processor time holds the server up.

use anyhow::Context as _;

use super::contest::{Contest, Order};
use super::figure::{Comparison, Figure};
use super::operation::Operation;
use super::run::Stage;
use crate::server::Cores;

/// What both cores should be by one, for these operations.
const BUDGET: f64 = 1.7;

/// The operations that have the budget.
const OPERATIONS: [Operation; 4] = [
    Operation::Implicit,
    Operation::IntrospectOpaque,
    Operation::GuardedApi,
    Operation::ForwardAuth,
];

/// Measures those of the order's operations that have the budget; all of them if it names none.
///
/// # Errors
/// A server does not start, or gives a wrong answer.
pub(crate) async fn both_cores(
    order: &Order,
    tell: impl Fn(&Figure),
) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let connections = 64;
    for operation in OPERATIONS.into_iter().filter(|one| order.operations.contains(one)) {
        let context = || format!("{} {}", operation.letter(), operation.name());
        let both = Stage::set(&order.engine, operation, Cores::Shared, connections).await;
        let one = Stage::set(&order.engine, operation, Cores::Apart, connections).await;
        let (both, one) = (both.with_context(context)?, one.with_context(context)?);
        let contest = Contest {
            comparison: Comparison::Cores,
            operation,
            connections,
            budget: Some(BUDGET),
            subject: both.subject(connections).await.with_context(context)?,
            yardstick: one.subject(connections).await.with_context(context)?,
        };
        let ratio = contest.hold_by(order.plan, |both, one| 2.0 * one.cost() / both.cost());
        let figure = ratio.await.with_context(context)?;
        tell(&figure);
        figures.push(figure);
    }
    Ok(figures)
}
