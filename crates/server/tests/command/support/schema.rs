//! A schema of a test's own, in the PostgreSQL of the tests.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// See the module. The cluster is thrown away with all its schemas.
pub(crate) struct Schema {
    name: String,
}

/// A table that nobody else can read.
pub(crate) struct Lock(Child);

impl Schema {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("command_{}_{number}", std::process::id());
        let made = psql().args(["-c", &format!("CREATE SCHEMA {name}")]).status();
        assert!(made.unwrap().success(), "{name} could not be made");
        Self { name }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}&options=-c%20search_path%3D{}", cluster(), self.name)
    }

    /// Keeps everybody out of a table.
    pub(crate) fn lock(&self, table: &str) -> Lock {
        let mut child = psql().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lock = format!("BEGIN; LOCK TABLE {}.{table}; SELECT 'locked';", self.name);
        writeln!(child.stdin.as_mut().unwrap(), "{lock}").unwrap();
        let mut answer = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut answer).unwrap();
        assert_eq!(answer, "locked\n");
        Lock(child)
    }
}

impl Lock {
    pub(crate) fn release(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

fn cluster() -> String {
    std::env::var("HALLPASS_TEST_POSTGRES")
        .expect("these tests need a PostgreSQL: scripts/test, or scripts/with-postgres cargo test")
}

fn psql() -> Command {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &cluster()]);
    psql
}
