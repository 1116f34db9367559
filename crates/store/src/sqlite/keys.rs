//! The keys of the installation, sealed.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{KeyId, SealedKey, Timestamp};

use super::failure::Failure;
use super::{change, statement};
use crate::Change;
use crate::row::key::read;

pub(super) fn all(connection: &Connection) -> Result<Vec<SealedKey>, Failure> {
    const SQL: &str = "SELECT id, purpose, active_from, sealed, created_at FROM sealed_key ORDER BY active_from, id";
    statement::every(connection, SQL, [], |columns| columns.noun("sealed_key", read))
}

pub(super) fn initialise(connection: &Connection, keys: &[SealedKey]) -> Result<(), Failure> {
    // The guard is in the statement: the n-th key of a purpose goes in only where there are n - 1, so
    // whoever meets a key of somebody else adds none of that purpose.
    const SQL: &str = "INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at)
        SELECT ?1, ?2, ?3, ?4, ?5
        WHERE (SELECT COUNT(*) FROM sealed_key WHERE purpose = ?2) = ?6";
    let mut added = Vec::with_capacity(keys.len());
    for key in keys {
        let before: i64 = added.iter().map(|purpose| i64::from(*purpose == key.purpose)).sum();
        let parameters = params![
            key.id.as_u32(),
            key.purpose.as_str(),
            key.active_from.millis(),
            key.sealed,
            key.created_at.millis(),
            before,
        ];
        if statement::execute(connection, SQL, parameters)? == 1 {
            added.push(key.purpose);
        }
    }
    match keys.last().filter(|_| !added.is_empty()) {
        Some(key) => change::append(connection, &Change::Keys, key.created_at),
        None => Ok(()),
    }
}

pub(super) fn add(
    connection: &Connection,
    key: &SealedKey,
    newest: KeyId,
) -> Result<bool, Failure> {
    const SQL: &str = "INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at)
        SELECT ?1, ?2, ?3, ?4, ?5
        WHERE ?6 = (
            SELECT id FROM sealed_key WHERE purpose = ?2 ORDER BY active_from DESC, id DESC LIMIT 1
        )";
    let parameters = params![
        key.id.as_u32(),
        key.purpose.as_str(),
        key.active_from.millis(),
        key.sealed,
        key.created_at.millis(),
        newest.as_u32(),
    ];
    let is_added = statement::execute(connection, SQL, parameters)? == 1;
    tell(connection, is_added, key.created_at)
}

pub(super) fn replace(
    connection: &Connection,
    revoked: KeyId,
    successor: &SealedKey,
) -> Result<bool, Failure> {
    const REMOVE: &str = "DELETE FROM sealed_key WHERE id = ?1 AND purpose = ?2";
    const ADD: &str = "INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let purpose = successor.purpose.as_str();
    if statement::execute(connection, REMOVE, params![revoked.as_u32(), purpose])? == 0 {
        return Ok(false);
    }
    let parameters = params![
        successor.id.as_u32(),
        purpose,
        successor.active_from.millis(),
        successor.sealed,
        successor.created_at.millis(),
    ];
    statement::execute(connection, ADD, parameters)?;
    tell(connection, true, successor.created_at)
}

pub(super) fn remove(
    connection: &Connection,
    ids: &[KeyId],
    at: Timestamp,
) -> Result<u64, Failure> {
    const SQL: &str = "DELETE FROM sealed_key WHERE id = ?1 AND EXISTS (
            SELECT 1 FROM sealed_key AS other
            WHERE other.purpose = sealed_key.purpose AND other.id <> sealed_key.id
        )";
    let mut removed = 0;
    for id in ids {
        removed += statement::execute(connection, SQL, params![id.as_u32()])?;
    }
    tell(connection, removed > 0, at)?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

/// Tells of other keys, if there are others; answers whether.
fn tell(connection: &Connection, are_others: bool, at: Timestamp) -> Result<bool, Failure> {
    if are_others {
        change::append(connection, &Change::Keys, at)?;
    }
    Ok(are_others)
}
