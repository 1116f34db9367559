//! What can go wrong with a store: while it is opened, and while it serves.

use std::path::PathBuf;

use thiserror::Error;

/// Why a store did not do what was asked. It is never the asker's fault.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The engine failed: the disk is full, the file is gone, the connection broke. Nothing was
    /// acknowledged that is not stored.
    #[error("the database failed while it was to {act}: {reason}")]
    Unavailable {
        /// What was being done.
        act: &'static str,
        /// The engine's words.
        reason: String,
    },
    /// A row holds what this program never writes.
    #[error("the database holds an impossible value in {table}.{column}")]
    Corrupt {
        /// The table of the row.
        table: &'static str,
        /// The column of the value.
        column: &'static str,
    },
}

/// Why a store could not be opened. Nothing was changed.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A newer Hallpass has written it.
    #[error(
        "{path} was written by a newer version of hallpass (schema {found}; this version knows {known}). Start that version, or restore a backup made by this one."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema's number.
        found: i64,
        /// The highest number known here.
        known: i64,
    },
    /// Another program's database, or no database at all.
    #[error(
        "{path} is not a database of hallpass. Choose another data directory, or move the file away."
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error(
        "{path} is in use by another process. Stop that one first, or choose another data directory."
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The system said no.
    #[error("{path} cannot be opened: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}
