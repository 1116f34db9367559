//! What goes wrong below a store's method, and what may be done about it.

use std::error::Error as _;

use tokio_postgres::Error;

use crate::StoreError;
use crate::row::Corrupt;

/// Why a statement brought nothing usable.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection could be made, so nothing was sent.
    NotConnected(String),
    /// The engine's error, or that of the way to it.
    Engine(Error),
    /// A row holds what this program never writes.
    Corrupt(Corrupt),
    /// The answer did not come in time.
    Late,
    /// The store was closed before.
    Closed,
    /// Somebody else stored between what an act saw and what it would store, so it stored nothing.
    Overtaken,
    /// What was asked contradicts itself.
    Refused(&'static str),
}

/// What is known of the database after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// Nothing happened, because somebody else was at the same rows: the same again may succeed.
    Conflict,
    /// Nothing happened, because this connection leads to a server that only answers questions (any
    /// more): the same again may succeed on another connection.
    ReadOnly,
    /// Nothing was sent: the same may succeed later.
    NotSent,
    /// No answer came: it may have happened, and the connection is of no more use.
    Unknown,
    /// The same again would fail again.
    Settled,
}

impl Failure {
    pub(super) fn aftermath(&self) -> Aftermath {
        let error = match self {
            Self::Engine(error) => error,
            Self::NotConnected(_) => return Aftermath::NotSent,
            Self::Late => return Aftermath::Unknown,
            Self::Overtaken => return Aftermath::Conflict,
            Self::Corrupt(_) | Self::Closed | Self::Refused(_) => return Aftermath::Settled,
        };
        let Some(code) = error.code() else {
            // Whatever else the driver says of a connection (closed, reset, an answer that makes no
            // sense) it says at its end.
            return if is_ours(error) { Aftermath::Settled } else { Aftermath::Unknown };
        };
        match code.code() {
            // Could not be put in order with others, or was chosen to end a deadlock.
            "40001" | "40P01" => Aftermath::Conflict,
            "25006" => Aftermath::ReadOnly,
            // The server was told to stop or had to, or says that the connection is no good.
            "57P01" | "57P02" | "57P03" | "57P05" => Aftermath::Unknown,
            class if class.starts_with("08") => Aftermath::Unknown,
            _ => Aftermath::Settled,
        }
    }

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
            Self::NotConnected(reason) => reason,
            Self::Engine(error) => in_words(&error),
            Self::Corrupt(Corrupt { table, column }) => {
                format!("impossible value in {table}.{column}")
            }
            Self::Late => "no answer in time".to_owned(),
            Self::Closed => "the store is closed".to_owned(),
            Self::Overtaken => "others stored the same at the same time".to_owned(),
            Self::Refused(reason) => reason.to_owned(),
        }
    }
}

/// Whether the driver refused what it was given before it sent anything.
fn is_ours(error: &Error) -> bool {
    // The driver tells its kinds of errors apart by their words only.
    let words = error.to_string();
    words.starts_with("error serializing parameter") || words.starts_with("expected ")
}

/// What the engine says, without the values that it names in the details.
pub(super) fn in_words(error: &Error) -> String {
    if let Some(engine) = error.as_db_error() {
        let (message, code) = (engine.message(), engine.code().code());
        return match code {
            // What a pooler does not take, and statements prepared on one server process and looked for
            // on another.
            "08P01" | "26000" | "42P05" => {
                format!("{message} ({code}); behind a pooler, say that statements are not prepared")
            }
            _ => format!("{message} ({code})"),
        };
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Corrupt> for Failure {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}
