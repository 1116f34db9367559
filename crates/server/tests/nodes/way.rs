//! The way from a node to the database, which can be cut.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::schema::socket;

/// See the module.
pub(crate) struct Way {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_cut: bool,
    open: Vec<(TcpStream, UnixStream)>,
}

impl Way {
    /// A way that is open, for as long as the test lasts.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming() {
                // A connection that comes while the way is cut ends at once.
                let _ = near.and_then(|near| connect(near, &shared));
            }
        });
        Self { port, state }
    }

    /// All connections end, and new ones end at once: the database is away.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_cut = true;
        for (near, far) in state.open.drain(..) {
            let _ = near.shutdown(Shutdown::Both);
            let _ = far.shutdown(Shutdown::Both);
        }
    }

    /// It is there again.
    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().is_cut = false;
    }
}

fn connect(near: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut state = state.lock().unwrap();
    if state.is_cut {
        return Ok(());
    }
    let far = UnixStream::connect(socket())?;
    near.set_nodelay(true)?;
    let (mut question, mut to_database) = (near.try_clone()?, far.try_clone()?);
    let (mut answer, mut to_node) = (far.try_clone()?, near.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut question, &mut to_database);
        let _ = to_database.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let _ = io::copy(&mut answer, &mut to_node);
        let _ = to_node.shutdown(Shutdown::Both);
    });
    state.open.push((near, far));
    Ok(())
}
