//! `packaging/nginx/hallpass.conf` in a real nginx: before it a client, behind it an API that tells what
//! reached it, beside it the demo. `scripts/test` installs nginx where it is missing.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use hallpass::clock::SystemClock;
use hallpass::config::Settings;
use hallpass::demo::{Demo, Listeners};
use hallpass::listener::{self, ShutdownTrigger};
use tempfile::TempDir;

const SAMPLE: &str = include_str!("../../../packaging/nginx/hallpass.conf");

/// The sample inside of what a test needs: one process that leaves nothing outside its directory.
const AROUND: &str = "\
daemon off; master_process off; pid nginx.pid; error_log stderr notice;
events {}
http {
    access_log off; client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include hallpass.conf;
}
";

/// nginx with the sample, between a client and an API. Everything ends when it is dropped.
struct Site {
    nginx: Child,
    _log: BufReader<ChildStderr>,
    directory: TempDir,
    accounts: SocketAddr,
    /// The demo's own API, which asks no proxy.
    sample_api: SocketAddr,
    /// The demo's apps: id and secret, if there is one.
    apps: Vec<(String, Option<String>)>,
    token: String,
    _shutdown: ShutdownTrigger,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Site {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (trigger, shutdown) = listener::shutdown();
        let demo = demo(&directory.path().join("data")).await;
        let token = demo.token.as_ref().unwrap().reveal().to_owned();
        let accounts = demo.world.accounts.strip_prefix("http://").unwrap().parse().unwrap();
        let sample_api = demo.world.api.strip_suffix("/v1").unwrap();
        let sample_api = sample_api.strip_prefix("http://").unwrap().parse().unwrap();
        let apps = demo.world.apps.iter();
        let apps = apps.map(|app| (app.client_id.clone(), app.client_secret.clone())).collect();
        tokio::spawn(demo.serve(shutdown.clone()));
        let api = listener::bind(any_port()).await.unwrap();
        let api_address = api.local_addr().unwrap();
        tokio::spawn(listener::serve(api, Router::new().fallback(tell), 16, shutdown));
        let (nginx, log) = start_nginx(directory.path(), accounts, api_address);
        Self { nginx, _log: log, directory, accounts, sample_api, apps, token, _shutdown: trigger }
    }

    /// Sends a request through nginx, with these further header lines.
    fn get(&self, path: &str, headers: &[&str]) -> Answer {
        let stream = UnixStream::connect(self.directory.path().join("nginx.sock")).unwrap();
        let head = headers.iter().map(|line| format!("{line}\r\n")).collect::<String>();
        ask(stream, &format!("GET {path} HTTP/1.1\r\nHost: api.example.com\r\n{head}"), "")
    }

    /// `get` with the demo's token, which has `user-read-private user-read-email`.
    fn get_with_token(&self, path: &str) -> Answer {
        self.get(path, &[&self.bearer()])
    }

    /// Asks the demo's own API who the token stands for.
    fn ask_sample_api(&self) -> Answer {
        let head =
            format!("GET /v1/me HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.sample_api, self.bearer());
        ask(TcpStream::connect(self.sample_api).unwrap(), &head, "")
    }

    fn bearer(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
    }

    /// Revokes the token at the accounts service, as the app that it was issued to.
    fn revoke(&self) {
        let subject = self.get_with_token("/");
        let client = subject.told("x-auth-client").unwrap();
        let (_, secret) = self.apps.iter().find(|(id, _)| id == client).unwrap();
        let secret = secret.as_ref().map(|secret| format!("&client_secret={secret}"));
        let body = format!("token={}&client_id={client}{}", self.token, secret.unwrap_or_default());
        let head = format!(
            "POST /revoke HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n",
            self.accounts,
            body.len()
        );
        let answer = ask(TcpStream::connect(self.accounts).unwrap(), &head, &body);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.nginx.kill();
        let _ = self.nginx.wait();
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// What the API was told in this header.
    fn told(&self, name: &str) -> Option<&str> {
        assert_eq!(self.status, 200, "{self:?}");
        value(&self.body, name)
    }
}

/// The value of a header in lines of them; it must not stand there twice.
fn value<'a>(lines: &'a str, name: &str) -> Option<&'a str> {
    let mut values = lines.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    });
    let first = values.next();
    assert_eq!(values.next(), None, "{name} came twice: {lines}");
    first
}

