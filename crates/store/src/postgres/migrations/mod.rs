//! The tables, step by step: the same steps by the same numbers as the embedded store's.
//!
//! The number of the last step lies in a row of its own (`hallpass_schema`) and changes in the same
//! transaction as the tables, so no step can be half applied. Whoever takes a step locks that row first:
//! of nodes that start at once one takes it, and the others find it taken. Statements are sent one by
//! one, because sharded engines want it so. A step that has been released is never edited; what comes
//! later is a new file.

mod text;

use std::collections::BTreeSet;

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;

pub(super) use text::Column;

/// The steps; the first has number 1.
const STEPS: [&str; 9] = [
    include_str!("0001_first_tables.sql"),
    include_str!("0002_token_service.sql"),
    include_str!("0003_apis.sql"),
    include_str!("0004_many_nodes.sql"),
    include_str!("0005_key_rotation.sql"),
    include_str!("0006_openid.sql"),
    include_str!("0007_profile.sql"),
    include_str!("0008_sign_out.sql"),
    include_str!("0009_used_codes.sql"),
];

/// The number of the last step that this program knows.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// The table of the number.
pub(super) const MARKER: &str = "hallpass_schema";

/// What is in a schema.
pub(super) struct Found {
    /// The number of the last step taken; `None` if no step of ours was ever begun.
    pub(super) number: Option<i64>,
    /// All columns of all tables.
    pub(super) columns: BTreeSet<Column>,
}

/// Looks at the schema in which tables would be made, at one moment; `None` if there is no such schema.
pub(super) async fn look(connection: &Connection) -> Result<Option<Found>, Failure> {
    connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    let found = look_around(connection).await?;
    connection.run("COMMIT").await?;
    Ok(found)
}

async fn look_around(connection: &Connection) -> Result<Option<Found>, Failure> {
    const SCHEMA: &str = "SELECT 1 WHERE current_schema() IS NOT NULL";
    const COLUMNS: &str = "SELECT table_name::TEXT, column_name::TEXT
        FROM information_schema.columns WHERE table_schema = current_schema()";
    if !statement::is_any(connection, SCHEMA, &[]).await? {
        return Ok(None);
    }
    let columns = statement::every(connection, COLUMNS, &[], |columns| {
        let table = columns.text("table_name")?.to_owned();
        Ok(Column { table, name: columns.text("column_name")?.to_owned() })
    });
    let columns: BTreeSet<_> = columns.await?.into_iter().collect();
    let number = match columns.iter().any(|column| column.table == MARKER) {
        true => Some(number(connection, NUMBER).await?),
        false => None,
    };
    Ok(Some(Found { number, columns }))
}

/// The first column that the steps up to `number` have made and that is not there any more.
pub(super) fn missing(found: &Found, number: i64) -> Option<Column> {
    let taken = STEPS.iter().take(usize::try_from(number).unwrap_or(0));
    let made = text::columns(taken.copied());
    made.into_iter().find(|column| !found.columns.contains(column))
}

/// Applies what is missing. A [`Failure`] in a transaction leaves it open.
pub(super) async fn apply(connection: &Connection) -> Result<(), Failure> {
    for (number, step) in (1_i64..).zip(STEPS) {
        take(connection, number, step).await?;
    }
    Ok(())
}

const NUMBER: &str = "SELECT number FROM hallpass_schema WHERE id = 1";
const LOCKED_NUMBER: &str = "SELECT number FROM hallpass_schema WHERE id = 1 FOR UPDATE";

/// Makes the marker. Of nodes that do it at the same moment all but one may fail.
pub(super) async fn mark(connection: &Connection) -> Result<(), Failure> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS hallpass_schema
        (id BIGINT NOT NULL PRIMARY KEY, number BIGINT NOT NULL)";
    const ROW: &str =
        "INSERT INTO hallpass_schema (id, number) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
    connection.run("BEGIN").await?;
    connection.run(TABLE).await?;
    connection.run(ROW).await?;
    connection.run("COMMIT").await
}

async fn take(connection: &Connection, step: i64, sql: &str) -> Result<(), Failure> {
    const TAKEN: &str = "UPDATE hallpass_schema SET number = $1 WHERE id = 1";
    connection.run("BEGIN").await?;
    // Tables may be large, and another node may be at it.
    connection.run("SET LOCAL statement_timeout = 0").await?;
    if number(connection, LOCKED_NUMBER).await? < step {
        for statement in text::statements(sql) {
            connection.run(statement).await?;
        }
        connection.execute(TAKEN, &values![step]).await?;
        tracing::debug!(number = step, "database migrated");
    }
    connection.run("COMMIT").await
}

async fn number(connection: &Connection, sql: &'static str) -> Result<i64, Failure> {
    let number = statement::first(connection, sql, &[], |columns| {
        columns.noun(MARKER, |columns| columns.integer("number"))
    });
    // Without its row the marker says nothing, and a step would be taken twice.
    let none = crate::row::Corrupt { table: MARKER, column: "number" };
    number.await?.ok_or(Failure::Corrupt(none))
}
