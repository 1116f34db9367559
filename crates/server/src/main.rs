//! The program `hallpass`: arguments, then the command that they name.

use std::process::ExitCode;

use clap::Parser as _;
use hallpass::command::CommandLine;
use mimalloc::MiMalloc;

/// A request makes and drops some eighty small things; the system's allocator takes twice as long for
/// them, and keeps more of what a burst has used.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    CommandLine::parse().run()
}
