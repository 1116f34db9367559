//! The commands: what a person types, and what they see if it fails.

mod copy;
mod demo;
mod serve;
mod signals;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Style};
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::config::{Config, LogFormat};
use crate::listener;

const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

/// The accounts service of an API that is open to third-party apps.
#[derive(Debug, Parser)]
#[command(name = "hallpass", version, styles = STYLES, max_term_width = 100)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Copy everything in one database into another, of the same engine or the other
    Copy(copy::Arguments),
    /// Show everything: the accounts service, a sample API and a sample app, with people and apps
    Demo(demo::Arguments),
    /// Run the accounts service
    Serve(Box<serve::Arguments>),
}

impl CommandLine {
    /// Runs the command. What goes wrong is told on standard error in plain words; the exit code is 1
    /// for that, and 2 for arguments that make no sense.
    pub fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Copy(arguments) => copy::run(&arguments),
            Command::Demo(arguments) => demo::run(arguments),
            Command::Serve(arguments) => serve::run(*arguments),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("hallpass: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

/// A runtime on as many threads as there are cores.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Listens at an address that `flag` settles.
async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    let bound = listener::bind(address).await;
    bound.map_err(|error| {
        anyhow::anyhow!("{error}. Choose another with {flag} (port 0 is any that is free).")
    })
}

/// Sends the log to standard error, coloured on a terminal.
fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log)
        .map_err(|error| anyhow::anyhow!("log is {:?}: {error}", config.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log could not be started: {error}"))
}