/// The API: answers with the headers that reached it, one a line.
async fn tell(request: Request) -> String {
    let lines = request.headers().iter();
    lines.map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect()
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn demo(data: &Path) -> Demo {
    let settings =
        Settings { data: Some(data.to_owned()), hashing_threads: Some(1), ..Settings::default() };
    let listeners = Listeners {
        accounts: listener::bind(any_port()).await.unwrap(),
        api: listener::bind(any_port()).await.unwrap(),
        app: listener::bind(any_port()).await.unwrap(),
        pkce_app: listener::bind(any_port()).await.unwrap(),
    };
    let config = settings.into_config().unwrap();
    Demo::prepare(config, None, listeners, Arc::new(SystemClock)).await.unwrap()
}

/// Starts nginx and waits until it listens.
fn start_nginx(
    directory: &Path,
    accounts: SocketAddr,
    api: SocketAddr,
) -> (Child, BufReader<ChildStderr>) {
    let socket = format!("unix:{}", directory.join("nginx.sock").display());
    let mut sample = SAMPLE.to_owned();
    for (written, meant) in [
        ("127.0.0.1:8080", accounts.to_string()),
        ("127.0.0.1:3000", api.to_string()),
        ("127.0.0.1:8443", socket),
    ] {
        assert_eq!(sample.matches(written).count(), 1, "{written} in the sample");
        sample = sample.replace(written, &meant);
    }
    std::fs::write(directory.join("hallpass.conf"), sample).unwrap();
    std::fs::write(directory.join("nginx.conf"), AROUND).unwrap();
    // Debian keeps it where only root's PATH leads.
    let program = ["/usr/sbin/nginx", "nginx"].into_iter().find(|path| Path::new(path).exists());
    let mut nginx = Command::new(program.unwrap_or("nginx"))
        .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("nginx is missing: scripts/test installs it");
    let mut log = BufReader::new(nginx.stderr.take().unwrap());
    let mut said = String::new();
    // Said once the sockets are open.
    while !said.contains("event method") {
        let read = log.read_line(&mut said).unwrap();
        assert!(read > 0, "nginx did not start: {said}");
    }
    (nginx, log)
}

/// Sends a request whose head lacks only its end, and reads the answer.
fn ask(mut stream: impl Read + Write, head: &str, body: &str) -> Answer {
    let request = format!("{head}Connection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (headers, body) = text.split_once("\r\n\r\n").unwrap();
    let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, headers: headers.to_owned(), body: body.to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_token_passes_and_the_api_is_told_whose_it_is() {
    let site = Site::open().await;
    for path in ["/", "/anything?access=1", "/v1/me"] {
        let answer = site.get_with_token(path);
        assert_eq!(
            answer.told("x-auth-scope"),
            Some("user-read-private user-read-email"),
            "{path}"
        );
        assert_eq!(answer.told("x-auth-subject").map(str::len), Some(36));
        let client = answer.told("x-auth-client").unwrap();
        assert!(site.apps.iter().any(|(id, _)| id == client), "{client}");
        assert!(answer.told("x-auth-expires").unwrap().parse::<u64>().unwrap() > 1_700_000_000);
        assert_eq!(answer.told("authorization"), None, "the API needs no token");
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_brings_no_good_token_gets_401_with_the_challenge() {
    let site = Site::open().await;
    let none = site.get("/v1/me", &[]);
    assert_eq!(
        (none.status, none.header("www-authenticate")),
        (401, Some("Bearer realm=\"Hallpass\""))
    );
    for (headers, path) in [
        (vec!["Authorization: Bearer hpa_AAAA"], "/"),
        (vec!["Authorization: Bearer x"], "/v1/me/tracks"),
    ] {
        let answer = site.get(path, &headers);
        assert_eq!(answer.status, 401, "{headers:?}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        assert!(!answer.body.contains("x-auth"), "the API was not asked: {answer:?}");
    }
    let query = site.get(&format!("/?access_token={}", site.token), &[]);
    assert_eq!(query.status, 401, "a token in the address is no token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_scope_is_403_with_what_is_needed() {
    let site = Site::open().await;
    let answer = site.get_with_token("/v1/me/tracks?limit=1");
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.header("www-authenticate"),
        Some(
            "Bearer realm=\"Hallpass\", error=\"insufficient_scope\", scope=\"user-library-read\""
        )
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // A client cannot talk its way out of what is needed.
    let answer = site.get_with_token("/v1/me/tracks?scope=&needed_scope=user-read-email");
    assert_eq!(answer.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_bearer_token_is_400() {
    let site = Site::open().await;
    let answer = site.get("/", &["Authorization: Basic YTpi"]);
    let challenge = Some("Bearer realm=\"Hallpass\", error=\"invalid_request\"");
    assert_eq!((answer.status, answer.header("www-authenticate")), (400, challenge));
    let two = site.get("/", &[&site.bearer(), "Authorization: Bearer x"]);
    assert!(matches!(two.status, 400 | 401), "one of two is not picked: {two:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_says_about_itself_does_not_reach_the_api() {
    let site = Site::open().await;
    let honest = site.get_with_token("/");
    let said = [
        site.bearer(),
        "X-Auth-Subject: root".to_owned(),
        "x-auth-client: root".to_owned(),
        "X-AUTH-SCOPE: everything".to_owned(),
        "X-Auth-Expires: 9999999999".to_owned(),
        "X_Auth_Subject: root".to_owned(),
        "X-Auth-Subject: admin".to_owned(),
    ];
    let spoofed = site.get("/", &said.iter().map(String::as_str).collect::<Vec<_>>());
    for name in ["x-auth-subject", "x-auth-client", "x-auth-scope", "x-auth-expires"] {
        assert_eq!(spoofed.told(name), honest.told(name), "{name}");
    }
    for word in ["root", "admin", "everything", "9999999999"] {
        assert!(!spoofed.body.contains(word), "{}", spoofed.body);
    }
    let check = site.get_with_token("/_hallpass");
    assert_eq!(check.status, 404, "the check itself cannot be reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rv_08_a_revoked_token_is_refused_by_the_next_request() {
    let site = Site::open().await;
    assert_eq!((site.get_with_token("/v1/me").status, site.ask_sample_api().status), (200, 200));
    site.revoke();
    for answer in [site.get_with_token("/v1/me"), site.ask_sample_api()] {
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate").unwrap();
        let description = "error_description=\"The access token was revoked\"";
        assert!(challenge.ends_with(description), "{challenge}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_accounts_service_nobody_is_let_in() {
    let directory = tempfile::tempdir().unwrap();
    let (_trigger, shutdown) = listener::shutdown();
    let api = listener::bind(any_port()).await.unwrap();
    let api_address = api.local_addr().unwrap();
    tokio::spawn(listener::serve(api, Router::new().fallback(tell), 16, shutdown));
    // A port that was free a moment ago: nobody listens there.
    let nobody = listener::bind(any_port()).await.unwrap().local_addr().unwrap();
    let (mut nginx, _log) = start_nginx(directory.path(), nobody, api_address);
    let stream = UnixStream::connect(directory.path().join("nginx.sock")).unwrap();
    let head = "GET / HTTP/1.1\r\nHost: api.example.com\r\nAuthorization: Bearer x\r\n";
    let answer = ask(stream, head, "");
    let _ = nginx.kill();
    let _ = nginx.wait();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(!answer.body.contains("x-auth"), "{answer:?}");
}
