//! How long, and how often again.

use std::time::Duration;

/// The times of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Before the first slice that counts, on each side.
    pub(crate) warm_up: Duration,
    /// The shortest slice. One that holds too few walks of each connection is made longer.
    pub(crate) slice: Duration,
    /// How long rounds are held: one helping.
    pub(crate) helping: Duration,
    /// How many helpings there may be. The second is taken when the ratio's interval is wide after the first.
    pub(crate) helpings: u32,
}

impl Plan {
    /// Eight seconds of each, and as many again where the interval is wide.
    pub(crate) const WHOLE: Self = Self {
        warm_up: Duration::from_millis(500),
        slice: Duration::from_millis(30),
        helping: Duration::from_secs(8),
        helpings: 2,
    };

    /// A first look.
    pub(crate) const QUICK: Self = Self {
        warm_up: Duration::from_millis(200),
        slice: Duration::from_millis(30),
        helping: Duration::from_millis(2_400),
        helpings: 2,
    };

    /// The same for something that writes for good. The writer tidies up after some hundred syncs, which
    /// holds everybody up: a slice must have its share of that, or the median would leave it out.
    pub(crate) fn durable(self) -> Self {
        Self { slice: 4 * self.slice, helping: 2 * self.helping, ..self }
    }

    /// The same for a figure that has no budget, or a generous one.
    pub(crate) fn once(self) -> Self {
        Self { helpings: 1, ..self }
    }
}
