//! The one thread that writes.
//!
//! It takes the acts that are waiting, at most [`BATCH`] and without waiting for more, carries them
//! out in one transaction, and answers each only after the COMMIT: a hundred acts at once cost one
//! fsync. One that fails takes no other with it: then all of them are undone and carried out once more,
//! each with its own savepoint. A savepoint keeps a copy of every page that is changed after it, and nearly
//! no act fails, so they go without at first. A COMMIT that fails fails them all.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::act::{Act, Waiting};
use super::failure::Failure;
use super::statement;
use super::touched::{Moments, Touched, Touching};
use crate::StoreError;

/// The most acts in one transaction.
const BATCH: usize = 512;

/// The most acts that wait in the queue; who comes then waits before it.
const QUEUE: usize = 2 * BATCH;

const CLOSED: Failure = Failure::Stopped("the store is closed");

/// The way to the thread that writes.
pub(super) struct Writer {
    queue: mpsc::Sender<Order>,
    moments: Arc<Moments>,
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
    pub(super) fn start(
        connection: Connection,
        lock: File,
        moments: Arc<Moments>,
    ) -> io::Result<Self> {
        let (queue, orders) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write(connection, lock, orders))?;
        Ok(Self { queue, moments, _thread: Joined(Some(thread)) })
    }

    /// Carries out `work`. It is done and durable when this answers `Ok`; if the caller stops waiting
    /// it may still be done. Whatever is in memory from before it is not believed after it.
    pub(super) async fn act<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.act_on(Touched::Everything, name, work).await
    }

    /// The same for an act that changes nothing of what is kept in memory but what it has `touched`.
    pub(super) async fn act_on<T: Send + 'static>(
        &self,
        touched: Touched,
        name: &'static str,
        work: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let touching = Touching::begin(&self.moments, touched);
        let act = Act::new(name, work, touching, reply);
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
    let failed = transact(connection, &mut batch).err().map(Failure::reason);
    if let Some(reason) = &failed {
        tracing::error!(reason, acts = batch.len(), "a transaction failed");
        // It may be over already: SQLite itself rolls back when, for instance, the disk is full.
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
    for act in batch {
        act.answer(failed.as_deref());
    }
}

fn transact(connection: &Connection, batch: &mut [Box<dyn Waiting>]) -> Result<(), Failure> {
    // IMMEDIATE: a transaction that begins by reading could fail when it comes to write.
    run(connection, "BEGIN IMMEDIATE")?;
    // If the engine gives up the transaction, what follows would be one of its own each.
    if !batch.iter_mut().all(|act| act.perform(connection) && !connection.is_autocommit()) {
        if !connection.is_autocommit() {
            run(connection, "ROLLBACK")?;
        }
        run(connection, "BEGIN IMMEDIATE")?;
        one_by_one(connection, batch)?;
    }
    run(connection, "COMMIT")
}

fn one_by_one(connection: &Connection, batch: &mut [Box<dyn Waiting>]) -> Result<(), Failure> {
    for act in batch {
        run(connection, "SAVEPOINT act")?;
        let stays = act.perform(connection);
        if connection.is_autocommit() {
            // The acts before this one are undone with it; nobody may hear otherwise.
            return Err(Failure::Stopped("the engine gave up the transaction"));
        }
        if !stays {
            run(connection, "ROLLBACK TO act")?;
        }
        run(connection, "RELEASE act")?;
    }
    Ok(())
}

