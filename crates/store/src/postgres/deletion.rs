//! The deletion of a client, however many have consented to it.
//!
//! ```text
//! few consents:  client, consents, what rests on them; told                    one transaction
//! many:          client shut; told -> consents, a portion at a time -> the rest, as for few
//! ```
//!
//! A statement has its limit of time, and what rests on a million consents takes minutes. Shut, a client gets
//! nothing any more, and its tokens have ended: that is at once, whatever happens then. If the rest is broken
//! off, by the end of this process or of the database, the client is there, shut, and can be deleted again.

use std::sync::Arc;

use hallpass_protocol::model::{AccountId, ClientId, Revocation};

use super::client::{self, Deletion};
use super::connection::Connection;
use super::database::{Database, Repeat};
use crate::StoreError;

pub(super) async fn delete(
    database: &Database,
    owner: AccountId,
    id: &ClientId,
    revocation: &Revocation,
) -> Result<bool, StoreError> {
    let delete = |connection: Arc<Connection>| async move {
        client::delete(&connection, owner, id, revocation).await
    };
    let remove =
        |connection: Arc<Connection>| async move { client::remove_consents(&connection, id).await };
    let mut is_ours = false;
    loop {
        // The second time it would find nothing to delete.
        match database.long_act("delete a client", Repeat::Never, delete).await? {
            Deletion::Done => return Ok(true),
            // If it was here before, somebody else has done the rest.
            Deletion::NotThere => return Ok(is_ours),
            Deletion::Shut => is_ours = true,
        }
        while database.long_act("remove consents", Repeat::Safe, remove).await? > 0 {}
    }
}
