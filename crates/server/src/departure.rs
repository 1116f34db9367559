//! A node that is about to end says so first, and goes on serving for a while: whoever sends it requests
//! has time to send them elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the end was announced.
#[derive(Debug, Default)]
pub struct Departure(AtomicBool);

impl Departure {
    /// From now on this node says that it is not ready, and asks with each answer that the connection is
    /// not used again.
    pub fn announce(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was.
    pub fn is_announced(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
