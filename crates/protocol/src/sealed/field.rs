//! The fields of sealed records: numbers are big-endian, times are milliseconds since the Unix epoch, a text
//! comes behind its length in two bytes. Each reader takes its field from the front, or nothing.

use uuid::Uuid;

use crate::model::Timestamp;

/// One longer than 64 KiB is cut, and then does not match anything: whoever writes it knows that it is not.
pub(crate) fn write_text(text: &str, bytes: &mut Vec<u8>) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
}

pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

pub(crate) fn take_uuid(rest: &mut &[u8]) -> Option<Uuid> {
    take(rest).map(Uuid::from_bytes)
}

pub(crate) fn take_time(rest: &mut &[u8]) -> Option<Timestamp> {
    take(rest).map(i64::from_be_bytes).map(Timestamp::from_millis)
}

pub(crate) fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = u16::from_be_bytes(take(rest)?);
    let (text, left) = rest.split_at_checked(usize::from(length))?;
    *rest = left;
    std::str::from_utf8(text).ok()
}
