//! Web origins of public clients: which pages may call from a browser.

use hallpass_protocol::model::{Client, RedirectUri};

use super::connection::Connection;
use super::failure::Failure;
use super::statement;
use super::value::values;
use crate::row::join;

/// Puts the origins of `client`'s redirect URIs in the place of the old ones. The client's row is locked
/// by the same act, so that of two at once the later one's stay.
pub(super) async fn put(connection: &Connection, client: &Client) -> Result<(), Failure> {
    const CLEAR: &str = "DELETE FROM client_origin WHERE client_id = $1";
    // All in one text, as redirect URIs lie in their client's row. Whether the client is public is asked
    // of its row: an update does not change that.
    const INSERT: &str = "INSERT INTO client_origin (origin, client_id)
        SELECT one.origin, c.id
        FROM client c CROSS JOIN unnest(string_to_array($2, chr(10))) AS one (origin)
        WHERE c.id = $1 AND c.client_type = 'public'
        ON CONFLICT (origin, client_id) DO NOTHING";
    let id = client.id.as_str();
    let origins = join(client.redirect_uris.iter().filter_map(RedirectUri::web_origin), "\n");
    connection.execute(CLEAR, &values![id]).await?;
    connection.execute(INSERT, &values![id, &origins]).await?;
    Ok(())
}

/// Whether a public client that is active has it.
pub(super) async fn is_known(connection: &Connection, origin: &str) -> Result<bool, Failure> {
    const SQL: &str = "SELECT 1 FROM client_origin o JOIN client c ON c.id = o.client_id
        WHERE o.origin = $1 AND c.status = 'active' LIMIT 1";
    statement::is_any(connection, SQL, &values![origin]).await
}
