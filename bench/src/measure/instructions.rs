//! How many instructions a walk takes, beside the bare server's.

use std::path::Path;

use anyhow::Context as _;

use super::crew::Crew;
use super::operation::{Audience, Operation};
use super::run::Stage;
use crate::server::{Bare, Callgrind, Cores, Engine};

/// How many people sign in: hashing takes long where instructions are counted.
const BROWSERS: usize = 8;

/// How each connection walks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walks {
    /// On how many connections at once.
    pub(crate) connections: usize,
    /// How often on each, before it counts and while it counts.
    pub(crate) times: usize,
}

/// What a walk takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// Which.
    pub(crate) operation: Operation,
    /// Hallpass, for one.
    pub(crate) subject: f64,
    /// The bare server, for one.
    pub(crate) yardstick: f64,
}

/// Counts; the files of the counter stay in `directory`.
///
/// # Errors
/// A server does not start or gives a wrong answer, or there is no valgrind.
pub(crate) async fn instructions(
    binary: &Path,
    operation: Operation,
    walks: Walks,
    directory: &Path,
) -> anyhow::Result<Instructions> {
    let letter = operation.letter();
    let (ours, bares) =
        (Callgrind::into(directory, letter), Callgrind::into(directory, &format!("{letter}-bare")));
    let engine = Engine::embedded(binary).counted_by(&ours);
    let stage = Stage::set(&engine, operation, Cores::Apart, BROWSERS).await?;
    let crew = operation.walks(&stage.world, walks.connections, Audience::Subject).await?;
    let crew = Crew::gather(stage.address()?, crew).await?;
    let subject = count(crew, walks, &ours, stage.hallpass.program.id()).await?;

    let bare = bares.command(std::env::current_exe()?);
    let bare = Bare::start(&stage.record().await?, bare)?;
    let crew = operation.walks(&stage.world, walks.connections, Audience::Yardstick).await?;
    let crew = Crew::gather(bare.address, crew).await?;
    let yardstick = count(crew, walks, &bares, bare.program.id()).await?;
    Ok(Instructions { operation, subject, yardstick })
}

async fn count(
    mut crew: Crew,
    walks: Walks,
    callgrind: &Callgrind,
    process: u32,
) -> anyhow::Result<f64> {
    crew.prepare().await?;
    crew.walk(walks.times).await?;
    crew.prepare().await?;
    Callgrind::reset(process)?;
    let walked = crew.walk(walks.times).await?;
    let counted = callgrind.count(process).context("the counter")?;
    Ok(counted as f64 / walked.max(1) as f64)
}
