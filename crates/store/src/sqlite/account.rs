//! Accounts: who there is, and by what they sign in.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Account, AccountId};
use hallpass_protocol::sign_in::Credentials;

use super::failure::Failure;
use super::statement;
use crate::row::account::{self, account_columns, status_name};
use crate::{AccountCreation, Identifier};

pub(super) fn account(connection: &Connection, id: AccountId) -> Result<Option<Account>, Failure> {
    const SQL: &str = concat!("SELECT ", account_columns!("a"), " FROM account a WHERE a.id = ?1");
    statement::first(connection, SQL, [id.as_uuid().as_bytes()], |columns| {
        columns.noun("account", account::read)
    })
}

pub(super) fn credentials(
    connection: &Connection,
    identifier: &Identifier,
) -> Result<Option<Credentials>, Failure> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!("a"),
        ", a.password_hash FROM sign_in_name n JOIN account a ON a.id = n.account_id
          WHERE n.name = ?1"
    );
    statement::first(connection, SQL, [identifier.key()], |columns| {
        columns.noun("account", account::read_credentials)
    })
}

pub(super) fn create(
    connection: &Connection,
    account: &Account,
    password_hash: &str,
) -> Result<AccountCreation, Failure> {
    const INSERT: &str =
        "INSERT INTO account (id, username, email, password_hash, status, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    // Not a check before the act but a part of it: nobody else writes within it.
    for (name, taken) in [
        (account.username.key(), AccountCreation::UsernameTaken),
        (account.email.key(), AccountCreation::EmailTaken),
    ] {
        if holder(connection, &name)?.is_some() {
            return Ok(taken);
        }
    }
    put_names(connection, account)?;
    write(connection, INSERT, account, password_hash)?;
    Ok(AccountCreation::Created)
}

/// Whose name or address this is.
pub(super) fn holder(connection: &Connection, name: &str) -> Result<Option<AccountId>, Failure> {
    const SQL: &str = "SELECT account_id FROM sign_in_name WHERE name = ?1";
    let id = statement::first(connection, SQL, [name], |columns| {
        columns.noun("sign_in_name", |columns| columns.uuid("account_id"))
    })?;
    Ok(id.map(AccountId::from_uuid))
}

/// Gives `account` its name and its address, which are nobody's.
pub(super) fn put_names(connection: &Connection, account: &Account) -> Result<(), Failure> {
    const SQL: &str = "INSERT INTO sign_in_name (name, account_id) VALUES (?1, ?2)";
    for name in [account.username.key(), account.email.key()] {
        statement::execute(connection, SQL, params![name, account.id.as_uuid().as_bytes()])?;
    }
    Ok(())
}

/// Carries out an INSERT of all columns in the order of the table.
pub(super) fn write(
    connection: &Connection,
    sql: &str,
    account: &Account,
    password_hash: &str,
) -> Result<(), Failure> {
    let parameters = params![
        account.id.as_uuid().as_bytes(),
        account.username.as_str(),
        account.email.as_str(),
        password_hash,
        status_name(account.status),
        account.created_at.millis(),
    ];
    statement::execute(connection, sql, parameters)?;
    Ok(())
}
