//! Two rivals in alternation.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::estimate::Estimate;
use super::figure::{Comparison, Figure};
use super::operation::Operation;
use super::plan::Plan;
use super::rival::{Rival, Slice};
use crate::server::{Cores, Engine, pin_myself};

/// An interval that is wider than this share of its ratio asks for a second helping.
const WIDE: f64 = 0.05;

/// How many rounds there are at least, however long they take.
const LEAST_ROUNDS: usize = 5;

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
        let slice = self.warm_up(plan).await?;
        let mut ratios = Vec::new();
        let mut helpings = 0;
        let estimate = loop {
            let begun = Instant::now();
            let enough = ratios.len() + LEAST_ROUNDS;
            while ratios.len() < enough || begun.elapsed() < plan.helping {
                ratios.push(self.round(slice, &ratio).await?);
            }
            helpings += 1;
            let estimate = Estimate::of(&ratios).context("no round was held")?;
            if helpings >= plan.helpings || estimate.width() <= WIDE {
                break estimate;
            }
        };
        Ok(self.figure(estimate))
    }

    /// Answers how long the slices of both are to be.
    async fn warm_up(&mut self, plan: Plan) -> anyhow::Result<Duration> {
        pin_myself(self.subject.cores())?;
        let slice = self.subject.warm_up(plan.warm_up).await?.max(plan.slice);
        pin_myself(self.yardstick.cores())?;
        Ok(self.yardstick.warm_up(plan.warm_up).await?.max(slice))
    }

    /// The subject, the yardstick, the yardstick, the subject: a machine that gets slower favours nobody.
    /// Answers the mean ratio of both pairs.
    async fn round(
        &mut self,
        length: Duration,
        ratio: impl Fn(&Slice, &Slice) -> f64,
    ) -> anyhow::Result<f64> {
        let (one, other) = (self.subject.cores(), self.yardstick.cores());
        let move_to = |cores: Cores| if one == other { Ok(()) } else { pin_myself(cores) };
        move_to(one)?;
        let first = self.subject.slice(length).await?;
        move_to(other)?;
        let second = self.yardstick.slice(length).await?;
        let third = self.yardstick.slice(length).await?;
        move_to(one)?;
        let fourth = self.subject.slice(length).await?;
        let mean = (ratio(&first, &second) * ratio(&fourth, &third)).sqrt();
        anyhow::ensure!(mean.is_finite() && mean > 0.0, "the clock of a slice never ran");
        Ok(mean)
    }

    fn figure(&self, ratio: Estimate) -> Figure {
        let (subject, yardstick) = (self.subject.side(), self.yardstick.side());
        let is_beside_bare = self.comparison == Comparison::Bare && self.budget.is_some();
        let p99_ratio = match yardstick.p99_us {
            unknown if unknown <= 0.0 => 0.0,
            p99 => subject.p99_us / p99,
        };
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
            p99_ratio,
            p99_budget: self.operation.p99_budget().filter(|_| is_beside_bare),
            subject,
            yardstick,
        }
    }
}
