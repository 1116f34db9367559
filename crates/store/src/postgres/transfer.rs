//! A PostgreSQL database as an end of a copy: on one connection of its own, which has the patience that
//! servers have not.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use bytes::BytesMut;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type};

use super::address::Address;
use super::connection::{Connector, Preparation};
use super::failure::in_words;
use super::migrations::KNOWN;
use super::{PostgresSettings, opening, tls};
use crate::OpenError;
use crate::transfer::TransferError;
use crate::transfer::end::{Failure, Source, Target};
use crate::transfer::table::{Column, Kind, Table, names, numbered};
use crate::transfer::value::{Row, Value};

/// An open database.
pub(crate) struct PostgresEnd {
    client: Client,
    driver: JoinHandle<Result<(), tokio_postgres::Error>>,
    place: String,
    identity: Option<String>,
}

/// Opens a database that is there, to read it.
pub(crate) async fn source(settings: &PostgresSettings) -> Result<PostgresEnd, TransferError> {
    let connector = connector(&settings.url)?;
    let place = connector.address.place.clone();
    match opening::look(&connector).await? {
        None => Err(TransferError::NoSource { place }),
        Some(found) if found < KNOWN => {
            Err(TransferError::OldSource { place, found, known: KNOWN })
        }
        Some(_) => Ok(PostgresEnd::connect(&connector).await?),
    }
}

/// Opens a database to write it, and makes its tables if there are none.
pub(crate) async fn target(settings: &PostgresSettings) -> Result<PostgresEnd, OpenError> {
    let connector = connector(&settings.url)?;
    opening::open_unfinished(&connector).await?;
    PostgresEnd::connect(&connector).await
}

fn connector(url: &str) -> Result<Connector, OpenError> {
    let address = Address::parse(url, false)?;
    let tls = tls::connector(&address)?;
    Ok(Connector { address, tls, preparation: Preparation::Never })
}

impl PostgresEnd {
    async fn connect(connector: &Connector) -> Result<Self, OpenError> {
        // A page may take longer than a request may, and the other end longer still.
        const PATIENCE: &str =
            "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
        let place = connector.address.place.clone();
        let unusable = |error: tokio_postgres::Error| OpenError::Unusable {
            place: place.clone(),
            reason: in_words(&error),
        };
        let connected = connector.address.config.connect(connector.tls.clone()).await;
        let (client, driver) = connected.map_err(unusable)?;
        let driver = tokio::spawn(driver);
        client.batch_execute(PATIENCE).await.map_err(unusable)?;
        let identity = identity(&client).await;
        Ok(Self { client, driver, place, identity })
    }

    /// Whether both are one database, as far as the engine tells.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }

    async fn rows(
        &self,
        sql: &str,
        key: &[Value],
        columns: &'static [Column],
    ) -> Result<Vec<Row>, Failure> {
        let values: Vec<_> = key.iter().map(Single).collect();
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = values
            .iter()
            .zip(columns)
            .map(|(value, column)| (value as _, single(column)))
            .collect();
        let found = self.client.query_typed(sql, &typed).await?;
        let read_row = |row: &tokio_postgres::Row| {
            columns.iter().enumerate().map(|(at, column)| read(row, at, column)).collect()
        };
        found.iter().map(read_row).collect()
    }
}

/// What tells a database of a running server from every other; `None` from an engine that does not say.
async fn identity(client: &Client) -> Option<String> {
    const SQL: &str = "SELECT current_database() || ' ' || current_schema() || ' ' ||
        pg_postmaster_start_time()::TEXT";
    client.query_typed_one(SQL, &[]).await.ok()?.try_get(0).ok()
}

impl Drop for PostgresEnd {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

#[async_trait]
impl Source for PostgresEnd {
    fn place(&self) -> &str {
        &self.place
    }

    async fn look_anew(&mut self) -> Result<(), Failure> {
        const SQL: &str = "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        Ok(self.client.batch_execute(SQL).await?)
    }

    async fn count(&mut self, table: &'static Table) -> Result<u64, Failure> {
        let row = self.client.query_typed_one(&table.count(), &[]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }

    async fn page(
        &mut self,
        table: &'static Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Row>, Failure> {
        match after {
            None => self.rows(&table.first_page(), &[], table.columns()).await,
            Some(key) => self.rows(&table.page_after('$'), key, table.columns()).await,
        }
    }
}

#[async_trait]
impl Target for PostgresEnd {
    async fn begin(&mut self) -> Result<(), Failure> {
        const SQL: &str = "DELETE FROM change_number WHERE id = 1 AND last = 0";
        self.client.execute_typed(SQL, &[]).await?;
        Ok(())
    }

    async fn last_key(&mut self, table: &'static Table) -> Result<Option<Row>, Failure> {
        Ok(self.rows(&table.last_key(), &[], table.key()).await?.pop())
    }

    /// One statement, which takes each column of the page as one array.
    async fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), Failure> {
        let columns = table.columns();
        let listed = names(columns);
        let sql = format!(
            "INSERT INTO {} ({listed}) SELECT {listed} FROM unnest({}) AS page ({listed})
                ON CONFLICT DO NOTHING",
            table.name,
            numbered('$', columns.len())
        );
        let mut arrays = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let values: Vec<_> = rows.iter().map(|row| &row[at]).collect();
            if values.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0')))
            {
                return Err(Failure::Unfit(column));
            }
            arrays.push((Array(values), array(column)));
        }
        let typed: Vec<(&(dyn ToSql + Sync), Type)> =
            arrays.iter().map(|(array, kind)| (array as _, kind.clone())).collect();
        self.client.execute_typed(&sql, &typed).await?;
        Ok(())
    }

    /// Each commit waited for the disk.
    async fn settle(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

fn read(row: &tokio_postgres::Row, at: usize, column: &'static Column) -> Result<Value, Failure> {
    let value = match column.kind {
        Kind::Integer => row.try_get::<_, Option<_>>(at)?.map(Value::Integer),
        Kind::Text => row.try_get::<_, Option<_>>(at)?.map(Value::Text),
        Kind::Bytes => row.try_get::<_, Option<_>>(at)?.map(Value::Bytes),
    };
    Ok(value.unwrap_or(Value::Null))
}

const fn single(column: &Column) -> Type {
    match column.kind {
        Kind::Integer => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

const fn array(column: &Column) -> Type {
    match column.kind {
        Kind::Integer => Type::INT8_ARRAY,
        Kind::Text => Type::TEXT_ARRAY,
        Kind::Bytes => Type::BYTEA_ARRAY,
    }
}

/// One value. It is not shown: the driver logs what it sends.
struct Single<'a>(&'a Value);

/// The values of one column.
struct Array<'a>(Vec<&'a Value>);

type Encoded = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for Single<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Encoded {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    // The engine was told the kind of the column.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, kind: &Type, out: &mut BytesMut) -> Encoded {
        self.to_sql(kind, out)
    }
}

impl ToSql for Array<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Encoded {
        let values: Vec<_> = self.0.iter().copied().map(Single).collect();
        values.to_sql(kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, kind: &Type, out: &mut BytesMut) -> Encoded {
        self.to_sql(kind, out)
    }
}

impl fmt::Debug for Single<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Array<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(&SqlState::FOREIGN_KEY_VIOLATION) => Self::Orphan,
            _ => Self::Engine(in_words(&error)),
        }
    }
}
