//! What people tell of themselves.

use hallpass_protocol::model::{Account, AccountId, Person, Profile, Timestamp};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::transaction;
use super::value::{Value, values};
use super::{change, statement};
use crate::Change;
use crate::row::account::account_columns;
use crate::row::profile::{profile_columns, profile_names, profile_told_anew, read_person, texts};

pub(super) const PERSON: &str = concat!(
    "SELECT ",
    account_columns!("a"),
    ", ",
    profile_columns!(),
    " FROM account AS a LEFT JOIN profile AS p ON p.account_id = a.id WHERE a.id = $1"
);

pub(super) async fn person(
    connection: &Connection,
    id: AccountId,
) -> Result<Option<Person>, Failure> {
    statement::first(connection, PERSON, &values![id.as_uuid().as_bytes()], read_person).await
}

/// What was known of another number is not known of this one; of none, nothing is known.
pub(super) async fn set(
    connection: &Connection,
    account: AccountId,
    profile: &Profile,
    at: Timestamp,
) -> Result<bool, Failure> {
    const SQL: &str = concat!(
        "INSERT INTO profile (",
        profile_names!(),
        ") SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, 0, 0 FROM account WHERE id = $1 AND status = 'active'
        ON CONFLICT (account_id) DO UPDATE SET ",
        profile_told_anew!(),
        ", phone_number_verified = CASE
            WHEN profile.phone_number = excluded.phone_number THEN profile.phone_number_verified
            ELSE 0 END"
    );
    let values = told(&account, profile, at);
    transaction(connection, async {
        let is_there = connection.execute(SQL, &values).await? == 1;
        if is_there {
            change::append(connection, &Change::Account(account), at).await?;
        }
        Ok(is_there)
    })
    .await
}

/// Puts all of `profile` in the place of what is there, also what is known to be true.
pub(super) async fn put(
    connection: &Connection,
    account: AccountId,
    profile: &Profile,
    at: Timestamp,
) -> Result<(), Failure> {
    const SQL: &str = concat!(
        "INSERT INTO profile (",
        profile_names!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22)
        ON CONFLICT (account_id) DO UPDATE SET ",
        profile_told_anew!(),
        ", phone_number_verified = excluded.phone_number_verified,
            email_verified = excluded.email_verified"
    );
    let mut values = told(&account, profile, at);
    values.extend(values![
        i64::from(profile.phone_number_verified),
        i64::from(profile.email_verified)
    ]);
    connection.execute(SQL, &values).await?;
    Ok(())
}

/// The values of whose profile it is, what it tells, and since when.
fn told<'a>(account: &'a AccountId, profile: &'a Profile, at: Timestamp) -> Vec<Value<'a>> {
    let mut values = vec![Value::from(account.as_uuid().as_bytes())];
    values.extend(texts(profile).map(Value::from));
    values.push(Value::from(at.millis()));
    values
}

/// Notes, before `account` is written, that an address which it does not have yet is not known to be its
/// owner's.
pub(super) async fn doubt_new_address(
    connection: &Connection,
    account: &Account,
) -> Result<(), Failure> {
    const SQL: &str = "UPDATE profile SET email_verified = 0 WHERE account_id = $1
        AND NOT EXISTS (SELECT 1 FROM account AS a WHERE a.id = $1 AND a.email = $2)";
    let values = values![account.id.as_uuid().as_bytes(), account.email.as_str()];
    connection.execute(SQL, &values).await?;
    Ok(())
}
