//! Taking connections: bounded in number and patience, and drained before the end.

mod patient_stream;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tower::Service;

use patient_stream::{PatientStream, UnderWay};

/// How long a new connection may be without a request once the end has come.
const NEWCOMER_PATIENCE: Duration = Duration::from_millis(250);
/// How long requests under way may take to finish once the end has come.
const DRAIN_PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of a request's head: the longest query, escaped once more, and the cookies.
const MAX_HEAD: usize = 96 * 1024;
/// The most header lines of a request.
const MAX_HEADERS: usize = 100;
/// The pause after the system gave no connection, for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Told to every listener when the end has come.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// Tells every [`Shutdown`].
#[derive(Debug)]
pub struct ShutdownTrigger(watch::Sender<bool>);

/// A trigger and what it pulls.
pub fn shutdown() -> (ShutdownTrigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownTrigger(sender), Shutdown(receiver))
}

impl ShutdownTrigger {
    /// The end has come.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Waits for the end. A trigger that was dropped has been pulled.
    pub async fn wait(&mut self) {
        let _ = self.0.wait_for(|over| *over).await;
    }

    /// The end, for whoever takes any future for it.
    pub async fn over(mut self) {
        self.wait().await;
    }
}

/// Listens at `address`; port 0 means any that is free.
///
/// # Errors
/// The system's, naming the address.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })
}

/// Serves with `service` until `shutdown`, then lets the requests under way finish.
pub async fn serve<S>(
    listener: TcpListener,
    service: S,
    max_connections: usize,
    mut shutdown: Shutdown,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let places = Arc::new(Semaphore::new(max_connections));
    // Each connection keeps a sender that sends nothing: when all are gone, so are the connections.
    let (open, mut all_ended) = mpsc::channel::<Infallible>(1);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.wait() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, place)) = accepted else { continue };
        talk(stream, service.clone(), &graceful, (place, open.clone()));
    }
    for stream in close(listener) {
        talk(stream, service.clone(), &graceful, open.clone());
    }
    drop(open);
    // Whoever has just connected is about to send a request; a connection that ends before one was read
    // leaves a proxy in doubt whether it was served, so that it cannot send it elsewhere.
    let _ = tokio::time::timeout(NEWCOMER_PATIENCE, all_ended.recv()).await;
    if tokio::time::timeout(DRAIN_PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!("gave up on requests that did not finish in {DRAIN_PATIENCE:?}");
    }
}

/// Answers the requests of one connection, which keeps what it `holds` for as long.
fn talk<S>(stream: TcpStream, service: S, graceful: &GracefulShutdown, holds: impl Send + 'static)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    // Answers are small and written whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let under_way = UnderWay::default();
    let stream = PatientStream::new(stream, under_way.clone());
    let service = service_fn(move |request| {
        let under_way = under_way.clone();
        under_way.begin();
        // No service here is ever not ready, so none is waited for before a request is handed to it.
        let answering = service.clone().call(request);
        async move {
            let answer = answering.await;
            under_way.end();
            answer
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("connection ended early: {error}");
        }
        drop(holds);
    });
}

/// Closes the listener; answers who was waiting in its queue. To the system they are connected: closed with
/// it, they would be cut off with a request sent.
fn close(listener: TcpListener) -> Vec<TcpStream> {
    // Not through the runtime, which knows of them only when it has looked.
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let mut queued = Vec::new();
    while let Ok((stream, _)) = listener.accept() {
        queued.push(stream);
    }
    drop(listener);
    let connected = queued.into_iter().filter_map(|stream| {
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    });
    connected.collect()
}

/// The next connection, once there is a place for it. `None` if the system gave none: it may be out of
/// file descriptors, which passes when connections end.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!("no connection could be taken: {error}");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}
