//! The person's answer to the consent page, believed only with its form token.

use super::Refusal;
use crate::model::{FormKey, FormPurpose, FormToken, Randomness, SessionId, Timestamp};

/// What the person said, made only by [`Answer::verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    verdict: Verdict,
    session: SessionId,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// *Agree*.
    Approve,
    /// *Cancel*.
    Deny,
}

impl Answer {
    /// The form token of a consent page for `query`, shown in `session`.
    pub fn form_token(
        key: &FormKey,
        query: &str,
        session: &SessionId,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> FormToken {
        let parts: [&[u8]; 2] = [session.as_bytes(), query.as_bytes()];
        key.mint(FormPurpose::Consent, &parts, rng, now.plus(FormToken::LIFETIME))
    }

    /// Believes `verdict` if `token` was made for this very `query` and this very `session`.
    ///
    /// # Errors
    /// [`Refusal::OutOfDate`]: nothing may be decided, stored or issued.
    pub fn verify(
        key: &FormKey,
        token: &str,
        query: &str,
        session: &SessionId,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let parts: [&[u8]; 2] = [session.as_bytes(), query.as_bytes()];
        key.verify(token, FormPurpose::Consent, &parts, now).map_err(|_| Refusal::OutOfDate)?;
        Ok(Self { verdict, session: *session })
    }

    /// What the person said, if they said it in `session`.
    pub(super) fn in_session(self, session: &SessionId) -> Option<Verdict> {
        (self.session == *session).then_some(self.verdict)
    }
}
