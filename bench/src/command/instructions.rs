//! `hallpass-bench instructions`: what a walk takes, on a machine that is not quiet.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum as _};

use super::target::Target;
use crate::measure::{Instructions, Operation, Walks, instructions};
use crate::server::{Cores, pin_myself};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// Only these operations
    #[arg(long, value_name = "LETTERS", value_delimiter = ',', ignore_case = true)]
    only: Vec<Operation>,

    /// How many connections
    #[arg(long, value_name = "COUNT", default_value = "64")]
    connections: usize,

    /// How many walks are counted on each
    #[arg(long, value_name = "COUNT", default_value = "30")]
    walks: usize,

    /// Leave the counter's files here, for `callgrind_annotate`
    #[arg(long, value_name = "DIRECTORY")]
    keep: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<()> {
        pin_myself(Cores::Apart)?;
        let binary = self.target.binary()?;
        let directory = tempfile::tempdir().context("a temporary directory")?;
        let place = self.keep.as_deref().unwrap_or(directory.path());
        let operations = match self.only.is_empty() {
            false => self.only.clone(),
            true => Operation::value_variants().to_vec(),
        };
        let walks = Walks { connections: self.connections, times: self.walks };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        println!(
            "    {:<40} {:>10} {:>10}",
            "instructions a walk, without the kernel's", "", "bare"
        );
        for operation in operations.into_iter().filter(|found| *found != Operation::SignIn) {
            let counting = instructions(&binary, operation, walks, place);
            let counted = runtime.block_on(counting).with_context(|| operation.name())?;
            println!("{}", line(&counted));
        }
        Ok(())
    }
}

fn line(counted: &Instructions) -> String {
    let Instructions { operation, subject, yardstick } = counted;
    let (letter, name) = (operation.letter(), operation.name());
    format!("{letter:<3} {name:<40} {subject:>10.0} {yardstick:>10.0}")
}
