//! One browser's sign-in.

use super::{Account, AccountId, AccountStatus, Digest, Secret, Timestamp};

/// Names a session in the store: the digest of the cookie's value, which is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(Digest);

impl SessionId {
    /// The session that a cookie's value opens, if there is one.
    pub fn of(cookie: &Secret) -> Self {
        Self(cookie.digest())
    }

    /// An id that was stored.
    pub const fn from_digest(digest: Digest) -> Self {
        Self(digest)
    }

    /// The 32 bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// One browser's sign-in to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The digest of its cookie.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// When its owner proved who they are.
    pub created_at: Timestamp,
    /// When it ends, whatever is done with it.
    pub expires_at: Timestamp,
}

/// A session with the account it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The browser's session.
    pub session: Session,
    /// The person.
    pub account: Account,
}

impl SignedIn {
    /// Whether the session still counts: not over, and its account not disabled.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.session.expires_at && self.account.status == AccountStatus::Active
    }
}
