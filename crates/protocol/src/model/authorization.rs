//! The family that one approval's code and tokens belong to.

use uuid::{Builder, Uuid};

use super::randomness::random_bytes;
use super::{Randomness, Timestamp};

/// Names one approval of one client by one account; every code and token that follows from the
/// approval carries it, and ending it ends them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizationId(Uuid);

impl AuthorizationId {
    /// A new id, ordered by time (UUID version 7, RFC 9562 §5.7).
    pub fn mint(rng: &mut dyn Randomness, now: Timestamp) -> Self {
        Self(mint_uuid(rng, now))
    }

    /// An id that was stored.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id to store.
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

/// A UUID version 7 of `now` and 74 random bits.
pub(super) fn mint_uuid(rng: &mut dyn Randomness, now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random_bytes(rng)).into_uuid()
}
