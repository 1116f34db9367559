//! How long, how often, with how many connections.

use std::time::Duration;

/// The times of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Before the first slice that counts, on each side.
    pub(crate) warm_up: Duration,
    /// One slice.
    pub(crate) slice: Duration,
    /// How many slices on each side.
    pub(crate) pairs: usize,
}

impl Plan {
    /// Enough for a ratio that another run finds again within a tenth.
    pub(crate) const WHOLE: Self =
        Self { warm_up: Duration::from_secs(1), slice: Duration::from_secs(1), pairs: 9 };

    /// A first look: short slices, so that a disturbance spoils few of many.
    pub(crate) const QUICK: Self =
        Self { warm_up: Duration::from_millis(400), slice: Duration::from_millis(200), pairs: 9 };

    /// How many pairs may be held so that enough of them are undisturbed.
    pub(crate) const fn most_pairs(self) -> usize {
        self.pairs + self.pairs.div_ceil(2)
    }
}
