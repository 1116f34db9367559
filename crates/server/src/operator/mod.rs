//! The operator's socket: `hallpass key` beside a server that has the embedded database for itself.
//!
//! ```text
//! GET  /keys                          which keys there are
//! POST /keys/rotate {"purposes":[…]}  the next key of each
//! POST /keys/revoke {"id":"…"}        the end of one
//! ```
//!
//! HTTP over a Unix socket in the data directory. Whoever may open the database may use it, and nobody
//! else: it belongs to the server's own user (mode 0600), and a caller of another user is turned away
//! whatever the directory's mode. With a database that several processes share there is no such socket:
//! there the command does it all itself.

pub mod client;

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::Listener;
use hallpass_protocol::model::KeyId;
use serde::{Deserialize, Serialize};
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};

use crate::http::json;
use crate::keyring::{KeyringProblem, PurposeName};
use crate::listener::Shutdown;
use crate::node::Node;

/// The socket's name in the data directory.
const NAME: &str = "operator.sock";

/// Where the socket of the installation in `data` is.
pub fn path(data: &Path) -> PathBuf {
    data.join(NAME)
}

/// What [`client`] sends to rotate keys.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Rotation {
    /// For what; see [`PurposeName`].
    pub(crate) purposes: Vec<String>,
}

/// What [`client`] sends to revoke a key.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Revocation {
    /// Which.
    pub(crate) id: String,
}

/// What is answered when it did not work.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Problem {
    /// Why, and what to do.
    pub(crate) error: String,
}

/// A socket that only its owner can use.
pub struct OperatorSocket {
    listener: UnixListener,
    owner: u32,
    path: PathBuf,
}

impl OperatorSocket {
    /// Makes the socket in `data`, in the place of one that an earlier server left. To be called by whoever
    /// has the database for itself.
    ///
    /// # Errors
    /// The system's.
    pub fn bind(data: &Path) -> io::Result<Self> {
        let path = path(data);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let owner = fs::metadata(&path)?.uid();
        Ok(Self { listener, owner, path })
    }

    /// Answers until the end has come, and takes the socket away.
    #[expect(
        clippy::disallowed_methods,
        reason = "no stranger can connect, so no limits are needed"
    )]
    pub async fn serve(self, node: Arc<Node>, shutdown: Shutdown) {
        let path = self.path.clone();
        let served = axum::serve(self, router(node)).with_graceful_shutdown(shutdown.over()).await;
        if let Err(error) = served {
            tracing::warn!("the operator's socket has ended: {error}");
        }
        // If it stays, the next server removes it.
        let _ = fs::remove_file(path);
    }
}

impl Listener for OperatorSocket {
    type Io = UnixStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            match stream.peer_cred() {
                Ok(caller) if [0, self.owner].contains(&caller.uid()) => return (stream, address),
                Ok(caller) => {
                    tracing::warn!(uid = caller.uid(), "a stranger called the operator's socket");
                }
                Err(error) => tracing::warn!("who called the operator's socket? {error}"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

fn router(node: Arc<Node>) -> Router {
    Router::new()
        .route("/keys", get(list))
        .route("/keys/rotate", post(rotate))
        .route("/keys/revoke", post(revoke))
        .with_state(node)
}

async fn list(State(node): State<Arc<Node>>) -> Response {
    answer(node.keys().await)
}

async fn rotate(State(node): State<Arc<Node>>, body: Bytes) -> Response {
    let asked: Option<Rotation> = serde_json::from_slice(&body).ok();
    let purposes = asked.and_then(|asked| {
        let named = asked.purposes.iter().map(|name| PurposeName::parse(name).map(|name| name.0));
        named.collect::<Option<Vec<_>>>()
    });
    let Some(purposes) = purposes else { return misunderstood() };
    answer(node.change_keys(async |keyring| keyring.rotate(&purposes).await).await)
}

async fn revoke(State(node): State<Arc<Node>>, body: Bytes) -> Response {
    let asked: Option<Revocation> = serde_json::from_slice(&body).ok();
    let Some(id) = asked.and_then(|asked| KeyId::parse(&asked.id)) else { return misunderstood() };
    answer(node.change_keys(async |keyring| keyring.revoke(id).await).await)
}

fn answer<T: Serialize>(done: Result<T, KeyringProblem>) -> Response {
    let problem = match done {
        Ok(done) => return json::answer(StatusCode::OK, &done),
        Err(problem) => problem,
    };
    let status = match problem {
        KeyringProblem::Unknown(_) | KeyringProblem::NoneYet(_) => StatusCode::NOT_FOUND,
        KeyringProblem::Changed | KeyringProblem::ForEver(_) => StatusCode::CONFLICT,
        KeyringProblem::Signing(_) | KeyringProblem::Store(_) | KeyringProblem::NotInForce(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    json::answer(status, &Problem { error: problem.to_string() })
}

fn misunderstood() -> Response {
    let error = "the question is not understood: are command and server of one version?".to_owned();
    json::answer(StatusCode::BAD_REQUEST, &Problem { error })
}
