//! The two ends of a copy, whatever engine they have.

use async_trait::async_trait;

use super::table::{Column, Table};
use super::value::{Row, Value};

/// A database that is read, page by page in the order of the keys.
#[async_trait]
pub(crate) trait Source: Send {
    /// The database in words, without a password.
    fn place(&self) -> &str;

    /// From now on the database is seen as it is at this moment, whatever others do to it.
    async fn look_anew(&mut self) -> Result<(), Failure>;

    /// How many rows there are.
    async fn count(&mut self, table: &'static Table) -> Result<u64, Failure>;

    /// The rows behind `after`, or the first ones, at most [`super::PAGE`] of them.
    async fn page(
        &mut self,
        table: &'static Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Row>, Failure>;
}

/// A database that is written.
#[async_trait]
pub(crate) trait Target: Source {
    /// Makes an empty database an unfinished copy: from now on it has no number of the last change.
    async fn begin(&mut self) -> Result<(), Failure>;

    /// The last of the keys that are there.
    async fn last_key(&mut self, table: &'static Table) -> Result<Option<Row>, Failure>;

    /// Adds rows in one transaction; those whose keys are there stay as they are. If the power is lost
    /// before [`Target::settle`], so may be the last of these transactions.
    async fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), Failure>;

    /// All that was written is on stable storage.
    async fn settle(&mut self) -> Result<(), Failure>;
}

/// Why an end did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// In the engine's words.
    Engine(String),
    /// A value cannot be held by the other engine.
    Unfit(&'static Column),
    /// A row points at one that is not there.
    Orphan,
}
