//! One side of a comparison: something that works for a slice of time and can be watched meanwhile.

use std::any::Any;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::crew::Crew;
use super::figure::Side;
use super::statistics::Spread;
use crate::server::hashing::Hashing;
use crate::server::{Cores, Pgbench, Usage, pin_myself};

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
    /// A thread that hashes.
    Hashing(Hashing),
    /// A database, under the statements of a flow.
    Pgbench(Pgbench),
}

/// What one slice came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    walks: u64,
    elapsed: Duration,
    /// Of the process that is measured.
    processor: Duration,
    /// Of this one.
    client: Duration,
    /// Of everything else on this machine.
    others: Duration,
    p99: u64,
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

    /// Works for `length` without being measured.
    ///
    /// # Errors
    /// Wrong answers.
    pub(crate) async fn warm_up(&mut self, length: Duration) -> anyhow::Result<()> {
        pin_myself(self.cores)?;
        self.prepare().await?;
        self.work(length).await?;
        Ok(())
    }

    /// Works for `length`, to be kept if nothing disturbed it.
    ///
    /// # Errors
    /// Wrong answers, or none.
    pub(crate) async fn slice(&mut self, length: Duration) -> anyhow::Result<Slice> {
        pin_myself(self.cores)?;
        self.prepare().await?;
        let (machine, process, client) = self.usage()?;
        let (walks, elapsed, mut latencies) = self.work(length).await?;
        let (machine_after, process_after, client_after) = self.usage()?;
        for latency in &latencies {
            self.latencies.saturating_record(*latency);
        }
        let processor = process_after.processor.saturating_sub(process.processor);
        let client = client_after.processor.saturating_sub(client.processor);
        let machine = machine_after.saturating_sub(machine);
        let slice = Slice {
            walks,
            elapsed,
            processor,
            client,
            others: machine.saturating_sub(processor + client),
            p99: percentile(&mut latencies, 99),
            resident: process_after.resident,
        };
        Ok(slice)
    }

    /// Counts a slice among those that make up the figure.
    pub(crate) fn keep(&mut self, slice: Slice) {
        self.slices.push(slice);
    }

    /// Of the machine, of the process that is measured, and of this one.
    fn usage(&self) -> anyhow::Result<(Duration, Usage, Usage)> {
        let process = self.process.map(Usage::of).transpose()?.unwrap_or_default();
        Ok((Usage::of_all_cores()?, process, Usage::of_myself()?))
    }

    async fn prepare(&mut self) -> anyhow::Result<()> {
        match &mut self.work {
            Work::Server(crew) => crew.prepare().await,
            Work::Hashing(_) | Work::Pgbench(_) => Ok(()),
        }
    }

    async fn work(&mut self, length: Duration) -> anyhow::Result<(u64, Duration, Vec<u64>)> {
        match &mut self.work {
            Work::Server(crew) => {
                let load = crew.load(length).await?;
                Ok((load.latencies.len() as u64, load.elapsed, load.latencies))
            }
            Work::Hashing(hashing) => {
                let hashed = hashing.hash(length)?;
                Ok((hashed.count, hashed.elapsed, Vec::new()))
            }
            Work::Pgbench(pgbench) => {
                let (count, elapsed) = pgbench.flows(length)?;
                Ok((count, elapsed, Vec::new()))
            }
        }
    }

    /// The slowest hundredth of each slice, in nanoseconds.
    pub(crate) fn p99s(&self) -> impl Iterator<Item = f64> {
        self.slices.iter().map(|slice| slice.p99 as f64)
    }

    /// All slices together.
    pub(crate) fn side(&self) -> Side {
        let sum = |part: fn(&Slice) -> Duration| self.slices.iter().map(part).sum::<Duration>();
        let walks: u64 = self.slices.iter().map(|slice| slice.walks).sum();
        let elapsed = sum(|slice| slice.elapsed);
        let (processor, client) = (sum(|slice| slice.processor), sum(|slice| slice.client));
        let others = sum(|slice| slice.others);
        let micros = |nanoseconds: u64| nanoseconds as f64 / 1e3;
        Side {
            per_second: Spread::of(self.slices.iter().map(Slice::rate)),
            processor_us: processor.as_secs_f64() * 1e6 / walks.max(1) as f64,
            client_us: client.as_secs_f64() * 1e6 / walks.max(1) as f64,
            server_busy: processor.as_secs_f64() / elapsed.as_secs_f64().max(1e-9),
            others_busy: others.as_secs_f64() / elapsed.as_secs_f64().max(1e-9),
            client_busy: client.as_secs_f64() / elapsed.as_secs_f64().max(1e-9),
            p50_us: micros(self.latencies.value_at_quantile(0.5)),
            p99_us: Spread::of(self.p99s()).median / 1e3,
            max_us: micros(self.latencies.max()),
            resident: self.slices.iter().map(|slice| slice.resident).max().unwrap_or(0),
        }
    }
}

impl Slice {
    /// Walks a second.
    pub(crate) fn rate(&self) -> f64 {
        self.walks as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// How many cores others had meanwhile, on this machine and below it.
    pub(crate) fn others_busy(&self) -> f64 {
        self.others.as_secs_f64() / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Seconds of the process's time for each walk.
    pub(crate) fn cost(&self) -> f64 {
        self.processor.as_secs_f64() / self.walks.max(1) as f64
    }
}

/// The value that `percent` of all are not above; zero of none.
fn percentile(values: &mut [u64], percent: usize) -> u64 {
    if values.is_empty() {
        return 0;
    }
    let at = ((values.len() * percent).div_ceil(100)).clamp(1, values.len()) - 1;
    *values.select_nth_unstable(at).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_99th_percentile_of_a_hundred_is_the_99th() {
        let mut values: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut values, 99), 99);
        assert_eq!(percentile(&mut [7], 99), 7);
        assert_eq!(percentile(&mut [], 99), 0);
    }

    #[test]
    fn a_rate_is_walks_by_time() {
        let slice = Slice {
            walks: 50,
            elapsed: Duration::from_millis(500),
            processor: Duration::ZERO,
            client: Duration::ZERO,
            others: Duration::ZERO,
            p99: 0,
            resident: 0,
        };
        assert!((slice.rate() - 100.0).abs() < 1e-9);
    }
}
