//! Databases with many people in them.
//!
//! ```text
//! population   who there is, by their numbers: the load knows each cookie without being told
//! tables       their rows
//! bulk         the rows into SQLite, fast: nothing else uses the file, and it may be lost
//! ```

mod bulk;
mod population;
mod tables;

use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::server::Engine;

pub(crate) use population::Population;

/// Fills a new data directory with `population`.
///
/// # Errors
/// Hallpass does not make a database there, or one of another schema than is known here.
pub(crate) fn seed(engine: &Engine, data: &Path, population: Population) -> anyhow::Result<()> {
    // Makes the database, its key, and the people and apps that every measured server knows.
    engine.found(data)?;
    let style =
        ProgressStyle::with_template("{msg:28} {wide_bar} {human_pos} of {human_len} {eta:>4}")?;
    let progress = ProgressBar::new(population.rows()).with_style(style);
    let database = data.join("hallpass.db");
    bulk::fill(&database, population, &progress)
        .with_context(|| format!("{}: remove it and seed anew", database.display()))?;
    progress.finish_and_clear();
    Ok(())
}
