//! Keeping the tables small: what has ended is removed, in small steps (refusals ST-18).

use std::pin::pin;
use std::time::Duration;

use hallpass_protocol::model::Timestamp;
use hallpass_store::{Store, StoreError};

use crate::state::AppState;

/// How long between two sweeps.
const PAUSE: Duration = Duration::from_secs(3600);
/// How many rows go in one act: few enough that nobody's sign-in waits behind it.
const STEP: u32 = 500;

/// Sweeps now and every hour until the end has come.
pub async fn run(app: AppState, end: impl Future<Output = ()>) {
    let mut end = pin!(end);
    loop {
        match sweep(&*app.store, app.now()).await {
            Ok(removed) => tracing::debug!(removed, "ended rows removed"),
            Err(error) => tracing::warn!("ended rows could not be removed: {error}"),
        }
        app.revocations.forget_ended(app.now());
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
