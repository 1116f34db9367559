//! The HTTP layer on real sockets: requests that are broken, too large, too slow or too many. Names are
//! rows of the table of refusals. Time is tokio's and stands still until nothing else can happen, so no
//! test waits.

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{TestServer, Wire, link, read_to_end};

/// A wire to a whole server.
async fn wire(server: &TestServer) -> Wire {
    Wire::open(server.router.clone(), 100).await
}

/// More than the system keeps for a client that does not read.
const MUCH: usize = 32 * 1024 * 1024;

/// A wire to a server without a store, for tests that let time pass.
async fn plain_wire(max_connections: usize) -> Wire {
    let router = Router::new()
        .route("/", get(async || "well"))
        .route("/much", get(async || vec![b'x'; MUCH]));
    Wire::open(router, max_connections).await
}

/// The statuses of the answers in `received`.
fn statuses(received: &str) -> Vec<&str> {
    received.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect()
}

#[tokio::test]
async fn ht_02_a_request_of_unclear_length_ends_the_connection() {
    let server = TestServer::start().await;
    let wire = wire(&server).await;
    let head = "POST /sign-out HTTP/1.1\r\nHost: a\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let smuggled = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for lengths in [
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\na=1",
        "Content-Length: 3, 4\r\n\r\na=1",
        "Content-Length: +3\r\n\r\na=1",
        "Content-Length: -1\r\n\r\na=1",
        "Content-Length: 99999999999999999999999\r\n\r\na=1",
        "Transfer-Encoding: xchunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na=1\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\na=1\r\n0\r\n\r\n",
        "X: a\r\n folded\r\nContent-Length: 3\r\n\r\na=1",
        "Content-Length : 3\r\n\r\na=1",
    ] {
        let received = wire.exchange(format!("{head}{lengths}{smuggled}")).await;
        assert_eq!(statuses(&received), ["400"], "{lengths:?}: {received}");
    }
}

#[tokio::test]
async fn ht_02_of_two_lengths_chunks_count_and_nothing_comes_after_them() {
    let server = TestServer::start().await;
    let wire = wire(&server).await;
    for lengths in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        let smuggler = format!(
            "POST /sign-out HTTP/1.1\r\nHost: a\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{lengths}\r\n\
             0\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
        );
        let received = wire.exchange(smuggler).await;
        assert_eq!(statuses(&received).len(), 1, "{lengths:?}: {received}");
    }
}

