//! The program `hallpass`: arguments, then the command that they name.

use std::process::ExitCode;

use clap::Parser as _;
use hallpass::command::CommandLine;

fn main() -> ExitCode {
    CommandLine::parse().run()
}
