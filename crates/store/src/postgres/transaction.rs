//! Acts of several statements: all of them happen, or none.

use super::connection::Connection;
use super::failure::Failure;

/// What an act begins with that may touch the rows of very many people: the end of an app, a file that shuts
/// one. Without it a statement has two seconds, and such an app could never be ended.
pub(super) const LONG_STATEMENTS: &str = "SET LOCAL statement_timeout = '10s'";

/// Does `work` in a transaction of its own. If it fails the transaction stays open: who gave the
/// connection rolls it back.
///
/// Isolation is the database's own: each act is right when every statement sees what was committed before
/// it, and at every stricter level.
pub(super) async fn transaction<T>(
    connection: &Connection,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    // The first statement goes out behind BEGIN without waiting for its answer.
    let (begun, done) = tokio::join!(biased; connection.run("BEGIN"), work);
    begun?;
    let done = done?;
    connection.run("COMMIT").await?;
    Ok(done)
}
