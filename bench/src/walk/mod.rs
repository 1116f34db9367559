//! What is asked of a server: the same small walk, again and again, each time by one connection.
//!
//! A walk looks at every answer. One wrong answer ends the measurement: what is fast and wrong is not
//! fast.

mod code;
mod fixed;
mod refresh;
mod revoke;

use anyhow::bail;

use crate::wire::Answer;

pub(crate) use code::CodeFlow;
pub(crate) use fixed::{Expected, Fixed};
pub(crate) use refresh::Refresh;
pub(crate) use revoke::Revoke;

/// A walk of one connection.
pub(crate) trait Walk: Send {
    /// Something to ask before the time runs, if anything is still missing.
    fn errand(&mut self) -> Option<&[u8]> {
        None
    }

    /// What came of the errand.
    ///
    /// # Errors
    /// A wrong answer.
    fn bring(&mut self, _answer: &Answer<'_>) -> anyhow::Result<()> {
        bail!("an answer to an errand that nobody sent")
    }

    /// The next request; `None` if what was prepared is used up.
    fn request(&mut self) -> Option<&[u8]>;

    /// Looks at the answer to it.
    ///
    /// # Errors
    /// A wrong answer.
    fn judge(&mut self, answer: &Answer<'_>) -> anyhow::Result<Progress>;
}

/// Where a walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to be asked.
    Onward,
    /// It was walked once.
    Done,
}

/// The value of a text member of a JSON object, as our servers write it: without spaces and escapes.
fn member<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    json.match_indices(name).find_map(|(at, _)| {
        let value = json[at + name.len()..].strip_prefix("\":\"")?;
        json[..at].ends_with('"').then(|| value.split('"').next())?
    })
}

fn is_ok(answer: &Answer<'_>) -> anyhow::Result<()> {
    if answer.status != 200 {
        bail!("expected 200, got {answer}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_found_by_its_whole_name() {
        let json = r#"{"refresh_token":"r","token":"t","n":1}"#;
        assert_eq!(member(json, "token"), Some("t"));
        assert_eq!(member(json, "refresh_token"), Some("r"));
        assert_eq!(member(json, "n"), None);
    }
}
