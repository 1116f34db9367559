//! The keys of the installation, sealed.

use hallpass_protocol::model::{KeyId, SealedKey, Timestamp};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::transaction;
use super::value::values;
use super::{change, statement};
use crate::Change;
use crate::row::key::read;

pub(super) async fn all(connection: &Connection) -> Result<Vec<SealedKey>, Failure> {
    const SQL: &str = "SELECT id, purpose, active_from, sealed, created_at FROM sealed_key ORDER BY active_from, id";
    statement::every(connection, SQL, &[], |columns| columns.noun("sealed_key", read)).await
}

/// Changes keys while nobody else does: who changes them holds the row that the change needs at its end
/// anyway, so guards in the statements see what others have done.
async fn in_turn<T>(
    connection: &Connection,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    const TURN: &str = "SELECT last FROM change_number WHERE id = 1 FOR UPDATE";
    transaction(connection, async {
        connection.execute(TURN, &[]).await?;
        work.await
    })
    .await
}

pub(super) async fn initialise(connection: &Connection, keys: &[SealedKey]) -> Result<(), Failure> {
    // The n-th key of a purpose goes in only where there are n - 1, so whoever meets a key of somebody else
    // adds none of that purpose.
    const SQL: &str = "INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at)
        SELECT $1, $2, $3, $4, $5
        WHERE (SELECT COUNT(*) FROM sealed_key WHERE purpose = $2) = $6";
    in_turn(connection, async {
        let mut added = Vec::with_capacity(keys.len());
        for key in keys {
            let before: i64 = added.iter().map(|purpose| i64::from(*purpose == key.purpose)).sum();
            let values = values![
                key.id.as_u32(),
                key.purpose.as_str(),
                key.active_from.millis(),
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
    })
    .await
}

pub(super) async fn add(
    connection: &Connection,
    key: &SealedKey,
    newest: KeyId,
) -> Result<bool, Failure> {
    const SQL: &str = "INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at)
        SELECT $1, $2, $3, $4, $5
        WHERE $6 = (
            SELECT id FROM sealed_key WHERE purpose = $2 ORDER BY active_from DESC, id DESC LIMIT 1
        )";
    let values = values![
        key.id.as_u32(),
        key.purpose.as_str(),
        key.active_from.millis(),
        &key.sealed,
        key.created_at.millis(),
        newest.as_u32(),
    ];
    in_turn(connection, async {
        let is_added = connection.execute(SQL, &values).await? == 1;
        tell(connection, is_added, key.created_at).await
    })
    .await
}

pub(super) async fn replace(
    connection: &Connection,
    revoked: KeyId,
    successor: &SealedKey,
) -> Result<bool, Failure> {
    const REMOVE: &str = "DELETE FROM sealed_key WHERE id = $1 AND purpose = $2";
    const ADD: &str = "INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at)
        VALUES ($1, $2, $3, $4, $5)";
    let purpose = successor.purpose.as_str();
    let values = values![
        successor.id.as_u32(),
        purpose,
        successor.active_from.millis(),
        &successor.sealed,
        successor.created_at.millis(),
    ];
    in_turn(connection, async {
        if connection.execute(REMOVE, &values![revoked.as_u32(), purpose]).await? == 0 {
            return Ok(false);
        }
        connection.execute(ADD, &values).await?;
        tell(connection, true, successor.created_at).await
    })
    .await
}

pub(super) async fn remove(
    connection: &Connection,
    ids: &[KeyId],
    at: Timestamp,
) -> Result<u64, Failure> {
    const SQL: &str = "DELETE FROM sealed_key WHERE id = $1 AND EXISTS (
            SELECT 1 FROM sealed_key AS other
            WHERE other.purpose = sealed_key.purpose AND other.id <> sealed_key.id
        )";
    in_turn(connection, async {
        let mut removed = 0;
        for id in ids {
            removed += connection.execute(SQL, &values![id.as_u32()]).await?;
        }
        tell(connection, removed > 0, at).await?;
        Ok(removed)
    })
    .await
}

/// Tells of other keys, if there are others; answers whether.
async fn tell(connection: &Connection, are_others: bool, at: Timestamp) -> Result<bool, Failure> {
    if are_others {
        change::append(connection, &Change::Keys, at).await?;
    }
    Ok(are_others)
}
