//! Asking a server over its operator's socket.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::Problem;

/// How long an answer may take: making an RSA key takes a second on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// All keys that there can be make a shorter answer.
const MAX_ANSWER: usize = 1 << 20;

/// Why a server did not do what it was asked.
#[derive(Debug, Error)]
pub enum OperatorProblem {
    /// Nobody is there.
    #[error("no server answers at {path}: {reason}")]
    Absent {
        /// The socket.
        path: PathBuf,
        /// The system's words.
        reason: io::Error,
    },
    /// It refused, and said why.
    #[error("{0}")]
    Refused(String),
    /// The line failed.
    #[error("the server ended the conversation: {0}")]
    Broken(#[from] hyper::Error),
    /// It said something else.
    #[error("the server's answer is not understood: is it of another version?")]
    Misunderstood,
    /// It said nothing.
    #[error("the server has not answered within {PATIENCE:?}")]
    Silent,
}

/// A server's operator's socket.
pub struct Operator {
    path: PathBuf,
}

impl Operator {
    /// The one of the installation in `data`.
    pub fn of(data: &Path) -> Self {
        Self { path: super::path(data) }
    }

    /// Asks to see something.
    ///
    /// # Errors
    /// [`OperatorProblem`].
    pub async fn see<T: DeserializeOwned>(&self, path: &str) -> Result<T, OperatorProblem> {
        self.ask(request("GET", path, Bytes::new())?).await
    }

    /// Asks to have something done.
    ///
    /// # Errors
    /// [`OperatorProblem`]: it may have been done all the same if the line failed.
    pub async fn act<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &impl Serialize,
    ) -> Result<T, OperatorProblem> {
        let body = serde_json::to_vec(what).map_err(|_| OperatorProblem::Misunderstood)?;
        self.ask(request("POST", path, body.into())?).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<T, OperatorProblem> {
        timeout(PATIENCE, self.converse(request)).await.map_err(|_| OperatorProblem::Silent)?
    }

    async fn converse<T: DeserializeOwned>(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<T, OperatorProblem> {
        let absent = |reason| OperatorProblem::Absent { path: self.path.clone(), reason };
        let stream = UnixStream::connect(&self.path).await.map_err(absent)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let line = tokio::spawn(connection);
        let answered = sender.send_request(request).await;
        let read = match answered {
            Ok(response) => read(response).await,
            Err(error) => Err(error.into()),
        };
        line.abort();
        read
    }
}

fn request(method: &str, path: &str, body: Bytes) -> Result<Request<Full<Bytes>>, OperatorProblem> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "operator")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body))
        .map_err(|_| OperatorProblem::Misunderstood)
}

async fn read<T: DeserializeOwned>(
    response: Response<hyper::body::Incoming>,
) -> Result<T, OperatorProblem> {
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
    let body = body.map_err(|_| OperatorProblem::Misunderstood)?.to_bytes();
    if status == StatusCode::OK {
        return serde_json::from_slice(&body).map_err(|_| OperatorProblem::Misunderstood);
    }
    let problem: Problem =
        serde_json::from_slice(&body).map_err(|_| OperatorProblem::Misunderstood)?;
    Err(OperatorProblem::Refused(problem.error))
}
