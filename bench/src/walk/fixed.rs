//! The same request each time.

use std::sync::Arc;

use anyhow::bail;

use super::{Progress, Walk};
use crate::wire::{Answer, Request};

/// A request that is sent again and again as it is.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    request: Arc<[u8]>,
    expected: Expected,
}

/// What an answer must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    /// Its status.
    pub(crate) status: u16,
    /// What it must say.
    pub(crate) told: Told,
}

/// Where something must stand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    /// In the header of that name.
    Header(&'static str, &'static str),
    /// In the body.
    Body(&'static str),
}

impl Fixed {
    /// The walk of one request.
    pub(crate) fn new(request: &Request, expected: Expected) -> Self {
        Self { request: request.bytes().into(), expected }
    }
}

impl Expected {
    /// Looks at an answer.
    ///
    /// # Errors
    /// It is another.
    pub(crate) fn judge(&self, answer: &Answer<'_>) -> anyhow::Result<()> {
        let is_told = match self.told {
            Told::Header(name, part) => answer.header(name).is_some_and(|text| text.contains(part)),
            Told::Body(part) => answer.body.contains(part),
        };
        if answer.status != self.status || !is_told {
            bail!("expected {self:?}, got {answer}");
        }
        Ok(())
    }
}

impl Walk for Fixed {
    fn request(&mut self) -> Option<&[u8]> {
        Some(&self.request)
    }

    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress> {
        self.expected.judge(answer)?;
        Ok(Progress::Done)
    }
}
