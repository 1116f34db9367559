//! All rows of one database are copied into another, of the same engine or the other.
//!
//! Rows are copied as rows, whatever they mean (`table` lists them all): so the copy is the same to the
//! byte, and no act has to be done once more. Each engine's `end` lies in its own folder.
//!
//! ```text
//! open -> what is there? -> nothing: begin   -> copy -> compare -> the last number: a whole database
//!                        -> a part: go on   ↗         ↗
//!                        -> all                ------
//! ```
//!
//! An unfinished copy has no number of the last change: no server starts on it, and the next run goes on
//! behind the last key of each table. The number is written when everything else has been compared, row by
//! row, with the source as it then is. A whole database is compared and never written.

pub(crate) mod end;
mod error;
pub(crate) mod table;
pub(crate) mod value;

use std::ops::ControlFlow;

pub use error::{Difference, TransferError};
pub use table::{Column, PAGE, TABLES, Table};

use end::{Failure, Source, Target};
use value::{Row, Value};

/// What whoever watches is told after each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The source has this many rows, and the target this many of them.
    Begun {
        /// Rows in the source.
        rows: u64,
        /// Rows that are in the target.
        copied: u64,
    },
    /// Rows were copied.
    Copied {
        /// The table.
        table: &'static str,
        /// How many, now.
        rows: u64,
    },
    /// Rows were compared.
    Compared {
        /// The table.
        table: &'static str,
        /// How many, now.
        rows: u64,
    },
}

/// Somebody who watches, and may end the copy after any page.
pub type Watcher<'a> = &'a mut (dyn FnMut(Step) -> ControlFlow<()> + Send);

/// A table that is the same in source and target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The table.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
}

/// A copy to be made, or gone on with.
pub struct Transfer {
    source: Box<dyn Source>,
    target: Box<dyn Target>,
}

/// What the target is, before anything is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A new database.
    Empty,
    /// A copy of this source that was not finished.
    Begun,
    /// A copy of this source that was finished.
    Whole,
}

impl Transfer {
    pub(crate) fn new(source: impl Source + 'static, target: impl Target + 'static) -> Self {
        Self { source: Box::new(source), target: Box::new(target) }
    }

    /// The source in words, without a password.
    pub fn source(&self) -> &str {
        self.source.place()
    }

    /// The target in words, without a password.
    pub fn target(&self) -> &str {
        self.target.place()
    }

    /// Copies what is not in the target yet and compares everything. Then the target is a whole database,
    /// and this is what it holds.
    ///
    /// # Errors
    /// A [`TransferError`]. What was copied stays, and the same copy goes on from there.
    pub async fn run(&mut self, watcher: Watcher<'_>) -> Result<Vec<Verified>, TransferError> {
        let (number, others) = parts();
        self.look_anew().await?;
        let stage = self.stage(number).await?;
        if stage == Stage::Empty {
            self.target.begin().await.map_err(|failure| self.target_failed(number, failure))?;
        }
        let copied = self.rows_of_target().await?;
        let rows = self.rows_of_source().await?;
        tell(watcher, Step::Begun { rows, copied })?;
        if stage != Stage::Whole {
            for table in others {
                self.copy(table, watcher).await?;
            }
        }
        self.look_anew().await?;
        let mut verified = self.compare(others, watcher).await?;
        self.refuse_changed(&verified).await?;
        if stage != Stage::Whole {
            self.copy(number, watcher).await?;
        }
        verified.extend(self.compare(std::slice::from_ref(number), watcher).await?);
        self.target.settle().await.map_err(|failure| self.target_failed(number, failure))?;
        Ok(verified)
    }

    /// Finds out what the target is, and refuses what is not to be written.
    async fn stage(&mut self, number: &'static Table) -> Result<Stage, TransferError> {
        if self.source_page(number, None).await?.is_empty() {
            let place = self.source.place().to_owned();
            return Err(TransferError::UnfinishedSource { place });
        }
        let keys = &TABLES[0];
        let ours = self.source_page(keys, None).await?;
        let theirs = self.target_page(keys, None).await?;
        let last = self.target_page(number, None).await?;
        let is_of_ours = |row: &Row| ours.contains(row);
        let stranger =
            TransferError::Occupied { place: self.target.place().to_owned(), table: keys.name };
        match (theirs.is_empty(), last.first()) {
            (true, None) => self.refuse_rows().await.map(|()| Stage::Begun),
            (true, Some(last)) if last.get(1) == Some(&Value::Integer(0)) => {
                self.refuse_rows().await.map(|()| Stage::Empty)
            }
            (false, None) if theirs.iter().all(is_of_ours) => Ok(Stage::Begun),
            (false, Some(_)) if theirs.iter().any(is_of_ours) => Ok(Stage::Whole),
            (true | false, _) => Err(stranger),
        }
    }

    /// Refuses a target without keys that holds rows all the same.
    async fn refuse_rows(&mut self) -> Result<(), TransferError> {
        let (_, others) = parts();
        for table in others {
            if !self.target_page(table, None).await?.is_empty() {
                let place = self.target.place().to_owned();
                return Err(TransferError::Occupied { place, table: table.name });
            }
        }
        Ok(())
    }

    /// Refuses a source that has changed since it was compared. An engine that knows itself alone with its
    /// database has nothing to find here.
    async fn refuse_changed(&mut self, verified: &[Verified]) -> Result<(), TransferError> {
        let (number, others) = parts();
        let compared = self.source_page(number, None).await?;
        self.look_anew().await?;
        for (table, verified) in others.iter().zip(verified) {
            if self.rows(table).await? != verified.rows {
                return Err(self.in_use(table));
            }
        }
        match self.source_page(number, None).await? == compared {
            true => Ok(()),
            false => Err(self.in_use(number)),
        }
    }

