//! A browser in a few lines: HTTP/1.1 over a socket, cookies, and the hidden fields of forms.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use url::form_urlencoded::Serializer;

/// Somebody's browser.
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    cookies: BTreeMap<String, String>,
    /// Every cookie value and every hidden field it ever held.
    pub(crate) secrets: Vec<String>,
}

/// A form whose head has been taken and whose body the server waits for.
pub(crate) struct UnderWay(TcpStream);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl UnderWay {
    const BODY: &str = "username=ada&password=none";

    /// Begins to send a sign-in form, until the server says that it waits for the body.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            Self::BODY.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        Self(stream)
    }

    /// Sends the body.
    pub(crate) fn finish(mut self) -> Answer {
        self.0.write_all(Self::BODY.as_bytes()).unwrap();
        Answer::read(&mut self.0)
    }
}

impl Answer {
    /// Sends a whole request and reads the whole answer.
    pub(crate) fn to(address: SocketAddr, request: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        Self::read(&mut stream)
    }

    /// Reads an answer whose end is the end of the connection.
    fn read(stream: &mut TcpStream) -> Self {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no answer: {text:?}"));
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn location(&self) -> &str {
        self.headers("location").next().unwrap_or_else(|| panic!("no location: {}", self.head))
    }
}

impl Browser {
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new(), secrets: Vec::new() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let length = body.len();
        let head = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nSec-Fetch-Site: same-origin\r\n"
        );
        self.send("POST", path, &head, &body)
    }

    /// Opens the page at `path` and sends its form, hidden fields included, with `fields`.
    pub(crate) fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        self.submit(&page, path, fields)
    }

    /// Sends the form of `page` to `path`, hidden fields included, with `fields`.
    pub(crate) fn submit(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let hidden = hidden(&page.body);
        self.secrets.extend(hidden.iter().map(|(_, value)| value.clone()));
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let path = path.split('?').next().unwrap();
        self.post(path, &hidden.chain(fields.iter().copied()).collect::<Vec<_>>())
    }

    pub(crate) fn sign_up(&mut self, username: &str, password: &str) -> Answer {
        let email = format!("{username}@example.com");
        let fields = [("username", username), ("email", email.as_str()), ("password", password)];
        self.fill("/sign-up", &fields)
    }

    pub(crate) fn sign_in(&mut self, username: &str, password: &str) -> Answer {
        self.fill("/sign-in", &[("username", username), ("password", password)])
    }

    fn send(&mut self, method: &str, path: &str, head: &str, body: &str) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = match cookies.is_empty() {
            true => String::new(),
            false => format!("Cookie: {}\r\n", cookies.join("; ")),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookies}{head}\r\n{body}",
            self.address
        );
        let answer = Answer::to(self.address, &request);
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.secrets.push(value.to_owned());
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// The hidden fields of the first form of a page.
pub(crate) fn hidden(html: &str) -> Vec<(String, String)> {
    let form = html.split("</form>").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let pairs = inputs.filter_map(|input| {
        let (name, rest) = input.split_once("\" value=\"")?;
        let (value, _) = rest.split_once('"')?;
        Some((name.to_owned(), unescape(value)))
    });
    pairs.collect()
}

/// Text as a browser reads it from a page.
pub(crate) fn unescape(html: &str) -> String {
    let entities =
        [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.iter().fold(html.to_owned(), |text, (entity, c)| text.replace(entity, c))
}
