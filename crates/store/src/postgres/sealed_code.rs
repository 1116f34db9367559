//! Codes that carry what they stand for: only that they were exchanged is on record.
//!
//! Who exchanges one holds its consent first, then its key, then the family that begins with it, as `code`
//! tells it.

use hallpass_protocol::code::SealedCode;
use hallpass_protocol::model::{CodeKey, Timestamp};
use hallpass_protocol::token::grant::authorization_code::Redemption;

use super::connection::Connection;
use super::failure::Failure;
use super::refresh_family::Written;
use super::statement;
use super::value::values;
use crate::Outcome;

pub(super) async fn redeemed_at(
    connection: &Connection,
    code: &CodeKey,
) -> Result<Option<Timestamp>, Failure> {
    const SQL: &str = "SELECT used_at FROM used_code WHERE key = $1";
    statement::first(connection, SQL, &values![code.as_bytes()], |columns| {
        columns.noun("used_code", |columns| columns.timestamp("used_at"))
    })
    .await
}

/// One exchange, and `$then` what begins with it. The consent is held from the first part on: of all who try,
/// one finds no row of this key when it comes to write it.
macro_rules! redeem_sealed {
    ($then:literal) => {
        concat!(
            "WITH recorded AS (
                INSERT INTO used_code (key, used_at)
                SELECT $1, $2
                FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = $3
                    JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
                WHERE s.id = $4 AND a.id = $5 AND $2 < s.expires_at AND n.authorization_id = $6
                    AND a.status = 'active' AND c.status = 'active'
                FOR NO KEY UPDATE OF n
                ON CONFLICT (key) DO NOTHING
                RETURNING used_code.key
            ), used AS (
                UPDATE consent SET last_used_at = GREATEST(consent.last_used_at, $2) FROM recorded
                WHERE consent.account_id = $5 AND consent.client_id = $3
            )",
            $then,
            " SELECT 1 FROM recorded"
        )
    };
}

pub(super) const REDEEM: &str = redeem_sealed!("");
pub(super) const REDEEM_FOR_A_FAMILY: &str = redeem_sealed!(
    ", begun AS (
        INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
            generation, created_at, idle_until, absolute_until, ended_at, resource,
            session_id, authenticated_at, id_token_claims, userinfo_claims)
        SELECT $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21 FROM recorded
    )"
);

pub(super) async fn redeem(
    connection: &Connection,
    code: &SealedCode,
    redemption: &Redemption,
) -> Result<Outcome, Failure> {
    let values = values![
        code.code.key.as_bytes(),
        redemption.at.millis(),
        code.code.client.as_str(),
        code.session.as_bytes(),
        code.code.account.as_uuid().as_bytes(),
        code.code.consent.as_uuid().as_bytes(),
    ];
    let is_done = match &redemption.family {
        None => statement::is_any(connection, REDEEM, &values).await?,
        Some(family) => {
            let written = Written::of(family);
            let values = [&values[..], &written.values(family)].concat();
            statement::is_any(connection, REDEEM_FOR_A_FAMILY, &values).await?
        }
    };
    if is_done {
        return Ok(Outcome::Done);
    }
    // The reason is asked anew, because what a statement sees is older than what it has waited for.
    Ok(match redeemed_at(connection, &code.code.key).await? {
        Some(_) => Outcome::Late,
        None => Outcome::Gone,
    })
}
