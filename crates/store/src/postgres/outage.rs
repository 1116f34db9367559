//! Whether the database is known to be gone.
//!
//! A short absence (a restart, another server taking over) is waited out. When nobody was let in for
//! longer than anybody waits, each who asks tries once and is told at once: requests that wait would take
//! the place of those that need no database.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Since when no connection could be made, if none can be.
#[derive(Default)]
pub(super) struct Outage {
    since: Mutex<Option<Instant>>,
}

impl Outage {
    /// A connection could not be made. Answers whether that has been so for longer than `patience`.
    pub(super) fn lasts(&self, patience: Duration) -> bool {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.get_or_insert_with(Instant::now).elapsed() > patience
    }

    /// There is a connection.
    pub(super) fn end(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_known_when_it_has_lasted_and_forgotten_when_it_ends() {
        let (outage, patience) = (Outage::default(), Duration::from_secs(1));
        assert!(!outage.lasts(patience), "it begins");
        tokio::time::advance(patience).await;
        assert!(!outage.lasts(patience));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(outage.lasts(patience));
        outage.end();
        assert!(!outage.lasts(patience));
    }
}
