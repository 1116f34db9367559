//! The yardstick: axum on hyper, which routes, reads the body, and says what it was told to say.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::any;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};

use super::program::{Announcement, Program, address_in};
use crate::wire::Kept;

/// What to say, path by path.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Recorded(pub(crate) Vec<(String, Kept)>);

/// A running bare server.
#[derive(Debug)]
pub(crate) struct Bare {
    /// The process.
    pub(crate) program: Program,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Bare {
    /// Starts one that says what was recorded; `command` runs this program.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(recorded: &Recorded, mut command: Command) -> anyhow::Result<Self> {
        let mut file = tempfile::NamedTempFile::new().context("a temporary file")?;
        serde_json::to_writer(&mut file, recorded)?;
        command.arg("bare").arg("--answers").arg(file.path());
        let (program, address) = Program::start(command, Announcement::Output, address_in)?;
        Ok(Self { program, address })
    }
}

/// Serves what was recorded until it is killed.
///
/// # Errors
/// The file's, or the socket's.
pub(crate) fn serve(answers: &Path) -> anyhow::Result<()> {
    let path: PathBuf = answers.into();
    let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let router = router(serde_json::from_str(&text)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("http://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(answer(stream, router.clone()));
        }
    })
}

async fn answer(stream: TcpStream, router: Router) {
    let service = TowerToHyperService::new(router);
    // Whoever measures closes the connection when it is done.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

fn router(recorded: Recorded) -> anyhow::Result<Router> {
    recorded.0.into_iter().try_fold(Router::new(), |router, (path, kept)| {
        let said = Arc::new(Said::of(kept)?);
        Ok(router.route(&path, any(move |body: Bytes| async move { said.again(&body) })))
    })
}

/// An answer, ready to be given.
struct Said {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Said {
    fn of(kept: Kept) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        for (name, value) in kept.headers {
            headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        Ok(Self { status: StatusCode::from_u16(kept.status)?, headers, body: kept.body.into() })
    }

    /// The request's body was read, and that is all that happens to it.
    fn again(&self, _body: &Bytes) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}
