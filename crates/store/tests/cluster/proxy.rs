//! A way to the cluster that can be cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

use super::{Schema, socket};

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It arrives.
    Open,
    /// It does not arrive, and nobody is told.
    Silent,
    /// All connections end, and new ones end at once.
    Cut,
    /// It arrives, but the next answer does not: its connection ends instead, and the way is open again.
    LosesAnAnswer,
}

/// Stands in front of the cluster.
pub(crate) struct Proxy {
    port: u16,
    way: Arc<watch::Sender<Way>>,
    round_trips: Arc<AtomicU64>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Arc::new(watch::Sender::new(Way::Open));
        let round_trips = Arc::<AtomicU64>::default();
        let (ways, trips) = (Arc::clone(&way), Arc::clone(&round_trips));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, Arc::clone(&ways), Arc::clone(&trips)));
            }
        });
        Self { port, way, round_trips }
    }

    /// How often, on all connections, the server has said that it waits for the next question.
    pub(crate) fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// The URL of the schema, this way.
    pub(crate) fn url(&self, schema: &Schema) -> String {
        format!("postgres://hallpass@127.0.0.1:{}/hallpass?{}", self.port, schema.options())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// Carries one connection, until either side ends it or the way is cut.
async fn carry(
    mut near: TcpStream,
    way: Arc<watch::Sender<Way>>,
    round_trips: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let mut messages = Messages::default();
    let mut ways = way.subscribe();
    let mut far = UnixStream::connect(socket()).await?;
    let (mut question, mut answer) = ([0; 16_384], [0; 16_384]);
    loop {
        let now = *ways.borrow_and_update();
        let passes = now != Way::Silent;
        tokio::select! {
            biased;
            changed = ways.changed(), if now != Way::Cut => changed.map_err(std::io::Error::other)?,
            () = std::future::ready(()), if now == Way::Cut => return Ok(()),
            read = near.read(&mut question), if passes => match read? {
                0 => return Ok(()),
                read => far.write_all(&question[..read]).await?,
            },
            read = far.read(&mut answer), if passes => match read? {
                0 => return Ok(()),
                _ if now == Way::LosesAnAnswer => {
                    way.send_replace(Way::Open);
                    return Ok(());
                }
                read => {
                    let ready = messages.count(&answer[..read], b'Z');
                    round_trips.fetch_add(ready, Ordering::SeqCst);
                    near.write_all(&answer[..read]).await?;
                }
            },
        }
    }
}

/// Reads where messages of the server begin: each has a byte that says its kind, and its length.
#[derive(Default)]
struct Messages {
    header: Vec<u8>,
    rest: usize,
}

impl Messages {
    /// How many messages of a kind begin in what comes next.
    fn count(&mut self, mut bytes: &[u8], kind: u8) -> u64 {
        let mut begun = 0;
        while let Some((first, others)) = bytes.split_first() {
            if self.rest > 0 {
                let passed = self.rest.min(bytes.len());
                self.rest -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            self.header.push(*first);
            bytes = others;
            if let [found, length @ ..] = self.header.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                begun += u64::from(*found == kind);
                self.rest = usize::try_from(u32::from_be_bytes(length)).unwrap() - 4;
                self.header.clear();
            }
        }
        begun
    }
}
