//! The way from a node to the database, which can be cut, or fall silent.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::schema::socket;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// It arrives.
    #[default]
    Open,
    /// It arrives later, when the way is open again, and until then nobody is told.
    Silent,
    /// All connections end, and new ones end at once.
    Cut,
}

/// See the module.
pub(crate) struct Way {
    pub(crate) port: u16,
    traffic: Arc<Traffic>,
}

#[derive(Default)]
struct Traffic {
    state: Mutex<State>,
    changed: Condvar,
    open: Mutex<Vec<(TcpStream, UnixStream)>>,
}

impl Way {
    /// A way that is open, for as long as the test lasts.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let traffic = Arc::<Traffic>::default();
        let shared = Arc::clone(&traffic);
        thread::spawn(move || {
            for near in listener.incoming() {
                // A connection that comes while the way is cut ends at once.
                let _ = near.and_then(|near| connect(near, &shared));
            }
        });
        Self { port, traffic }
    }

    /// The database is away.
    pub(crate) fn cut(&self) {
        self.set(State::Cut);
        for (near, far) in self.traffic.open.lock().unwrap().drain(..) {
            let _ = near.shutdown(Shutdown::Both);
            let _ = far.shutdown(Shutdown::Both);
        }
    }

    /// The database says nothing any more, and nobody knows why.
    pub(crate) fn silence(&self) {
        self.set(State::Silent);
    }

    /// It is there again.
    pub(crate) fn mend(&self) {
        self.set(State::Open);
    }

    fn set(&self, state: State) {
        *self.traffic.state.lock().unwrap() = state;
        self.traffic.changed.notify_all();
    }
}

fn connect(near: TcpStream, traffic: &Arc<Traffic>) -> io::Result<()> {
    if *traffic.state.lock().unwrap() == State::Cut {
        return Ok(());
    }
    let far = UnixStream::connect(socket())?;
    near.set_nodelay(true)?;
    let (question, mut to_database) = (near.try_clone()?, far.try_clone()?);
    let (answer, mut to_node) = (far.try_clone()?, near.try_clone()?);
    let (there, back) = (Arc::clone(traffic), Arc::clone(traffic));
    thread::spawn(move || {
        let _ = carry(question, &mut to_database, &there);
        let _ = to_database.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let _ = carry(answer, &mut to_node, &back);
        let _ = to_node.shutdown(Shutdown::Both);
    });
    traffic.open.lock().unwrap().push((near, far));
    Ok(())
}

fn carry(mut from: impl Read, to: &mut impl Write, traffic: &Traffic) -> io::Result<()> {
    let mut buffer = [0; 16_384];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let state = traffic.state.lock().unwrap();
        drop(traffic.changed.wait_while(state, |state| *state == State::Silent).unwrap());
        to.write_all(&buffer[..read])?;
    }
}
