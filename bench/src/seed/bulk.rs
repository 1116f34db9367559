//! Many rows into a database that nobody else uses.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use indicatif::ProgressBar;
use rusqlite::{Connection, params};

use super::population::Population;
use super::tables::{Rows, Times};

/// The schema whose tables are written here.
const SCHEMA: i64 = 9;
/// "Hall": a database of Hallpass.
const APPLICATION: i64 = 0x4861_6c6c;
/// Rows in one transaction.
const BATCH: usize = 100_000;
/// How long sessions and families last: longer than any measurement.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Adds `population`.
///
/// # Errors
/// The database is of another schema, or is not there.
pub(super) fn fill(
    database: &Path,
    population: Population,
    progress: &ProgressBar,
) -> anyhow::Result<()> {
    let connection = Connection::open(database)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    ensure!(pragma("application_id")? == APPLICATION, "not a database of Hallpass");
    let schema = pragma("user_version")?;
    ensure!(
        schema == SCHEMA,
        "the database has schema {schema} and this program fills schema {SCHEMA}: bring \
         bench/src/seed/tables.rs in line with crates/store/src/sqlite/migrations"
    );
    // If this breaks off, the file is of no use: so nothing waits for the disk.
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
         PRAGMA cache_size = -262144; PRAGMA locking_mode = EXCLUSIVE;",
    )?;
    let indexes = take_indexes(&connection)?;
    for rows in Rows::ALL {
        progress.set_message(rows.table());
        add(&connection, rows, population, progress)?;
    }
    for (name, sql) in indexes {
        progress.set_message(name);
        connection.execute_batch(&sql)?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)?;
    // Now it shall last.
    std::fs::File::open(database)?.sync_all()?;
    Ok(())
}

/// Drops the indexes of the tables that are filled: sorting once is cheaper than a tree for each row.
fn take_indexes(connection: &Connection) -> anyhow::Result<Vec<(String, String)>> {
    let mut indexes = Vec::new();
    let sql = "SELECT name, sql FROM sqlite_schema
        WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL";
    for rows in Rows::ALL {
        let mut statement = connection.prepare(sql)?;
        let found =
            statement.query_map(params![rows.table()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        indexes.extend(found.collect::<Result<Vec<(String, String)>, _>>()?);
    }
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(indexes)
}

fn add(
    connection: &Connection,
    rows: Rows,
    population: Population,
    progress: &ProgressBar,
) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let millis = |time: Duration| i64::try_from(time.as_millis()).context("the clock");
    let times = Times { now: millis(now)?, end: millis(now + LIFETIME)? };
    let mut insert = rows.insert(connection)?;
    connection.execute_batch("BEGIN")?;
    for (at, number) in rows.numbers(population).enumerate() {
        if at > 0 && at.is_multiple_of(BATCH) {
            connection.execute_batch("COMMIT; BEGIN")?;
            progress.inc(BATCH as u64);
        }
        rows.add(&mut insert, number, population, times)?;
    }
    connection.execute_batch("COMMIT")?;
    progress.inc(rows.count(population) % BATCH as u64);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    #[test]
    fn the_schema_is_the_last_one_that_the_store_makes() {
        let steps = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/store/src/sqlite/migrations");
        let number = |file: fs::DirEntry| file.file_name().to_str()?.get(..4)?.parse().ok();
        let numbers = fs::read_dir(steps).unwrap().filter_map(|file| number(file.unwrap()));
        assert_eq!(numbers.max(), Some(SCHEMA), "bring bench/src/seed/tables.rs in line with it");
    }
}
