//! A demo for the client libraries: apps of their own, somebody who signs in and agrees, and the way by which
//! a library of this language sends its HTTP.

use std::io;
use std::net::SocketAddr;

use oauth2::{HttpRequest, HttpResponse};
use serde_json::Value;
use url::Url;

use super::{Answer, Browser, Program, Workshop};

/// A demo with these apps.
pub(crate) struct Town {
    world: Value,
    _program: Program,
    _workshop: Workshop,
}

impl Town {
    /// Starts the demo with the apps of a file.
    pub(crate) fn new(apps: &str) -> Self {
        let workshop = Workshop::new();
        let apps = workshop.write("apps.toml", apps);
        let ports = ["demo", "--json", "--port", "0", "--api-port", "0", "--app-port", "0"];
        let arguments: Vec<&str> = ports.into_iter().chain(["--apps", &apps]).collect();
        let mut program = workshop.start(&arguments, &[]);
        let world = serde_json::from_str(&program.output.next().unwrap()).unwrap();
        Self { world, _program: program, _workshop: workshop }
    }

    /// The issuer.
    pub(crate) fn accounts(&self) -> &str {
        self.world["accounts"].as_str().unwrap()
    }

    /// What the demo says of one of its apps.
    pub(crate) fn app(&self, name: &str) -> &Value {
        self.world["apps"].as_array().unwrap().iter().find(|app| app["name"] == name).unwrap()
    }

    /// What the demo says of somebody; the first one has the name `ada`.
    pub(crate) fn user(&self, name: &str) -> &Value {
        let users = self.world["users"].as_array().unwrap();
        users.iter().find(|user| user["username"] == name).unwrap()
    }

    /// A fresh browser.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(self.address())
    }

    /// Somebody signs in and agrees to the request; what the app then gets.
    pub(crate) fn agree(&self, name: &str, request: &Url) -> Url {
        let user = self.user(name);
        let text = |name: &str| user[name].as_str().unwrap();
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(text("username"), text("password")).status, 303);
        let path = format!("/authorize?{}", request.query().unwrap());
        let mut answer = browser.get(&path);
        if answer.status == 200 {
            answer = browser.submit(&answer, "/authorize/answer", &[("answer", "agree")]);
        }
        Url::parse(answer.location()).unwrap()
    }

    fn address(&self) -> SocketAddr {
        self.accounts().strip_prefix("http://").unwrap().parse().unwrap()
    }
}

/// A field of the query of an app's own address.
pub(crate) fn field(callback: &Url, name: &str) -> String {
    let found = callback.query_pairs().find(|(found, _)| found == name);
    found.unwrap_or_else(|| panic!("no {name} in {callback}")).1.into_owned()
}

/// The libraries' HTTP client: one request on a connection of its own.
pub(crate) fn send(request: HttpRequest) -> io::Result<HttpResponse> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(io::Error::other)?;
    let address = SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()));
    let mut text = format!("{} {} HTTP/1.1\r\nHost: {address}\r\n", parts.method, url.path());
    for (name, value) in &parts.headers {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    text += &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    text += std::str::from_utf8(&body).unwrap();
    let answer = Answer::to(address, &text);
    let mut response = oauth2::http::Response::builder().status(answer.status);
    for kind in answer.headers("content-type") {
        response = response.header("content-type", kind);
    }
    response.body(answer.body.into_bytes()).map_err(io::Error::other)
}
