//! Hallpass itself, with a database made for this run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use tempfile::TempDir;

use super::apps;
use super::pinning::Cores;
use super::program::{Announcement, Program, address_in};

/// A running Hallpass.
#[derive(Debug)]
pub(crate) struct Hallpass {
    /// The process.
    pub(crate) program: Program,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where the sample API listens, if it runs.
    pub(crate) api: Option<SocketAddr>,
    // Goes away after the process.
    _directory: TempDir,
}

/// What is started, and on what.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    /// The program.
    pub(crate) binary: PathBuf,
    /// The address of a PostgreSQL; the embedded store without one.
    pub(crate) database: Option<String>,
}

impl Engine {
    /// What the store is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self.database {
            None => "SQLite",
            Some(_) => "PostgreSQL",
        }
    }

    /// Starts the accounts service alone.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn serve(&self, cores: Cores) -> anyhow::Result<Hallpass> {
        let (directory, apps) = prepare()?;
        let data = directory.path().join("data");
        let mut command = self.command(cores);
        command.args(["serve", "--listen", "127.0.0.1:0", "--apps"]).arg(apps);
        command.arg("--data").arg(data);
        if let Some(database) = &self.database {
            command.arg("--database").arg(database);
        }
        let find = |line: &str| line.contains("listening on").then(|| address_in(line)).flatten();
        let (program, address) = Program::start(command, Announcement::Error, find)?;
        Ok(Hallpass { program, address, api: None, _directory: directory })
    }

    /// Starts it together with the sample API.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn demo(&self, cores: Cores) -> anyhow::Result<Hallpass> {
        let (directory, apps) = prepare()?;
        let mut command = self.command(cores);
        command.args(["demo", "--json", "--port=0", "--api-port=0", "--app-port=0", "--apps"]);
        command.arg(apps).arg("--data").arg(directory.path().join("data"));
        let find = |line: &str| {
            let world: serde_json::Value = serde_json::from_str(line).ok()?;
            let address = |name: &str| address_in(world.get(name)?.as_str()?);
            Some((address("accounts")?, address("api")?))
        };
        let (program, (address, api)) = Program::start(command, Announcement::Output, find)?;
        Ok(Hallpass { program, address, api: Some(api), _directory: directory })
    }

    /// Without the settings of whoever measures.
    fn command(&self, cores: Cores) -> Command {
        let mut command = cores.command(&self.binary);
        let settings = std::env::vars_os().map(|(name, _)| name);
        for name in settings.filter(|name| name.to_string_lossy().starts_with("HALLPASS_")) {
            command.env_remove(name);
        }
        command
    }
}

fn prepare() -> anyhow::Result<(TempDir, PathBuf)> {
    let directory = tempfile::Builder::new().prefix("hallpass-bench-").tempdir();
    let directory = directory.context("a temporary directory could not be made; see TMPDIR")?;
    let apps: PathBuf = Path::join(directory.path(), "apps.toml");
    std::fs::write(&apps, apps::file()).with_context(|| format!("{}", apps.display()))?;
    Ok((directory, apps))
}
