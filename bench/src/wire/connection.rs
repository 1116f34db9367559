//! One kept-alive connection.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::answer::{Answer, Extent};

/// The largest answer that is read: far more than any page.
const LARGEST: usize = 64 * 1024;

/// A connection to a measured server. It asks one thing at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// The system's.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("{address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; LARGEST] })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// The connection's, or an answer that cannot be read.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let more = self.stream.read(&mut self.buffer[filled..]).await?;
            if more == 0 {
                bail!("the server closed the connection after {filled} bytes of an answer");
            }
            filled += more;
            if let Some(extent) = Extent::of(&self.buffer[..filled])? {
                return Answer::read(&self.buffer[..filled], extent);
            }
        }
    }

    /// Whether the server has closed it. A server gives up on a connection that is idle for long.
    pub(crate) fn is_closed(&self) -> bool {
        !matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }
}
