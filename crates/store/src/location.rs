//! Where a database is, as an operator writes it: the one place that chooses an engine.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::postgres;
use crate::{OpenError, PostgresSettings, PostgresStore, SqliteStore, Store};

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file of the embedded engine.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(PostgresSettings),
}

impl Location {
    /// Reads `postgres://…` or `postgresql://…`, or a path, which may begin with `sqlite:`.
    pub fn parse(text: &str) -> Self {
        if postgres::is_url(text) {
            return Self::Postgres(PostgresSettings::new(text));
        }
        Self::File(text.strip_prefix("sqlite:").unwrap_or(text).into())
    }
}

/// The location in words, without a password.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(settings) => settings.fmt(f),
        }
    }
}

/// Opens the store that is there, or makes one.
///
/// # Errors
/// An [`OpenError`] that says who can mend what. Nothing was changed.
pub async fn open(location: &Location) -> Result<Arc<dyn Store>, OpenError> {
    Ok(match location {
        Location::File(path) => Arc::new(SqliteStore::open(path)?),
        Location::Postgres(settings) => Arc::new(PostgresStore::open(settings).await?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_postgresql_is_told_from_a_path() {
        for text in ["postgres://ann:hush@db.example/accounts", "postgresql:///a?host=/run"] {
            assert!(matches!(Location::parse(text), Location::Postgres(_)), "{text}");
        }
        for (text, path) in [
            ("/var/lib/hallpass/hallpass.db", "/var/lib/hallpass/hallpass.db"),
            ("sqlite:hallpass.db", "hallpass.db"),
            ("postgres.db", "postgres.db"),
        ] {
            let Location::File(file) = Location::parse(text) else { panic!("{text}") };
            assert_eq!(file, PathBuf::from(path));
        }
    }

    #[test]
    fn a_location_is_shown_without_its_password() {
        let location = Location::parse("postgres://ann:hush@db.example/accounts");
        assert_eq!(location.to_string(), "database accounts at db.example:5432, as ann");
        assert!(!format!("{location:?}").contains("hush"));
        assert!(!Location::parse("postgres://ann:hush@x:y/").to_string().contains("hush"));
    }
}
