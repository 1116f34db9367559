//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hallpass::clock::Clock;
use hallpass_protocol::model::Timestamp;

/// Some afternoon.
pub(crate) const AFTERNOON: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// See the module.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows this time.
    pub(crate) fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    /// Moves the hands forward.
    pub(crate) fn advance(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
