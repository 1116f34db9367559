//! An operator's file, taken over whole.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Account, AccountId};

use super::failure::Failure;
use super::{account, api, client, revoke, row, scope};
use crate::{Declaration, Declared};

/// Judges first and writes afterwards, so that a refusal leaves nothing to undo.
pub(super) fn declare(
    connection: &Connection,
    declaration: &Declaration,
) -> Result<Declared, Failure> {
    if let Some(refusal) = refusal(connection, declaration)? {
        return Ok(refusal);
    }
    for (account, _) in &declaration.accounts {
        set_names_aside(connection, account.id)?;
    }
    for (account, password_hash) in &declaration.accounts {
        put_account(connection, account, password_hash)?;
    }
    for definition in &declaration.scopes {
        scope::put(connection, definition)?;
    }
    for client in &declaration.clients {
        client::put(connection, client)?;
    }
    for declared in &declaration.apis {
        api::put(connection, declared)?;
    }
    for revocation in &declaration.revocations {
        revoke::revoke(connection, revocation)?;
    }
    Ok(Declared::Applied)
}

/// The first account whose name or address belongs to another: one in the file before it, or one in
/// the store that the file does not give other names.
fn refusal(
    connection: &Connection,
    declaration: &Declaration,
) -> Result<Option<Declared>, Failure> {
    const BY_USERNAME: &str = "SELECT id FROM account WHERE username_key = ?1";
    const BY_EMAIL: &str = "SELECT id FROM account WHERE email_key = ?1";
    let renamed: HashSet<AccountId> =
        declaration.accounts.iter().map(|(account, _)| account.id).collect();
    let mut names = HashMap::new();
    let mut addresses = HashMap::new();
    for (account, _) in &declaration.accounts {
        let taken = |holder: Option<AccountId>| holder.is_some_and(|holder| holder != account.id);
        let stranger = |sql, key: &str| {
            let holder = holder(connection, sql, key)?;
            Ok::<_, Failure>(holder.filter(|holder| !renamed.contains(holder)))
        };
        let (name, address) = (account.username.key(), account.email.key());
        if taken(stranger(BY_USERNAME, &name)?) || taken(names.insert(name, account.id)) {
            return Ok(Some(Declared::UsernameTaken(account.id)));
        }
        if taken(stranger(BY_EMAIL, &address)?) || taken(addresses.insert(address, account.id)) {
            return Ok(Some(Declared::EmailTaken(account.id)));
        }
    }
    Ok(None)
}

fn holder(connection: &Connection, sql: &str, key: &str) -> Result<Option<AccountId>, Failure> {
    let id = row::first(connection, sql, [key], |columns| {
        columns.noun("account", |columns| columns.uuid("id"))
    })?;
    Ok(id.map(AccountId::from_uuid))
}

/// Frees the names of an account that is about to get new ones: two accounts may swap theirs. A blank
/// is in no name, so what stands there meanwhile is nobody's.
fn set_names_aside(connection: &Connection, id: AccountId) -> Result<(), Failure> {
    const SQL: &str = "UPDATE account SET username_key = ?2, email_key = ?2 WHERE id = ?1";
    let aside = format!(" {}", id.as_uuid());
    row::execute(connection, SQL, params![id.as_uuid().as_bytes(), aside])?;
    Ok(())
}

fn put_account(
    connection: &Connection,
    account: &Account,
    password_hash: &str,
) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO account
            (id, username, username_key, email, email_key, password_hash, status, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (id) DO UPDATE SET
            username = excluded.username, username_key = excluded.username_key,
            email = excluded.email, email_key = excluded.email_key,
            password_hash = excluded.password_hash, status = excluded.status";
    account::write(connection, SQL, account, password_hash)?;
    Ok(())
}
