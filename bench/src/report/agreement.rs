//! Two runs side by side.

use crate::measure::{Figure, Results};

/// The same figure of two runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agreement<'a> {
    /// In the first.
    pub(crate) first: &'a Figure,
    /// In the second.
    pub(crate) second: &'a Figure,
    /// By how much the ratios differ, as a share of the larger one.
    pub(crate) difference: f64,
}

/// What both runs have.
pub(crate) fn agreements<'a>(first: &'a Results, second: &'a Results) -> Vec<Agreement<'a>> {
    let pairs = first.figures.iter().filter_map(|first| {
        let second = second.figures.iter().find(|second| is_same(first, second))?;
        let (one, other) = (first.ratio.value, second.ratio.value);
        let difference = (one - other).abs() / one.max(other).max(f64::MIN_POSITIVE);
        Some(Agreement { first, second, difference })
    });
    pairs.collect()
}

fn is_same(first: &Figure, second: &Figure) -> bool {
    (&first.letter, first.comparison, first.connections, &first.subject_name)
        == (&second.letter, second.comparison, second.connections, &second.subject_name)
}
