//! A schema in the cluster of the tests, which goes away with the test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// See the module.
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let schema = Self { name: format!("nodes_{}_{number}", std::process::id()) };
        assert!(psql(&format!("CREATE SCHEMA {}", schema.name)), "no schema could be made");
        schema
    }

    /// Where it is for somebody who goes through this port of this machine.
    pub(crate) fn url(&self, port: u16) -> String {
        let options = format!("options=-c%20search_path%3D{}", self.name);
        format!("postgres://hallpass@127.0.0.1:{port}/hallpass?{options}")
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // Whoever still uses it is about to end as well; the cluster is thrown away in any case.
        psql(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

/// The cluster's Unix socket.
pub(crate) fn socket() -> PathBuf {
    let cluster = cluster();
    let (_, directory) = cluster.split_once("host=").expect("scripts/with-postgres names a host");
    Path::new(directory.split('&').next().unwrap()).join(".s.PGSQL.5432")
}

fn cluster() -> String {
    std::env::var("HALLPASS_TEST_POSTGRES")
        .expect("a PostgreSQL is needed: run this with scripts/with-postgres")
}

fn psql(sql: &str) -> bool {
    let mut psql = Command::new("psql");
    let psql = psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]).arg(cluster());
    psql.output().expect("psql is missing: scripts/with-postgres installs it").status.success()
}
