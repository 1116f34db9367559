//! Where the database is, which may hold a password.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use hallpass_store::{Location, PostgresSettings};
use serde::Deserialize;

use super::SettingsError;

/// The embedded database, in the data directory.
pub(crate) const DATABASE: &str = "hallpass.db";

/// A path or a URL, as it was written. It is shown nowhere: there may be a password in it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DatabaseText(String);

impl FromStr for DatabaseText {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for DatabaseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Location::parse(&self.0))
    }
}

/// Where the database is that was `written`, or the one in `data`.
pub(super) fn location(
    written: Option<DatabaseText>,
    data: &Path,
    connections: Option<u32>,
    prepared: Option<bool>,
) -> Result<Location, SettingsError> {
    let Some(DatabaseText(text)) = written else { return Ok(Location::File(data.join(DATABASE))) };
    let Location::Postgres(settings) = Location::parse(&text) else {
        return Ok(Location::parse(&text));
    };
    let connections = connections.unwrap_or(settings.connections);
    if !(2..=1_000).contains(&connections) {
        let expected = "between 2 and 1000";
        let value = connections.to_string();
        return Err(SettingsError::Value { setting: "database_connections", value, expected });
    }
    let prepared = prepared.unwrap_or(settings.prepared);
    Ok(Location::Postgres(PostgresSettings { connections, prepared, ..settings }))
}

/// What the parser says of a line that may hold a password: not the line itself, which it would quote.
pub(super) fn without_secrets(text: &str, error: &toml::de::Error) -> Option<String> {
    let start = error.span()?.start;
    let before = text.get(..start)?;
    let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[begin..].lines().next().unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    line.contains("://").then(|| format!("line {number}: {}", error.message()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::path::PathBuf;

    use crate::config::Settings;

    use super::*;

    fn config(text: &str) -> Result<Location, SettingsError> {
        Settings::parse_file("hallpass.toml", text)?.into_config().map(|config| config.database)
    }

    #[test]
    fn the_database_lies_in_the_directory_unless_it_is_said_where() {
        for (text, path) in [
            ("data = \"/var/lib/hallpass\"", "/var/lib/hallpass/hallpass.db"),
            ("data = \"/var/lib/hallpass\"\ndatabase = \"/srv/accounts.db\"", "/srv/accounts.db"),
        ] {
            let Ok(Location::File(file)) = config(text) else { panic!("{text}") };
            assert_eq!(file, PathBuf::from(path));
        }
        let url = "database = \"postgres://ann@localhost/accounts\"\n";
        let text = format!("{url}database_connections = 3\ndatabase_prepared = false");
        let Ok(Location::Postgres(settings)) = config(&text) else { panic!("a URL") };
        assert_eq!((settings.connections, settings.prepared), (3, false));
        let told = config(&format!("{url}database_connections = 1")).unwrap_err().to_string();
        assert!(told.contains("between 2 and 1000"), "{told}");
    }

    #[test]
    fn a_password_is_in_no_error_and_in_no_log() {
        for text in [
            "database = \"postgres://ann:hush@localhost/accounts",
            "database = postgres://ann:hush@localhost/accounts",
            "databse = \"postgres://ann:hush@localhost/accounts\"",
            "database = [\"postgres://ann:hush@localhost/accounts\"]",
        ] {
            let told = config(text).expect_err(text).to_string();
            assert!(told.contains("line 1") && !told.contains("hush"), "{told}");
        }
        let text = "database = \"postgres://ann:hush@localhost/accounts\"";
        let settings = Settings::parse_file("hallpass.toml", text).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
        assert!(!format!("{:?}", settings.into_config().unwrap()).contains("hush"));
    }
}
