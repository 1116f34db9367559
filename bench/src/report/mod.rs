//! What was measured, for people.

mod machine;
mod table;

pub(crate) use machine::describe;
pub(crate) use table::{details, line, ratios};
