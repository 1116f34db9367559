//! What can go wrong with a copy.

use thiserror::Error;

use crate::OpenError;

/// Why a copy was not made or not finished. The source is as it was.
#[derive(Debug, Error)]
pub enum TransferError {
    /// One of the two could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is nothing to copy from.
    #[error("{place}: there is no database of hallpass to copy from. Correct --from.")]
    NoSource {
        /// Where it should be.
        place: String,
    },
    /// The source has tables of an earlier version.
    #[error(
        "{place} was written by an earlier version of hallpass (schema {found}; this version has {known}). Start this version on it once, which brings it up to date, stop it, and copy then."
    )]
    OldSource {
        /// The source.
        place: String,
        /// Its schema's number.
        found: i64,
        /// The number of this version's schema.
        known: i64,
    },
    /// The source is itself a copy that was cut off.
    #[error("{place} is a copy that was not finished. Copy from the database that it was made of.")]
    UnfinishedSource {
        /// The source.
        place: String,
    },
    /// Source and target are one.
    #[error("{place} cannot be copied to itself. Correct --from or --to.")]
    SameDatabase {
        /// Both.
        place: String,
    },
    /// The target holds rows that did not come from this source.
    #[error(
        "{place} holds other data than this source's (in {table}), so nothing was copied. Name an empty database, or one in which a copy of this source was begun."
    )]
    Occupied {
        /// The target.
        place: String,
        /// A table with such rows.
        table: &'static str,
    },
    /// An engine failed.
    #[error(
        "{place} failed at {table}: {reason}. What was copied stays: the same command goes on."
    )]
    Failed {
        /// The end that failed.
        place: String,
        /// The table it was at.
        table: &'static str,
        /// Its words.
        reason: String,
    },
    /// The target's engine cannot hold a value of the source's.
    #[error(
        "{table}.{column} holds a text that the other engine cannot hold (with a NUL, or not UTF-8). Mend that row in the source; the same command goes on then."
    )]
    Unfit {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// Asked to, by whoever watched.
    #[error("stopped. What was copied stays: the same command goes on from there.")]
    Stopped,
    /// The source was written while it was copied.
    #[error(
        "{place} was in use while it was copied ({table} has changed), so changes may be missing. Stop every hallpass on it; then copy into an empty database."
    )]
    InUse {
        /// The source.
        place: String,
        /// A table that changed.
        table: &'static str,
    },
    /// The target does not hold what the source holds.
    #[error(
        "{place} is not the same as the source in: {}. If the source was in use since the copy was begun, stop every hallpass on it; then copy into an empty database.",
        in_words(tables)
    )]
    Different {
        /// The target.
        place: String,
        /// The tables that differ.
        tables: Vec<Difference>,
    },
}

/// A table that is not the same in source and target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// How many rows the source has.
    pub in_source: u64,
    /// How many rows the target has.
    pub in_target: u64,
}

fn in_words(differences: &[Difference]) -> String {
    let each = differences.iter().map(|difference| {
        let Difference { table, in_source, in_target } = difference;
        match in_source == in_target {
            true => format!("{table} (as many rows, with other content)"),
            false => format!("{table} ({in_source} rows, and {in_target} in the copy)"),
        }
    });
    each.collect::<Vec<_>>().join(", ")
}
