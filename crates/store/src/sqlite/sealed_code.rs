//! Codes that carry what they stand for: only that they were exchanged is on record.

use rusqlite::{Connection, ToSql, params};

use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{CodeKey, Timestamp};
use hallpass_protocol::token::grant::authorization_code::Redemption;

use super::consent::use_consent;
use super::failure::Failure;
use super::{refresh_family, statement};
use crate::Outcome;

pub(super) fn redeemed_at(
    connection: &Connection,
    code: &CodeKey,
) -> Result<Option<Timestamp>, Failure> {
    const SQL: &str = "SELECT used_at FROM used_code WHERE key = ?1";
    statement::first(connection, SQL, [code.as_bytes()], |columns| {
        columns.noun("used_code", |columns| columns.timestamp("used_at"))
    })
}

pub(super) fn redeem(
    connection: &Connection,
    code: &SealedCode,
    redemption: &Redemption,
) -> Result<Outcome, Failure> {
    // The guard is in the statement: without all that the code rests on, the time, which must not be NULL, is,
    // and nothing is stored. Of all who try, one finds no row of this key. Nobody else writes within this act,
    // so both hold below.
    const RECORD: &str = "INSERT OR IGNORE INTO used_code (key, used_at) VALUES (?1, (
        SELECT ?2 FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = ?3
            JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
        WHERE s.id = ?4 AND a.id = ?5 AND ?2 < s.expires_at AND +n.authorization_id = ?6
            AND a.status = 'active' AND c.status = 'active'
    ))";
    const USE: &str = use_consent!("VALUES (?2, ?3, ?4)");
    let (at, client) = (redemption.at.millis(), code.code.client.as_str());
    let account = code.code.account.as_uuid().as_bytes();
    let consent = code.code.consent.as_uuid().as_bytes();
    let parameters: &[&dyn ToSql] =
        params![code.code.key.as_bytes(), at, client, code.session.as_bytes(), account, consent];
    if statement::execute(connection, RECORD, parameters)? == 0 {
        // Not a second decision, only its reason.
        return Ok(match redeemed_at(connection, &code.code.key)? {
            Some(_) => Outcome::Late,
            None => Outcome::Gone,
        });
    }
    statement::execute(connection, USE, params![at, account, client, consent])?;
    if let Some(family) = &redemption.family {
        refresh_family::insert(connection, family)?;
    }
    Ok(Outcome::Done)
}
