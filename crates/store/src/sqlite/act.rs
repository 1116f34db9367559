//! An act on its way through the writer: waiting, performed, answered.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::failure::Failure;
use super::touched::Touching;
use crate::StoreError;

/// An act in the queue, whatever it answers.
pub(super) trait Waiting: Send {
    /// Carries it out, perhaps once more after it was undone; answers whether its changes are to stay.
    fn perform(&mut self, connection: &Connection) -> bool;

    /// Tells its caller what came of it, or that the transaction failed.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

/// A piece of work with somebody who waits for its answer.
pub(super) struct Act<T, W> {
    name: &'static str,
    work: W,
    outcome: Option<Result<T, Failure>>,
    /// Ends before the answer: whoever has that finds nothing remembered from before.
    touching: Touching,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Act<T, W> {
    /// `work`, known in errors as `name`, of somebody who waits for `reply`.
    pub(super) fn new(
        name: &'static str,
        work: W,
        touching: Touching,
        reply: oneshot::Sender<Result<T, StoreError>>,
    ) -> Self {
        Self { name, work, outcome: None, touching, reply }
    }
}

impl<T, W> Waiting for Act<T, W>
where
    T: Send,
    W: Fn(&Connection) -> Result<T, Failure> + Send,
{
    fn perform(&mut self, connection: &Connection) -> bool {
        // Unwind safe: what the act changed is rolled back, and what it owns it only reads.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)));
        self.outcome = Some(outcome.unwrap_or(Err(Failure::Stopped("the act panicked"))));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        let name = self.name;
        let result = match (self.outcome, failed) {
            // Its own failure says more than that of the transaction, and may be its cause.
            (Some(Err(failure)), _) => Err(failure.during(name)),
            (_, Some(reason)) => {
                Err(StoreError::Unavailable { act: name, reason: reason.to_owned() })
            }
            (Some(Ok(answer)), None) => Ok(answer),
            (None, None) => Err(Failure::Stopped("the act was not reached").during(name)),
        };
        drop(self.touching);
        // A caller who stopped waiting needs no answer.
        let _ = self.reply.send(result);
    }
}
