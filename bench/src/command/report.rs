//! `hallpass-bench report`: what was measured as a page and a picture.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::read_json;
use crate::measure::Results;
use crate::report;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass-bench report bench/results/*.json
  hallpass-bench report bench/results/*.json --into docs/performance.md --chart docs/pictures/performance.svg")]
pub(super) struct Arguments {
    /// What was measured: the files that --json wrote
    #[arg(required = true, value_name = "FILE")]
    results: Vec<PathBuf>,

    /// Put the tables into this page, between its two marks [default: print them]
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,

    /// Draw the chart into this file
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let results = self.results()?;
        let figures = report::markdown(&results)?;
        match &self.into {
            None => println!("{figures}"),
            Some(path) => {
                let page = report::replace(&read(path)?, &figures);
                let page = page.with_context(|| path.display().to_string())?;
                fs::write(path, page).with_context(|| path.display().to_string())?;
            }
        }
        if let Some(path) = &self.chart {
            fs::write(path, report::svg(&results)?).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// All files as one. They are of one run, so of one machine.
    fn results(&self) -> anyhow::Result<Results> {
        let mut all: Option<Results> = None;
        for path in &self.results {
            let read = read_json(path)?;
            match &mut all {
                None => all = Some(read),
                Some(all) => {
                    all.figures.extend(read.figures);
                    all.starts.extend(read.starts);
                    all.held.extend(read.held);
                }
            }
        }
        all.context("no results")
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}
