//! A key that is made once and lies in the store before an installation begins: making one of RSA takes
//! longer than most stories. All other keys are each installation's own.

use std::path::Path;
use std::sync::OnceLock;

use hallpass::signing::make_key;
use hallpass_protocol::model::{MasterKey, SealedKey, SignatureAlgorithm, Timestamp};
use hallpass_store::{SqliteStore, Store as _};

/// The master key that opens it, as an operator writes it.
pub(crate) const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

/// Begins an installation in `data` with that key, unless there is one. All of a test program begin at the
/// same time, `at`.
pub(crate) async fn begin(data: &Path, at: Timestamp) {
    static KEY: OnceLock<SealedKey> = OnceLock::new();
    let make = || make_key(SignatureAlgorithm::Rs256, &MasterKey::new(&[7; 32]), at).unwrap();
    std::fs::create_dir_all(data).unwrap();
    let store = SqliteStore::open(&data.join("hallpass.db")).unwrap();
    store.initialise_keys(&[KEY.get_or_init(make).clone()]).await.unwrap();
    store.close().await;
}
