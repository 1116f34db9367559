//! The connections of one side, and a slice of load on all of them at once.

use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::clock::Clock;
use crate::walk::{Progress, Walk};
use crate::wire::Connection;

/// How much longer than it should a slice may take before something hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same, where no time is measured.
const LONG_PATIENCE: Duration = Duration::from_secs(600);

/// How many walks a queue is made of at least.
pub(super) const QUEUE: usize = 8;

/// Everybody who asks one server.
pub(crate) struct Crew {
    workers: Vec<Worker>,
}

/// One connection and its walk.
struct Worker {
    address: SocketAddr,
    connection: Connection,
    walk: Box<dyn Walk>,
    walked: Vec<Walked>,
}

/// When something was walked.
#[derive(Clone, Copy, Debug)]
struct Walked {
    begun: Instant,
    end: Instant,
}

/// What one slice of load came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load {
    /// How many walks ended while the clock ran.
    pub(crate) counted: u64,
    /// How long it ran.
    pub(crate) elapsed: Duration,
    /// How long each of those took, in nanoseconds, if that is known.
    pub(crate) latencies: Vec<u64>,
    /// How many walks there were, with those before and after.
    pub(crate) walks: u64,
    /// How long everything took, with what was before and after.
    pub(crate) whole: Duration,
}

impl Crew {
    /// One connection for each walk.
    ///
    /// # Errors
    /// The server takes no more.
    pub(crate) async fn gather(
        address: SocketAddr,
        walks: Vec<Box<dyn Walk>>,
    ) -> anyhow::Result<Self> {
        let mut workers = Vec::with_capacity(walks.len());
        for walk in walks {
            let connection = Connection::open(address).await?;
            workers.push(Worker { address, connection, walk, walked: Vec::new() });
        }
        Ok(Self { workers })
    }

    /// How many connections.
    pub(crate) fn size(&self) -> usize {
        self.workers.len()
    }

    /// All of them run their errands.
    ///
    /// # Errors
    /// One wrong answer, or none.
    pub(crate) async fn prepare(&mut self) -> anyhow::Result<()> {
        self.all(PATIENCE, |mut worker| async move {
            worker.prepare().await?;
            Ok(worker)
        })
        .await
    }

    /// All of them walk again and again. The clock runs for `length` from when each of them has walked once.
    ///
    /// # Errors
    /// One wrong answer, or none.
    pub(crate) async fn load(&mut self, length: Duration) -> anyhow::Result<Load> {
        let begun = Instant::now();
        let clock = Arc::new(Clock::new(self.workers.len(), length));
        self.all(length + PATIENCE, |mut worker| {
            let clock = Arc::clone(&clock);
            async move {
                worker.walk_by(&clock).await?;
                Ok(worker)
            }
        })
        .await?;
        Ok(self.counted(clock.window(), begun.elapsed()))
    }

    /// All of them come at once and wait in a queue; the clock runs from the first answer to the last. For
    /// what takes so long that few of them end in a slice.
    ///
    /// # Errors
    /// One wrong answer, or none.
    pub(crate) async fn queue(&mut self) -> anyhow::Result<Load> {
        let begun = Instant::now();
        self.walk_times(QUEUE.div_ceil(self.workers.len().max(1))).await?;
        let ends = || self.workers.iter().flat_map(|worker| &worker.walked).map(|walk| walk.end);
        let window = ends().min().zip(ends().max());
        Ok(self.counted(window, begun.elapsed()))
    }

    /// All of them walk so many `times`, however long it takes; answers how many walks that were.
    ///
    /// # Errors
    /// One wrong answer, or none.
    pub(crate) async fn walk(&mut self, times: usize) -> anyhow::Result<u64> {
        self.walk_times(times).await?;
        Ok(self.counted(None, Duration::ZERO).walks)
    }

    async fn walk_times(&mut self, times: usize) -> anyhow::Result<()> {
        self.all(LONG_PATIENCE, move |mut worker| async move {
            for _ in 0..times {
                let begun = Instant::now();
                if !worker.walk_once(begun).await? {
                    break;
                }
            }
            Ok(worker)
        })
        .await
    }

    /// Takes what was walked; what ended after the beginning of the window, and not after its end, counts.
    fn counted(&mut self, window: Option<(Instant, Instant)>, whole: Duration) -> Load {
        let walked: Vec<Walked> =
            self.workers.iter_mut().flat_map(|worker| mem::take(&mut worker.walked)).collect();
        let walks = walked.len() as u64;
        let Some((from, until)) = window else { return Load { walks, whole, ..Load::default() } };
        let counted = walked.iter().filter(|walk| walk.end > from && walk.end <= until);
        let latencies: Vec<u64> = counted.map(|walk| walk.nanoseconds()).collect();
        let elapsed = until.saturating_duration_since(from);
        Load { counted: latencies.len() as u64, elapsed, latencies, walks, whole }
    }

    async fn all<F>(&mut self, patience: Duration, act: impl Fn(Worker) -> F) -> anyhow::Result<()>
    where
        F: Future<Output = anyhow::Result<Worker>> + Send + 'static,
    {
        let mut under_way: JoinSet<_> = self.workers.drain(..).map(act).collect();
        let back = async {
            while let Some(worker) = under_way.join_next().await {
                self.workers.push(worker??);
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(patience, back).await.context("the server does not answer")?
    }
}

impl Load {
    /// Walks a second, while the clock ran; zero if it never did. None is told as half a one: a slice in
    /// which everything stood still is the slowest of all and has a ratio nevertheless.
    pub(crate) fn rate(&self) -> f64 {
        match self.elapsed.as_secs_f64() {
            never if never <= 0.0 => 0.0,
            seconds => (self.counted as f64).max(0.5) / seconds,
        }
    }
}

impl Walked {
    fn nanoseconds(self) -> u64 {
        u64::try_from(self.end.duration_since(self.begun).as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Worker {
    /// Everything that is not to be measured.
    async fn prepare(&mut self) -> anyhow::Result<()> {
        if self.connection.is_closed() {
            self.connection = Connection::open(self.address).await?;
        }
        while let Some(errand) = self.walk.errand() {
            let answer = self.connection.ask(errand).await?;
            self.walk.bring(&answer)?;
        }
        Ok(())
    }

    /// Walks until the clock stops, and finishes the walk that is under way then.
    async fn walk_by(&mut self, clock: &Clock) -> anyhow::Result<()> {
        let mut begun = Instant::now();
        while !clock.has_stopped(begun) {
            if !self.walk_once(begun).await? {
                clock.stop(Instant::now());
                break;
            }
            let is_first = self.walked.len() == 1;
            begun = self.walked.last().map_or(begun, |walked| walked.end);
            if is_first {
                clock.is_under_way(begun);
            }
        }
        Ok(())
    }

    /// Walks once, which began at `begun`; answers whether there was something to ask.
    async fn walk_once(&mut self, begun: Instant) -> anyhow::Result<bool> {
        loop {
            let Some(request) = self.walk.request() else { return Ok(false) };
            let answer = self.connection.ask(request).await?;
            if self.walk.judge(&answer)? == Progress::Done {
                self.walked.push(Walked { begun, end: Instant::now() });
                return Ok(true);
            }
        }
    }
}
