//! Statements, and what their rows become.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use super::connection::Connection;
use super::failure::Failure;
use super::value::Value;
use crate::row::{self, Columns, Corrupt, WrongType};

/// Whether a value is NULL, whatever its type.
struct IsNull(bool);

impl<'a> FromSql<'a> for IsNull {
    fn from_sql(_: &Type, _: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(false))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(true))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl row::Row for Row {
    fn is_null(&self, at: usize) -> bool {
        matches!(self.try_get(at), Ok(IsNull(true)))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, WrongType> {
        self.try_get(at).map_err(|_| WrongType)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, WrongType> {
        self.try_get(at).map_err(|_| WrongType)
    }

    fn integer(&self, at: usize) -> Result<Option<i64>, WrongType> {
        self.try_get(at).map_err(|_| WrongType)
    }

    fn name(&self, at: usize) -> Option<&str> {
        self.columns().get(at).map(tokio_postgres::Column::name)
    }
}

/// What `read` makes of the first row, or `None` if there is none.
pub(super) async fn first<T>(
    connection: &Connection,
    sql: &'static str,
    values: &[Value<'_>],
    read: impl FnOnce(&mut Columns<'_, Row>) -> Result<T, Corrupt>,
) -> Result<Option<T>, Failure> {
    let rows = connection.query(sql, values).await?;
    let first = rows.first().map(|row| read(&mut Columns::of(row)));
    Ok(first.transpose()?)
}

/// Whether there is any row.
pub(super) async fn is_any(
    connection: &Connection,
    sql: &'static str,
    values: &[Value<'_>],
) -> Result<bool, Failure> {
    Ok(!connection.query(sql, values).await?.is_empty())
}

/// What `read` makes of each row.
pub(super) async fn every<T>(
    connection: &Connection,
    sql: &'static str,
    values: &[Value<'_>],
    mut read: impl FnMut(&mut Columns<'_, Row>) -> Result<T, Corrupt>,
) -> Result<Vec<T>, Failure> {
    let rows = connection.query(sql, values).await?;
    Ok(rows.iter().map(|row| read(&mut Columns::of(row))).collect::<Result<_, _>>()?)
}
