//! Rows become nouns here, column by column, whichever engine they come from; what no noun admits is
//! [`Corrupt`].
//!
//! Each file below holds what both engines share of one noun: the columns of a SELECT, their reading in
//! that order, and how the noun's words are written.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod authentication;
pub(crate) mod authorize;
pub(crate) mod change;
pub(crate) mod client;
pub(crate) mod code;
pub(crate) mod consent;
pub(crate) mod key;
pub(crate) mod profile;
pub(crate) mod refresh_family;
pub(crate) mod scope;
pub(crate) mod session;
pub(crate) mod session_client;

use uuid::Uuid;

use hallpass_protocol::model::{Digest, Timestamp};

use crate::StoreError;

/// A value of another type than its column was made with.
pub(crate) struct WrongType;

/// What an engine can say of one row of an answer. Columns are counted from 0.
pub(crate) trait Row {
    /// Whether the value is NULL.
    fn is_null(&self, at: usize) -> bool;
    /// A text, or NULL.
    fn text(&self, at: usize) -> Result<Option<&str>, WrongType>;
    /// Bytes, or NULL.
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, WrongType>;
    /// A number, or NULL.
    fn integer(&self, at: usize) -> Result<Option<i64>, WrongType>;
    /// What the statement calls the column.
    fn name(&self, at: usize) -> Option<&str>;
}

/// A row that holds what this program never writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Corrupt {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

impl From<Corrupt> for StoreError {
    fn from(Corrupt { table, column }: Corrupt) -> Self {
        Self::Corrupt { table, column }
    }
}

/// Reads one row from left to right; each noun reads its own columns and leaves the rest.
pub(crate) struct Columns<'row, R> {
    row: &'row R,
    table: &'static str,
    next: usize,
}

impl<'row, R: Row> Columns<'row, R> {
    pub(crate) fn of(row: &'row R) -> Self {
        Self { row, table: "", next: 0 }
    }

    /// What `read` makes of the next columns, which are of `table`.
    pub(crate) fn noun<T>(
        &mut self,
        table: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, Corrupt>,
    ) -> Result<T, Corrupt> {
        self.table = table;
        read(self)
    }

    /// Like [`Columns::noun`], or `None` if an outer join found no such row. `width` columns are read
    /// or passed over; the first one is never NULL in a row that exists.
    pub(crate) fn joined<T>(
        &mut self,
        table: &'static str,
        width: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Corrupt>,
    ) -> Result<Option<T>, Corrupt> {
        let end = self.next + width;
        if self.row.is_null(self.next) {
            self.next = end;
            return Ok(None);
        }
        let noun = self.noun(table, read)?;
        debug_assert_eq!(self.next, end, "{table} has other columns than its width says");
        Ok(Some(noun))
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<&'row str, Corrupt> {
        self.text_or_null(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn text_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<&'row str>, Corrupt> {
        self.value(column, R::text)
    }

    pub(crate) fn bytes(&mut self, column: &'static str) -> Result<&'row [u8], Corrupt> {
        self.value(column, R::bytes)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn bytes_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<&'row [u8]>, Corrupt> {
        self.value(column, R::bytes)
    }

    pub(crate) fn integer(&mut self, column: &'static str) -> Result<i64, Corrupt> {
        self.value(column, R::integer)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn timestamp(&mut self, column: &'static str) -> Result<Timestamp, Corrupt> {
        self.integer(column).map(Timestamp::from_millis)
    }

    pub(crate) fn timestamp_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, Corrupt> {
        Ok(self.value(column, R::integer)?.map(Timestamp::from_millis))
    }

    pub(crate) fn uuid(&mut self, column: &'static str) -> Result<Uuid, Corrupt> {
        let bytes = self.bytes(column)?;
        Uuid::from_slice(bytes).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn digest(&mut self, column: &'static str) -> Result<Digest, Corrupt> {
        let bytes = self.bytes(column)?;
        bytes.try_into().map(Digest::from_bytes).map_err(|_| self.corrupt(column))
    }

    /// A text that `parse` understands.
    pub(crate) fn parsed<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&'row str) -> Option<T>,
    ) -> Result<T, Corrupt> {
        let text = self.text(column)?;
        parse(text).ok_or_else(|| self.corrupt(column))
    }

    /// A text that `parse` understands, or NULL.
    pub(crate) fn parsed_or_null<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&'row str) -> Option<T>,
    ) -> Result<Option<T>, Corrupt> {
        let text = self.text_or_null(column)?;
        text.map(|text| parse(text).ok_or_else(|| self.corrupt(column))).transpose()
    }

    pub(crate) fn corrupt(&self, column: &'static str) -> Corrupt {
        Corrupt { table: self.table, column }
    }

    fn value<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&'row R, usize) -> Result<T, WrongType>,
    ) -> Result<T, Corrupt> {
        debug_assert_eq!(
            self.row.name(self.next),
            Some(column),
            "a statement of {} lists its columns in another order than they are read",
            self.table
        );
        let value = read(self.row, self.next);
        self.next += 1;
        value.map_err(|WrongType| self.corrupt(column))
    }
}

/// The items of a list that lies in one text, each understood by `parse`. The empty text is the empty
/// list: no item of ours is empty.
pub(crate) fn list<T, L: FromIterator<T>>(
    text: &str,
    separator: char,
    parse: impl FnMut(&str) -> Option<T>,
) -> Option<L> {
    text.split(separator).filter(|_| !text.is_empty()).map(parse).collect()
}

/// The text of a list, as [`list`] reads it.
pub(crate) fn join<T: AsRef<str>>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(item.as_ref());
    }
    text
}
