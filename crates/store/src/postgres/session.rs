//! Sessions: which browser is signed in to which account.

use hallpass_protocol::model::{AccountId, Session, SessionId, SignedIn, Timestamp};

use super::connection::Connection;
use super::failure::Failure;
use super::value::values;
use super::{session_client, statement};
use crate::row::account::{self, account_columns};
use crate::row::session::{read, session_columns};
use crate::row::session_client::end_of_notices;
use crate::row::{Columns, Corrupt, Row};

pub(super) async fn signed_in(
    connection: &Connection,
    id: &SessionId,
) -> Result<Option<SignedIn>, Failure> {
    const SQL: &str = concat!(
        "SELECT ",
        session_columns!("s"),
        ", ",
        account_columns!("a"),
        " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = $1"
    );
    statement::first(connection, SQL, &values![id.as_bytes()], |columns| {
        Ok(SignedIn {
            session: columns.noun("session", read)?,
            account: columns.noun("account", account::read)?,
        })
    })
    .await
}

pub(super) async fn count(
    connection: &Connection,
    account: AccountId,
    now: Timestamp,
) -> Result<u64, Failure> {
    const SQL: &str =
        "SELECT COUNT(*) AS count FROM session WHERE account_id = $1 AND $2 < expires_at";
    let values = values![account.as_uuid().as_bytes(), now.millis()];
    let count = statement::first(connection, SQL, &values, |columns| {
        columns.noun("session", |columns| columns.integer("count"))
    });
    Ok(count.await?.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

/// Closes the sessions of `$which`, makes the notices of the clients that it sees, due at `$at`, ends the
/// families that may not outlast them, and does `$then` beside it. It answers with each session that it
/// closed, how many clients that has counted, and how many were seen.
///
/// OpenID Connect Back-Channel Logout §2.7: refresh tokens without `offline_access` "SHOULD be revoked" with
/// their session. A family that begins in that very moment is not seen, as `code` tells it.
macro_rules! close {
    ($which:literal, $at:literal, $end:literal, $then:literal) => {
        concat!(
            "WITH closed AS (
                DELETE FROM session WHERE ",
            $which,
            " RETURNING id, clients
            ), told AS (
                UPDATE session_client SET closed_at = ",
            $at,
            ", due_at = ",
            $at,
            ", expires_at = ",
            $end,
            " FROM closed
                WHERE session_client.session_id = closed.id AND session_client.closed_at IS NULL
                RETURNING session_client.session_id
            ), ended AS (
                UPDATE refresh_family SET ended_at = ",
            $at,
            " FROM closed
                WHERE refresh_family.session_id = closed.id AND refresh_family.ended_at IS NULL
                    AND strpos(' ' || refresh_family.scopes || ' ', ' offline_access ') = 0
            )",
            $then,
            " SELECT closed.id, closed.clients,
                (SELECT COUNT(*) FROM told WHERE told.session_id = closed.id) AS told FROM closed"
        )
    };
}

/// One statement. A session that is there already is the same one, sent again because its answer got
/// lost: its id is the digest of a secret that was never used before.
pub(super) const OPEN: &str = close!(
    "id = $5",
    "$3",
    "$6",
    ", opened AS (
        INSERT INTO session (id, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO NOTHING
    )"
);
pub(super) const CLOSE: &str = close!("id = $1", "$2", "$3", "");
pub(super) const CLOSE_ALL_OF: &str = close!("account_id = $1", "$2", "$3", "");

/// A session that was closed just now.
struct Closed {
    id: SessionId,
    is_all_told: bool,
}

impl Closed {
    fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Self, Corrupt> {
        columns.noun("session", |columns| {
            let id = SessionId::from_digest(columns.digest("id")?);
            let (joined, told) = (columns.integer("clients")?, columns.integer("told")?);
            Ok(Self { id, is_all_told: joined <= told })
        })
    }
}

pub(super) async fn open(
    connection: &Connection,
    session: &Session,
    replaces: Option<&SessionId>,
) -> Result<(), Failure> {
    let values = values![
        session.id.as_bytes(),
        session.account.as_uuid().as_bytes(),
        session.created_at.millis(),
        session.expires_at.millis(),
        replaces.map(|old| old.as_bytes().as_slice()),
        end_of_notices(session.created_at).millis(),
    ];
    let closed = statement::first(connection, OPEN, &values, Closed::read).await?;
    match replaces {
        Some(old) => tell_the_rest(connection, old, closed, session.created_at).await,
        None => Ok(()),
    }
}

pub(super) async fn close(
    connection: &Connection,
    id: &SessionId,
    at: Timestamp,
) -> Result<(), Failure> {
    let values = values![id.as_bytes(), at.millis(), end_of_notices(at).millis()];
    let closed = statement::first(connection, CLOSE, &values, Closed::read).await?;
    tell_the_rest(connection, id, closed, at).await
}

/// Where nothing was closed it was before, perhaps by this very act, whose connection died after it.
async fn tell_the_rest(
    connection: &Connection,
    id: &SessionId,
    closed: Option<Closed>,
    at: Timestamp,
) -> Result<(), Failure> {
    match closed {
        Some(Closed { is_all_told: true, .. }) => Ok(()),
        Some(Closed { is_all_told: false, .. }) | None => {
            session_client::tell(connection, id, at).await
        }
    }
}

pub(super) async fn close_all_of(
    connection: &Connection,
    account: AccountId,
    at: Timestamp,
) -> Result<u64, Failure> {
    let account = account.as_uuid().as_bytes();
    let values = values![account, at.millis(), end_of_notices(at).millis()];
    let closed = statement::every(connection, CLOSE_ALL_OF, &values, Closed::read).await?;
    for session in closed.iter().filter(|session| !session.is_all_told) {
        session_client::tell(connection, &session.id, at).await?;
    }
    Ok(closed.len() as u64)
}
