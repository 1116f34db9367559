//! What ended before its time: asked after a token was opened, because a sealed token cannot know.

use hallpass_protocol::access_token::Claims;
use hallpass_protocol::model::Timestamp;

/// Knows which tokens were ended before their time. A [`Checker`](crate::Checker) with keys asks it about
/// each token, so it answers from memory.
pub trait Revocations: Send + Sync {
    /// How the token of `claims` stands at `now`. Its seal, its audience and its time are good already.
    fn judge(&self, claims: &Claims, now: Timestamp) -> Standing;
}

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing ended it.
    Good,
    /// It was ended: [`Denied::Revoked`](crate::Denied::Revoked).
    Revoked,
    /// Nothing was heard for too long to say: [`Denied::Unavailable`](crate::Denied::Unavailable). A guess
    /// would let somebody in who was shut out.
    Unknown,
}
