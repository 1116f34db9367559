//! One database has one master key, whichever node is first.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use hallpass::config::Settings;
use hallpass::installation::Installation;
use hallpass_protocol::model::MasterKey;
use hallpass_store::{SqliteStore, Store};
use tempfile::TempDir;

use crate::support::{AFTERNOON, ManualClock, before_keys};

async fn node(store: Arc<dyn Store>, data: PathBuf) -> Result<(), String> {
    let settings = Settings { data: Some(data), hashing_threads: Some(1), ..Settings::default() };
    let clock = Arc::new(ManualClock::at(AFTERNOON));
    let opened = Installation::on(store, settings.into_config().unwrap(), None, clock).await;
    opened.map(|_| ()).map_err(|problem| problem.to_string())
}

fn database(directory: &TempDir) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&directory.path().join("hallpass.db")).unwrap())
}

#[tokio::test]
async fn a_node_without_the_key_of_its_database_asks_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let (store, one, two) =
        (database(&directory), directory.path().join("1"), directory.path().join("2"));
    node(Arc::clone(&store), one).await.unwrap();
    let told = node(store, two.clone()).await.unwrap_err();
    assert!(told.contains("copy it from another node"), "{told}");
    assert!(!two.exists(), "nothing was made");
}

#[tokio::test]
async fn of_two_nodes_that_begin_at_once_one_has_the_key_and_the_other_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let (store, one, two) =
        (database(&directory), directory.path().join("1"), directory.path().join("2"));
    let first = node(Arc::clone(&store), one);
    let late = before_keys(store, Box::pin(async move { first.await.unwrap() }));
    let told = node(late, two.clone()).await.unwrap_err();
    assert!(told.contains("another node has just begun"), "{told}");
    assert_eq!(fs::read_dir(&two).unwrap().count(), 0, "its own key is gone");
}

#[tokio::test]
async fn nodes_with_the_same_key_begin_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = database(&directory);
    let begin = |name: &str| {
        let data = Some(directory.path().join(name));
        let settings = Settings { data, hashing_threads: Some(1), ..Settings::default() };
        let (config, clock) = (settings.into_config().unwrap(), ManualClock::at(AFTERNOON));
        let master = Some(MasterKey::new(&[9; 32]));
        Installation::on(Arc::clone(&store), config, master, Arc::new(clock))
    };
    let (one, two) = tokio::join!(begin("1"), begin("2"));
    assert!(one.is_ok() && two.is_ok());
}
