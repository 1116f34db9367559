//! What was measured, for people.

mod agreement;
mod chart;
mod machine;
mod page;
mod table;

use crate::measure::{Comparison, Figure, Results};

pub(crate) use agreement::{Agreement, agreements};
pub(crate) use chart::svg;
pub(crate) use machine::describe;
pub(crate) use page::{markdown, replace};
pub(crate) use table::{interval, line};

/// The tables of one command, when it is done.
pub(crate) fn tell(results: &Results) {
    for comparison in Comparison::ALL {
        let figures = page::of(results, comparison);
        if !figures.is_empty() {
            println!("\n{}\n\n{}", comparison.heading(), table::ratios(comparison, &figures));
        }
        if comparison == Comparison::Bare && !figures.is_empty() {
            println!("\n{}", table::latencies(&figures));
        }
    }
    if !results.starts.is_empty() {
        println!("\n{}", table::starts(&results.starts));
    }
    if !results.held.is_empty() {
        println!("\n{}", table::held(&results.held));
    }
    let all: Vec<&Figure> = results.figures.iter().collect();
    println!("\n{}", table::details(&all));
}
