//! Following what others change: a question to the store, five times a second.
//!
//! ```text
//! changes(last) -> Revoked   on the list, and who waits at the feed is woken; a client is forgotten too
//!                  Client    forgotten; read again when it is asked for
//!                  Account   the same
//!                  Declared  everything is read anew
//!                  Keys      everything is read anew
//!               -> heard: everything acknowledged before the question began is in memory
//! ```
//!
//! A node that is alone has nothing to follow. One that was told nothing for so long that news may have
//! been removed unheard, or whose last number the store never gave out (it was put back from a backup),
//! reads everything anew.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::model::{Revoked, Timestamp};
use hallpass_store::{Change, NEWS_LIFETIME, StoreError};
use thiserror::Error;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::Node;
use crate::hearing::{BOUND, Hearing};
use crate::installation::InstallationError;

/// How long between two questions: a change is known everywhere within a quarter of a second, and a
/// thousand nodes ask no more than the database answers in passing.
const PACE: Duration = Duration::from_millis(200);

/// How long an answer may take. A question that hangs must leave time for another within the bound.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many changes are read at once.
const PAGE: u32 = 1_000;

/// After which silence nothing is left to chance. The store keeps news twice as long: clocks differ, and
/// reading takes time.
const LONG_SILENCE: Duration = Duration::from_secs(NEWS_LIFETIME.as_secs() / 2);

/// Keeps one node's memory as the store is.
pub struct Follower {
    node: Arc<Node>,
    /// The number of the last change that is in memory.
    last: u64,
    /// What the clock on the wall showed when it was heard. A machine that slept does not count the
    /// seconds, but its clock is set.
    heard_at: Timestamp,
}

/// Why a question to the store brought nothing.
#[derive(Debug, Error)]
pub enum FollowProblem {
    /// No answer came in time.
    #[error("no answer within {PATIENCE:?}")]
    Slow,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was heard of cannot be taken over.
    #[error("what others changed cannot be taken over: {0}")]
    Renewal(#[from] InstallationError),
}

/// How much of what there is to hear one page told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Everything,
    OnePage,
}

impl Follower {
    /// One for a node in whose memory everything is up to the change `last`.
    pub(crate) fn new(node: Arc<Node>, last: u64) -> Self {
        let heard_at = node.app().now();
        Self { node, last, heard_at }
    }

    /// Asks and asks again until the end has come. A node that is alone asks nothing.
    pub async fn run(mut self, end: impl Future<Output = ()>) {
        let mut end = pin!(end);
        if matches!(*self.node.app().hearing, Hearing::Alone) {
            return end.await;
        }
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut outage = Outage::default();
        loop {
            tokio::select! {
                () = &mut end => return,
                _ = pace.tick() => {}
            }
            outage.tell(self.ask().await);
        }
    }

    /// Asks once, and takes over everything that there is to hear.
    ///
    /// # Errors
    /// Then nothing was heard: what was told is told again the next time.
    pub async fn ask(&mut self) -> Result<(), FollowProblem> {
        if self.is_long_ago() {
            self.start_anew().await?;
        }
        loop {
            let asked_at = Instant::now();
            if self.turn_page().await? == Told::Everything {
                let app = self.node.app();
                app.hearing.heard(asked_at);
                self.heard_at = app.now();
                return Ok(());
            }
        }
    }

    /// Asks for one page of changes, and takes them over.
    async fn turn_page(&mut self) -> Result<Told, FollowProblem> {
        let app = self.node.app();
        // The last one once more: if it is not there, nor any after it, this store never gave it out.
        let question = app.store.changes(self.last.saturating_sub(1), PAGE);
        let page = timeout(PATIENCE, question).await.map_err(|_| FollowProblem::Slow)??;
        let Some((newest, _)) = page.last() else {
            if self.last > 0 {
                self.start_anew().await?;
            }
            return Ok(Told::Everything);
        };
        let newest = *newest;
        let told = if page.len() < PAGE as usize { Told::Everything } else { Told::OnePage };
        let news = page.into_iter().filter(|(number, _)| *number > self.last);
        self.take_over(news.map(|(_, change)| change)).await?;
        self.last = newest;
        Ok(told)
    }

    /// Puts what has changed into memory: what ended first, for that must not wait for anything.
    async fn take_over(&self, news: impl Iterator<Item = Change>) -> Result<(), FollowProblem> {
        let app = self.node.app();
        let mut is_renewal_due = false;
        for change in news {
            match change {
                Change::Revoked(revocation) => {
                    app.revocations.add(&revocation);
                    if let Revoked::Client(client) = &revocation.revoked {
                        app.remembered.forget_client(client);
                    }
                }
                Change::Client(client) => app.remembered.forget_client(&client),
                Change::Account(account) => app.remembered.forget_person(account),
                Change::Declared | Change::Keys => is_renewal_due = true,
            }
        }
        if is_renewal_due {
            self.node.renew().await?;
        }
        Ok(())
    }

    /// Reads everything, as at the start.
    async fn start_anew(&mut self) -> Result<(), FollowProblem> {
        let app = self.node.app();
        // First, so that what changes while the rest is read is heard of afterwards.
        let last = app.revocations.read(&*app.store).await?;
        self.node.renew().await?;
        self.last = last;
        self.heard_at = app.now();
        Ok(())
    }

    fn is_long_ago(&self) -> bool {
        let app = self.node.app();
        let is_later = app.now() >= self.heard_at.plus(LONG_SILENCE);
        is_later || app.hearing.silence() >= LONG_SILENCE
    }
}

/// Says in the log when nothing is heard any more, and when it is over: once each.
#[derive(Default)]
struct Outage(Option<Instant>);

impl Outage {
    fn tell(&mut self, asked: Result<(), FollowProblem>) {
        match (asked, self.0) {
            (Ok(()), None) | (Err(_), Some(_)) => {}
            (Ok(()), Some(since)) => {
                tracing::info!("the database is heard again, after {:.1?}", since.elapsed());
                self.0 = None;
            }
            (Err(problem), None) => {
                tracing::warn!(
                    "nothing is heard from the database: {problem}. After {BOUND:?} of it nobody is told that a token is good."
                );
                self.0 = Some(Instant::now());
            }
        }
    }
}
