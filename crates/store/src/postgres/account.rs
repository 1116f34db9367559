//! Accounts: who there is, and by what they sign in.

use hallpass_protocol::model::{Account, AccountId};
use hallpass_protocol::sign_in::Credentials;

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::account::{self, account_columns, status_name};
use crate::{AccountCreation, Identifier};

pub(super) async fn account(
    connection: &Connection,
    id: AccountId,
) -> Result<Option<Account>, Failure> {
    const SQL: &str = concat!("SELECT ", account_columns!("a"), " FROM account a WHERE a.id = $1");
    statement::first(connection, SQL, &values![id.as_uuid().as_bytes()], |columns| {
        columns.noun("account", account::read)
    })
    .await
}

pub(super) async fn credentials(
    connection: &Connection,
    identifier: &Identifier,
) -> Result<Option<Credentials>, Failure> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!("a"),
        ", a.password_hash FROM sign_in_name n JOIN account a ON a.id = n.account_id
          WHERE n.name = $1"
    );
    statement::first(connection, SQL, &values![&identifier.key()], |columns| {
        columns.noun("account", account::read_credentials)
    })
    .await
}

/// Adds the account with both names, or answers which of them are taken.
///
/// The statement's own look finds what was taken before it. Of several that run at the same moment the
/// primary key of the names lets one through; the others fail whole, look again, and then see it.
pub(super) async fn create(
    connection: &Connection,
    account: &Account,
    password_hash: &str,
) -> Result<AccountCreation, Failure> {
    const SQL: &str = "WITH taken AS (
            SELECT name FROM sign_in_name WHERE name IN ($7, $8)
        ), named AS (
            INSERT INTO sign_in_name (name, account_id)
            SELECT wanted.name, $1 FROM (VALUES ($7), ($8)) AS wanted (name)
            WHERE NOT EXISTS (SELECT 1 FROM taken)
        ), made AS (
            INSERT INTO account (id, username, email, password_hash, status, created_at)
            SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM taken)
        )
        SELECT name FROM taken";
    let (username, email) = (account.username.key(), account.email.key());
    let values = values![
        account.id.as_uuid().as_bytes(),
        account.username.as_str(),
        account.email.as_str(),
        password_hash,
        status_name(account.status),
        account.created_at.millis(),
        &username,
        &email,
    ];
    let taken = statement::every(connection, SQL, &values, |columns| {
        columns.noun("sign_in_name", |columns| columns.text("name").map(str::to_owned))
    });
    let taken = taken.await.map_err(overtaken)?;
    Ok(match taken.is_empty() {
        true => AccountCreation::Created,
        false if taken.contains(&username) => AccountCreation::UsernameTaken,
        false => AccountCreation::EmailTaken,
    })
}

/// The failure of a statement that stores names which were free a moment before. If one is not any more,
/// the same act once more finds it taken.
pub(super) fn overtaken(failure: Failure) -> Failure {
    let is_name = |error: &tokio_postgres::Error| {
        error.as_db_error().is_some_and(|engine| {
            engine.code().code() == "23505" && engine.table() == Some("sign_in_name")
        })
    };
    match failure {
        Failure::Engine(error) if is_name(&error) => Failure::Overtaken,
        other => other,
    }
}
