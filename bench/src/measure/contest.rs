//! Two rivals in alternation.

use super::figure::{Comparison, Figure};
use super::operation::Operation;
use super::plan::Plan;
use super::rival::{Rival, Slice};
use super::statistics::Spread;
use crate::server::Engine;

/// What is to be measured, and for how long.
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
}

/// Two rivals, and what they are compared in.
pub(crate) struct Contest {
    /// Which comparison.
    pub(crate) comparison: Comparison,
    /// What both do.
    pub(crate) operation: Operation,
    /// Over how many connections.
    pub(crate) connections: usize,
    /// What the ratio should be at least.
    pub(crate) budget: Option<f64>,
    /// What is measured.
    pub(crate) subject: Rival,
    /// Beside what.
    pub(crate) yardstick: Rival,
}

impl Contest {
    /// Holds it; the ratio is that of the rates.
    ///
    /// # Errors
    /// Wrong answers.
    pub(crate) async fn hold(self, plan: Plan) -> anyhow::Result<Figure> {
        self.hold_by(plan, |subject, yardstick| subject.rate() / yardstick.rate()).await
    }

    /// Holds it; the ratio is `ratio` of each pair of slices.
    ///
    /// # Errors
    /// Wrong answers.
    pub(crate) async fn hold_by(
        mut self,
        plan: Plan,
        ratio: impl Fn(&Slice, &Slice) -> f64,
    ) -> anyhow::Result<Figure> {
        self.subject.warm_up(plan.warm_up).await?;
        self.yardstick.warm_up(plan.warm_up).await?;
        let mut ratios = Vec::with_capacity(plan.pairs);
        for pair in 0..plan.pairs {
            // Each goes first every other time, so that a machine that gets slower favours nobody.
            let (subject, yardstick) = if pair % 2 == 0 {
                let subject = self.subject.slice(plan.slice).await?;
                (subject, self.yardstick.slice(plan.slice).await?)
            } else {
                let yardstick = self.yardstick.slice(plan.slice).await?;
                (self.subject.slice(plan.slice).await?, yardstick)
            };
            ratios.push(ratio(&subject, &yardstick));
        }
        Ok(self.figure(Spread::of(ratios)))
    }

    fn figure(&self, ratio: Spread) -> Figure {
        let p99s = self.subject.p99s().zip(self.yardstick.p99s());
        let p99s = p99s.filter(|(_, yardstick)| *yardstick > 0.0);
        let (subject, yardstick) = (self.subject.side(), self.yardstick.side());
        let is_beside_bare = self.comparison == Comparison::Bare && self.budget.is_some();
        Figure {
            letter: self.operation.letter().to_owned(),
            name: self.operation.name().to_owned(),
            comparison: self.comparison,
            subject_name: self.subject.name().to_owned(),
            yardstick_name: self.yardstick.name().to_owned(),
            connections: self.connections,
            budget: self.budget,
            ratio,
            processor_ratio: yardstick.processor_us / subject.processor_us.max(1e-9),
            p99_ratio: Spread::of(p99s.map(|(subject, yardstick)| subject / yardstick)).median,
            p99_budget: self.operation.p99_budget().filter(|_| is_beside_bare),
            subject,
            yardstick,
        }
    }
}
