//! What a statement is given: a few kinds of values, each of one type of the engine.
//!
//! Every statement says the types of its values, so that it can be sent in one piece, unnamed, where a
//! pooler stands in between. A value has no `Debug` that shows it: the driver logs what it sends.

use std::error::Error;
use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

/// One value of a statement.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    TextOrNull(Option<&'a str>),
    Bytes(&'a [u8]),
    BytesOrNull(Option<&'a [u8]>),
    Integer(i64),
    IntegerOrNull(Option<i64>),
    Texts(&'a [&'a str]),
    Several(&'a [&'a [u8]]),
    Integers(&'a [i64]),
}

/// The values of a statement, in the order of their numbers: `values![id, name]` for `$1` and `$2`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::postgres::value::Value::from($value)),*] };
}
pub(super) use values;

impl Value<'_> {
    /// The engine's type.
    pub(super) const fn kind(&self) -> Type {
        match self {
            Self::Text(_) | Self::TextOrNull(_) => Type::TEXT,
            Self::Bytes(_) | Self::BytesOrNull(_) => Type::BYTEA,
            Self::Integer(_) | Self::IntegerOrNull(_) => Type::INT8,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Several(_) => Type::BYTEA_ARRAY,
            Self::Integers(_) => Type::INT8_ARRAY,
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Text(text) => text.to_sql(kind, out),
            Self::TextOrNull(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
            Self::BytesOrNull(bytes) => bytes.to_sql(kind, out),
            Self::Integer(number) => number.to_sql(kind, out),
            Self::IntegerOrNull(number) => number.to_sql(kind, out),
            Self::Texts(texts) => texts.to_sql(kind, out),
            Self::Several(several) => several.to_sql(kind, out),
            Self::Integers(numbers) => numbers.to_sql(kind, out),
        }
    }

    // The engine was told the type by `kind`; it has no other.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::TextOrNull(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a [&'a str]> for Value<'a> {
    fn from(texts: &'a [&'a str]) -> Self {
        Self::Texts(texts)
    }
}

impl<'a> From<&'a [&'a [u8]]> for Value<'a> {
    fn from(several: &'a [&'a [u8]]) -> Self {
        Self::Several(several)
    }
}

impl<'a> From<Option<&'a [u8]>> for Value<'a> {
    fn from(bytes: Option<&'a [u8]>) -> Self {
        Self::BytesOrNull(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a [i64]> for Value<'a> {
    fn from(numbers: &'a [i64]) -> Self {
        Self::Integers(numbers)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::IntegerOrNull(number)
    }
}
