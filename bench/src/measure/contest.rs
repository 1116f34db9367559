//! Two rivals in alternation.

use std::time::Duration;

use super::figure::{Comparison, Figure, OTHERS};
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
        for pair in 0..plan.most_pairs() {
            let (subject, yardstick) = self.pair(pair, plan.slice).await?;
            // A pair in which others took the machine says as much about them; there is time for some such.
            let left = plan.most_pairs() - pair - 1;
            if self.is_disturbed(&subject, &yardstick) && ratios.len() + left >= plan.pairs {
                continue;
            }
            self.subject.keep(subject);
            self.yardstick.keep(yardstick);
            ratios.push(ratio(&subject, &yardstick));
            if ratios.len() == plan.pairs {
                break;
            }
        }
        Ok(self.figure(Spread::of(ratios)))
    }

    /// A slice of each. Each goes first every other time, so that a machine that gets slower favours nobody.
    async fn pair(&mut self, number: usize, length: Duration) -> anyhow::Result<(Slice, Slice)> {
        if number.is_multiple_of(2) {
            let subject = self.subject.slice(length).await?;
            return Ok((subject, self.yardstick.slice(length).await?));
        }
        let yardstick = self.yardstick.slice(length).await?;
        Ok((self.subject.slice(length).await?, yardstick))
    }

    /// A database in a process of its own is one of the others as well.
    fn is_disturbed(&self, subject: &Slice, yardstick: &Slice) -> bool {
        self.comparison != Comparison::Engines
            && subject.others_busy().max(yardstick.others_busy()) > OTHERS
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
