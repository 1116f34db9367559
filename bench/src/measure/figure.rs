//! What was measured, as it is written to the JSON file and read from it.

use serde::{Deserialize, Serialize};

use super::statistics::Spread;

/// All of one run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    /// Where.
    pub(crate) machine: Machine,
    /// What.
    pub(crate) figures: Vec<Figure>,
}

/// Where it was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The processor, as it calls itself.
    pub(crate) processor: String,
    /// The kernel's version.
    pub(crate) kernel: String,
    /// How many cores.
    pub(crate) cores: usize,
    /// How long the disk took to keep four kilobytes for good, in microseconds.
    pub(crate) sync_us: f64,
}

/// What is held beside what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Comparison {
    /// Hallpass and a server that does nothing but answer; one core for the server.
    Bare,
    /// Hallpass on both cores, and on one.
    Cores,
    /// Hallpass on PostgreSQL, and on SQLite or beside PostgreSQL alone; everything on both cores.
    Engines,
    /// Hallpass and what people use instead; one core for the server.
    Peers,
}

/// One operation beside its yardstick.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// Its letter in the budgets.
    pub(crate) letter: String,
    /// What it is.
    pub(crate) name: String,
    /// To which comparison it belongs.
    pub(crate) comparison: Comparison,
    /// What is measured.
    pub(crate) subject_name: String,
    /// Beside what.
    pub(crate) yardstick_name: String,
    /// How many connections.
    pub(crate) connections: usize,
    /// What the ratio should be at least.
    pub(crate) budget: Option<f64>,
    /// Measured rate by the yardstick's, slice by slice.
    pub(crate) ratio: Spread,
    /// The yardstick's processor time for each walk by the measured one's. On a quiet machine, where both
    /// servers are busy all the time, it is the ratio; on one that is not quiet it changes less.
    pub(crate) processor_ratio: f64,
    /// Its slowest hundredth by the yardstick's.
    pub(crate) p99_ratio: f64,
    /// How many times the yardstick's slowest hundredth it may be.
    pub(crate) p99_budget: Option<f64>,
    /// What is measured.
    pub(crate) subject: Side,
    /// The yardstick.
    pub(crate) yardstick: Side,
}

/// One side of a figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Side {
    /// Walks a second.
    pub(crate) per_second: Spread,
    /// The server's processor time for each, in microseconds.
    pub(crate) processor_us: f64,
    /// The load's.
    pub(crate) client_us: f64,
    /// The share of the time in which the server was busy; more than one on several cores.
    pub(crate) server_busy: f64,
    /// The same of the load.
    pub(crate) client_busy: f64,
    /// What everything else on this machine took, in cores. Figures are good if that is next to nothing.
    pub(crate) others_busy: f64,
    /// Half of all walks took no longer, in microseconds.
    pub(crate) p50_us: f64,
    /// All but a hundredth, in the middle slice.
    pub(crate) p99_us: f64,
    /// The longest of all.
    pub(crate) max_us: f64,
    /// The server's memory in bytes, at its most.
    pub(crate) resident: u64,
}

/// What is to be thought of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The budget is kept.
    Kept,
    /// It is not.
    Missed,
    /// The load had no time left and the server had: it says nothing about the server.
    LoadBound,
    /// There is no budget for it.
    NoBudget,
}

/// From which share of its time on something is busy.
const BUSY: f64 = 0.93;

impl Figure {
    /// Whether the ratio keeps its budget. A load that is the bound makes every ratio too good, because
    /// the yardstick is held back more than what is measured.
    pub(crate) fn verdict(&self) -> Verdict {
        let held_back = |side: &Side| side.client_busy > BUSY && side.server_busy < BUSY;
        match self.budget {
            _ if self.comparison == Comparison::Bare && held_back(&self.yardstick) => {
                Verdict::LoadBound
            }
            None => Verdict::NoBudget,
            Some(budget) if self.ratio.median >= budget => Verdict::Kept,
            Some(_) => Verdict::Missed,
        }
    }
}

impl Verdict {
    /// In a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Missed => "missed",
            Self::LoadBound => "load is the bound",
            Self::NoBudget => "",
        }
    }
}
