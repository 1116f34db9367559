//! The person's answer to the consent page, believed only with its form token.

use std::fmt;

use super::Refusal;
use crate::model::{FormKeys, FormPurpose, FormToken, Randomness, SessionId, Timestamp};

/// What the person said, made only by [`Answer::verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    verdict: Verdict,
    session: SessionId,
    seed: CodeSeed,
}

/// What a code is made of that this answer leads to: the same for the same form, so that a form sent
/// twice makes one code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct CodeSeed {
    pub(super) time: Timestamp,
    pub(super) bytes: [u8; 32],
}

/// Whoever knows the seed knows the code, and a decision that holds one can be shown.
impl fmt::Debug for CodeSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
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
        keys: &FormKeys,
        query: &str,
        session: &SessionId,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> FormToken {
        let parts: [&[u8]; 2] = [session.as_bytes(), query.as_bytes()];
        keys.mint(FormPurpose::Consent, &parts, rng, now)
    }

    /// Believes `verdict` if `token` was made for this very `query` and this very `session`.
    ///
    /// # Errors
    /// [`Refusal::OutOfDate`]: nothing may be decided, stored or issued.
    pub fn verify(
        keys: &FormKeys,
        token: &str,
        query: &str,
        session: &SessionId,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let parts: [&[u8]; 2] = [session.as_bytes(), query.as_bytes()];
        let form = keys
            .verify(token, FormPurpose::Consent, &parts, now)
            .map_err(|_| Refusal::OutOfDate)?;
        let seed = CodeSeed {
            time: Timestamp::from_millis(
                form.expires_at.millis()
                    - i64::try_from(FormToken::LIFETIME.as_millis()).unwrap_or(0),
            ),
            bytes: form.derive(FormPurpose::Consent, token.as_bytes()),
        };
        Ok(Self { verdict, session: *session, seed })
    }

    /// What the person said, if they said it in `session`.
    pub(super) fn in_session(self, session: &SessionId) -> Option<(Verdict, CodeSeed)> {
        (self.session == *session).then_some((self.verdict, self.seed))
    }
}
