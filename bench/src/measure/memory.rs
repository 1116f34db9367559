//! How much memory a server holds for connections that nobody uses.

use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpStream;

use super::contest::Order;
use super::figure::Held;
use crate::server::{Cores, Usage};

/// As many as a server takes if nobody says otherwise.
const CONNECTIONS: usize = 10_000;
/// How long the server may take to look at the last of them. It gives up on them later than that.
const SETTLED: Duration = Duration::from_secs(2);
const MEBIBYTE: u64 = 1024 * 1024;

/// A server that nobody has asked anything, and one with many connections that ask nothing. It is started on an
/// installation that is there: a first start hashes the passwords of its people, and each hashing thread keeps
/// its memory for the next.
///
/// # Errors
/// The server does not start, or the system gives no more connections.
pub(crate) async fn idle_memory(order: &Order) -> anyhow::Result<Vec<Held>> {
    let home = tempfile::tempdir()?;
    let data = home.path().join("data");
    order.engine.found(&data)?;
    let hallpass = order.engine.serve_in(&data, Cores::Shared)?;
    let held = |what: &str, budget: u64| {
        let resident = Usage::of(hallpass.program.id())?.resident;
        anyhow::Ok(Held { what: what.to_owned(), resident, budget: budget * MEBIBYTE })
    };
    tokio::time::sleep(SETTLED).await;
    let idle = held("nothing", 25)?;
    let mut connections = Vec::with_capacity(CONNECTIONS);
    while connections.len() < CONNECTIONS {
        let connection = TcpStream::connect(hallpass.address).await;
        let told = || format!("after {} connections; see ulimit -n", connections.len());
        connections.push(connection.with_context(told)?);
    }
    tokio::time::sleep(SETTLED).await;
    Ok(vec![idle, held("10,000 idle connections", 100)?])
}
