//! Whether what is kept in memory can be believed: only who has heard lately of what others change may
//! say that a token is good.
//!
//! A node follows the store's changes (`node::follow`). Each question that was answered in full says that
//! everything acknowledged before the question *began* is in memory. For [`BOUND`] that is good enough;
//! after it the node is deaf, and whoever asks about a token is told 503 rather than a guess.
//!
//! The time is the machine's own count of seconds, never the clock on the wall: nobody can set it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

/// How long ago a node may have heard last and still answer for a token.
pub const BOUND: Duration = Duration::from_secs(1);

/// How a process knows that its memory is good.
#[derive(Debug)]
pub enum Hearing {
    /// Nobody else writes to the store, so there is nothing to hear.
    Alone,
    /// Others may write to it: memory is as old as the last question that was answered.
    Following(LastHeard),
}

/// When the last question began that was answered.
#[derive(Debug)]
pub struct LastHeard {
    start: Instant,
    /// Microseconds after `start`. Only rises.
    up_to: AtomicU64,
}

/// Nothing was heard for longer than [`BOUND`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("has not heard from the database for {:.1} s", .silence.as_secs_f64())]
pub struct Deaf {
    /// For how long.
    pub silence: Duration,
}

impl Hearing {
    /// That of a process which has heard everything up to `asked_at`, and goes on to follow.
    pub fn following(asked_at: Instant) -> Self {
        Self::Following(LastHeard { start: asked_at, up_to: AtomicU64::new(0) })
    }

    /// Everything was heard that was acknowledged before `asked_at`, and is in memory now.
    pub fn heard(&self, asked_at: Instant) {
        if let Self::Following(last) = self {
            let since = asked_at.saturating_duration_since(last.start).as_micros();
            let since = u64::try_from(since).unwrap_or(u64::MAX);
            // Release: who sees this time sees what was put into memory before it.
            last.up_to.fetch_max(since, Ordering::Release);
        }
    }

    /// For how long nothing was heard.
    pub fn silence(&self) -> Duration {
        match self {
            Self::Alone => Duration::ZERO,
            Self::Following(last) => {
                let up_to = Duration::from_micros(last.up_to.load(Ordering::Acquire));
                last.start.elapsed().saturating_sub(up_to)
            }
        }
    }

    /// Whether memory can be believed. To be asked before one looks there, not after it.
    ///
    /// # Errors
    /// [`Deaf`]: then nothing in memory is worth anything.
    pub fn judge(&self) -> Result<(), Deaf> {
        let silence = self.silence();
        if silence < BOUND { Ok(()) } else { Err(Deaf { silence }) }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_alone_always_hears() {
        advance(Duration::from_secs(3600)).await;
        assert_eq!(Hearing::Alone.judge(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_follows_is_believed_for_a_second_after_the_question() {
        let hearing = Hearing::following(Instant::now());
        let asked_at = Instant::now() + Duration::from_millis(400);
        advance(Duration::from_millis(999)).await;
        assert_eq!(hearing.judge(), Ok(()));
        hearing.heard(asked_at);
        // An older question that is answered late says nothing new.
        hearing.heard(asked_at - Duration::from_millis(300));
        advance(Duration::from_millis(400)).await;
        assert_eq!(hearing.judge(), Ok(()));
        advance(Duration::from_millis(1)).await;
        assert_eq!(hearing.judge(), Err(Deaf { silence: BOUND }));
        hearing.heard(Instant::now());
        assert_eq!(hearing.judge(), Ok(()));
    }
}
