//! Notices of the end of a session in rows.

use std::time::Duration;

use hallpass_protocol::model::{AccountId, ClientId, SessionId, Timestamp};

use super::{Columns, Corrupt, Row, client};
use crate::{LOGOUT_NOTICE_LIFETIME, LogoutNotice};

/// Reads a notice, and its client if that is there.
pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<LogoutNotice, Corrupt> {
    let mut notice = columns.noun("session_client", read_bare)?;
    notice.client = columns.joined("client", client::WIDTH, client::read)?;
    Ok(notice)
}

/// Reads a notice without its client.
pub(crate) fn read_bare<R: Row>(columns: &mut Columns<'_, R>) -> Result<LogoutNotice, Corrupt> {
    Ok(LogoutNotice {
        session: SessionId::from_digest(columns.digest("session_id")?),
        client_id: columns.parsed("client_id", |text| ClientId::parse(text).ok())?,
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        attempts: u32::try_from(columns.integer("attempts")?)
            .map_err(|_| columns.corrupt("attempts"))?,
        client: None,
    })
}

/// When the notices of a session that is closed at `at` are too old.
pub(crate) fn end_of_notices(at: Timestamp) -> Timestamp {
    at.plus(LOGOUT_NOTICE_LIFETIME)
}

/// A span as the store counts it.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
