//! What a person types.

mod agree;
mod growth;
mod instructions;
mod report;
mod run;
mod seed;
mod target;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::measure::Results;
use crate::server::{bare, hashing};

/// Measures Hallpass beside a bare web server that answers the same bytes.
#[derive(Debug, Parser)]
#[command(name = "hallpass-bench", version, max_term_width = 100)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure operations beside their yardsticks
    Run(run::Arguments),
    /// Measure the cost of a request among many people, and the start of a server
    Growth(growth::Arguments),
    /// Count the instructions of a request, on whatever machine
    Instructions(instructions::Arguments),
    /// Tell whether two runs came to the same ratios; fails if not
    Agree(agree::Arguments),
    /// Tell what was measured, as a page and a picture
    Report(report::Arguments),
    /// Make a database with many people in it
    Seed(seed::Arguments),
    /// Answer what was recorded: the yardstick
    #[command(hide = true)]
    Bare {
        /// What to say, as JSON
        #[arg(long, value_name = "FILE")]
        answers: PathBuf,
    },
    /// Hash passwords as often as the lines on standard input say
    #[command(hide = true)]
    Hash,
}

impl CommandLine {
    /// Runs the command. What goes wrong is told on standard error; the exit code is 1 for that.
    pub(crate) fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Run(arguments) => arguments.run(),
            Command::Growth(arguments) => arguments.run(),
            Command::Instructions(arguments) => arguments.run(),
            Command::Agree(arguments) => arguments.run(),
            Command::Report(arguments) => arguments.run(),
            Command::Seed(arguments) => arguments.run(),
            Command::Bare { answers } => bare::serve(&answers),
            Command::Hash => hashing::obey(),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("hallpass-bench: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Keeps what was measured, if somebody wants it.
fn write_json(path: Option<&Path>, results: &Results) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let context = || format!("{}", path.display());
    let file = File::create(path).with_context(context)?;
    serde_json::to_writer_pretty(file, results).with_context(context)
}

/// What [`write_json`] kept.
fn read_json(path: &Path) -> anyhow::Result<Results> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text)
        .with_context(|| format!("{}: written by another version?", path.display()))
}
