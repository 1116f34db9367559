//! A real socket, for what no well-behaved client would ever send.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hallpass::listener::{self, ShutdownTrigger};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::{JoinHandle, JoinSet};

/// Longer than any patience of the server: only a test that fails waits for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A listener of one's own, until it is dropped.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    trigger: ShutdownTrigger,
    serving: JoinHandle<()>,
}

impl Wire {
    /// Serves `router` on any free port to at most `max_connections` at once.
    pub(crate) async fn open(router: Router, max_connections: usize) -> Self {
        Self::open_at(SocketAddr::from(([127, 0, 0, 1], 0)), router, max_connections).await
    }

    /// The same at this address.
    pub(crate) async fn open_at(
        address: SocketAddr,
        router: Router,
        max_connections: usize,
    ) -> Self {
        let socket = listener::bind(address).await.unwrap();
        let address = socket.local_addr().unwrap();
        let (trigger, shutdown) = listener::shutdown();
        let serving = listener::serve(socket, router, max_connections, shutdown);
        Self { address, trigger, serving: tokio::spawn(serving) }
    }

    /// Ends every connection and waits until that is done.
    pub(crate) async fn cut(self) {
        drop(self.trigger);
        self.serving.await.unwrap();
    }

    /// A new connection.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes on a connection of their own and reads until the server closes it.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // A server that refuses early closes while there is more to send.
        let _ = stream.write_all(bytes.as_ref()).await;
        read_to_end(&mut stream).await
    }
}

impl Wire {
    /// Sends these bytes on `count` connections at once: all are open before the first is used.
    pub(crate) async fn exchange_at_once(&self, count: usize, bytes: &str) -> Vec<String> {
        let mut callers = JoinSet::new();
        let start = Arc::new(Barrier::new(count));
        for _ in 0..count {
            let (mut stream, start) = (self.connect().await, start.clone());
            let bytes = bytes.to_owned();
            callers.spawn(async move {
                start.wait().await;
                stream.write_all(bytes.as_bytes()).await.unwrap();
                read_to_end(&mut stream).await
            });
        }
        callers.join_all().await
    }
}

/// Everything until the server closes the connection.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let reading = stream.read_to_end(&mut received);
    let read = tokio::time::timeout(PATIENCE, reading).await.expect("the connection stays open");
    // A reset after the answer is an end, too: the server did not wait for the rest.
    let _ = read;
    String::from_utf8_lossy(&received).into_owned()
}
