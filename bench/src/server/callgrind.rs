//! Valgrind's count of the instructions that a program runs: the same on a busy machine as on a quiet one.
//!
//! It counts what the program does and not what the kernel does for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use super::pinning::Cores;

/// Where the counts of one program go.
#[derive(Clone, Debug)]
pub(crate) struct Callgrind {
    file: PathBuf,
}

impl Callgrind {
    /// Counts that go to `directory`, as those of `name`.
    pub(crate) fn into(directory: &Path, name: &str) -> Self {
        Self { file: directory.join(format!("callgrind.{name}")) }
    }

    /// The command that runs `program` and counts.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Cores::Apart.command("valgrind");
        command.args(["--tool=callgrind", "--quiet"]);
        command.arg(format!("--callgrind-out-file={}", self.file.display())).arg(program);
        command
    }

    /// Begins anew.
    ///
    /// # Errors
    /// The process has ended, or nobody counts in it.
    pub(crate) fn reset(process: u32) -> anyhow::Result<()> {
        control("--zero", process)
    }

    /// How many since then.
    ///
    /// # Errors
    /// The process has ended, or nobody counts in it.
    pub(crate) fn count(&self, process: u32) -> anyhow::Result<u64> {
        control("--dump", process)?;
        // The first dump that is asked for is the only one.
        let file = format!("{}.1", self.file.display());
        let text = fs::read_to_string(&file).with_context(|| file.clone())?;
        total(&text).with_context(|| format!("{file} is not understood"))
    }
}

fn control(order: &str, process: u32) -> anyhow::Result<()> {
    let mut command = Command::new("callgrind_control");
    let output = command.arg(order).arg(process.to_string()).output();
    let output = output.context("callgrind_control could not be run; install valgrind")?;
    let said = String::from_utf8_lossy(&output.stdout);
    // It answers with success whatever comes of it.
    if said.contains("Error") || said.contains("not active") {
        bail!("callgrind_control {order}: {said}");
    }
    ensure!(output.status.success(), "callgrind_control {order}: {said}");
    Ok(())
}

fn total(dump: &str) -> Option<u64> {
    let line = dump.lines().find_map(|line| line.strip_prefix("summary:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_a_dump_is_in_its_head() {
        let dump = "version: 1\nevents: Ir\nsummary: 1234\n\nfn=(1) main\n1 1234\n";
        assert_eq!(total(dump), Some(1234));
        assert_eq!(total("events: Ir\n"), None);
    }
}