#[tokio::test]
async fn ht_03_of_requests_sent_at_once_each_is_judged_alone_and_in_order() {
    let server = TestServer::start().await;
    let ada = server.browser_of("ada").await;
    let session = &ada.cookies["__Host-hallpass-session"];
    let hers = format!("Host: a\r\nCookie: __Host-hallpass-session={session}\r\n\r\n");
    let received = wire(&server)
        .await
        .exchange(format!(
            "GET /dashboard HTTP/1.1\r\n{hers}\
             GET /dashboard HTTP/1.1\r\nHost: a\r\n\r\n\
             GET /nowhere HTTP/1.1\r\n{hers}\
             GET /dashboard HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ))
        .await;
    assert_eq!(statuses(&received), ["200", "303", "404", "303"], "{received}");
}

#[tokio::test(start_paused = true)]
async fn ht_04_who_does_not_finish_a_head_loses_the_connection() {
    let wire = plain_wire(10).await;
    for begun in ["", "GET", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let received = wire.exchange(begun).await;
        assert!(!received.contains("well"), "{begun:?}: {received}");
    }
    let idle = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let received = wire.exchange(idle).await;
    assert_eq!(statuses(&received), ["200"], "a connection that is done ends as well");
}

#[tokio::test(start_paused = true)]
async fn ht_04_who_does_not_finish_a_body_gets_no_further() {
    let server = TestServer::start().await;
    let received = wire(&server)
        .await
        .exchange(
            "POST /sign-out HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\na=1",
        )
        .await;
    assert_eq!(statuses(&received), ["408"], "{received}");
}

#[tokio::test(start_paused = true)]
async fn ht_04_slow_clients_cannot_take_all_places_for_long() {
    let wire = plain_wire(2).await;
    let (mut first, mut second) = (wire.connect().await, wire.connect().await);
    for slow in [&mut first, &mut second] {
        slow.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    }
    let received = wire.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(received.ends_with("well"), "{received}");
    for slow in [&mut first, &mut second] {
        assert!(!read_to_end(slow).await.contains("well"));
    }
}

#[tokio::test(start_paused = true)]
async fn ht_04_who_does_not_read_the_answer_loses_the_connection() {
    let wire = plain_wire(1).await;
    let mut slow = wire.connect().await;
    slow.write_all(b"GET /much HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let received = wire.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(received.ends_with("well"), "the only place is free again: {received}");
    assert!(read_to_end(&mut slow).await.len() < MUCH);
}

#[tokio::test]
async fn ht_05_a_head_without_end_is_refused() {
    let server = TestServer::start().await;
    let wire = wire(&server).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(120 * 1024));
    let many = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect::<String>();
    let path = "x".repeat(120 * 1024);
    for (target, headers) in [("/", long.as_str()), ("/", &many), (&format!("/{path}"), "")] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        let received = wire.exchange(request).await;
        assert!(
            matches!(*statuses(&received), ["431" | "414"]),
            "{:?} for {} bytes",
            statuses(&received),
            headers.len()
        );
    }
}

#[tokio::test]
async fn ht_05_the_longest_request_that_is_looked_at_still_fits() {
    let server = TestServer::start().await;
    let state = "%C3%A9".repeat(2048);
    let target = format!("{}&state={state}", link(&[]));
    let received = wire(&server)
        .await
        .exchange(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        .await;
    assert_eq!(statuses(&received), ["303"], "{received:.200}");
}

#[tokio::test]
async fn ht_06_a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let server = TestServer::start().await;
    let wire = wire(&server).await;
    let head = "POST /sign-in HTTP/1.1\r\nHost: a\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";

    let announced = wire.exchange(format!("{head}Content-Length: 1000000\r\n\r\nx")).await;
    assert_eq!(statuses(&announced), ["413"], "{announced}");
    let expecting = "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n";
    let asked_first = wire.exchange(format!("{head}{expecting}")).await;
    assert_eq!(statuses(&asked_first), ["413"], "no 100 Continue: {asked_first}");

    let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024));
    let endless = format!("{head}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(3));
    let received = wire.exchange(endless).await;
    assert_eq!(statuses(&received), ["413"], "{received}");
}

#[tokio::test]
async fn ht_10_a_target_of_another_form_finds_no_page_and_breaks_nothing() {
    let server = TestServer::start().await;
    let wire = wire(&server).await;
    for (target, status) in [
        ("OPTIONS *", "404"),
        ("CONNECT evil.example:443", "404"),
        ("GET http://evil.example/nowhere", "404"),
        ("GET http://evil.example/dashboard", "303"),
        ("GET evil.example", "404"),
        ("GET /a b", "400"),
        ("GET /\u{7f}", "400"),
        ("G@T /", "400"),
        ("", "400"),
    ] {
        let request = format!("{target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let received = wire.exchange(request).await;
        assert_eq!(statuses(&received), [status], "{target}: {received}");
        assert!(!received.contains("evil.example"), "{target}: {received}");
    }
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_end() {
    let server = TestServer::start().await;
    let socket = hallpass::listener::bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
    let socket = socket.await.unwrap();
    let address = socket.local_addr().unwrap();
    let (trigger, shutdown) = hallpass::listener::shutdown();
    let router = server.router.clone();
    let serving = tokio::spawn(hallpass::listener::serve(socket, router, 10, shutdown));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /sign-out HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\
                Expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut goes_on = [0; 25];
    stream.read_exact(&mut goes_on).await.unwrap();
    assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    trigger.pull();
    stream.write_all(b"a=1").await.unwrap();
    let received = read_to_end(&mut stream).await;
    assert_eq!(statuses(&received), ["200"], "{received}");
    serving.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
