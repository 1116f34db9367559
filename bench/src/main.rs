//! Measures Hallpass beside a bare web server that answers the same bytes, and prints the ratios.
//!
//! ```text
//! command   what a person types
//! server    the programs that are measured: started, pinned to a core, watched, stopped
//! walk      what is asked of them: one file for each kind of walk
//! wire      HTTP/1.1 as cheap as it can be had, so that the load is not what is measured
//! seed      databases with many people in them
//! measure   slices in alternation, ratios, budgets
//! report    tables for people, JSON for machines
//! ```

mod command;
mod measure;
mod report;
mod seed;
mod server;
mod walk;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    command::CommandLine::parse().run()
}
