//! Sessions in rows.

use hallpass_protocol::model::{AccountId, Session, SessionId};

use super::{Columns, Corrupt, Row};

/// How many columns [`read`] reads.
pub(crate) const WIDTH: usize = 4;

/// What [`read`] reads, where the table is called `$session` in the statement.
macro_rules! session_columns {
    ($session:literal) => {
        concat!(
            $session,
            ".id, ",
            $session,
            ".account_id, ",
            $session,
            ".created_at, ",
            $session,
            ".expires_at",
        )
    };
}
pub(crate) use session_columns;

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Session, Corrupt> {
    Ok(Session {
        id: SessionId::from_digest(columns.digest("id")?),
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        created_at: columns.timestamp("created_at")?,
        expires_at: columns.timestamp("expires_at")?,
    })
}
