//! The same request each time, or the same few in turn.

use anyhow::bail;

use super::{Progress, Walk};
use crate::wire::{Answer, Request};

/// Requests that are sent again and again as they are.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    requests: Vec<Vec<u8>>,
    next: usize,
    expected: Expected,
}

/// What an answer must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    status: u16,
    told: Told,
}

/// Where something must stand.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// In the header of that name.
    Header(&'static str, &'static str),
    /// In the body.
    Body(&'static str),
}

impl Fixed {
    /// The walk of one request.
    pub(crate) fn new(request: &Request, expected: Expected) -> Self {
        Self::any_of(std::slice::from_ref(request), expected)
    }

    /// The walk of several, one after the other.
    pub(crate) fn any_of(requests: &[Request], expected: Expected) -> Self {
        Self { requests: requests.iter().map(Request::bytes).collect(), next: 0, expected }
    }
}

impl Expected {
    /// 200, with `part` in the body.
    pub(crate) const fn body(part: &'static str) -> Self {
        Self { status: 200, told: Told::Body(part) }
    }

    /// That status, with `part` in the header of that name.
    pub(crate) const fn header(status: u16, name: &'static str, part: &'static str) -> Self {
        Self { status, told: Told::Header(name, part) }
    }

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
        let request = self.requests.get(self.next % self.requests.len().max(1));
        self.next += 1;
        request.map(Vec::as_slice)
    }

    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress> {
        self.expected.judge(answer)?;
        Ok(Progress::Done)
    }
}
