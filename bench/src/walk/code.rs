//! An authorization code, and its exchange.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::{Progress, Walk, is_ok, member};
use crate::wire::{Answer, Ending, Request};

/// Asks for a code with a remembered consent, then exchanges it.
pub(crate) struct CodeFlow {
    authorize: Arc<[u8]>,
    exchange: Ending,
    code: Option<String>,
}

impl CodeFlow {
    /// The walk that asks with `authorize`, then posts `exchange` with the code at its end.
    pub(crate) fn new(authorize: &Request, exchange: Request) -> Self {
        Self { authorize: authorize.bytes().into(), exchange: exchange.ending(), code: None }
    }
}

impl Walk for CodeFlow {
    fn request(&mut self) -> Option<&[u8]> {
        match &self.code {
            None => Some(&self.authorize),
            Some(code) => Some(self.exchange.with(code)),
        }
    }

    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress> {
        if self.code.take().is_some() {
            is_ok(answer)?;
            member(answer.body, "access_token").with_context(|| format!("no token: {answer}"))?;
            return Ok(Progress::Done);
        }
        let location = answer.header("location").unwrap_or_default();
        let code = location.split(['?', '&', '#']).find_map(|pair| pair.strip_prefix("code="));
        let Some(code) = code.filter(|_| (302..=303).contains(&answer.status)) else {
            bail!("expected a code, got {answer}");
        };
        self.code = Some(code.to_owned());
        Ok(Progress::Onward)
    }
}
