//! Who runs on which core.

use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How the cores are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cores {
    /// The server has one core and the load another
    #[value(name = "1")]
    Apart,
    /// The server and the load share both
    #[value(name = "2")]
    Shared,
}

impl Cores {
    const fn of_server(self) -> &'static str {
        match self {
            Self::Apart => "0",
            Self::Shared => "0,1",
        }
    }

    const fn of_load(self) -> &'static str {
        match self {
            Self::Apart => "1",
            Self::Shared => "0,1",
        }
    }

    /// The command that runs `program` on the server's cores.
    pub(crate) fn command(self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("taskset");
        command.arg("--cpu-list").arg(self.of_server()).arg(program);
        command
    }
}

/// Moves this process to the load's cores.
///
/// # Errors
/// There is no `taskset`, or no second core.
pub(crate) fn pin_myself(cores: Cores) -> anyhow::Result<()> {
    let status = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", cores.of_load()])
        .arg(std::process::id().to_string())
        .stdout(Stdio::null())
        .status()
        .context("taskset could not be run; install util-linux")?;
    ensure!(status.success(), "the load cannot have a core of its own: two are needed");
    Ok(())
}
