//! What tests ask about the statement of a fact: that it is one, and that keys lead to what it reads.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, Params, StatementStatus, ToSql};
use tempfile::TempDir;

use super::{opening, readers};

/// A reader that counts its statements. It can do nothing but read.
pub(super) struct Probe {
    reader: Connection,
    statements: Arc<AtomicUsize>,
    _directory: TempDir,
}

impl Probe {
    pub(super) fn on_an_empty_store() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("db");
        drop(opening::open(&path).unwrap());
        let mut reader = readers::connect(&path).unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&statements);
        let count = move |_: TraceEvent<'_>| {
            count.fetch_add(1, Ordering::Relaxed);
        };
        reader.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count)).unwrap();
        Self { reader, statements, _directory: directory }
    }

    /// How many statements `ask` sends.
    pub(super) fn statements<T>(&self, ask: impl FnOnce(&Connection) -> T) -> usize {
        let before = self.statements.load(Ordering::Relaxed);
        ask(&self.reader);
        self.statements.load(Ordering::Relaxed) - before
    }

    /// How often the engine plans a statement anew that is run again.
    pub(super) fn later_plans(&self, sql: &str, parameters: &[&dyn ToSql]) -> i32 {
        for _ in 0..3 {
            let mut statement = self.reader.prepare_cached(sql).unwrap();
            statement.query(parameters).unwrap().next().unwrap();
        }
        let statement = self.reader.prepare_cached(sql).unwrap();
        statement.get_status(StatementStatus::RePrepare)
    }

    /// How many rows a statement looks up, each by its table's primary key and in no other way.
    pub(super) fn searches_by_primary_key(&self, sql: &str, parameters: impl Params) -> usize {
        let mut plan = self.reader.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.query_map(parameters, |row| row.get::<_, String>("detail")).unwrap();
        let searches: Vec<_> = steps
            .map(Result::unwrap)
            .filter(|step| !["CO-ROUTINE one", "SCAN CONSTANT ROW", "SCAN one"].contains(&&**step))
            .collect();
        for search in &searches {
            assert!(search.starts_with("SEARCH ") && search.contains(" PRIMARY KEY "), "{search}");
        }
        searches.len()
    }
}
