//! How a person signed in, in the rows of what followed: codes and refresh families.

use hallpass_protocol::model::{
    Authentication, ClaimSet, Digest, RequestedClaims, SessionId, Timestamp,
};

use super::{Columns, Corrupt, Row};

/// How many columns [`read`] reads.
pub(crate) const WIDTH: usize = 4;

/// What [`read`] reads, where the table is called `$table` in the statement.
macro_rules! authentication_columns {
    ($table:literal) => {
        concat!(
            $table,
            ".session_id, ",
            $table,
            ".authenticated_at, ",
            $table,
            ".id_token_claims, ",
            $table,
            ".userinfo_claims",
        )
    };
}
pub(crate) use authentication_columns;

/// Reads an authentication without its nonce, or `None` where there is no time of it. A code has a session
/// all the same.
pub(crate) fn read<R: Row>(
    columns: &mut Columns<'_, R>,
) -> Result<Option<Authentication>, Corrupt> {
    let session = columns.bytes_or_null("session_id")?;
    let session = session.and_then(|bytes| bytes.try_into().ok()).map(Digest::from_bytes);
    let at = columns.timestamp_or_null("authenticated_at")?;
    let claims = RequestedClaims {
        id_token: read_claims(columns, "id_token_claims")?,
        userinfo: read_claims(columns, "userinfo_claims")?,
    };
    let Some(at) = at else { return Ok(None) };
    let session = session.ok_or_else(|| columns.corrupt("session_id"))?;
    Ok(Some(Authentication { session: SessionId::from_digest(session), at, nonce: None, claims }))
}

fn read_claims<R: Row>(
    columns: &mut Columns<'_, R>,
    column: &'static str,
) -> Result<ClaimSet, Corrupt> {
    Ok(columns.parsed_or_null(column, ClaimSet::parse)?.unwrap_or_default())
}

/// The columns of an authentication as they are written. All are NULL if there is none.
pub(crate) struct Written<'a> {
    pub(crate) session: Option<&'a [u8]>,
    pub(crate) at: Option<i64>,
    pub(crate) id_token_claims: Option<String>,
    pub(crate) userinfo_claims: Option<String>,
    pub(crate) nonce: Option<&'a str>,
}

impl<'a> Written<'a> {
    pub(crate) fn of(authentication: Option<&'a Authentication>) -> Self {
        let claims = |of: fn(&RequestedClaims) -> ClaimSet| {
            let set = authentication.map(|authentication| of(&authentication.claims));
            set.filter(|set| !set.is_empty()).map(|set| set.to_string())
        };
        Self {
            session: authentication.map(|authentication| &authentication.session.as_bytes()[..]),
            at: authentication.map(|authentication| Timestamp::millis(authentication.at)),
            id_token_claims: claims(|claims| claims.id_token),
            userinfo_claims: claims(|claims| claims.userinfo),
            nonce: authentication.and_then(|authentication| authentication.nonce.as_deref()),
        }
    }
}
