//! Codes: recorded when they are issued, exchanged once.
//!
//! Who is at a code holds the consent that it rests on first, then the code, then the family that begins
//! with it. A withdrawal takes the same rows in the same order, so one of them waits for the other and
//! none waits in a circle: either the exchange comes first and its family goes with the consent, or the
//! consent is gone and nothing is exchanged. The client, the account and the session are looked at, not
//! held: an exchange at the very moment in which one of them is shut may still be `Done`. Its family then
//! stands still as long as that is so.

use hallpass_protocol::authorize::{CodeGround, CodeRecord};
use hallpass_protocol::model::{ApiIdentifier, AuthorizationId, ClientId, CodeKey, RefreshFamily};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::grant::authorization_code::{Facts, Redemption};

use super::connection::Connection;
use super::failure::Failure;
use super::transaction::transaction;
use super::value::values;
use super::{consent, refresh_family, statement};
use crate::Outcome;
use crate::row::account::account_columns;
use crate::row::authentication::Written;
use crate::row::client::client_columns;
use crate::row::code as row;
use crate::row::code::code_columns;
use crate::row::consent::consent_columns;

/// Starts from one row that is always there, so that what is missing is NULL instead of no answer.
pub(super) const FACTS: &str = concat!(
    "SELECT ",
    client_columns!("k", "o"),
    ", ",
    code_columns!("d"),
    ", ",
    account_columns!("a"),
    ", ",
    consent_columns!("n"),
    " FROM (SELECT 1) AS one
      LEFT JOIN client AS k ON k.id = $1
      LEFT JOIN account AS o ON o.id = k.owner_id
      LEFT JOIN code AS d ON d.key = $2
      LEFT JOIN account AS a ON a.id = d.account_id
      LEFT JOIN consent AS n ON n.account_id = d.account_id AND n.client_id = d.client_id"
);

pub(super) async fn facts(
    connection: &Connection,
    caller: &ClientId,
    code: &CodeKey,
) -> Result<Facts, Failure> {
    let values = values![caller.as_str(), code.as_bytes()];
    let facts = statement::first(connection, FACTS, &values, row::read_facts).await?;
    Ok(facts.unwrap_or_default())
}

/// Records the approval first, if there is one; then the code, on the consent in force.
pub(super) async fn record(connection: &Connection, record: &CodeRecord) -> Result<bool, Failure> {
    let approval = match &record.ground {
        CodeGround::Remembered(consent) => return insert(connection, record, *consent).await,
        CodeGround::Approved(approval) => approval,
    };
    transaction(connection, async {
        let consent = consent::agree(connection, approval).await?;
        let Some(consent) = consent else { return Ok(false) };
        if insert(connection, record, consent).await? {
            return Ok(true);
        }
        if why_not(connection, &record.key).await? == Outcome::Late {
            return Ok(false);
        }
        // A failure takes the approval back.
        Err(Failure::Refused("the approval is of another session, account, client or time"))
    })
    .await
}

/// The guard is in the statement: what the code rests on must hold when it is stored. The consent is held
/// until then, as the foreign key would hold it anyway: of one that is just being withdrawn nothing is
/// found, instead of a violation. A code that is there already and unused is only counted: it is written
/// over with what it has.
pub(super) const INSERT: &str = "INSERT INTO code (key, authorization_id, consent_id, client_id,
        account_id, session_id, redirect_uri, scopes, challenge, expires_at, resource,
        authenticated_at, id_token_claims, userinfo_claims, nonce)
    SELECT $1, $2, n.authorization_id, n.client_id, n.account_id, s.id, $3, $4, $5, $6, $12,
        $13, $14, $15, $16
    FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = $7
        JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
    WHERE s.id = $8 AND a.id = $9 AND $10 < s.expires_at AND n.authorization_id = $11
        AND a.status = 'active' AND c.status = 'active'
    FOR KEY SHARE OF n
    ON CONFLICT (key) DO UPDATE SET key = code.key WHERE code.redeemed_at IS NULL";

