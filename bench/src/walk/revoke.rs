//! Giving tokens back. Each can be given back once, so they are fetched before the time runs.

use anyhow::Context as _;

use super::{Progress, Walk, is_ok, member};
use crate::wire::{Answer, Ending, Request};

/// How many tokens are fetched before it is known how many are needed.
const FIRST: usize = 64;

/// Ends one token after the other.
pub(crate) struct Revoke {
    give_back: Ending,
    source: Source,
}

/// Where the tokens come from.
enum Source {
    /// Fetched by errands: how many there shall be when the time begins to run.
    Fetched { fetch: Vec<u8>, tokens: Vec<String>, wanted: usize },
    /// The same each time, for a server that knows of none.
    Same(String),
}

impl Revoke {
    /// The walk that posts `give_back` with a token at its end, which `fetch` brought before.
    pub(crate) fn fetched(give_back: Request, fetch: &Request) -> Self {
        let source = Source::Fetched { fetch: fetch.bytes(), tokens: Vec::new(), wanted: FIRST };
        Self { give_back: give_back.ending(), source }
    }

    /// The walk that posts `give_back` with `token` each time.
    pub(crate) fn same(give_back: Request, token: String) -> Self {
        Self { give_back: give_back.ending(), source: Source::Same(token) }
    }
}

impl Walk for Revoke {
    fn errand(&mut self) -> Option<&[u8]> {
        match &mut self.source {
            Source::Fetched { fetch, tokens, wanted } => {
                (tokens.len() < *wanted).then_some(fetch.as_slice())
            }
            Source::Same(_) => None,
        }
    }

    fn bring(&mut self, answer: &Answer<'_>) -> anyhow::Result<()> {
        is_ok(answer)?;
        let token = member(answer.body, "access_token");
        let token = token.with_context(|| format!("no token: {answer}"))?;
        if let Source::Fetched { tokens, .. } = &mut self.source {
            tokens.push(token.to_owned());
        }
        Ok(())
    }

    fn request(&mut self) -> Option<&[u8]> {
        match &mut self.source {
            Source::Same(token) => Some(self.give_back.with(token)),
            Source::Fetched { tokens, wanted, .. } => match tokens.pop() {
                Some(token) => Some(self.give_back.with(&token)),
                None => {
                    *wanted *= 2;
                    None
                }
            },
        }
    }

    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress> {
        is_ok(answer)?;
        Ok(Progress::Done)
    }
}
