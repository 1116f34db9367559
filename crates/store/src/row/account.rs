//! Accounts in rows.

use hallpass_protocol::model::{Account, AccountId, AccountStatus, EmailAddress, Username};
use hallpass_protocol::sign_in::Credentials;

use super::{Columns, Corrupt, Row};

/// How many columns [`read`] reads.
pub(crate) const WIDTH: usize = 5;

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
pub(crate) use account_columns;

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Account, Corrupt> {
    Ok(Account {
        id: AccountId::from_uuid(columns.uuid("id")?),
        username: columns.parsed("username", |text| Username::parse(text).ok())?,
        email: columns.parsed("email", |text| EmailAddress::parse(text).ok())?,
        status: columns.parsed("status", parse_status)?,
        created_at: columns.timestamp("created_at")?,
    })
}

/// Reads an account and, behind it, the hash of its password.
pub(crate) fn read_credentials<R: Row>(
    columns: &mut Columns<'_, R>,
) -> Result<Credentials, Corrupt> {
    let account = read(columns)?;
    let password_hash = columns.text("password_hash")?.to_owned();
    Ok(Credentials { account, password_hash })
}

pub(crate) const fn status_name(status: AccountStatus) -> &'static str {
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
