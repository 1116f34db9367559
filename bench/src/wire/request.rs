//! The bytes of a request.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::Serializer;

/// A request under construction; [`Request::bytes`] are what is sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    head: String,
    body: String,
}

impl Request {
    /// `GET path`, of the server known as `host`.
    pub(crate) fn get(host: &str, path: &str) -> Self {
        Self::new("GET", host, path, String::new())
    }

    /// `POST path` with a form.
    pub(crate) fn post(host: &str, path: &str, form: String) -> Self {
        Self::new("POST", host, path, form)
            .header("content-type", "application/x-www-form-urlencoded")
    }

    fn new(method: &str, host: &str, path: &str, body: String) -> Self {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: hallpass-bench\r\naccept: */*\r\n"
        );
        Self { head, body }
    }

    /// Adds a header line.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        for part in [name, ": ", value, "\r\n"] {
            self.head.push_str(part);
        }
        self
    }

    /// Adds `Authorization: Basic` for a client whose id and secret need no escaping.
    pub(crate) fn basic(self, client: &str, secret: &str) -> Self {
        let credentials = STANDARD.encode(format!("{client}:{secret}"));
        self.header("authorization", &format!("Basic {credentials}"))
    }

    /// The same request again and again, but for the end of its body.
    pub(crate) fn ending(self) -> Ending {
        Ending { head: self.head, body: self.body, bytes: Vec::new() }
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { head, body } = self;
        match body.len() {
            0 => format!("{head}\r\n"),
            length => format!("{head}content-length: {length}\r\n\r\n{body}"),
        }
        .into_bytes()
    }
}

/// A posted form whose last value is another each time.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    head: String,
    body: String,
    bytes: Vec<u8>,
}

impl Ending {
    /// The request with `end`, which needs no escaping, after the form as it stands.
    pub(crate) fn with(&mut self, end: &str) -> &[u8] {
        self.bytes.clear();
        let length = self.body.len() + end.len();
        // Writing to a vector cannot fail.
        let _ =
            write!(self.bytes, "{}content-length: {length}\r\n\r\n{}{end}", self.head, self.body);
        &self.bytes
    }
}

/// `name=value&…`, escaped: a form's body, or a query.
pub(crate) fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_form_is_sent_with_its_length_after_an_empty_line() {
        let body = form([("a", "b c"), ("d", "&")]);
        let request = Request::post("127.0.0.1:1", "/token", body).basic("id", "secret");
        let text = String::from_utf8(request.bytes()).unwrap();
        assert!(text.starts_with("POST /token HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"), "{text}");
        assert!(text.contains("\r\nauthorization: Basic aWQ6c2VjcmV0\r\n"), "{text}");
        assert!(text.contains("\r\ncontent-length: 11\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\na=b+c&d=%26"), "{text}");
    }

    #[test]
    fn a_request_with_another_ending_has_another_length() {
        let mut ending = Request::post("h", "/", "token=".to_owned()).ending();
        for (end, length) in [("ab", "content-length: 8\r\n"), ("abcdef", "content-length: 12\r\n")]
        {
            let text = String::from_utf8(ending.with(end).to_vec()).unwrap();
            assert!(text.contains(length) && text.ends_with(end), "{text}");
        }
    }
}
