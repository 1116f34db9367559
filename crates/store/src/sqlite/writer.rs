//! The one thread that writes.
//!
//! It takes the acts that are waiting, at most [`BATCH`] and without waiting for more, carries them
//! out in one transaction, and answers each only after the COMMIT: a hundred acts at once cost one
//! fsync. Each act has its own savepoint, so that one that fails takes no other with it. A COMMIT that
//! fails fails them all.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::failure::Failure;
use crate::StoreError;

/// The most acts in one transaction.
const BATCH: usize = 512;

/// The most acts that wait in the queue; who comes then waits before it.
const QUEUE: usize = 2 * BATCH;

const CLOSED: Failure = Failure::Stopped("the store is closed");

/// The way to the thread that writes.
pub(super) struct Writer {
    queue: mpsc::Sender<Order>,
    /// Below `queue`, because fields are dropped in order: the thread ends when the queue does.
    _thread: Joined,
}

enum Order {
    Carry(Box<dyn Waiting>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread. It owns the connection, and the lock that keeps other processes out for as
    /// long as the connection is open.
    pub(super) fn start(connection: Connection, lock: File) -> io::Result<Self> {
        let (queue, orders) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write(connection, lock, orders))?;
        Ok(Self { queue, _thread: Joined(Some(thread)) })
    }

    /// Carries out `work`. It is done and durable when this answers `Ok`; if the caller stops waiting
    /// it may still be done.
    pub(super) async fn act<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let act = Act { name, work: Some(work), outcome: None, reply };
        self.queue.send(Order::Carry(Box::new(act))).await.map_err(|_| CLOSED.during(name))?;
        answer.await.unwrap_or_else(|_| Err(CLOSED.during(name)))
    }

    /// Waits for the acts under way, folds the log into the database and ends the thread.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Order::Close(done)).await.is_ok() {
            // An error means that the thread has ended, and that is what is wanted.
            let _ = closed.await;
        }
    }
}

/// A thread that is waited for when this is dropped, so that the database is free afterwards.
struct Joined(Option<JoinHandle<()>>);

impl Drop for Joined {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes has panicked");
        }
    }
}

fn write(connection: Connection, lock: File, mut queue: mpsc::Receiver<Order>) {
    let mut orders = Vec::with_capacity(BATCH);
    let mut closing = Vec::new();
    while queue.blocking_recv_many(&mut orders, BATCH) > 0 {
        let mut batch = Vec::with_capacity(orders.len());
        for order in orders.drain(..) {
            match order {
                Order::Carry(act) => batch.push(act),
                Order::Close(done) => {
                    queue.close();
                    closing.push(done);
                }
            }
        }
        carry_out(&connection, batch);
    }
    if let Err(error) = connection.pragma(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())) {
        tracing::warn!(%error, "the log could not be folded into the database; the next start does it");
    }
    drop(connection);
    drop(lock);
    for done in closing {
        // Whoever asked may have stopped waiting.
        let _ = done.send(());
    }
}

/// Carries out a batch in one transaction and answers everybody.
fn carry_out(connection: &Connection, mut batch: Vec<Box<dyn Waiting>>) {
    if batch.is_empty() {
        return;
    }
    let committed = transact(connection, &mut batch);
    if let Err(error) = &committed {
        tracing::error!(%error, acts = batch.len(), "a transaction failed");
        // It may be over already: SQLite itself rolls back when, for instance, the disk is full.
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
    let failed = committed.err().map(|error| error.to_string());
    for act in batch {
        act.answer(failed.as_deref());
    }
}

fn transact(connection: &Connection, batch: &mut [Box<dyn Waiting>]) -> rusqlite::Result<()> {
    // IMMEDIATE: a transaction that begins by reading could fail when it comes to write.
    run(connection, "BEGIN IMMEDIATE")?;
    for act in batch {
        run(connection, "SAVEPOINT act")?;
        if !act.perform(connection) {
            // Fails if the engine has rolled back the whole transaction: then the acts before this
            // one are undone too, and nobody may hear otherwise.
            run(connection, "ROLLBACK TO act")?;
        }
        run(connection, "RELEASE act")?;
    }
    run(connection, "COMMIT")
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// An act in the queue, whatever it answers.
trait Waiting: Send {
    /// Carries it out; answers whether its changes are to stay.
    fn perform(&mut self, connection: &Connection) -> bool;

    /// Tells its caller what came of it, or that the transaction failed.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

struct Act<T, W> {
    name: &'static str,
    work: Option<W>,
    outcome: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Waiting for Act<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, Failure> + Send,
{
    fn perform(&mut self, connection: &Connection) -> bool {
        let outcome = self.work.take().map(|work| {
            // Unwind safe: of what the act touched, its savepoint is rolled back and the rest is dropped.
            catch_unwind(AssertUnwindSafe(|| work(connection)))
                .unwrap_or(Err(Failure::Stopped("the act panicked")))
        });
        self.outcome = outcome;
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
        // A caller who stopped waiting needs no answer.
        let _ = self.reply.send(result);
    }
}
