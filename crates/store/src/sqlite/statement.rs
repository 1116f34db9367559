//! Statements, prepared once a connection, and what their rows become.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, Row};

use super::failure::Failure;
use crate::row::{self, Columns, Corrupt, WrongType};

impl row::Row for Row<'_> {
    fn is_null(&self, at: usize) -> bool {
        matches!(self.get_ref(at), Ok(ValueRef::Null))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, WrongType> {
        let value = self.get_ref(at).map_err(|_| WrongType)?;
        value.as_str_or_null().map_err(|_| WrongType)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, WrongType> {
        let value = self.get_ref(at).map_err(|_| WrongType)?;
        value.as_blob_or_null().map_err(|_| WrongType)
    }

    fn integer(&self, at: usize) -> Result<Option<i64>, WrongType> {
        let value = self.get_ref(at).map_err(|_| WrongType)?;
        value.as_i64_or_null().map_err(|_| WrongType)
    }

    fn name(&self, at: usize) -> Option<&str> {
        self.as_ref().column_name(at).ok()
    }
}

/// What `read` makes of the first row, or `None` if there is none.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&mut Columns<'_, Row<'_>>) -> Result<T, Corrupt>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    match rows.next()? {
        Some(row) => Ok(Some(read(&mut Columns::of(row))?)),
        None => Ok(None),
    }
}

/// Whether there is any row.
pub(super) fn is_any(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<bool, Failure> {
    Ok(first(connection, sql, parameters, |_| Ok(()))?.is_some())
}

/// What `read` makes of each row.
pub(super) fn every<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    mut read: impl FnMut(&mut Columns<'_, Row<'_>>) -> Result<T, Corrupt>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(&mut Columns::of(row))?);
    }
    Ok(all)
}

/// Carries out a statement; answers how many rows it touched.
pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<usize, Failure> {
    Ok(connection.prepare_cached(sql)?.execute(parameters)?)
}
