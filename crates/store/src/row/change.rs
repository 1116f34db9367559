//! Changes in rows. What was changed is told by a kind and a key: a client's id as text, any other id as
//! the 16 bytes of a UUID, nothing where the kind says all.

use uuid::Uuid;

use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};

use super::{Columns, Corrupt, Row};
use crate::{Change, NEWS_LIFETIME};

/// The kind of the end of an authorization.
pub(crate) const AUTHORIZATION: &str = "authorization";

/// The kind of a change, and its key.
pub(crate) fn kind_and_key(change: &Change) -> (&'static str, &[u8]) {
    match change {
        Change::Revoked(Revocation { revoked, .. }) => match revoked {
            Revoked::Authorization(id) => (AUTHORIZATION, id.as_uuid().as_bytes()),
            Revoked::Consent(id) => ("consent", id.as_uuid().as_bytes()),
            Revoked::Account(id) => ("account", id.as_uuid().as_bytes()),
            Revoked::Client(id) => ("client", id.as_str().as_bytes()),
        },
        Change::Client(id) => ("client_changed", id.as_str().as_bytes()),
        Change::Account(id) => ("account_changed", id.as_uuid().as_bytes()),
        Change::Declared => ("declared", b""),
        Change::Keys => ("keys", b""),
    }
}

/// When a change was made, and until when it is told of.
pub(crate) fn times(change: &Change, made_at: Timestamp) -> (Timestamp, Timestamp) {
    match change {
        Change::Revoked(revocation) => (revocation.at, revocation.until),
        Change::Client(_) | Change::Account(_) | Change::Declared | Change::Keys => {
            (made_at, made_at.plus(NEWS_LIFETIME))
        }
    }
}

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<(u64, Change), Corrupt> {
    let number = columns.integer("seq")?;
    let number = u64::try_from(number).map_err(|_| columns.corrupt("seq"))?;
    let kind = columns.text("kind")?;
    let key = columns.bytes("key")?;
    let corrupt_key = columns.corrupt("key");
    let uuid = || Uuid::from_slice(key).map_err(|_| corrupt_key);
    let client = || {
        let text = str::from_utf8(key).ok();
        text.and_then(|text| ClientId::parse(text).ok()).ok_or(corrupt_key)
    };
    let revoked = match kind {
        AUTHORIZATION => Revoked::Authorization(AuthorizationId::from_uuid(uuid()?)),
        "consent" => Revoked::Consent(AuthorizationId::from_uuid(uuid()?)),
        "account" => Revoked::Account(AccountId::from_uuid(uuid()?)),
        "client" => Revoked::Client(client()?),
        "account_changed" => {
            return Ok((number, Change::Account(AccountId::from_uuid(uuid()?))));
        }
        "client_changed" => return Ok((number, Change::Client(client()?))),
        "declared" => return Ok((number, Change::Declared)),
        "keys" => return Ok((number, Change::Keys)),
        _ => return Err(columns.corrupt("kind")),
    };
    let (at, until) = (columns.timestamp("at")?, columns.timestamp("until")?);
    Ok((number, Change::Revoked(Revocation { revoked, at, until })))
}
