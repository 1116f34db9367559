//! JSON as it is answered: what serde_json writes, sooner.
//!
//! Nearly all texts that are answered hold nothing that JSON escapes, and neither does the name of any member.
//! That is seen for eight bytes at a time, and the text is copied in one piece. Any other text is left to
//! serde_json, and so is what is seldom answered: a fraction, a letter, bytes.

use std::mem;

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Error, Result};

/// Writes `value` behind what `bytes` holds.
///
/// # Errors
/// `value` has no form in JSON: the key of a map is no text, or it said itself why it cannot be written.
pub fn write<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<()> {
    value.serialize(Writer(bytes))
}

/// Writes one value.
struct Writer<'a>(&'a mut Vec<u8>);

/// Writes the values of a list or the members of an object.
struct Members<'a> {
    bytes: &'a mut Vec<u8>,
    is_first: bool,
    end: &'static [u8],
}

/// Whether nothing of a text is escaped (RFC 8259 §7).
#[inline]
fn is_plain(text: &[u8]) -> bool {
    // Where bytes are left over, some are looked at twice.
    if let Some(last) = text.last_chunk() {
        let (eights, _) = text.as_chunks();
        eights.iter().fold(escaped(*last), |found, eight| found | escaped(*eight)) == 0
    } else if let (Some([a, b, c, d]), Some([e, f, g, h])) = (text.first_chunk(), text.last_chunk())
    {
        escaped([*a, *b, *c, *d, *e, *f, *g, *h]) == 0
    } else {
        text.iter().all(|byte| *byte >= b' ' && *byte != b'"' && *byte != b'\\')
    }
}

/// Not 0 if any of eight bytes is escaped. A byte below some `n`, itself below 128, is one whose highest bit is not
/// set until `n` is taken from it; 0 is the only byte below 1.
#[inline]
const fn escaped(eight: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let bytes = u64::from_le_bytes(eight);
    let quote = bytes ^ (ONES * b'"' as u64);
    let backslash = bytes ^ (ONES * b'\\' as u64);
    let control = bytes.wrapping_sub(ONES * b' ' as u64) & !bytes;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGHEST
}

impl<'a> Writer<'a> {
    fn raw(self, text: &[u8]) -> Result<()> {
        self.0.extend_from_slice(text);
        Ok(())
    }

    /// As serde_json has it.
    fn other(self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        serde_json::to_writer(self.0, value)
    }

    fn members(self, begin: u8, end: &'static [u8]) -> Result<Members<'a>> {
        self.0.push(begin);
        Ok(Members { bytes: self.0, is_first: true, end })
    }

    /// An object whose one member is named after a variant, up to its value.
    fn variant(self, name: &str) -> Result<Self> {
        self.0.push(b'{');
        Writer(self.0).serialize_str(name)?;
        self.0.push(b':');
        Ok(self)
    }
}

/// What is left to serde_json as it is.
macro_rules! others {
    ($($method:ident: $kind:ty),+ $(,)?) => {
        $(fn $method(self, value: $kind) -> Result<()> {
            self.other(&value)
        })+
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Members<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    others! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_f32: f32, serialize_f64: f64,
        serialize_char: char, serialize_bytes: &[u8],
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.raw(if value { b"true" } else { b"false" })
    }

    fn serialize_str(self, text: &str) -> Result<()> {
        if !is_plain(text.as_bytes()) {
            return self.other(text);
        }
        self.0.reserve(text.len() + 2);
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.raw(b"null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.raw(b"null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.raw(b"null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<()> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        let bytes = self.variant(name)?.0;
        value.serialize(Writer(bytes))?;
        bytes.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>> {
        self.members(b'[', b"]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>> {
        self.members(b'[', b"]")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>> {
        self.members(b'[', b"]")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Members<'a>> {
        self.variant(name)?.members(b'[', b"]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>> {
        self.members(b'{', b"}")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>> {
        self.members(b'{', b"}")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Members<'a>> {
        self.variant(name)?.members(b'{', b"}}")
    }
}

impl Members<'_> {
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if !mem::take(&mut self.is_first) {
            self.bytes.push(b',');
        }
        value.serialize(Writer(self.bytes))
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.value(name)?;
        self.bytes.push(b':');
        value.serialize(Writer(self.bytes))
    }

    fn end(self) -> Result<()> {
        Writer(self.bytes).raw(self.end)
    }
}

/// Lists, whatever serde calls them.
macro_rules! lists {
    ($($kind:ident: $method:ident),+) => {
        $(impl $kind for Members<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.value(value)
            }

            fn end(self) -> Result<()> {
                self.end()
            }
        })+
    };
}

/// Objects whose members are known.
macro_rules! objects {
    ($($kind:ident),+) => {
        $(impl $kind for Members<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<()> {
                self.member(name, value)
            }

            fn end(self) -> Result<()> {
                self.end()
            }
        })+
    };
}

lists! {
    SerializeSeq: serialize_element, SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field
}
objects! { SerializeStruct, SerializeStructVariant }

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let begin = self.bytes.len() + usize::from(!self.is_first);
        self.value(key)?;
        match self.bytes.get(begin) {
            Some(b'"') => Ok(()),
            _ => Err(Error::custom("the key of a map is no text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.bytes.push(b':');
        value.serialize(Writer(self.bytes))
    }

    fn end(self) -> Result<()> {
        self.end()
    }
}