fn run(connection: &Connection, sql: &str) -> Result<(), Failure> {
    statement::execute(connection, sql, []).map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::future::poll_fn;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::task::Poll;

    use rusqlite::trace::{TraceEvent, TraceEventCodes};
    use tempfile::TempDir;
    use tokio::task::JoinSet;
    use tokio::task::coop::unconstrained;

    use super::*;
    use crate::sqlite::opening;

    /// A writer on a table of its own.
    struct Story {
        writer: Arc<Writer>,
        commits: Arc<AtomicUsize>,
        directory: TempDir,
    }

    fn story() -> Story {
        let directory = tempfile::tempdir().unwrap();
        let (mut connection, lock) = opening::open(&directory.path().join("db")).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE note (text TEXT NOT NULL UNIQUE);
                 CREATE TABLE reply (text TEXT REFERENCES note (text));",
            )
            .unwrap();
        let commits = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&commits);
        let count = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(_, "COMMIT") = event {
                count.fetch_add(1, Ordering::Relaxed);
            }
        };
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count)).unwrap();
        let writer = Arc::new(Writer::start(connection, lock, Moments::new()).unwrap());
        Story { writer, commits, directory }
    }

    fn note(connection: &Connection, text: &str) -> Result<(), Failure> {
        statement::execute(connection, "INSERT INTO note (text) VALUES (?1)", [text]).map(|_| ())
    }

    fn notes(directory: &Path) -> Vec<String> {
        let reader = Connection::open(directory.join("db")).unwrap();
        let mut statement = reader.prepare("SELECT text FROM note ORDER BY text").unwrap();
        let texts = statement.query_map([], |row| row.get(0)).unwrap();
        texts.map(Result::unwrap).collect()
    }

    /// Acts that reach the writer together, because it is held until all wait in its queue.
    struct Together<T> {
        acts: JoinSet<(usize, Result<T, StoreError>)>,
        let_go: mpsc::Sender<()>,
        holding: tokio::task::JoinHandle<Result<(), StoreError>>,
    }

    impl<T: Send + 'static> Together<T> {
        async fn hold(story: &Story) -> Self {
            let (let_go, held) = mpsc::channel();
            let writer = Arc::clone(&story.writer);
            let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
            let holding = tokio::spawn(async move {
                let hold = move |_: &Connection| {
                    begun.send(()).unwrap();
                    held.recv().unwrap();
                    Ok(())
                };
                writer.act("hold the writer", hold).await
            });
            begins.recv().await.unwrap();
            Self { acts: JoinSet::new(), let_go, holding }
        }

        /// Puts an act into the queue, now.
        async fn act(
            &mut self,
            story: &Story,
            work: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
        ) {
            let (writer, number) = (Arc::clone(&story.writer), self.acts.len());
            // Unconstrained: the runtime's turn-taking would put off some sends.
            let mut act = Box::pin(unconstrained(async move { writer.act("act", work).await }));
            let polled = poll_fn(|context| Poll::Ready(act.as_mut().poll(context))).await;
            assert!(polled.is_pending());
            self.acts.spawn(async move { (number, act.await) });
        }

        async fn answers(self) -> Vec<Result<T, StoreError>> {
            self.let_go.send(()).unwrap();
            self.holding.await.unwrap().unwrap();
            let mut answers = self.acts.join_all().await;
            answers.sort_by_key(|(number, _)| *number);
            answers.into_iter().map(|(_, answer)| answer).collect()
        }
    }

    #[tokio::test]
    async fn a_hundred_acts_that_wait_share_one_transaction() {
        let story = story();
        let mut together = Together::hold(&story).await;
        for number in 0..100 {
            let text = format!("note {number}");
            together.act(&story, move |connection| note(connection, &text)).await;
        }
        assert!(together.answers().await.iter().all(Result::is_ok));
        assert_eq!(notes(story.directory.path()).len(), 100);
        assert_eq!(story.commits.load(Ordering::Relaxed), 2, "the holder's and the hundred's");
    }

    #[tokio::test]
    async fn an_act_that_fails_or_panics_takes_no_other_with_it() {
        let story = story();
        let mut together = Together::hold(&story).await;
        together.act(&story, |connection| note(connection, "one")).await;
        together
            .act(&story, |connection| {
                note(connection, "two")?;
                note(connection, "one")
            })
            .await;
        together
            .act(&story, |connection| {
                note(connection, "three")?;
                panic!("on purpose")
            })
            .await;
        together.act(&story, |connection| note(connection, "four")).await;

        let answers = together.answers().await;
        let good: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, false, true]);
        assert_eq!(notes(story.directory.path()), ["four", "one"]);
        story.writer.act("act", |connection| note(connection, "five")).await.unwrap();
        assert_eq!(notes(story.directory.path()), ["five", "four", "one"]);
    }

    #[tokio::test]
    async fn a_commit_that_fails_fails_all_acts_and_the_next_ones_succeed() {
        let story = story();
        let mut together = Together::hold(&story).await;
        together.act(&story, |connection| note(connection, "one")).await;
        together
            .act(&story, |connection| {
                // What breaks the key is found only by the COMMIT.
                connection.pragma_update(None, "defer_foreign_keys", true)?;
                statement::execute(
                    connection,
                    "INSERT INTO reply (text) VALUES ('to nothing')",
                    [],
                )?;
                Ok(())
            })
            .await;
        for answer in together.answers().await {
            assert!(matches!(answer, Err(StoreError::Unavailable { act: "act", .. })));
        }
        assert!(notes(story.directory.path()).is_empty());
        story.writer.act("act", |connection| note(connection, "two")).await.unwrap();
        assert_eq!(notes(story.directory.path()), ["two"]);
    }

    #[tokio::test]
    async fn st_04_a_full_disk_acknowledges_nothing_and_heals_when_space_returns() {
        let story = story();
        let set_pages = |pages: i64| {
            story.writer.act("set the size", move |connection| {
                connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
                Ok(())
            })
        };
        // The engine reports a full disk when it needs more pages than this; it takes no fewer
        // pages than there are.
        set_pages(1).await.unwrap();
        let mut together = Together::hold(&story).await;
        together.act(&story, |connection| note(connection, "small")).await;
        together.act(&story, |connection| note(connection, &"large".repeat(100_000))).await;
        together.act(&story, |connection| note(connection, "late")).await;
        for answer in together.answers().await {
            assert!(matches!(answer, Err(StoreError::Unavailable { .. })));
        }
        assert!(notes(story.directory.path()).is_empty());

        set_pages(1_000_000).await.unwrap();
        story.writer.act("act", |connection| note(connection, "again")).await.unwrap();
        assert_eq!(notes(story.directory.path()), ["again"]);
    }

    #[tokio::test]
    async fn acts_in_the_queue_are_done_before_the_writer_closes() {
        let story = story();
        let mut together = Together::hold(&story).await;
        for number in 0..100 {
            let text = format!("note {number}");
            together.act(&story, move |connection| note(connection, &text)).await;
        }
        let (answers, ()) = tokio::join!(together.answers(), story.writer.close());
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(notes(story.directory.path()).len(), 100);
    }
}
