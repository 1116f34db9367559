//! Slices of load in alternation, on what is measured and on its yardstick, and what they come to.

mod crew;
mod figure;
mod operation;
mod plan;
mod rival;
mod run;
mod statistics;

pub(crate) use figure::{Figure, Machine, Results, Side};
pub(crate) use operation::Operation;
pub(crate) use plan::Plan;
pub(crate) use run::{Order, run};
