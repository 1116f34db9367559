//! Which program is measured.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct Target {
    /// The program that is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/hallpass")]
    hallpass: PathBuf,
}

impl Target {
    /// Where it is, from wherever it will be started.
    pub(super) fn binary(&self) -> anyhow::Result<PathBuf> {
        std::fs::canonicalize(&self.hallpass).with_context(|| {
            format!("{}: build it with cargo build --release", self.hallpass.display())
        })
    }
}
