//! Rows become types here, column by column; what no type admits is a [`Failure::Corrupt`].

use rusqlite::types::{FromSqlResult, ValueRef};
use rusqlite::{Connection, Params, Row};
use uuid::Uuid;

use hallpass_protocol::model::{Digest, Timestamp};

use super::failure::Failure;

/// Reads one row from left to right; each noun reads its own columns and leaves the rest.
pub(super) struct Columns<'row, 'statement> {
    row: &'row Row<'statement>,
    table: &'static str,
    next: usize,
}

impl<'row, 'statement> Columns<'row, 'statement> {
    fn of(row: &'row Row<'statement>) -> Self {
        Self { row, table: "", next: 0 }
    }

    /// What `read` makes of the next columns, which are of `table`.
    pub(super) fn noun<T>(
        &mut self,
        table: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.table = table;
        read(self)
    }

    /// Like [`Columns::noun`], or `None` if an outer join found no such row. `width` columns are read
    /// or passed over; the first one is never NULL in a row that exists.
    pub(super) fn joined<T>(
        &mut self,
        table: &'static str,
        width: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let end = self.next + width;
        if self.row.get_ref(self.next)? == ValueRef::Null {
            self.next = end;
            return Ok(None);
        }
        let noun = self.noun(table, read)?;
        debug_assert_eq!(self.next, end, "{table} has other columns than its width says");
        Ok(Some(noun))
    }

    pub(super) fn text(&mut self, column: &'static str) -> Result<&'row str, Failure> {
        self.value(column, |value| value.as_str())
    }

    pub(super) fn text_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<&'row str>, Failure> {
        self.value(column, |value| value.as_str_or_null())
    }

    pub(super) fn bytes(&mut self, column: &'static str) -> Result<&'row [u8], Failure> {
        self.value(column, |value| value.as_blob())
    }

    pub(super) fn integer(&mut self, column: &'static str) -> Result<i64, Failure> {
        self.value(column, |value| value.as_i64())
    }

    pub(super) fn timestamp(&mut self, column: &'static str) -> Result<Timestamp, Failure> {
        self.integer(column).map(Timestamp::from_millis)
    }

    pub(super) fn timestamp_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, Failure> {
        let millis = self.value(column, |value| value.as_i64_or_null())?;
        Ok(millis.map(Timestamp::from_millis))
    }

    pub(super) fn uuid(&mut self, column: &'static str) -> Result<Uuid, Failure> {
        let bytes = self.bytes(column)?;
        Uuid::from_slice(bytes).map_err(|_| self.corrupt(column))
    }

    pub(super) fn digest(&mut self, column: &'static str) -> Result<Digest, Failure> {
        let bytes = self.bytes(column)?;
        bytes.try_into().map(Digest::from_bytes).map_err(|_| self.corrupt(column))
    }

    /// A text that `parse` understands.
    pub(super) fn parsed<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&'row str) -> Option<T>,
    ) -> Result<T, Failure> {
        let text = self.text(column)?;
        parse(text).ok_or_else(|| self.corrupt(column))
    }

    pub(super) fn corrupt(&self, column: &'static str) -> Failure {
        Failure::Corrupt { table: self.table, column }
    }

    fn value<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(ValueRef<'row>) -> FromSqlResult<T>,
    ) -> Result<T, Failure> {
        let value = self.row.get_ref(self.next)?;
        debug_assert_eq!(
            self.row.as_ref().column_name(self.next).ok(),
            Some(column),
            "a statement of {} lists its columns in another order than they are read",
            self.table
        );
        self.next += 1;
        read(value).map_err(|_| self.corrupt(column))
    }
}

/// The items of a list that lies in one text, each understood by `parse`. The empty text is the empty
/// list: no item of ours is empty.
pub(super) fn list<T, L: FromIterator<T>>(
    text: &str,
    separator: char,
    parse: impl FnMut(&str) -> Option<T>,
) -> Option<L> {
    text.split(separator).filter(|_| !text.is_empty()).map(parse).collect()
}

/// What `read` makes of the first row, or `None` if there is none.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&mut Columns<'_, '_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    match rows.next()? {
        Some(row) => read(&mut Columns::of(row)).map(Some),
        None => Ok(None),
    }
}

/// What `read` makes of each row.
pub(super) fn every<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    mut read: impl FnMut(&mut Columns<'_, '_>) -> Result<T, Failure>,
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
