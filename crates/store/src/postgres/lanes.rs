//! Lanes: a few connections that all facts share.
//!
//! A question does not wait for the answer to the one before it, so one connection carries as many as one
//! process of the server can answer; more lanes than processors of the server bring nothing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::connection::{Connection, Connector};
use super::failure::Failure;

/// The lanes, used in turn.
pub(super) struct Lanes {
    lanes: Box<[Lane]>,
    turn: AtomicUsize,
    closed: AtomicBool,
}

/// One connection, and then the one that takes its place.
#[derive(Default)]
pub(super) struct Lane {
    current: Mutex<Arc<OnceCell<Arc<Connection>>>>,
}

impl Lanes {
    pub(super) fn new(number: usize) -> Self {
        let lanes = (0..number.max(1)).map(|_| Lane::default()).collect();
        Self { lanes, turn: AtomicUsize::new(0), closed: AtomicBool::new(false) }
    }

    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// The lane whose turn it is.
    pub(super) fn next(&self) -> Result<&Lane, Failure> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Failure::Closed);
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        Ok(&self.lanes[turn % self.lanes.len()])
    }

    /// Lets go of all connections. Who has asked already still gets an answer.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for lane in &self.lanes {
            lane.replace(|_| true);
        }
    }
}

impl Lane {
    /// The lane's connection. If there is none that lives, one is made, by one of those who wait for it.
    pub(super) async fn connection(
        &self,
        connector: &Connector,
    ) -> Result<Arc<Connection>, Failure> {
        self.replace(Connection::is_closed);
        let cell = Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner));
        let connect = || async { connector.connect().await.map(Arc::new) };
        cell.get_or_try_init(connect).await.cloned()
    }

    /// Says that a connection brought no answer. Whoever asks next gets another.
    pub(super) fn give_up(&self, broken: &Arc<Connection>) {
        self.replace(|current| std::ptr::eq(current, &**broken));
    }

    fn replace(&self, is_bad: impl FnOnce(&Connection) -> bool) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.get().is_some_and(|connection| is_bad(connection)) {
            *current = Arc::default();
        }
    }
}
