//! Accounts: who there is, and by what they sign in.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Account, AccountId, AccountStatus, EmailAddress, Username};
use hallpass_protocol::sign_in::Credentials;

use super::failure::Failure;
use super::row::{self, Columns};
use crate::{AccountCreation, Identifier};

/// How many columns [`read`] reads.
pub(super) const WIDTH: usize = 5;

/// What [`read`] reads, where the table is called `$account` in the statement.
macro_rules! account_columns {
    ($account:literal) => {
        concat!(
            $account,
            ".id, ",
            $account,
            ".username, ",
            $account,
            ".email, ",
            $account,
            ".status, ",
            $account,
            ".created_at",
        )
    };
}
pub(super) use account_columns;

pub(super) fn read(columns: &mut Columns<'_, '_>) -> Result<Account, Failure> {
    Ok(Account {
        id: AccountId::from_uuid(columns.uuid("id")?),
        username: columns.parsed("username", |text| Username::parse(text).ok())?,
        email: columns.parsed("email", |text| EmailAddress::parse(text).ok())?,
        status: columns.parsed("status", parse_status)?,
        created_at: columns.timestamp("created_at")?,
    })
}

pub(super) const fn status_name(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Disabled => "disabled",
    }
}

fn parse_status(name: &str) -> Option<AccountStatus> {
    [AccountStatus::Active, AccountStatus::Disabled]
        .into_iter()
        .find(|status| status_name(*status) == name)
}

pub(super) fn account(connection: &Connection, id: AccountId) -> Result<Option<Account>, Failure> {
    const SQL: &str = concat!("SELECT ", account_columns!("a"), " FROM account a WHERE a.id = ?1");
    row::first(connection, SQL, [id.as_uuid().as_bytes()], |columns| columns.noun("account", read))
}

pub(super) fn credentials(
    connection: &Connection,
    identifier: &Identifier,
) -> Result<Option<Credentials>, Failure> {
    const BY_USERNAME: &str = concat!(
        "SELECT ",
        account_columns!("a"),
        ", a.password_hash FROM account a WHERE a.username_key = ?1"
    );
    const BY_EMAIL: &str = concat!(
        "SELECT ",
        account_columns!("a"),
        ", a.password_hash FROM account a WHERE a.email_key = ?1"
    );
    let (sql, key) = match identifier {
        Identifier::Username(username) => (BY_USERNAME, username.key()),
        Identifier::Email(email) => (BY_EMAIL, email.key()),
    };
    row::first(connection, sql, [key], |columns| {
        columns.noun("account", |columns| {
            let account = read(columns)?;
            let password_hash = columns.text("password_hash")?.to_owned();
            Ok(Credentials { account, password_hash })
        })
    })
}

pub(super) fn create(
    connection: &Connection,
    account: &Account,
    password_hash: &str,
) -> Result<AccountCreation, Failure> {
    // The unique keys are the guard: of people racing for a name, one gets it.
    const INSERT: &str = "INSERT INTO account
            (id, username, username_key, email, email_key, password_hash, status, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (username_key) DO NOTHING
        ON CONFLICT (email_key) DO NOTHING";
    const NAME_IS_TAKEN: &str = "SELECT 1 FROM account WHERE username_key = ?1";
    if write(connection, INSERT, account, password_hash)? == 1 {
        return Ok(AccountCreation::Created);
    }
    // Not a second decision, only its reason: nobody else writes within this act.
    match row::first(connection, NAME_IS_TAKEN, [account.username.key()], |_| Ok(()))? {
        Some(()) => Ok(AccountCreation::UsernameTaken),
        None => Ok(AccountCreation::EmailTaken),
    }
}

/// Carries out an INSERT of all columns in the order of the table; answers how many rows it touched.
pub(super) fn write(
    connection: &Connection,
    sql: &str,
    account: &Account,
    password_hash: &str,
) -> Result<usize, Failure> {
    let parameters = params![
        account.id.as_uuid().as_bytes(),
        account.username.as_str(),
        account.username.key(),
        account.email.as_str(),
        account.email.key(),
        password_hash,
        status_name(account.status),
        account.created_at.millis(),
    ];
    row::execute(connection, sql, parameters)
}
