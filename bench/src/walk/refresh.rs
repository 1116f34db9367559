//! Renewing: each connection has a family of its own and uses what the answer before brought.

use anyhow::Context as _;

use super::{Progress, Walk, is_ok, member};
use crate::wire::{Answer, Ending, Request};

/// Exchanges a refresh token for the next one.
pub(crate) struct Refresh {
    renew: Ending,
    token: String,
}

impl Refresh {
    /// The walk that posts `renew` with the refresh token at its end, beginning with `token`.
    pub(crate) fn new(renew: Request, token: String) -> Self {
        Self { renew: renew.ending(), token }
    }
}

impl Walk for Refresh {
    fn request(&mut self) -> Option<&[u8]> {
        Some(self.renew.with(&self.token))
    }

    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress> {
        is_ok(answer)?;
        let next = member(answer.body, "refresh_token");
        self.token.clear();
        self.token.push_str(next.with_context(|| format!("no refresh token: {answer}"))?);
        Ok(Progress::Done)
    }
}
