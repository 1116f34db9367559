//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hallpass::clock::Clock;
use hallpass_protocol::model::Timestamp;

/// See the module.
pub(super) struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows some afternoon.
    pub(super) fn new() -> Self {
        Self(AtomicI64::new(1_800_000_000_000))
    }

    /// Moves the hands forward.
    pub(super) fn advance(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
