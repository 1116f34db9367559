//! The connections of one side, and a slice of load on all of them at once.

use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use crate::walk::{Progress, Walk};
use crate::wire::Connection;

/// How much longer than it should a slice may take before something hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same, where no time is measured.
const LONG_PATIENCE: Duration = Duration::from_secs(600);

/// Everybody who asks one server.
pub(crate) struct Crew {
    workers: Vec<Worker>,
}

/// One connection and its walk.
struct Worker {
    address: SocketAddr,
    connection: Connection,
    walk: Box<dyn Walk>,
    latencies: Vec<u64>,
}

/// What one slice of load came to.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// How long each walk took, in nanoseconds.
    pub(crate) latencies: Vec<u64>,
    /// How long all took together.
    pub(crate) elapsed: Duration,
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
            workers.push(Worker { address, connection, walk, latencies: Vec::new() });
        }
        Ok(Self { workers })
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

    /// All of them walk again and again for about `length`.
    ///
    /// # Errors
    /// One wrong answer, or none.
    pub(crate) async fn load(&mut self, length: Duration) -> anyhow::Result<Load> {
        let begun = Instant::now();
        let end = begun + length;
        self.all(length + PATIENCE, move |mut worker| async move {
            worker.walk_while(|_, begun| begun < end).await?;
            Ok(worker)
        })
        .await?;
        let elapsed = begun.elapsed();
        let mut latencies = Vec::new();
        for worker in &mut self.workers {
            latencies.append(&mut worker.latencies);
        }
        Ok(Load { latencies, elapsed })
    }

    /// All of them walk so many `times`, however long it takes; answers how many walks that were.
    ///
    /// # Errors
    /// One wrong answer, or none.
    pub(crate) async fn walk(&mut self, times: u64) -> anyhow::Result<u64> {
        self.all(LONG_PATIENCE, move |mut worker| async move {
            worker.walk_while(|walked, _| walked < times).await?;
            Ok(worker)
        })
        .await?;
        let walked = self.workers.iter_mut().map(|worker| mem::take(&mut worker.latencies).len());
        Ok(walked.sum::<usize>() as u64)
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

    /// Walks again for as long as `goes_on` says so of how often it did and of the time.
    async fn walk_while(&mut self, goes_on: impl Fn(u64, Instant) -> bool) -> anyhow::Result<()> {
        let (mut walked, mut begun) = (0, Instant::now());
        while goes_on(walked, begun) {
            let Some(request) = self.walk.request() else { break };
            let answer = self.connection.ask(request).await?;
            if self.walk.judge(&answer)? == Progress::Done {
                let now = Instant::now();
                let nanoseconds = now.duration_since(begun).as_nanos();
                self.latencies.push(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
                begun = now;
                walked += 1;
            }
        }
        Ok(())
    }
}