async fn insert(
    connection: &Connection,
    record: &CodeRecord,
    consent: AuthorizationId,
) -> Result<bool, Failure> {
    let scopes = record.scopes.to_string();
    let authentication = Written::of(record.authentication.as_ref());
    let values = values![
        record.key.as_bytes(),
        record.authorization.as_uuid().as_bytes(),
        &record.redirect_uri,
        &scopes,
        record.challenge.as_ref().map(CodeChallenge::as_str),
        record.expires_at.millis(),
        record.client.as_str(),
        record.session.as_bytes(),
        record.account.as_uuid().as_bytes(),
        record.issued_at.millis(),
        consent.as_uuid().as_bytes(),
        record.resource.as_ref().map(ApiIdentifier::as_str),
        authentication.at,
        authentication.id_token_claims.as_deref(),
        authentication.userinfo_claims.as_deref(),
        authentication.nonce,
    ];
    Ok(connection.execute(INSERT, &values).await? == 1)
}

/// One exchange, and `$then` what begins with it. Each part is done with the rows that the one before it
/// has changed, so they hold their locks in this order.
///
/// What the first part sees of the code is from before it waited for the consent. So the second asks the
/// code itself once more: of all who try, one finds it unused.
macro_rules! redeem {
    ($then:literal) => {
        concat!(
            "WITH used AS (
                UPDATE consent SET last_used_at = GREATEST(consent.last_used_at, $2)
                FROM code d JOIN account a ON a.id = d.account_id
                    JOIN client c ON c.id = d.client_id JOIN session s ON s.id = d.session_id
                WHERE d.key = $1 AND d.redeemed_at IS NULL AND $2 < s.expires_at
                    AND a.status = 'active' AND c.status = 'active'
                    AND consent.account_id = d.account_id AND consent.client_id = d.client_id
                    AND consent.authorization_id = d.consent_id
                RETURNING consent.authorization_id
            ), redeemed AS (
                UPDATE code SET redeemed_at = $2 FROM used
                WHERE code.key = $1 AND code.redeemed_at IS NULL
                RETURNING code.key
            )",
            $then,
            " SELECT 1 FROM redeemed"
        )
    };
}

pub(super) const REDEEM: &str = redeem!("");
pub(super) const REDEEM_FOR_A_FAMILY: &str = redeem!(
    ", begun AS (
        INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
            generation, created_at, idle_until, absolute_until, ended_at, resource,
            session_id, authenticated_at, id_token_claims, userinfo_claims)
        SELECT $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 FROM redeemed
    )"
);

pub(super) async fn redeem(
    connection: &Connection,
    redemption: &Redemption,
) -> Result<Outcome, Failure> {
    let (key, at) = (redemption.key.as_bytes(), redemption.at.millis());
    let is_done = match &redemption.family {
        None => statement::is_any(connection, REDEEM, &values![key, at]).await?,
        Some(family) => redeem_for(connection, redemption, family).await?,
    };
    match is_done {
        true => Ok(Outcome::Done),
        false => why_not(connection, &redemption.key).await,
    }
}

async fn redeem_for(
    connection: &Connection,
    redemption: &Redemption,
    family: &RefreshFamily,
) -> Result<bool, Failure> {
    let written = refresh_family::Written::of(family);
    let code = values![redemption.key.as_bytes(), redemption.at.millis()];
    let values = [&code[..], &written.values(family)].concat();
    statement::is_any(connection, REDEEM_FOR_A_FAMILY, &values).await
}

/// The reason why nothing was stored. It is asked anew, because what a statement sees is older than what
/// it has waited for; the facts keep away who comes late in any other way, so this is rare.
async fn why_not(connection: &Connection, key: &CodeKey) -> Result<Outcome, Failure> {
    const SQL: &str = "SELECT 1 FROM code WHERE key = $1 AND redeemed_at IS NOT NULL";
    match statement::is_any(connection, SQL, &values![key.as_bytes()]).await? {
        true => Ok(Outcome::Late),
        false => Ok(Outcome::Gone),
    }
}
