//! An operator's file, taken over whole.

use std::collections::HashMap;

use rusqlite::Connection;

use hallpass_protocol::model::{Account, AccountId};

use super::failure::Failure;
use super::{account, api, change, client, profile, revoke, scope, statement};
use crate::{Change, Declaration, Declared, names};

/// Judges first and writes afterwards, so that a refusal leaves nothing to undo.
pub(super) fn declare(
    connection: &Connection,
    declaration: &Declaration,
) -> Result<Declared, Failure> {
    if let Some(refusal) = names::refusal(declaration, &holders(connection, declaration)?) {
        return Ok(refusal);
    }
    for (account, _) in &declaration.accounts {
        drop_names(connection, account.id)?;
    }
    for (account, password_hash) in &declaration.accounts {
        profile::doubt_new_address(connection, account)?;
        put_account(connection, account, password_hash)?;
    }
    for (account, told) in &declaration.profiles {
        profile::put(connection, *account, told, declaration.at)?;
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
    change::append(connection, &Change::Declared, declaration.at)?;
    Ok(Declared::Applied)
}

/// Who has the names that the file gives to its accounts.
fn holders(
    connection: &Connection,
    declaration: &Declaration,
) -> Result<HashMap<String, AccountId>, Failure> {
    let mut holders = HashMap::new();
    for name in names::wanted(declaration) {
        if let Some(holder) = account::holder(connection, &name)? {
            holders.insert(name, holder);
        }
    }
    Ok(holders)
}

/// Frees the names of an account that is about to get new ones: two accounts may swap theirs.
fn drop_names(connection: &Connection, id: AccountId) -> Result<(), Failure> {
    // By the account's own row, because names are found by name only.
    const SQL: &str = "DELETE FROM sign_in_name WHERE name = ?1";
    if let Some(account) = account::account(connection, id)? {
        for name in [account.username.key(), account.email.key()] {
            statement::execute(connection, SQL, [name])?;
        }
    }
    Ok(())
}

fn put_account(
    connection: &Connection,
    account: &Account,
    password_hash: &str,
) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO account (id, username, email, password_hash, status, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (id) DO UPDATE SET
            username = excluded.username, email = excluded.email,
            password_hash = excluded.password_hash, status = excluded.status";
    account::put_names(connection, account)?;
    account::write(connection, SQL, account, password_hash)
}
