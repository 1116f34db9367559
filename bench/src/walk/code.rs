//! An authorization code, and its exchange.

use anyhow::{Context as _, bail};

use super::{Progress, Walk, is_ok, member};
use crate::wire::{Answer, Ending, Request};

/// Asks for a code with a remembered consent, then exchanges it.
pub(crate) struct CodeFlow {
    flows: Vec<(Vec<u8>, Ending)>,
    next: usize,
    code: Option<String>,
}

impl CodeFlow {
    /// The walk that asks with the first request of a pair, then posts the second with the code at its
    /// end; and so on, pair after pair.
    pub(crate) fn any_of(flows: impl IntoIterator<Item = (Request, Request)>) -> Self {
        let flows = flows.into_iter();
        let flows = flows.map(|(authorize, exchange)| (authorize.bytes(), exchange.ending()));
        Self { flows: flows.collect(), next: 0, code: None }
    }
}

impl Walk for CodeFlow {
    fn request(&mut self) -> Option<&[u8]> {
        let at = self.next % self.flows.len().max(1);
        let (authorize, exchange) = self.flows.get_mut(at)?;
        match &self.code {
            None => Some(authorize),
            Some(code) => Some(exchange.with(code)),
        }
    }

    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress> {
        if self.code.take().is_some() {
            self.next += 1;
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
