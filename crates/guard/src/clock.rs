//! Where the current time comes from: handed in, so that tests can stand still.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use hallpass_protocol::model::Timestamp;

/// Tells the time. Any `Fn() -> Timestamp` is a clock.
pub trait Clock: Send + Sync {
    /// The moment it is now.
    fn now(&self) -> Timestamp;

    /// How long it is since some moment, always the same one: for telling how old something is. A clock
    /// that somebody can set must not go by [`Clock::now`] here, or what is old becomes young again.
    fn steady(&self) -> Duration {
        self.now().since(Timestamp::from_seconds(0))
    }
}

impl<F: Fn() -> Timestamp + Send + Sync> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 is taken to stand at 1970.
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp::from_seconds(0).plus(since_1970.unwrap_or_default())
    }

    fn steady(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}
