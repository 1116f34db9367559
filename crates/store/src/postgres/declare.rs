//! An operator's file, taken over whole.

use std::collections::HashMap;

use hallpass_protocol::model::{Account, AccountId};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::{LONG_STATEMENTS, transaction};
use super::value::values;
use super::{account, api, change, client, profile, revoke, scope, statement};
use crate::row::account::status_name;
use crate::row::join;
use crate::{Change, Declaration, Declared, names};

/// Judges first and writes afterwards. Who takes a name in between makes the act fail whole, and it is
/// judged anew.
pub(super) async fn declare(
    connection: &Connection,
    declaration: &Declaration,
) -> Result<Declared, Failure> {
    transaction(connection, async {
        connection.run(LONG_STATEMENTS).await?;
        let holders = holders(connection, declaration).await?;
        if let Some(refusal) = names::refusal(declaration, &holders) {
            return Ok(refusal);
        }
        write(connection, declaration).await.map_err(account::overtaken)?;
        Ok(Declared::Applied)
    })
    .await
}

/// Who has the names that the file gives to its accounts.
async fn holders(
    connection: &Connection,
    declaration: &Declaration,
) -> Result<HashMap<String, AccountId>, Failure> {
    // All in one text; no name holds a line feed.
    const SQL: &str = "SELECT name, account_id FROM sign_in_name
        WHERE name IN (SELECT unnest(string_to_array($1, chr(10))))";
    let names = join(names::wanted(declaration), "\n");
    let values = values![&names];
    let holders = statement::every(connection, SQL, &values, |columns| {
        columns.noun("sign_in_name", |columns| {
            let name = columns.text("name")?.to_owned();
            Ok((name, AccountId::from_uuid(columns.uuid("account_id")?)))
        })
    });
    Ok(holders.await?.into_iter().collect())
}

async fn write(connection: &Connection, declaration: &Declaration) -> Result<(), Failure> {
    for (account, _) in &declaration.accounts {
        drop_names(connection, account.id).await?;
    }
    for (account, password_hash) in &declaration.accounts {
        profile::doubt_new_address(connection, account).await?;
        put_account(connection, account, password_hash).await?;
    }
    for (account, told) in &declaration.profiles {
        profile::put(connection, *account, told, declaration.at).await?;
    }
    for definition in &declaration.scopes {
        scope::put(connection, definition).await?;
    }
    for client in &declaration.clients {
        client::put(connection, client).await?;
    }
    for declared in &declaration.apis {
        api::put(connection, declared).await?;
    }
    // First all is ended, then all is told: the number of a change is the last thing to be taken.
    for revocation in &declaration.revocations {
        revoke::end(connection, revocation).await?;
    }
    for revocation in &declaration.revocations {
        let change = Change::Revoked(revocation.clone());
        change::append(connection, &change, revocation.at).await?;
    }
    change::append(connection, &Change::Declared, declaration.at).await
}

/// Frees the names of an account that is about to get new ones: two accounts may swap theirs.
async fn drop_names(connection: &Connection, id: AccountId) -> Result<(), Failure> {
    // By the account's own row, because names are found by name only.
    const SQL: &str = "DELETE FROM sign_in_name WHERE name IN ($1, $2)";
    let Some(account) = account::account(connection, id).await? else { return Ok(()) };
    let (username, email) = (account.username.key(), account.email.key());
    connection.execute(SQL, &values![&username, &email]).await?;
    Ok(())
}

async fn put_account(
    connection: &Connection,
    account: &Account,
    password_hash: &str,
) -> Result<(), Failure> {
    const NAMES: &str = "INSERT INTO sign_in_name (name, account_id) VALUES ($2, $1), ($3, $1)";
    const ACCOUNT: &str =
        "INSERT INTO account (id, username, email, password_hash, status, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET
            username = excluded.username, email = excluded.email,
            password_hash = excluded.password_hash, status = excluded.status";
    let id = account.id.as_uuid().as_bytes();
    let (username, email) = (account.username.key(), account.email.key());
    connection.execute(NAMES, &values![id, &username, &email]).await?;
    let values = values![
        id,
        account.username.as_str(),
        account.email.as_str(),
        password_hash,
        status_name(account.status),
        account.created_at.millis(),
    ];
    connection.execute(ACCOUNT, &values).await?;
    Ok(())
}
