//! `hallpass-bench agree`: whether two runs came to the same ratios.

use std::path::PathBuf;

use clap::Args;

use super::read_json;
use crate::report::{Agreement, agreements, interval};

/// How far apart the ratios of two runs may be.
const MOST: f64 = 0.10;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// What the first run wrote with --json
    first: PathBuf,

    /// What the second run wrote
    second: PathBuf,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (first, second) = (read_json(&self.first)?, read_json(&self.second)?);
        let agreements = agreements(&first, &second);
        anyhow::ensure!(!agreements.is_empty(), "the two runs have no figure in common");
        for agreement in &agreements {
            println!("{}", line(agreement));
        }
        let apart = agreements.iter().filter(|agreement| agreement.difference > MOST).count();
        anyhow::ensure!(apart == 0, "{apart} of {} differ by more than a tenth", agreements.len());
        println!("all {} agree within a tenth", agreements.len());
        Ok(())
    }
}

fn line(agreement: &Agreement<'_>) -> String {
    let Agreement { first, second, difference } = agreement;
    let word = if *difference <= MOST { "agree" } else { "differ" };
    format!(
        "{:<3} {:<40} {:>4}  {:>7.3} ({})  {:>7.3} ({})  {:>5.1} %  {word}",
        first.letter,
        first.name,
        first.connections,
        first.ratio.value,
        interval(first.ratio),
        second.ratio.value,
        interval(second.ratio),
        100.0 * difference,
    )
}
