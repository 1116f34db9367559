//! What must be done from time to time: what has ended is removed, in small steps (refusals ST-18), and
//! the keys are changed before they are old.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::model::Timestamp;
use hallpass_store::{Store, StoreError};

use crate::node::Node;

/// How long between two sweeps.
const PAUSE: Duration = Duration::from_secs(3600);
/// How many rows go in one act: few enough that nobody's sign-in waits behind it.
const STEP: u32 = 500;

/// Does it now and every hour until the end has come.
pub async fn run(node: Arc<Node>, end: impl Future<Output = ()>) {
    let mut end = pin!(end);
    loop {
        let app = node.app();
        match sweep(&*app.store, app.now()).await {
            Ok(removed) => tracing::debug!(removed, "ended rows removed"),
            Err(error) => tracing::warn!("ended rows could not be removed: {error}"),
        }
        app.revocations.forget_ended(app.now());
        if let Err(problem) = node.keep_keys().await {
            tracing::warn!("the keys could not be looked after: {problem}");
        }
        tokio::select! {
            () = &mut end => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Removes everything that has ended by `now`; answers how many rows that were.
///
/// # Errors
/// The store's. What was removed before it stays removed.
pub async fn sweep(store: &dyn Store, now: Timestamp) -> Result<u64, StoreError> {
    let mut total = 0;
    loop {
        let removed = store.purge_expired(now, STEP).await?;
        total += removed;
        if removed < u64::from(STEP) {
            return Ok(total);
        }
    }
}
