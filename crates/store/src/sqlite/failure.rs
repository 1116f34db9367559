//! What goes wrong below a store's method, before it is known which method that was.

use crate::StoreError;
use crate::row::Corrupt;

/// Why a statement brought nothing usable.
#[derive(Debug)]
pub(super) enum Failure {
    /// The engine's error.
    Engine(rusqlite::Error),
    /// A row holds what this program never writes.
    Corrupt(Corrupt),
    /// The writer or the readers are gone, or an act stopped in the middle.
    Stopped(&'static str),
}

impl Failure {
    /// The error of the method that was to do `act`.
    pub(super) fn during(self, act: &'static str) -> StoreError {
        match self {
            Self::Corrupt(corrupt) => corrupt.into(),
            other => StoreError::Unavailable { act, reason: other.reason() },
        }
    }

    /// What happened, in words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Engine(error) => error.to_string(),
            Self::Corrupt(Corrupt { table, column }) => {
                format!("impossible value in {table}.{column}")
            }
            Self::Stopped(reason) => reason.to_owned(),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Corrupt> for Failure {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}
