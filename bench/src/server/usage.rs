//! What a process has used: processor time and memory, as Linux tells it in `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// A tick of `/proc/stat`: `USER_HZ`, which is 100 on every Linux of today.
const TICK: Duration = Duration::from_millis(10);

/// What a process has used until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time, its own and the kernel's for it, of all its threads.
    pub(crate) processor: Duration,
    /// Bytes of memory that are there now.
    pub(crate) resident: u64,
}

impl Usage {
    /// Of a process by its number.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn of(id: u32) -> anyhow::Result<Self> {
        let read = |file: &str| {
            let path = format!("/proc/{id}/{file}");
            fs::read_to_string(&path).with_context(|| format!("{path}: has it ended?"))
        };
        let processor = processor(id).with_context(|| format!("/proc/{id}/task"))?;
        let resident = resident(&read("status")?).context("/proc/…/status is not understood")?;
        Ok(Self { processor, resident })
    }

    /// Of this process.
    ///
    /// # Errors
    /// There is no `/proc`.
    pub(crate) fn of_myself() -> anyhow::Result<Self> {
        Self::of(std::process::id())
    }

    /// How long the cores have been busy in all, whoever kept them so.
    ///
    /// # Errors
    /// There is no `/proc`.
    pub(crate) fn of_all_cores() -> anyhow::Result<Duration> {
        let text = fs::read_to_string("/proc/stat").context("/proc/stat")?;
        busy(&text).context("/proc/stat is not understood")
    }
}

/// The first line has ticks by kind: user, nice, system, idle, waiting for a disk, interrupts of both
/// sorts, and what the machine below took for others.
fn busy(stat: &str) -> Option<Duration> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace().take(8);
    let ticks: Vec<u32> = fields.map(str::parse).collect::<Result<_, _>>().ok()?;
    let idle = [3, 4];
    let busy = ticks.iter().enumerate().filter(|(kind, _)| !idle.contains(kind));
    Some(busy.map(|(_, ticks)| TICK * *ticks).sum())
}

/// The sum of its threads, in nanoseconds: a slice is too short for the ticks of `/proc/<pid>/stat`. A
/// thread that ends takes its time with it, but ends because it had nothing to do, and hardly in a slice.
fn processor(id: u32) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        // It may have ended since it was listed.
        let Ok(told) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        sum += on_processor(&told).context("schedstat is not understood")?;
    }
    Ok(sum)
}

/// The first number: nanoseconds on a processor. The others tell how long it waited for one, and how often.
fn on_processor(schedstat: &str) -> Option<Duration> {
    schedstat.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_in_nanoseconds() {
        assert_eq!(on_processor("2500000 77 3\n"), Some(Duration::from_micros(2500)));
        assert_eq!(on_processor("\n"), None);
    }

    #[test]
    fn a_core_that_waits_is_not_busy() {
        let stat = "cpu  100 0 50 9000 700 0 25 25 0 0\ncpu0 1 2 3 4\n";
        assert_eq!(busy(stat), Some(Duration::from_secs(2)));
        assert_eq!(busy("intr 1"), None);
    }

    #[test]
    fn resident_memory_is_in_kibibytes() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t   12 kB\nThreads:\t1\n"), Some(12 * 1024));
        assert_eq!(resident("Name:\tx\n"), None);
    }
}
