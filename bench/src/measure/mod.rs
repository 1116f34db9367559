//! Slices of load in alternation, on what is measured and on its yardstick, and what they come to.

mod clock;
mod contest;
mod crew;
mod engines;
mod estimate;
mod figure;
mod growth;
mod instructions;
mod memory;
mod operation;
mod peers;
mod plan;
mod rival;
mod run;
mod scaling;
mod statistics;

pub(crate) use contest::Order;
pub(crate) use engines::beside_sqlite;
pub(crate) use estimate::Estimate;
pub(crate) use figure::{Comparison, Figure, Held, Machine, Results, Side, Start, Verdict};
pub(crate) use growth::{Databases, Sizes, growth, starts};
pub(crate) use instructions::{Instructions, Walks, instructions};
pub(crate) use memory::idle_memory;
pub(crate) use operation::Operation;
pub(crate) use peers::beside_peer;
pub(crate) use plan::Plan;
pub(crate) use run::beside_bare;
pub(crate) use scaling::both_cores;
pub(crate) use statistics::Spread;
