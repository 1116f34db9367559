//! Where a run was made: what its absolute figures are worth.

use std::fs;
use std::io::{Seek as _, Write as _};
use std::time::Instant;

use anyhow::Context as _;

use crate::measure::Machine;

const SYNCS: usize = 50;

/// Looks around.
///
/// # Errors
/// The temporary directory cannot be written to.
pub(crate) fn describe() -> anyhow::Result<Machine> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        processors.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Ok(Machine {
        processor: model.unwrap_or("unknown").trim().to_owned(),
        kernel: kernel.trim().to_owned(),
        cores: processors.lines().filter(|line| line.starts_with("processor")).count(),
        sync_us: sync_us().context("a temporary file; see TMPDIR")?,
    })
}

/// How long a small write takes to be there for good. If that is next to nothing the databases lie in
/// memory, and every durable figure is too good.
fn sync_us() -> std::io::Result<f64> {
    let mut file = tempfile::tempfile()?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.rewind()?;
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    times.sort();
    Ok(times[SYNCS / 2].as_secs_f64() * 1e6)
}
