//! `hallpass-bench seed`: a database with many people in it.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;

use super::target::Target;
use crate::seed::{self, Population};
use crate::server::Engine;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass-bench seed --data /tmp/million --people 1e6
  hallpass-bench seed --data /tmp/many-apps --people 1e5:1e5")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// The data directory to be made
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// How many sessions, consents and refresh families, and how many apps: 1e5 or 1e5:1e3
    #[arg(long, value_name = "SESSIONS[:APPS]", default_value = "1e5")]
    people: Population,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<()> {
        ensure!(!self.data.exists(), "{} is there already", self.data.display());
        let engine = Engine::embedded(&self.target.binary()?);
        seed::seed(&engine, &self.data, self.people)
    }
}
