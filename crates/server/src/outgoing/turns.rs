//! So many requests at once, and one to each host: nobody is overwhelmed by us, and a slow host holds up no
//! other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests are under way at once.
pub(super) const AT_ONCE: usize = 8;

/// Who may ask now.
pub(super) struct Turns {
    places: Arc<Semaphore>,
    /// The hosts that are being asked or waited for.
    hosts: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), hosts: Arc::default() }
    }
}

/// The right to ask one host, until it is dropped.
pub(super) struct Turn {
    _host: HostTurn,
    _place: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits until `host` can be asked: first for the host, so that nobody who waits for one takes a place.
    pub(super) async fn take(&self, host: String) -> Turn {
        let host = HostTurn::take(Arc::clone(&self.hosts), host).await;
        // It fails only when the semaphore is closed, and nobody closes it.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        Turn { _host: host, _place: place }
    }
}

/// The right to ask one host. The last who lets go of it takes the host out of the map.
struct HostTurn {
    hosts: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    host: String,
    permit: Option<OwnedSemaphorePermit>,
}

impl HostTurn {
    async fn take(hosts: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>, host: String) -> Self {
        let queue = {
            let mut known = hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = known.entry(host.clone()).or_insert_with(|| Arc::new(Semaphore::new(1)));
            Arc::clone(queue)
        };
        // Made before the wait, so that one who stops waiting cleans up too.
        let mut turn = Self { hosts, host, permit: None };
        turn.permit = queue.acquire_owned().await.ok();
        turn
    }
}

impl Drop for HostTurn {
    fn drop(&mut self) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.permit.take());
        // One is the map's own; any other is somebody's who waits or asks.
        if hosts.get(&self.host).is_some_and(|queue| Arc::strong_count(queue) == 1) {
            hosts.remove(&self.host);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Whether it is somebody's turn already.
    fn is_ready<T>(future: &mut std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn sf_07_one_request_to_a_host_and_eight_in_all() {
        let turns = Turns::default();
        let first = turns.take("one".to_owned()).await;
        let mut second = pin!(turns.take("one".to_owned()));
        assert!(is_ready(&mut second).is_none(), "the same host");
        let mut others = Vec::new();
        for number in 1..AT_ONCE {
            others.push(turns.take(format!("other{number}")).await);
        }
        let mut ninth = pin!(turns.take("ninth".to_owned()));
        assert!(is_ready(&mut ninth).is_none(), "no place");

        drop(first);
        assert!(is_ready(&mut ninth).is_some() || is_ready(&mut second).is_some());
        others.clear();
        assert!(is_ready(&mut second).is_some());
    }

    #[tokio::test]
    async fn nothing_is_kept_of_hosts_that_nobody_asks() {
        let turns = Turns::default();
        let first = turns.take("one".to_owned()).await;
        {
            let mut given_up = pin!(turns.take("one".to_owned()));
            assert!(is_ready(&mut given_up).is_none());
        }
        drop(first);
        assert!(turns.hosts.lock().is_ok_and(|hosts| hosts.is_empty()));
    }
}