    /// Copies what lies behind the last key of the target.
    async fn copy(
        &mut self,
        table: &'static Table,
        watcher: Watcher<'_>,
    ) -> Result<(), TransferError> {
        let last = self.target.last_key(table).await;
        let mut after = last.map_err(|failure| self.target_failed(table, failure))?;
        loop {
            let page = self.source_page(table, after.as_deref()).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(key(table, last));
            let written = self.target.write(table, &page).await;
            written.map_err(|failure| self.target_failed(table, failure))?;
            tell(watcher, Step::Copied { table: table.name, rows: page.len() as u64 })?;
        }
    }

    /// Compares tables row by row; a failure names all that differ.
    async fn compare(
        &mut self,
        tables: &'static [Table],
        watcher: Watcher<'_>,
    ) -> Result<Vec<Verified>, TransferError> {
        let mut verified = Vec::new();
        let mut different = Vec::new();
        for table in tables {
            match self.compare_one(table, watcher).await? {
                Some(rows) => verified.push(Verified { table: table.name, rows }),
                None => different.push(self.difference(table).await?),
            }
        }
        if different.is_empty() {
            return Ok(verified);
        }
        let place = self.target.place().to_owned();
        Err(TransferError::Different { place, tables: different })
    }

    /// How many rows the table has, or `None` if it is not the same at both ends.
    async fn compare_one(
        &mut self,
        table: &'static Table,
        watcher: Watcher<'_>,
    ) -> Result<Option<u64>, TransferError> {
        let mut after: Option<Row> = None;
        let mut rows = 0;
        loop {
            let (ours, theirs) = tokio::join!(
                self.source.page(table, after.as_deref()),
                self.target.page(table, after.as_deref())
            );
            let ours = ours.map_err(|failure| self.source_failed(table, failure))?;
            let theirs = theirs.map_err(|failure| self.target_failed(table, failure))?;
            if ours != theirs {
                return Ok(None);
            }
            let Some(last) = ours.last() else { return Ok(Some(rows)) };
            after = Some(key(table, last));
            rows += ours.len() as u64;
            tell(watcher, Step::Compared { table: table.name, rows: ours.len() as u64 })?;
        }
    }

    async fn difference(&mut self, table: &'static Table) -> Result<Difference, TransferError> {
        let in_source = self.rows(table).await?;
        let in_target = self.target.count(table).await;
        let in_target = in_target.map_err(|failure| self.target_failed(table, failure))?;
        Ok(Difference { table: table.name, in_source, in_target })
    }
}

impl Transfer {
    async fn look_anew(&mut self) -> Result<(), TransferError> {
        let looked = self.source.look_anew().await;
        looked.map_err(|failure| self.source_failed(&TABLES[0], failure))
    }

    async fn source_page(
        &mut self,
        table: &'static Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Row>, TransferError> {
        let page = self.source.page(table, after).await;
        page.map_err(|failure| self.source_failed(table, failure))
    }

    async fn target_page(
        &mut self,
        table: &'static Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Row>, TransferError> {
        let page = self.target.page(table, after).await;
        page.map_err(|failure| self.target_failed(table, failure))
    }

    async fn rows(&mut self, table: &'static Table) -> Result<u64, TransferError> {
        let count = self.source.count(table).await;
        count.map_err(|failure| self.source_failed(table, failure))
    }

    async fn rows_of_source(&mut self) -> Result<u64, TransferError> {
        let mut rows = 0;
        for table in &TABLES {
            rows += self.rows(table).await?;
        }
        Ok(rows)
    }

    async fn rows_of_target(&mut self) -> Result<u64, TransferError> {
        let mut rows = 0;
        for table in &TABLES {
            let count = self.target.count(table).await;
            rows += count.map_err(|failure| self.target_failed(table, failure))?;
        }
        Ok(rows)
    }

    fn source_failed(&self, table: &'static Table, failure: Failure) -> TransferError {
        failed(self.source.place(), table, failure)
    }

    /// A row of the target may point at nothing only if the source was written between two pages or runs.
    fn target_failed(&self, table: &'static Table, failure: Failure) -> TransferError {
        match failure {
            Failure::Orphan => self.in_use(table),
            other => failed(self.target.place(), table, other),
        }
    }

    fn in_use(&self, table: &'static Table) -> TransferError {
        TransferError::InUse { place: self.source.place().to_owned(), table: table.name }
    }
}

/// The table that makes a database whole, and all others.
fn parts() -> (&'static Table, &'static [Table]) {
    let [others @ .., number] = &TABLES;
    (number, others)
}

fn key(table: &Table, row: &Row) -> Row {
    row[..table.key().len()].to_vec()
}

fn tell(watcher: Watcher<'_>, step: Step) -> Result<(), TransferError> {
    match watcher(step) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(TransferError::Stopped),
    }
}

fn failed(place: &str, table: &'static Table, failure: Failure) -> TransferError {
    let failed =
        |reason| TransferError::Failed { place: place.to_owned(), table: table.name, reason };
    match failure {
        Failure::Engine(reason) => failed(reason),
        Failure::Unfit(column) => TransferError::Unfit { table: table.name, column: column.name },
        Failure::Orphan => failed("a row points at one that is not there".to_owned()),
    }
}
