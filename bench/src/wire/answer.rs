//! Reading an answer out of the bytes that have come.

use std::fmt::{Display, Formatter};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// One whole answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    /// Its status.
    pub(crate) status: u16,
    head: &'a str,
    /// Its body; may be empty.
    pub(crate) body: &'a str,
}

/// An answer kept beyond its connection, to be given again by the bare server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its status.
    pub(crate) status: u16,
    /// Its header lines, without the length and the date, which every server writes itself.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: String,
}

/// Where in the bytes that have come an answer lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    status: u16,
    head: usize,
    body: usize,
}

/// What stands between head and body.
const EMPTY_LINE: &[u8] = b"\r\n\r\n";

impl Extent {
    /// The extent of the answer at the beginning of `bytes`; `None` if not all of it is there yet.
    ///
    /// # Errors
    /// It is not HTTP/1.1, not text, or does not say its length.
    pub(crate) fn of(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let found = bytes.windows(EMPTY_LINE.len()).position(|window| window == EMPTY_LINE);
        let Some(end) = found else { return Ok(None) };
        let head = std::str::from_utf8(&bytes[..end])?;
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3))
            .and_then(|digits| digits.parse().ok())
            .with_context(|| format!("no answer in HTTP/1.1: {head:.80}"))?;
        let body = match field(head, "content-length") {
            Some(text) => text.parse().context("content-length")?,
            None if status == 204 || status == 304 => 0,
            None => bail!("an answer that does not say its length:\n{head}"),
        };
        let extent = Self { status, head: end, body };
        Ok((extent.end() <= bytes.len()).then_some(extent))
    }

    fn end(self) -> usize {
        self.head + EMPTY_LINE.len() + self.body
    }
}

impl<'a> Answer<'a> {
    /// The answer of that extent.
    ///
    /// # Errors
    /// It is not text.
    pub(crate) fn read(bytes: &'a [u8], extent: Extent) -> anyhow::Result<Self> {
        let head = std::str::from_utf8(&bytes[..extent.head])?;
        let body = std::str::from_utf8(&bytes[extent.head + EMPTY_LINE.len()..extent.end()])?;
        Ok(Self { status: extent.status, head, body })
    }

    /// The value of the first header line called `name` (in lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        field(self.head, name)
    }

    /// The values of all header lines called `name`.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &'a str> {
        lines(self.head)
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|pair| pair.1)
    }

    /// The value of the cookie that it sets under a name that ends in `name`.
    pub(crate) fn cookie(&self, name: &str) -> Option<&'a str> {
        self.headers("set-cookie")
            .filter_map(|line| line.split(';').next()?.split_once('='))
            .find(|(found, _)| found.ends_with(name))
            .map(|(_, value)| value)
    }

    /// What of it a bare server is to say again.
    pub(crate) fn keep(&self) -> Kept {
        let own = ["content-length", "date", "connection", "keep-alive"];
        let headers = lines(self.head)
            .filter(|(name, _)| !own.iter().any(|own| name.eq_ignore_ascii_case(own)))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Kept { status: self.status, headers, body: self.body.to_owned() }
    }
}

/// For an error: what was expected is told by whoever expected it. It may hold a token, but only one of
/// a server that was made for this run and ends with it.
impl Display for Answer<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}\n\n{:.600}", self.head, self.body)
    }
}

/// The header lines, name and value.
fn lines(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.split('\n').skip(1).filter_map(|line| line.split_once(':')).map(|(n, v)| (n, v.trim()))
}

/// Looks at the length of a name before its letters: this runs for every answer.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split('\n').find_map(|line| {
        let found = line.get(..name.len())?;
        let rest = line[name.len()..].strip_prefix(':')?;
        found.eq_ignore_ascii_case(name).then(|| rest.trim())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const REDIRECT: &[u8] = b"HTTP/1.1 303 See Other\r\nlocation: https://a.example/#x=1\r\n\
        Set-Cookie: hallpass-visitor=v; Path=/\r\nset-cookie: hallpass-session=s; Path=/\r\n\
        Content-Length: 2\r\ndate: now\r\n\r\nok";

    fn read(bytes: &[u8]) -> Answer<'_> {
        Answer::read(bytes, Extent::of(bytes).unwrap().unwrap()).unwrap()
    }

    #[test]
    fn an_answer_is_read_when_all_of_it_is_there() {
        for end in 0..REDIRECT.len() {
            assert!(Extent::of(&REDIRECT[..end]).unwrap().is_none(), "{end}");
        }
        let answer = read(REDIRECT);
        assert_eq!((answer.status, answer.body), (303, "ok"));
        assert_eq!(answer.header("location"), Some("https://a.example/#x=1"));
        assert_eq!(answer.cookie("session"), Some("s"));
        assert_eq!(answer.header("etag"), None);
    }

    #[test]
    fn what_is_kept_leaves_out_what_every_server_writes_itself() {
        let kept = read(REDIRECT).keep();
        let names: Vec<&str> = kept.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["location", "set-cookie", "set-cookie"]);
        assert_eq!((kept.status, kept.body.as_str()), (303, "ok"));
    }

    #[test]
    fn an_answer_without_a_length_is_refused_rather_than_waited_for() {
        assert!(Extent::of(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(Extent::of(b"SSH-2.0\r\n\r\n").is_err());
        let empty = read(b"HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!((empty.status, empty.body), (204, ""));
    }
}
