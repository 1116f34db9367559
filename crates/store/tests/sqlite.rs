//! The embedded store passes the suite, and keeps what only a file can promise.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use hallpass_store::{SqliteStore, Store};
use tempfile::TempDir;

async fn empty_store() -> (Arc<dyn Store>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("hallpass.db")).unwrap();
    (Arc::new(store), directory)
}

hallpass_store::conformance_tests!(empty_store);
