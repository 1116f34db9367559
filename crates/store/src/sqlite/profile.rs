//! What people tell of themselves.

use rusqlite::{Connection, ToSql, params};

use hallpass_protocol::model::{Account, AccountId, Person, Profile, Timestamp};

use super::failure::Failure;
use super::{change, statement};
use crate::Change;
use crate::row::account::account_columns;
use crate::row::profile::{profile_columns, profile_names, profile_told_anew, read_person, texts};

const PERSON: &str = concat!(
    "SELECT ",
    account_columns!("a"),
    ", ",
    profile_columns!(),
    " FROM account AS a LEFT JOIN profile AS p ON p.account_id = a.id WHERE a.id = ?1"
);

#[expect(clippy::redundant_closure, reason = "the function itself has one lifetime too few")]
pub(super) fn person(connection: &Connection, id: AccountId) -> Result<Option<Person>, Failure> {
    statement::first(connection, PERSON, [id.as_uuid().as_bytes()], |columns| read_person(columns))
}

/// What was known of another number is not known of this one; of none, nothing is known.
pub(super) fn set(
    connection: &Connection,
    account: AccountId,
    profile: &Profile,
    at: Timestamp,
) -> Result<bool, Failure> {
    const SQL: &str = concat!(
        "INSERT INTO profile (",
        profile_names!(),
        ") SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
            ?19, ?20, 0, 0 FROM account WHERE id = ?1 AND status = 'active'
        ON CONFLICT (account_id) DO UPDATE SET ",
        profile_told_anew!(),
        ", phone_number_verified = CASE
            WHEN profile.phone_number = excluded.phone_number THEN profile.phone_number_verified
            ELSE 0 END"
    );
    let (id, texts, millis) = (account.as_uuid().as_bytes(), texts(profile), at.millis());
    let mut values: Vec<&dyn ToSql> = vec![id];
    values.extend(texts.iter().map(|text| text as &dyn ToSql));
    values.push(&millis);
    let is_there = statement::execute(connection, SQL, &*values)? == 1;
    if is_there {
        change::append(connection, &Change::Account(account), at)?;
    }
    Ok(is_there)
}

/// Puts all of `profile` in the place of what is there, also what is known to be true.
pub(super) fn put(
    connection: &Connection,
    account: AccountId,
    profile: &Profile,
    at: Timestamp,
) -> Result<(), Failure> {
    const SQL: &str = concat!(
        "INSERT INTO profile (",
        profile_names!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
            ?19, ?20, ?21, ?22)
        ON CONFLICT (account_id) DO UPDATE SET ",
        profile_told_anew!(),
        ", phone_number_verified = excluded.phone_number_verified,
            email_verified = excluded.email_verified"
    );
    let (id, texts, millis) = (account.as_uuid().as_bytes(), texts(profile), at.millis());
    let mut values: Vec<&dyn ToSql> = vec![id];
    values.extend(texts.iter().map(|text| text as &dyn ToSql));
    values.extend([&millis as &dyn ToSql, &profile.phone_number_verified, &profile.email_verified]);
    statement::execute(connection, SQL, &*values)?;
    Ok(())
}

/// Notes, before `account` is written, that an address which it does not have yet is not known to be its
/// owner's.
pub(super) fn doubt_new_address(connection: &Connection, account: &Account) -> Result<(), Failure> {
    const SQL: &str = "UPDATE profile SET email_verified = 0 WHERE account_id = ?1
        AND NOT EXISTS (SELECT 1 FROM account AS a WHERE a.id = ?1 AND a.email = ?2)";
    let values = params![account.id.as_uuid().as_bytes(), account.email.as_str()];
    statement::execute(connection, SQL, values)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;
    use crate::sqlite::round_trip::Probe;

    #[test]
    fn a_person_is_read_with_one_statement_by_primary_keys() {
        let id = AccountId::from_uuid(Uuid::from_u128(1));
        let probe = Probe::on_an_empty_store();
        assert_eq!(probe.statements(|connection| person(connection, id).unwrap()), 1);
        assert_eq!(probe.searches_by_primary_key(PERSON, params![[0_u8; 16]]), 2);
        assert_eq!(probe.later_plans(PERSON, params![[0_u8; 16]]), 0);
    }
}
