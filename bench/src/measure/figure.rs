//! What was measured, as it is written to the JSON file and read from it.

use serde::{Deserialize, Serialize};

use super::estimate::Estimate;
use super::statistics::Spread;

/// All of one run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    /// Where.
    pub(crate) machine: Machine,
    /// What.
    pub(crate) figures: Vec<Figure>,
    /// How it starts.
    #[serde(default)]
    pub(crate) starts: Vec<Start>,
    /// What it holds.
    #[serde(default)]
    pub(crate) held: Vec<Held>,
}

/// Memory that a server holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    /// For what.
    pub(crate) what: String,
    /// How much, in bytes.
    pub(crate) resident: u64,
    /// How much it may be.
    pub(crate) budget: u64,
}

/// A start on a database that is there.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    /// How many sessions it has.
    pub(crate) sessions: u64,
    /// Until the first answer.
    pub(crate) milliseconds: Spread,
    /// The memory of a server that has nothing to do, in bytes.
    pub(crate) resident: Spread,
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
    /// Hallpass among many, and among few; one core for the server.
    Growth,
    /// Hallpass and what people use instead; one core for the server.
    Peers,
}

impl Comparison {
    /// All, in the order in which they are told.
    pub(crate) const ALL: [Self; 5] =
        [Self::Bare, Self::Cores, Self::Engines, Self::Growth, Self::Peers];

    /// What it is called.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Bare => "Beside a bare server that answers the same bytes",
            Self::Cores => "Two cores beside one, by what a request costs",
            Self::Engines => "PostgreSQL, with server, database and load on the same two cores",
            Self::Growth => "Among many, beside among few",
            Self::Peers => "Beside oidc-provider",
        }
    }

    /// What the two rates of its tables are of.
    pub(crate) const fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Bare => ("per second", "bare"),
            Self::Cores => ("both cores", "one core"),
            Self::Engines => ("PostgreSQL", "beside"),
            Self::Growth => ("many", "few"),
            Self::Peers => ("Hallpass", "oidc-provider"),
        }
    }
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
    /// Measured rate by the yardstick's.
    pub(crate) ratio: Estimate,
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
    /// All but a hundredth.
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
    /// It lies in the ratio's interval: another run may say either.
    OnTheLine,
    /// The load had no time left and the server had: it says nothing about the server.
    LoadBound,
    /// There is no budget for it.
    NoBudget,
}

/// From which share of its time on something is busy.
const BUSY: f64 = 0.93;
/// From how many cores on, others on the machine are in the way.
const OTHERS: f64 = 0.15;

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
            Some(budget) if self.ratio.includes(budget) => Verdict::OnTheLine,
            Some(budget) if self.ratio.value > budget => Verdict::Kept,
            Some(_) => Verdict::Missed,
        }
    }
}

impl Figure {
    /// Whether the slowest hundredth keeps its budget.
    pub(crate) fn p99_verdict(&self) -> Verdict {
        match self.p99_budget {
            None => Verdict::NoBudget,
            Some(most) if self.p99_ratio <= most => Verdict::Kept,
            Some(_) => Verdict::Missed,
        }
    }

    /// Whether others kept the machine busy. A ratio stands that out, with a wider interval; rates and
    /// latencies say as much about them. A database in a process of its own is one of the others as well, so
    /// nothing is said where one is.
    pub(crate) fn is_disturbed(&self) -> bool {
        let others = self.subject.others_busy.max(self.yardstick.others_busy);
        self.comparison != Comparison::Engines && others > OTHERS
    }
}

impl Side {
    /// What kept it from being faster.
    pub(crate) fn bound(&self, comparison: Comparison) -> &'static str {
        let is_shared = match comparison {
            Comparison::Cores | Comparison::Engines => true,
            Comparison::Bare | Comparison::Growth | Comparison::Peers => false,
        };
        if is_shared && self.server_busy + self.client_busy + self.others_busy > 2.0 * BUSY {
            "both cores"
        } else if self.server_busy > BUSY {
            "processor"
        } else if self.client_busy > BUSY {
            "load"
        } else if self.others_busy > OTHERS {
            "others on the machine"
        } else {
            "waiting"
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
            Self::OnTheLine => "on the line",
            Self::NoBudget => "",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn side(server_busy: f64, client_busy: f64) -> Side {
        let per_second = Spread { median: 1.0, low: 1.0, high: 1.0 };
        Side {
            per_second,
            processor_us: 1.0,
            client_us: 1.0,
            server_busy,
            client_busy,
            others_busy: 0.0,
            p50_us: 1.0,
            p99_us: 1.0,
            max_us: 1.0,
            resident: 1,
        }
    }

    fn figure(ratio: f64, yardstick: Side) -> Figure {
        Figure {
            letter: "A".to_owned(),
            name: "a".to_owned(),
            comparison: Comparison::Bare,
            subject_name: "x".to_owned(),
            yardstick_name: "y".to_owned(),
            connections: 64,
            budget: Some(0.45),
            ratio: Estimate { value: ratio, low: ratio - 0.01, high: ratio + 0.01 },
            processor_ratio: ratio,
            p99_ratio: 1.0,
            p99_budget: None,
            subject: side(1.0, 0.3),
            yardstick,
        }
    }

    #[test]
    fn a_ratio_keeps_its_budget_or_misses_it() {
        assert_eq!(figure(0.47, side(1.0, 0.6)).verdict(), Verdict::Kept);
        assert_eq!(figure(0.43, side(1.0, 0.6)).verdict(), Verdict::Missed);
        for near in [0.445, 0.455] {
            assert_eq!(figure(near, side(1.0, 0.6)).verdict(), Verdict::OnTheLine);
        }
        let free = Figure { budget: None, ..figure(0.1, side(1.0, 0.6)) };
        assert_eq!(free.verdict(), Verdict::NoBudget);
    }

    #[test]
    fn a_load_that_holds_the_yardstick_back_makes_no_verdict() {
        assert_eq!(figure(0.9, side(0.7, 0.99)).verdict(), Verdict::LoadBound);
        assert_eq!(side(0.7, 0.99).bound(Comparison::Bare), "load");
        assert_eq!(side(0.7, 0.2).bound(Comparison::Bare), "waiting");
        assert_eq!(side(1.2, 0.8).bound(Comparison::Engines), "both cores");
    }

    #[test]
    fn a_machine_that_is_not_quiet_is_told_unless_the_others_are_the_database() {
        let disturbed = Side { others_busy: 0.5, ..side(0.5, 0.3) };
        let figure = Figure { p99_budget: Some(4.0), ..figure(0.9, disturbed) };
        assert_eq!((figure.verdict(), figure.p99_verdict()), (Verdict::Kept, Verdict::Kept));
        assert!(figure.is_disturbed());
        assert!(!Figure { comparison: Comparison::Engines, ..figure }.is_disturbed());
    }

    #[test]
    fn what_is_written_can_be_read() {
        let written = serde_json::to_string(&figure(0.5, side(1.0, 1.0))).unwrap();
        let read: Figure = serde_json::from_str(&written).unwrap();
        assert_eq!((read.comparison, read.connections), (Comparison::Bare, 64));
    }
}
