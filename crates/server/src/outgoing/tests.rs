#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::Mutex;

use async_trait::async_trait;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;

const ISSUER: &str = "https://accounts.example";
const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Names whose addresses are these, one answer after the other.
struct Told(Mutex<VecDeque<Vec<IpAddr>>>);

impl Told {
    fn these(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(parsed).collect())))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[async_trait]
impl Names for Told {
    async fn addresses(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().pop_front().ok_or(io::ErrorKind::NotFound.into())
    }
}

fn outgoing(reach: Reach, answers: &[&[&str]]) -> Outgoing {
    Outgoing::with_names(reach, ISSUER, Told::these(answers))
}

async fn post(outgoing: &Outgoing, address: &str) -> Result<u16, OutgoingProblem> {
    let status = outgoing.post_form(address, &[("logout_token", "a.b.c")]).await;
    status.map(|status| status.as_u16())
}

/// Listens, and does `serve` with the first connection, whose request has come whole. Who comes later finds
/// nobody.
async fn listen<F, T>(
    serve: impl FnOnce(TcpStream, String) -> F + Send + 'static,
) -> (u16, JoinHandle<T>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let mut request = Vec::new();
        while !request.ends_with(b"logout_token=a.b.c") {
            if stream.read_buf(&mut request).await.unwrap() == 0 {
                break;
            }
        }
        serve(stream, String::from_utf8_lossy(&request).into_owned()).await
    });
    (port, served)
}

/// Listens, and gives this answer.
async fn answering(answer: &'static [u8]) -> (u16, JoinHandle<String>) {
    listen(async move |mut stream: TcpStream, request: String| {
        stream.write_all(answer).await.unwrap();
        request
    })
    .await
}

#[tokio::test]
async fn a_form_is_sent_and_its_status_comes_back() {
    let (port, served) = answering(GOOD).await;
    let outgoing = outgoing(Reach::Loopback, &[]);
    assert_eq!(post(&outgoing, &format!("http://127.0.0.1:{port}/logout?a=b")).await, Ok(200));
    let request = served.await.unwrap().to_lowercase();
    assert!(request.starts_with("post /logout?a=b http/1.1\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(!request.contains("cookie") && !request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn sf_01_a_name_that_leads_inward_is_not_asked() {
    for inner in [
        &["10.0.0.1"][..],
        &["169.254.169.254"],
        &["127.0.0.1"],
        &["::ffff:10.0.0.1"],
        &["64:ff9b::a00:1"],
        &["0.0.0.0"],
        &["1.1.1.1", "10.0.0.1"],
        &["2606:4700::1", "::1"],
    ] {
        let outgoing = outgoing(Reach::Public, &[inner]);
        let answer = post(&outgoing, "https://app.example/logout").await;
        assert_eq!(answer, Err(OutgoingProblem::Inner), "{inner:?}");
    }
    let misnamed = outgoing(Reach::Private, &[&["10.0.0.1"]]);
    let answer = post(&misnamed, "http://localhost:9/logout").await;
    assert_eq!(answer, Err(OutgoingProblem::Inner), "in clear only this machine is asked");
}

#[tokio::test]
async fn sf_02_a_name_is_asked_once_and_what_was_judged_is_used() {
    let (port, served) = answering(GOOD).await;
    let names = Told::these(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let outgoing =
        Outgoing::with_names(Reach::Loopback, ISSUER, Arc::clone(&names) as Arc<dyn Names>);
    let address = format!("http://localhost:{port}/logout");
    assert_eq!(post(&outgoing, &address).await, Ok(200));
    served.await.unwrap();
    assert_eq!(names.left(), 1, "asked once");
    assert_eq!(post(&outgoing, &address).await, Err(OutgoingProblem::Inner), "judged anew");
}

#[tokio::test]
async fn sf_03_a_redirect_is_not_followed() {
    let (inner, nobody) = answering(GOOD).await;
    let (port, served) = listen(async move |mut stream: TcpStream, _| {
        let head = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{inner}/\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
    })
    .await;
    let outgoing = outgoing(Reach::Loopback, &[]);
    assert_eq!(post(&outgoing, &format!("http://127.0.0.1:{port}/")).await, Ok(307));
    served.await.unwrap();
    assert!(!nobody.is_finished(), "nobody came there");
    nobody.abort();
}

#[tokio::test]
async fn sf_04_what_speaks_no_tls_gets_no_form() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(GOOD).await.unwrap();
        let mut sent = Vec::new();
        // It hangs up when it has seen the answer.
        let _ = stream.read_to_end(&mut sent).await;
        sent
    });
    let outgoing = outgoing(Reach::Loopback, &[]);
    let answer = post(&outgoing, &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(answer, Err(OutgoingProblem::Unreachable));
    let sent = String::from_utf8_lossy(&served.await.unwrap()).into_owned();
    assert!(!sent.contains("logout_token"), "{sent}");
}

#[tokio::test]
async fn sf_05_an_endless_answer_is_not_read() {
    let (port, served) = listen(async move |mut stream: TcpStream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // It ends when nobody reads any more and the connection is gone.
        while stream.write_all(&[b'x'; 64 * 1024]).await.is_ok() {}
    })
    .await;
    let outgoing = outgoing(Reach::Loopback, &[]);
    assert_eq!(post(&outgoing, &format!("http://127.0.0.1:{port}/")).await, Ok(200));
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn sf_05_who_does_not_answer_is_not_waited_for() {
    let (port, served) = listen(async move |mut stream: TcpStream, _| {
        let mut rest = Vec::new();
        // It ends when the other side has given up.
        let _ = stream.read_to_end(&mut rest).await;
    })
    .await;
    let outgoing = outgoing(Reach::Loopback, &[]);
    let began = tokio::time::Instant::now();
    let answer = post(&outgoing, &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(answer, Err(OutgoingProblem::Slow));
    assert!(began.elapsed() <= TIMEOUT + Duration::from_millis(100), "{:?}", began.elapsed());
    served.await.unwrap();
}

#[tokio::test]
async fn sf_06_nothing_of_an_answer_is_told() {
    let (port, served) = answering(b"\x16\x03SECRET-OF-THE-INNER-HOST\r\n\r\n").await;
    let outgoing = outgoing(Reach::Loopback, &[&["127.0.0.1"], &[]]);
    let damaged = post(&outgoing, &format!("http://127.0.0.1:{port}/")).await;
    served.await.unwrap();
    let closed = post(&outgoing, &format!("http://localhost:{port}/")).await;
    let nobodys = post(&outgoing, "https://app.example/").await;
    for answer in [damaged, closed, nobodys] {
        let problem = answer.unwrap_err();
        assert_eq!(problem, OutgoingProblem::Unreachable, "each in the same words");
        assert_eq!(problem.to_string(), "the address cannot be reached");
    }
}
