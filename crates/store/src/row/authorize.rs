//! The facts of an authorization request in one row.

use std::sync::Arc;

use hallpass_protocol::authorize::Facts;
use hallpass_protocol::model::{Consent, SignedIn};

use super::{Columns, Corrupt, Row, account, client, consent, session};

/// Reads a client with its owner, a session, the session's account and its consent to the client, each
/// of them there or not.
pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Facts, Corrupt> {
    let client = columns.joined("client", client::WIDTH, client::read)?;
    let session = columns.joined("session", session::WIDTH, session::read)?;
    let account = columns.joined("account", account::WIDTH, account::read)?;
    let consent = columns.joined("consent", consent::WIDTH, consent::read)?;
    let signed_in = session.zip(account).map(|(session, account)| SignedIn { session, account });
    Ok(Facts { client: client.map(Arc::new), signed_in, consent })
}

/// Reads a session, its account, and its consent to a client if there is one.
pub(crate) fn read_signed_in<R: Row>(
    columns: &mut Columns<'_, R>,
) -> Result<(SignedIn, Option<Consent>), Corrupt> {
    let session = columns.noun("session", session::read)?;
    let account = columns.noun("account", account::read)?;
    let consent = columns.joined("consent", consent::WIDTH, consent::read)?;
    Ok((SignedIn { session, account }, consent))
}
