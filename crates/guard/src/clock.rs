//! Where the current time comes from: handed in, so that tests can stand still.

use std::time::SystemTime;

use hallpass_protocol::model::Timestamp;

/// Tells the time. Any `Fn() -> Timestamp` is a clock.
pub trait Clock: Send + Sync {
    /// The moment it is now.
    fn now(&self) -> Timestamp;
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
}
