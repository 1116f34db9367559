//! Hallpass itself, with a database made for this run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::Context as _;
use tempfile::TempDir;

use super::apps;
use super::callgrind::Callgrind;
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
    _directory: Option<TempDir>,
}

/// What is started, and on what.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    /// The program.
    pub(crate) binary: PathBuf,
    store: Store,
    counter: Option<Callgrind>,
}

#[derive(Clone, Debug)]
enum Store {
    /// SQLite, a new database for each start.
    Embedded,
    /// PostgreSQL: one database, and one directory with the key to it, for all starts.
    Postgres { url: String, home: Arc<TempDir> },
}

impl Engine {
    /// The embedded store.
    pub(crate) fn embedded(binary: &Path) -> Self {
        Self { binary: binary.into(), store: Store::Embedded, counter: None }
    }

    /// An empty PostgreSQL database.
    ///
    /// # Errors
    /// A directory for its key cannot be made.
    pub(crate) fn postgres(binary: &Path, url: &str) -> anyhow::Result<Self> {
        let store = Store::Postgres { url: url.to_owned(), home: Arc::new(directory()?) };
        Ok(Self { binary: binary.into(), store, counter: None })
    }

    /// The same, with its instructions counted.
    pub(crate) fn counted_by(self, counter: &Callgrind) -> Self {
        Self { counter: Some(counter.clone()), ..self }
    }

    /// Whether it is the embedded one.
    pub(crate) const fn is_embedded(&self) -> bool {
        matches!(self.store, Store::Embedded)
    }

    /// The address of the PostgreSQL, if it is one.
    pub(crate) fn database(&self) -> Option<&str> {
        match &self.store {
            Store::Embedded => None,
            Store::Postgres { url, .. } => Some(url),
        }
    }

    /// What the store is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self.store {
            Store::Embedded => "SQLite",
            Store::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Starts the accounts service alone.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn serve(&self, cores: Cores) -> anyhow::Result<Hallpass> {
        let (directory, apps) = prepare()?;
        let data = match &self.store {
            Store::Embedded => directory.path().join("data"),
            Store::Postgres { home, .. } => home.path().to_owned(),
        };
        let mut command = self.serve_command(&data, cores);
        command.arg("--apps").arg(apps);
        start(command, Some(directory))
    }

    /// Makes a data directory that outlasts the server, with the people and apps that every server has.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn found(&self, data: &Path) -> anyhow::Result<()> {
        let (directory, apps) = prepare()?;
        let mut command = self.serve_command(data, Cores::Apart);
        command.arg("--apps").arg(apps);
        start(command, Some(directory)).map(drop)
    }

    /// Starts the accounts service alone, on a data directory that is there.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn serve_in(&self, data: &Path, cores: Cores) -> anyhow::Result<Hallpass> {
        start(self.serve_command(data, cores), None)
    }

    fn serve_command(&self, data: &Path, cores: Cores) -> Command {
        let mut command = self.command(cores);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        if let Store::Postgres { url, .. } = &self.store {
            // It may hold a password, and command lines are visible to others.
            command.env("HALLPASS_DATABASE", url);
        }
        command
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
        Ok(Hallpass { program, address, api: Some(api), _directory: Some(directory) })
    }

    /// Without the settings of whoever measures.
    fn command(&self, cores: Cores) -> Command {
        let mut command = match &self.counter {
            Some(counter) => counter.command(&self.binary),
            None => cores.command(&self.binary),
        };
        let settings = std::env::vars_os().map(|(name, _)| name);
        for name in settings.filter(|name| name.to_string_lossy().starts_with("HALLPASS_")) {
            command.env_remove(name);
        }
        command
    }
}

fn start(command: Command, directory: Option<TempDir>) -> anyhow::Result<Hallpass> {
    let find = |line: &str| line.contains("listening on").then(|| address_in(line)).flatten();
    let (program, address) = Program::start(command, Announcement::Error, find)?;
    Ok(Hallpass { program, address, api: None, _directory: directory })
}

fn directory() -> anyhow::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("hallpass-bench-").tempdir();
    directory.context("a temporary directory could not be made; see TMPDIR")
}

fn prepare() -> anyhow::Result<(TempDir, PathBuf)> {
    let directory = directory()?;
    let apps: PathBuf = Path::join(directory.path(), "apps.toml");
    std::fs::write(&apps, apps::file()).with_context(|| format!("{}", apps.display()))?;
    Ok((directory, apps))
}
