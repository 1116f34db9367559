//! The tables, step by step: each step is a numbered SQL file, applied once and in order.
//!
//! The number of the last step lies in the file's header (`user_version`) and changes in the same
//! transaction as the tables, so no step can be half applied. A step that has been released is never
//! edited; what comes later is a new file.

use rusqlite::{Connection, TransactionBehavior};

/// "Hall" in ASCII, in the header of each database of ours (`application_id`).
pub(super) const APPLICATION_ID: i32 = 0x4861_6c6c;

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

/// The number of the last step that a database has.
pub(super) fn number(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Applies what is missing. Foreign keys are not watched meanwhile, or no table could be made anew.
pub(super) fn apply(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", false)?;
    apply_steps(connection, &STEPS)
}

fn apply_steps(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    for (number, step) in (1_i64..).zip(steps) {
        if number > self::number(connection)? {
            let step_taken =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            step_taken.execute_batch(step)?;
            step_taken.pragma_update(None, "application_id", APPLICATION_ID)?;
            step_taken.pragma_update(None, "user_version", number)?;
            step_taken.commit()?;
            tracing::debug!(number, "database migrated");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT;";
    const HALF_GOOD: &str = "CREATE TABLE two (id INTEGER PRIMARY KEY) STRICT; CREATE GIBBERISH;";

    fn tables(connection: &Connection) -> i64 {
        let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn each_step_is_applied_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_steps(&mut connection, &[GOOD]).unwrap();
        apply_steps(&mut connection, &[GOOD]).unwrap();
        assert_eq!((number(&connection).unwrap(), tables(&connection)), (1, 1));
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_at_the_step_before() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(apply_steps(&mut connection, &[GOOD, HALF_GOOD]).is_err());
        assert_eq!((number(&connection).unwrap(), tables(&connection)), (1, 1));
    }
}
