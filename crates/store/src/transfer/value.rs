//! Rows between two engines: what both can hold, and nothing of what it means.

use std::fmt;

/// A value of a row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The values of a row, or of its key, in the order of the table's columns.
pub(crate) type Row = Vec<Value>;

// Not derived: values are digests, hashes of passwords, sealed keys.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
