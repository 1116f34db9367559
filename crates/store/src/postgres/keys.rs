//! The keys of the installation, sealed.

use hallpass_protocol::model::SealedKey;

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::transaction;
use super::value::values;
use super::{change, statement};
use crate::Change;
use crate::row::key::read;

pub(super) async fn all(connection: &Connection) -> Result<Vec<SealedKey>, Failure> {
    const SQL: &str =
        "SELECT id, purpose, state, sealed, created_at FROM sealed_key ORDER BY created_at, id";
    statement::every(connection, SQL, &[], |columns| columns.noun("sealed_key", read)).await
}

/// Adds keys while nobody else does: who initialises holds the row that it needs at the end anyway.
pub(super) async fn initialise(connection: &Connection, keys: &[SealedKey]) -> Result<(), Failure> {
    const TURN: &str = "SELECT last FROM change_number WHERE id = 1 FOR UPDATE";
    transaction(connection, async {
        connection.execute(TURN, &[]).await?;
        add(connection, keys).await
    })
    .await
}

async fn add(connection: &Connection, keys: &[SealedKey]) -> Result<(), Failure> {
    // The guard is in the statement: the n-th key of a purpose goes in only where there are n - 1, so
    // whoever meets a key of somebody else adds none of that purpose.
    const SQL: &str = "INSERT INTO sealed_key (id, purpose, state, sealed, created_at)
        SELECT $1, $2, $3, $4, $5
        WHERE (SELECT COUNT(*) FROM sealed_key WHERE purpose = $2) = $6";
    let mut added = Vec::with_capacity(keys.len());
    for key in keys {
        let before: i64 = added.iter().map(|purpose| i64::from(*purpose == key.purpose)).sum();
        let values = values![
            key.id.as_u32(),
            key.purpose.as_str(),
            key.state.as_str(),
            &key.sealed,
            key.created_at.millis(),
            before,
        ];
        if connection.execute(SQL, &values).await? == 1 {
            added.push(key.purpose);
        }
    }
    match keys.last().filter(|_| !added.is_empty()) {
        Some(key) => change::append(connection, &Change::Keys, key.created_at).await,
        None => Ok(()),
    }
}
