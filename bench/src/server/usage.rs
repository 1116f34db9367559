//! What a process has used: processor time and memory, as Linux tells it in `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// A tick of `/proc/<pid>/stat`: `USER_HZ`, which is 100 on every Linux of today.
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
        let processor = processor(&read("stat")?).context("/proc/…/stat is not understood")?;
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

/// The fields 14 and 15. The second is a name in brackets that may hold anything, so they are counted
/// from behind it.
fn processor(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(TICK * (ticks()? + ticks()?))
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
    fn processor_time_is_found_behind_any_name() {
        let stat = "7 (a) b) c) S 1 7 7 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 3 0 1 2 3";
        assert_eq!(processor(stat), Some(Duration::from_secs(4)));
        assert_eq!(processor("7 (a) S 1"), None);
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
