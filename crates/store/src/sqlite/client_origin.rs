//! Web origins of public clients: which pages may call from a browser.

use rusqlite::{Connection, params};

use hallpass_protocol::model::{Client, RedirectUri};

use super::failure::Failure;
use super::statement;

/// Puts the origins of `client`'s redirect URIs in the place of the old ones.
pub(super) fn put(connection: &Connection, client: &Client) -> Result<(), Failure> {
    const CLEAR: &str = "DELETE FROM client_origin WHERE client_id = ?1";
    // Whether the client is public is asked of its row: an update does not change that.
    const INSERT: &str = "INSERT INTO client_origin (origin, client_id)
        SELECT ?1, id FROM client WHERE id = ?2 AND client_type = 'public'
        ON CONFLICT (origin, client_id) DO NOTHING";
    statement::execute(connection, CLEAR, [client.id.as_str()])?;
    for origin in client.redirect_uris.iter().filter_map(RedirectUri::web_origin) {
        statement::execute(connection, INSERT, params![origin, client.id.as_str()])?;
    }
    Ok(())
}

/// Whether a public client that is active has it.
pub(super) fn is_known(connection: &Connection, origin: &str) -> Result<bool, Failure> {
    const SQL: &str = "SELECT 1 FROM client_origin o JOIN client c ON c.id = o.client_id
        WHERE o.origin = ?1 AND c.status = 'active' LIMIT 1";
    statement::is_any(connection, SQL, [origin])
}
