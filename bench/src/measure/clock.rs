//! When a slice begins and ends.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The clock of one slice. It starts when every connection has had its first answer, so that all of them
/// are under way, and stops `length` after. What ends while it runs counts: the walks that are under way
/// when it starts make up for those that are when it stops.
#[derive(Debug)]
pub(super) struct Clock {
    length: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Connections without a first answer.
    waiting: usize,
    from: Option<Instant>,
    until: Option<Instant>,
}

impl Clock {
    /// For so many connections.
    pub(super) fn new(connections: usize, length: Duration) -> Self {
        let state = State { waiting: connections, from: None, until: None };
        Self { length, state: Mutex::new(state) }
    }

    /// One more connection has had its first answer.
    pub(super) fn is_under_way(&self, now: Instant) {
        let mut state = self.state();
        state.waiting = state.waiting.saturating_sub(1);
        if state.waiting == 0 && state.until.is_none() {
            state.from = Some(now);
            state.until = Some(now + self.length);
        }
    }

    /// A connection has nothing left to ask: without it the others would be a smaller load.
    pub(super) fn stop(&self, now: Instant) {
        let mut state = self.state();
        state.until = Some(state.until.map_or(now, |until| until.min(now)));
    }

    /// Whether it is too late to begin something.
    pub(super) fn has_stopped(&self, now: Instant) -> bool {
        self.state().until.is_some_and(|until| now >= until)
    }

    /// From when to when it ran; `None` if it never did.
    pub(super) fn window(&self) -> Option<(Instant, Instant)> {
        let state = self.state();
        state.from.zip(state.until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_millis(30);

    #[test]
    fn it_runs_when_everybody_is_under_way_and_for_its_length() {
        let (clock, begun) = (Clock::new(2, LENGTH), Instant::now());
        clock.is_under_way(begun);
        assert_eq!(clock.window(), None);
        assert!(!clock.has_stopped(begun + 2 * LENGTH));
        let from = begun + LENGTH;
        clock.is_under_way(from);
        assert_eq!(clock.window(), Some((from, from + LENGTH)));
        assert!(!clock.has_stopped(from) && clock.has_stopped(from + LENGTH));
    }

    #[test]
    fn who_has_nothing_left_to_ask_ends_it_for_all() {
        let (clock, begun) = (Clock::new(1, LENGTH), Instant::now());
        clock.is_under_way(begun);
        clock.stop(begun + LENGTH / 2);
        assert_eq!(clock.window(), Some((begun, begun + LENGTH / 2)));
        let early = Clock::new(2, LENGTH);
        early.stop(begun);
        early.is_under_way(begun);
        early.is_under_way(begun);
        assert_eq!(early.window(), None);
        assert!(early.has_stopped(begun));
    }
}
