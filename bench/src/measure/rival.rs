//! One side of a comparison: something that works for a slice of time and can be watched meanwhile.

use std::any::Any;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::crew::{Crew, Load, QUEUE};
use super::figure::Side;
use super::statistics::Spread;
use crate::server::hashing::Hashing;
use crate::server::{Cores, Pgbench, Usage};

/// How often each connection walks in a slice at least: with few walks it is chance whether the last one
/// ends in it.
const WALKS: f64 = 6.0;

/// The longest slice that is made for that.
const LONGEST: Duration = Duration::from_millis(400);

/// What is measured.
pub(crate) struct Rival {
    name: String,
    work: Work,
    /// The process that is watched, if it is one.
    process: Option<u32>,
    cores: Cores,
    /// What ends with this.
    _owned: Option<Box<dyn Any>>,
    slices: Vec<Slice>,
    latencies: Histogram<u64>,
}

/// Who works.
pub(crate) enum Work {
    /// A server under load.
    Server(Crew),
    /// A server that takes long for each.
    Queue(Crew),
    /// A thread that hashes.
    Hashing(Hashing),
    /// A database, under the statements of a flow.
    Pgbench(Pgbench),
}

/// What one slice came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slice {
    /// Walks a second.
    rate: f64,
    /// Walks, with those before the clock ran and after.
    walks: u64,
    /// How long those took.
    whole: Duration,
    /// Of the process that is measured.
    processor: Duration,
    /// Of this one.
    client: Duration,
    /// Of all there is on this machine.
    machine: Duration,
    resident: u64,
}

impl Rival {
    /// Something called `name` that works. `cores` says where the load runs meanwhile.
    ///
    /// # Errors
    /// Never: the bounds of the histogram are good.
    pub(crate) fn new(
        name: &str,
        work: Work,
        process: Option<u32>,
        cores: Cores,
    ) -> anyhow::Result<Self> {
        // Three digits of every latency up to a minute.
        let latencies = Histogram::new_with_bounds(1, 60_000_000_000, 3)?;
        let (name, slices) = (name.to_owned(), Vec::new());
        Ok(Self { name, work, process, cores, _owned: None, slices, latencies })
    }

    /// The same, with a server that is there for it alone and ends with it.
    pub(crate) fn owning(self, server: impl Any) -> Self {
        Self { _owned: Some(Box::new(server)), ..self }
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where the load runs.
    pub(crate) const fn cores(&self) -> Cores {
        self.cores
    }

    /// Works for `length` without being measured; answers how long a slice of it should be at least.
    ///
    /// # Errors
    /// Wrong answers.
    pub(crate) async fn warm_up(&mut self, length: Duration) -> anyhow::Result<Duration> {
        self.prepare().await?;
        let load = self.work(length).await?;
        let connections = match &self.work {
            Work::Server(crew) => crew.size(),
            // How long these take does not depend on what they are told.
            Work::Queue(_) | Work::Hashing(_) | Work::Pgbench(_) => 0,
        };
        let seconds = WALKS * connections as f64 / load.rate().max(1.0);
        Ok(Duration::from_secs_f64(seconds).min(LONGEST))
    }

    /// Works for `length`.
    ///
    /// # Errors
    /// Wrong answers, or none.
    pub(crate) async fn slice(&mut self, length: Duration) -> anyhow::Result<Slice> {
        self.prepare().await?;
        let (machine, process, client) = self.usage()?;
        let load = self.work(length).await?;
        let (machine_after, process_after, client_after) = self.usage()?;
        for latency in &load.latencies {
            self.latencies.saturating_record(*latency);
        }
        let slice = Slice {
            rate: load.rate(),
            walks: load.walks,
            whole: load.whole,
            processor: process_after.processor.saturating_sub(process.processor),
            client: client_after.processor.saturating_sub(client.processor),
            machine: machine_after.saturating_sub(machine),
            resident: process_after.resident,
        };
        self.slices.push(slice);
        Ok(slice)
    }

    /// Of the machine, of the process that is measured, and of this one.
    fn usage(&self) -> anyhow::Result<(Duration, Usage, Usage)> {
        let process = self.process.map(Usage::of).transpose()?.unwrap_or_default();
        Ok((Usage::of_all_cores()?, process, Usage::of_myself()?))
    }

    async fn prepare(&mut self) -> anyhow::Result<()> {
        match &mut self.work {
            Work::Server(crew) | Work::Queue(crew) => crew.prepare().await,
            Work::Hashing(_) | Work::Pgbench(_) => Ok(()),
        }
    }

    async fn work(&mut self, length: Duration) -> anyhow::Result<Load> {
        match &mut self.work {
            Work::Server(crew) => crew.load(length).await,
            Work::Queue(crew) => crew.queue().await,
            Work::Hashing(hashing) => {
                let (begun, walks) = (Instant::now(), QUEUE as u64);
                let (counted, latencies) = (walks - 1, Vec::new());
                let elapsed = hashing.hash(counted)?;
                Ok(Load { counted, elapsed, latencies, walks, whole: begun.elapsed() })
            }
            Work::Pgbench(pgbench) => {
                let (counted, elapsed) = pgbench.flows(length)?;
                let (walks, whole, latencies) = (counted, elapsed, Vec::new());
                Ok(Load { counted, elapsed, latencies, walks, whole })
            }
        }
    }

    /// All slices together.
    pub(crate) fn side(&self) -> Side {
        let sum = |part: fn(&Slice) -> Duration| {
            self.slices.iter().map(part).sum::<Duration>().as_secs_f64()
        };
        let walks = self.slices.iter().map(|slice| slice.walks).sum::<u64>().max(1) as f64;
        let (processor, client) = (sum(|slice| slice.processor), sum(|slice| slice.client));
        let whole = sum(|slice| slice.whole).max(1e-9);
        // Of the machine only ticks are known, many of which a slice does not have: so only their sum is.
        let others = (sum(|slice| slice.machine) - processor - client).max(0.0);
        let micros = |nanoseconds: u64| nanoseconds as f64 / 1e3;
        Side {
            per_second: Spread::of(self.slices.iter().map(Slice::rate)),
            processor_us: processor * 1e6 / walks,
            client_us: client * 1e6 / walks,
            server_busy: processor / whole,
            others_busy: others / whole,
            client_busy: client / whole,
            p50_us: micros(self.latencies.value_at_quantile(0.5)),
            p99_us: micros(self.latencies.value_at_quantile(0.99)),
            max_us: micros(self.latencies.max()),
            resident: self.slices.iter().map(|slice| slice.resident).max().unwrap_or(0),
        }
    }
}

impl Slice {
    /// Walks a second.
    pub(crate) const fn rate(&self) -> f64 {
        self.rate
    }

    /// Seconds of the process's time for each walk.
    pub(crate) fn cost(&self) -> f64 {
        self.processor.as_secs_f64() / self.walks.max(1) as f64
    }
}
