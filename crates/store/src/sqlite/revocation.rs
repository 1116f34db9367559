//! Revocations: the acts that ended tokens, one row each, in the order of their numbers.

use rusqlite::{Connection, params};
use uuid::Uuid;

use hallpass_protocol::model::{AccountId, AuthorizationId, ClientId, Revocation, Revoked};

use super::failure::Failure;
use super::row::{self, Columns};

/// Adds an act behind all others.
pub(super) fn append(connection: &Connection, revocation: &Revocation) -> Result<(), Failure> {
    // Numbers only rise: nobody else writes within this act, and a purge leaves the last one.
    const SQL: &str = "INSERT INTO revocation (seq, kind, key, at, until)
        SELECT COALESCE(MAX(seq), 0) + 1, ?1, ?2, ?3, ?4 FROM revocation";
    let (kind, key) = match &revocation.revoked {
        Revoked::Authorization(id) => ("authorization", id.as_uuid().as_bytes().as_slice()),
        Revoked::Consent(id) => ("consent", id.as_uuid().as_bytes().as_slice()),
        Revoked::Account(id) => ("account", id.as_uuid().as_bytes().as_slice()),
        Revoked::Client(id) => ("client", id.as_str().as_bytes()),
    };
    let parameters = params![kind, key, revocation.at.millis(), revocation.until.millis()];
    row::execute(connection, SQL, parameters)?;
    Ok(())
}

pub(super) fn after(
    connection: &Connection,
    number: u64,
) -> Result<Vec<(u64, Revocation)>, Failure> {
    const SQL: &str =
        "SELECT seq, kind, key, at, until FROM revocation WHERE seq > ?1 ORDER BY seq";
    // No row has a number beyond the engine's.
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    row::every(connection, SQL, [number], |columns| columns.noun("revocation", read))
}

fn read(columns: &mut Columns<'_, '_>) -> Result<(u64, Revocation), Failure> {
    let number = columns.integer("seq")?;
    let number = u64::try_from(number).map_err(|_| columns.corrupt("seq"))?;
    let revoked = read_revoked(columns)?;
    let (at, until) = (columns.timestamp("at")?, columns.timestamp("until")?);
    Ok((number, Revocation { revoked, at, until }))
}

fn read_revoked(columns: &mut Columns<'_, '_>) -> Result<Revoked, Failure> {
    let kind = columns.text("kind")?;
    let key = columns.bytes("key")?;
    let uuid = || Uuid::from_slice(key).map_err(|_| columns.corrupt("key"));
    match kind {
        "authorization" => Ok(Revoked::Authorization(AuthorizationId::from_uuid(uuid()?))),
        "consent" => Ok(Revoked::Consent(AuthorizationId::from_uuid(uuid()?))),
        "account" => Ok(Revoked::Account(AccountId::from_uuid(uuid()?))),
        "client" => str::from_utf8(key)
            .ok()
            .and_then(|text| ClientId::parse(text).ok())
            .map(Revoked::Client)
            .ok_or_else(|| columns.corrupt("key")),
        _ => Err(columns.corrupt("kind")),
    }
}
