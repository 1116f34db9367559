//! A SQLite file as an end of a copy. It blocks its thread: a copy is a program of its own, and waits for
//! nothing else.

use std::fs::File;
use std::path::Path;

use async_trait::async_trait;
use rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY;
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::{migrations, opening};
use crate::OpenError;
use crate::transfer::TransferError;
use crate::transfer::end::{Failure, Source, Target};
use crate::transfer::table::{Column, Table, names, numbered};
use crate::transfer::value::{Row, Value};

/// Enough for each table's statements.
const STATEMENTS: usize = 128;

/// An open file, and the lock that keeps servers out.
pub(crate) struct SqliteEnd {
    connection: Connection,
    place: String,
    _lock: File,
}

/// Opens a database that is there, to read it.
pub(crate) fn source(path: &Path) -> Result<SqliteEnd, TransferError> {
    let place = path.display().to_string();
    let Some((connection, lock)) = opening::open_to_read(path)? else {
        return Err(TransferError::NoSource { place });
    };
    let found = migrations::number(&connection).map_err(|error| opening::refused(path, &error))?;
    let known = migrations::KNOWN;
    if found < known {
        return Err(TransferError::OldSource { place, found, known });
    }
    Ok(SqliteEnd::of(connection, lock, place))
}

/// Opens a database to write it, and makes it if there is none.
pub(crate) fn target(path: &Path) -> Result<SqliteEnd, OpenError> {
    let (connection, lock) = opening::open_unfinished(path)?;
    // A log that is synced when it is folded in may lose its end but never its order, and a copy that
    // lost its end goes on from there.
    let hurried = connection.pragma_update(None, "synchronous", "NORMAL");
    hurried.map_err(|error| opening::refused(path, &error))?;
    Ok(SqliteEnd::of(connection, lock, path.display().to_string()))
}

impl SqliteEnd {
    fn of(connection: Connection, lock: File, place: String) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self { connection, place, _lock: lock }
    }

    fn rows(
        &self,
        sql: &str,
        values: &[Value],
        columns: &'static [Column],
    ) -> Result<Vec<Row>, Failure> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = statement.query(params_from_iter(values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let value = |(at, column)| read(row.get_ref(at)?, column);
            rows.push(columns.iter().enumerate().map(value).collect::<Result<_, Failure>>()?);
        }
        Ok(rows)
    }
}

#[async_trait]
impl Source for SqliteEnd {
    fn place(&self) -> &str {
        &self.place
    }

    /// The lock keeps everybody else from writing, so it is always seen as it is.
    async fn look_anew(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn count(&mut self, table: &'static Table) -> Result<u64, Failure> {
        let rows = self.connection.query_row(&table.count(), [], |row| row.get::<_, i64>(0))?;
        Ok(rows.unsigned_abs())
    }

    async fn page(
        &mut self,
        table: &'static Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Row>, Failure> {
        match after {
            None => self.rows(&table.first_page(), &[], table.columns()),
            Some(key) => self.rows(&table.page_after('?'), key, table.columns()),
        }
    }
}

#[async_trait]
impl Target for SqliteEnd {
    async fn begin(&mut self) -> Result<(), Failure> {
        self.connection.execute("DELETE FROM change_number WHERE id = 1 AND last = 0", [])?;
        Ok(())
    }

    async fn last_key(&mut self, table: &'static Table) -> Result<Option<Row>, Failure> {
        Ok(self.rows(&table.last_key(), &[], table.key())?.pop())
    }

    async fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), Failure> {
        let columns = table.columns();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
            table.name,
            names(columns),
            numbered('?', columns.len())
        );
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(&sql)?;
            for row in rows {
                insert.execute(params_from_iter(row))?;
            }
        }
        Ok(transaction.commit()?)
    }

    async fn settle(&mut self) -> Result<(), Failure> {
        const SQL: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
        match self.connection.query_row(SQL, [], |row| row.get(0))? {
            0_i64 => Ok(()),
            _busy => Err(Failure::Engine("another process reads it".to_owned())),
        }
    }
}

fn read(value: ValueRef<'_>, column: &'static Column) -> Result<Value, Failure> {
    let value = match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(Failure::Unfit(column)),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        ValueRef::Real(_) => return Err(Failure::Unfit(column)),
    };
    Ok(value)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => Null.to_sql(),
            Self::Integer(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|engine| engine.extended_code) {
            Some(SQLITE_CONSTRAINT_FOREIGNKEY) => Self::Orphan,
            _ => Self::Engine(error.to_string()),
        }
    }
}
