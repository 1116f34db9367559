//! What can go wrong with a store: while it is opened, and while it serves.

use std::path::PathBuf;

use thiserror::Error;

/// Why a store did not do what was asked. It is never the asker's fault.
#[derive(Clone, Debug, Error)]
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
    /// The URL of a database is none, or says what cannot be done.
    #[error("the URL of the database cannot be used: {reason}. Correct it in the settings.")]
    BadUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers at that place.
    #[error(
        "cannot reach {place}: {reason}. See that PostgreSQL runs there and takes connections from this machine, or correct the URL."
    )]
    Unreachable {
        /// The database, without the password.
        place: String,
        /// The system's words.
        reason: String,
    },
    /// The way to the server is not safe.
    #[error(
        "cannot talk to {place} in private: {reason}. Give the server a certificate for that name by an authority that this system trusts, or name the authority's file in the URL (sslrootcert=…)."
    )]
    NotProven {
        /// The database, without the password.
        place: String,
        /// What is wrong with the certificate, or that there is none.
        reason: String,
    },
    /// The server is there and lets nobody in by this name and password.
    #[error(
        "{place}: not let in: {reason}. Correct user and password in the URL, or have whoever runs the database let that user in."
    )]
    NotLetIn {
        /// The database, without the password.
        place: String,
        /// The server's words.
        reason: String,
    },
    /// The server has no such database.
    #[error("{place}: there is no such database. Create it (createdb), or correct the URL.")]
    NoDatabase {
        /// The database, without the password.
        place: String,
    },
    /// The server is older than any that was tried.
    #[error("{place}: the server's version is {found}; hallpass needs PostgreSQL 13 or later.")]
    TooOld {
        /// The database, without the password.
        place: String,
        /// The server's version.
        found: String,
    },
    /// The server only answers questions: it follows another one.
    #[error(
        "{place}: this server takes no writes. Name the primary in the URL, or several hosts of which one is the primary."
    )]
    ReadOnly {
        /// The database, without the password.
        place: String,
    },
    /// Somebody else's tables.
    #[error(
        "{place}: it holds a table {table} and nothing of hallpass. Choose an empty database or an empty schema (options=-c search_path=…)."
    )]
    ForeignSchema {
        /// The database, without the password.
        place: String,
        /// One of the tables.
        table: String,
    },
    /// A newer Hallpass has made the tables.
    #[error(
        "{place}: its tables were made by a newer version of hallpass (schema {found}; this version knows {known}). Start that version, or restore a backup made by this one."
    )]
    NewerSchema {
        /// The database, without the password.
        place: String,
        /// Its schema's number.
        found: i64,
        /// The highest number known here.
        known: i64,
    },
    /// Something that this program made is gone.
    #[error("{place}: {missing} is missing, so others have changed it. Restore it from a backup.")]
    Incomplete {
        /// The database, without the password.
        place: String,
        /// What is missing.
        missing: String,
    },
    /// A copy that was not finished.
    #[error(
        "{place} is a copy that was not finished: rows are missing. Run the same hallpass copy once more; it goes on where it ended."
    )]
    Unfinished {
        /// The database, without a password.
        place: String,
    },
    /// Anything else that the server says.
    #[error("{place}: it cannot be used: {reason}. Whoever runs the database can mend that.")]
    Unusable {
        /// The database, without the password.
        place: String,
        /// The server's words.
        reason: String,
    },
}
