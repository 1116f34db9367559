//! Medians and spreads.

use serde::{Deserialize, Serialize};

/// What several measurements of one thing come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    /// The middle one.
    pub(crate) median: f64,
    /// The lowest.
    pub(crate) low: f64,
    /// The highest.
    pub(crate) high: f64,
}

impl Spread {
    /// Of some values; of none, zero.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else {
            return Self { median: 0.0, low: 0.0, high: 0.0 };
        };
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        };
        Self { median, low: *low, high: *high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        let three = Spread::of([3.0, 1.0, 2.0]);
        assert_eq!(three, Spread { median: 2.0, low: 1.0, high: 3.0 });
        assert!((Spread::of([4.0, 1.0, 2.0, 3.0]).median - 2.5).abs() < f64::EPSILON);
        assert!(Spread::of([]).median.abs() < f64::EPSILON);
    }
}
