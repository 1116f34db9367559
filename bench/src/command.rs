//! What a person types.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum as _};

use crate::measure::{Operation, Order, Plan, Results, run};
use crate::report;
use crate::server::{Cores, Engine, bare, hashing, pin_myself};

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
    Run(RunArguments),
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

#[derive(Args, Debug)]
struct RunArguments {
    /// The program that is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/hallpass")]
    hallpass: PathBuf,

    /// Only these operations: A, B, C, D, D2 (JWT), E, F, F2 (JWKS), G, H, I, J, K
    #[arg(long, value_name = "LETTERS", value_delimiter = ',', ignore_case = true)]
    only: Vec<Operation>,

    /// A first look: 64 connections, short slices
    #[arg(long)]
    quick: bool,

    /// How many connections [default: 1,8,64,256, or 64 with --quick]
    #[arg(long, value_name = "COUNTS", value_delimiter = ',')]
    connections: Vec<usize>,

    /// How many pairs of slices, one of Hallpass and one of the yardstick
    #[arg(long, value_name = "COUNT")]
    pairs: Option<usize>,

    /// How long a slice takes
    #[arg(long, value_name = "SECONDS")]
    slice: Option<f64>,

    /// 1: the server and the load have a core each; 2: they share both
    #[arg(long, value_enum, default_value = "1")]
    cores: Cores,

    /// The address of an empty PostgreSQL database, instead of the embedded store
    #[arg(long, value_name = "URL")]
    database: Option<String>,

    /// Write what was measured to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
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

impl RunArguments {
    fn run(self) -> anyhow::Result<()> {
        pin_myself(self.cores)?;
        let machine = report::describe()?;
        println!(
            "{}, {} cores, Linux {}; a sync of the disk takes {:.0} µs",
            machine.processor, machine.cores, machine.kernel, machine.sync_us
        );
        let order = self.order()?;
        // One thread, on a core of its own: it must be cheaper than what it measures.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let tell = |figure: &_| println!("{}", report::line(figure));
        let figures = runtime.block_on(run(&order, tell))?;
        println!("\n{}\n\n{}", report::ratios(&figures), report::details(&figures));
        if let Some(path) = &self.json {
            let file = File::create(path).with_context(|| format!("{}", path.display()))?;
            serde_json::to_writer_pretty(file, &Results { machine, figures })?;
        }
        Ok(())
    }

    fn order(&self) -> anyhow::Result<Order> {
        let binary = std::fs::canonicalize(&self.hallpass).with_context(|| {
            format!("{}: build it with cargo build --release", self.hallpass.display())
        })?;
        let mut plan = if self.quick { Plan::QUICK } else { Plan::WHOLE };
        plan.pairs = self.pairs.unwrap_or(plan.pairs).max(1);
        plan.slice = self.slice.map_or(plan.slice, Duration::from_secs_f64);
        let connections = match (self.connections.is_empty(), self.quick) {
            (false, _) => self.connections.clone(),
            (true, true) => vec![64],
            (true, false) => vec![1, 8, 64, 256],
        };
        let operations = match self.only.is_empty() {
            false => self.only.clone(),
            true => Operation::value_variants().to_vec(),
        };
        let engine = Engine { binary, database: self.database.clone() };
        Ok(Order { engine, operations, connections, plan, cores: self.cores })
    }
}
