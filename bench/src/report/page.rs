//! All that was measured as a piece of a Markdown page.

use std::fmt::Write as _;

use anyhow::Context as _;

use super::table;
use crate::measure::{Comparison, Figure, Results};

/// What stands around that piece. What is between them is written by this program.
const BEGIN: &str = "<!-- figures: written by bench/run --report -->\n";
const END: &str = "<!-- end of figures -->\n";

/// How many connections the budgets are about.
const CONNECTIONS: usize = 64;

/// The tables, each under its heading.
///
/// # Errors
/// Never: a string takes everything.
pub(crate) fn markdown(results: &Results) -> Result<String, std::fmt::Error> {
    let mut page = String::new();
    let machine = &results.machine;
    writeln!(
        page,
        "{}, {} cores, Linux {}. A sync of the disk took {:.0} µs.",
        machine.processor, machine.cores, machine.kernel, machine.sync_us
    )?;
    for comparison in Comparison::ALL {
        let all = of(results, comparison);
        let (budgeted, others): (Vec<&Figure>, Vec<&Figure>) =
            all.iter().partition(|figure| is_main(comparison, figure));
        if budgeted.is_empty() && others.is_empty() {
            continue;
        }
        writeln!(page, "\n### {}\n", comparison.heading())?;
        if !budgeted.is_empty() {
            writeln!(page, "{}", table::ratios(comparison, &budgeted))?;
        }
        if comparison == Comparison::Bare && !budgeted.is_empty() {
            writeln!(page, "\n{}", table::latencies(&budgeted))?;
        }
        if !others.is_empty() {
            writeln!(
                page,
                "\nWith other numbers of connections:\n\n{}",
                table::ratios(comparison, &others)
            )?;
        }
    }
    if !results.starts.is_empty() {
        writeln!(page, "\n### Starting, and doing nothing\n\n{}", table::starts(&results.starts))?;
    }
    if !results.held.is_empty() {
        writeln!(page, "\n### Memory\n\n{}", table::held(&results.held))?;
    }
    let all: Vec<&Figure> = results.figures.iter().collect();
    writeln!(page, "\n### Who was busy\n\n{}", table::details(&all))?;
    Ok(page)
}

/// `page` with `figures` in the place of those it had.
///
/// # Errors
/// It has no place for them.
pub(crate) fn replace(page: &str, figures: &str) -> anyhow::Result<String> {
    let missing = || format!("there is no line {} with one {} after it", BEGIN.trim(), END.trim());
    let (before, rest) = page.split_once(BEGIN).with_context(missing)?;
    let (_, after) = rest.split_once(END).with_context(missing)?;
    Ok(format!("{before}{BEGIN}\n{figures}\n{END}{after}"))
}

/// Those of one comparison, in the order of the budgets.
pub(crate) fn of(results: &Results, comparison: Comparison) -> Vec<&Figure> {
    results.figures.iter().filter(|figure| figure.comparison == comparison).collect()
}

fn is_main(comparison: Comparison, figure: &Figure) -> bool {
    comparison != Comparison::Bare || figure.budget.is_some() || figure.connections == CONNECTIONS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn figures_are_replaced_and_the_rest_stays() {
        let page = format!("before\n{BEGIN}old\n{END}after\n");
        let replaced = replace(&page, "new").unwrap();
        assert_eq!(replaced, format!("before\n{BEGIN}\nnew\n{END}after\n"));
        assert_eq!(replace(&replaced, "new").unwrap(), replaced);
        assert!(replace("no place", "new").is_err());
    }
}
