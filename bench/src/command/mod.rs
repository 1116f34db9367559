//! What a person types.

mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    /// Answer what was recorded: the yardstick
    #[command(hide = true)]
    Bare {
        /// What to say, as JSON
        #[arg(long, value_name = "FILE")]
        answers: PathBuf,
    },
    /// Hash passwords for as long as the lines on standard input say
    #[command(hide = true)]
    Hash,
}

impl CommandLine {
    /// Runs the command. What goes wrong is told on standard error; the exit code is 1 for that.
    pub(crate) fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Run(arguments) => arguments.run(),
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
