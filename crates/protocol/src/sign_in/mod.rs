//! Rules of signing in: what is typed, how long a session lives, where to go afterwards.
//!
//! Does not own hashing (slow, done by the server's hashing threads) nor cookies.

mod return_address;

use std::time::Duration;

pub use return_address::{ReturnAddress, ReturnAddressProblem};

use crate::model::{Account, AccountStatus, Randomness, Secret, Session, SessionId, Timestamp};

/// What the store knows about somebody who wants to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account of the name or address that was typed, whatever its status.
    pub account: Account,
    /// The hash of its password, as a PHC string.
    pub password_hash: String,
}

impl Credentials {
    /// Whether somebody who knows the password may come in.
    pub fn may_sign_in(&self) -> bool {
        self.account.status == AccountStatus::Active
    }
}

/// Opens a session for `account`: the cookie's value for the browser, and what the store keeps.
pub fn open_session(
    account: &Account,
    lifetime: Duration,
    rng: &mut dyn Randomness,
    now: Timestamp,
) -> (Secret, Session) {
    let cookie = Secret::mint("", rng);
    let session = Session {
        id: SessionId::of(&cookie),
        account: account.id,
        created_at: now,
        expires_at: now.plus(lifetime),
    };
    (cookie, session)
}
