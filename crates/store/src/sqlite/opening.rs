//! Opening a database: whose it is, whether it is free, and a new one if there is none.
//!
//! What is refused stays as it is. Whether a file is ours is read from its header, before the engine
//! touches it: the engine would recover a stranger's log. That suffices because a database of ours
//! comes into being whole: it is made under another name and then moved to its own.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::migrations;
use crate::OpenError;

/// How long a start waits for another program that holds the database, a backup for instance.
const BUSY_AT_START: Duration = Duration::from_millis(250);

/// How long an act waits for one.
const BUSY: Duration = Duration::from_secs(2);

/// More than the statements that write.
const STATEMENTS: usize = 64;

/// Opens the database at `path` for writing, made or migrated as needed, and the lock that keeps
/// other processes out for as long as it is held.
pub(super) fn open(path: &Path) -> Result<(Connection, File), OpenError> {
    const NUMBERS: &str = "SELECT COUNT(*) FROM change_number";
    let (connection, lock) = open_unfinished(path)?;
    let numbers = connection.query_row(NUMBERS, [], |row| row.get(0));
    match numbers.map_err(|error| refused(path, &error))? {
        0_i64 => Err(OpenError::Unfinished { place: path.display().to_string() }),
        _ => Ok((connection, lock)),
    }
}

/// The same, also if it is a copy that was not finished.
pub(super) fn open_unfinished(path: &Path) -> Result<(Connection, File), OpenError> {
    inspect(path)?;
    let lock = lock(path)?;
    // Once more: another process may have made it before this one had the lock.
    if inspect(path)? == Found::Nothing {
        create(path)?;
    }
    let connection = connect(path)?;
    Ok((connection, lock))
}

/// Opens the database at `path` for reading as it is, and its lock; `None` if there is none.
pub(super) fn open_to_read(path: &Path) -> Result<Option<(Connection, File)>, OpenError> {
    if inspect(path)? == Found::Nothing {
        return Ok(None);
    }
    let lock = lock(path)?;
    let refused = |error: rusqlite::Error| refused(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(refused)?;
    connection.busy_timeout(BUSY).map_err(refused)?;
    refuse_newer(path, migrations::number(&connection).map_err(refused)?)?;
    Ok(Some((connection, lock)))
}

#[derive(PartialEq, Eq)]
enum Found {
    /// No file, or an empty one.
    Nothing,
    /// A database of ours, of a schema that is known.
    Ours,
}

/// Reads the header (<https://www.sqlite.org/fileformat2.html#the_database_header>).
fn inspect(path: &Path) -> Result<Found, OpenError> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        other => other.map_err(unreadable)?,
    };
    if metadata.is_file() && metadata.len() == 0 {
        return Ok(Found::Nothing);
    }
    let mut header = [0; 100];
    if !metadata.is_file() || metadata.len() < header.len() as u64 {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    File::open(path).and_then(|mut file| file.read_exact(&mut header)).map_err(unreadable)?;
    let number = |at: usize| {
        i32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    if !header.starts_with(b"SQLite format 3\0") || number(68) != migrations::APPLICATION_ID {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    refuse_newer(path, number(60).into())?;
    Ok(Found::Ours)
}

fn refuse_newer(path: &Path, found: i64) -> Result<(), OpenError> {
    let known = migrations::KNOWN;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Takes the lock of the database, in a file beside it: the engine's own locks come and go.
fn lock(path: &Path) -> Result<File, OpenError> {
    // One database has one lock, whichever link leads to it.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = private(OpenOptions::new().write(true).create(true).truncate(false))
        .open(beside(&target, ".lock"))
        .map_err(|error| unreadable(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(unreadable(path, &error)),
    }
}

/// Makes a database under another name and moves it to `path`, so that a crash leaves either a whole
/// one or none.
fn create(path: &Path) -> Result<(), OpenError> {
    for suffix in ["-wal", "-journal"] {
        // The engine would play a log that was left behind into the new database.
        if beside(path, suffix).exists() {
            let reason = format!("its {suffix} file is there, but the database itself is not");
            return Err(OpenError::Unreadable { path: path.to_owned(), reason });
        }
    }
    let new = beside(path, ".new");
    let made = || -> io::Result<()> {
        for left_behind in [new.clone(), beside(&new, "-journal")] {
            remove(&left_behind)?;
        }
        private(OpenOptions::new().write(true).create_new(true)).open(&new)?;
        build(&new).map_err(io::Error::other)?;
        fs::rename(&new, path)?;
        sync_directory(path)
    };
    made().map_err(|error| unreadable(path, &error))
}

fn build(path: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open_with_flags(path, flags())?;
    migrations::apply(&mut connection)?;
    // Last, because a log beside the file would not move with it.
    set_wal(&connection)?;
    connection.close().map_err(|(_, error)| error)
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let refused = |error: rusqlite::Error| refused(path, &error);
    let mut connection = Connection::open_with_flags(path, flags()).map_err(refused)?;
    connection.busy_timeout(BUSY_AT_START).map_err(refused)?;
    // The header in the file may be older than the one in the log. A newer version's log is left
    // as it is, also by closing.
    let keep_log = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(keep_log, true).map_err(refused)?;
    refuse_newer(path, migrations::number(&connection).map_err(refused)?)?;
    connection.set_db_config(keep_log, false).map_err(refused)?;
    prepare(&mut connection).map_err(refused)?;
    Ok(connection)
}

/// Finds out whether the database can be written, and makes it ready for acts.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
    set_wal(connection)?;
    // An act is acknowledged after its COMMIT, so COMMIT must mean that it is on the disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrations::apply(connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    plan_once(connection)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Has each statement planned once, when it is prepared. By default the engine looks at the values that
/// are bound and plans a statement with outer joins anew for each, which takes many times as long as
/// running it; all of ours go by keys, whatever the values.
pub(super) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

fn set_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
}

fn flags() -> OpenFlags {
    // Without CREATE: what is opened has been looked at. Without URI: a path is a path.
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

pub(super) fn refused(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path },
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path },
        _ => OpenError::Unreadable { path, reason: error.to_string() },
    }
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

/// Readable by its owner only; the engine gives its logs the mode of the database.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A name is durable once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => File::open(directory)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_commit_is_on_the_disk_and_keys_point_at_something() {
        let directory = tempfile::tempdir().unwrap();
        let (connection, _lock) = open(&directory.path().join("db")).unwrap();
        let text = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0));
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        assert_eq!(text("journal_mode").unwrap(), "wal");
        assert_eq!(number("synchronous").unwrap(), 2, "FULL");
        assert_eq!(number("foreign_keys").unwrap(), 1);
    }
}
