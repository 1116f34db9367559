//! A program that says where it listens, and ends with its owner.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};

/// How many of its last lines are shown if it does not start.
const LAST_LINES: usize = 20;

/// A running program. It is killed when this is dropped: nothing that it keeps is wanted any more.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
}

/// On which stream a program says where it listens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Announcement {
    /// On standard output.
    Output,
    /// On standard error.
    Error,
}

impl Program {
    /// Starts `command` and reads its lines until `find` finds in one what was waited for.
    ///
    /// # Errors
    /// It does not start, or ends without having said it.
    pub(crate) fn start<T>(
        mut command: Command,
        announcement: Announcement,
        find: impl Fn(&str) -> Option<T>,
    ) -> anyhow::Result<(Self, T)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
        let output: Option<Box<dyn Read + Send>> =
            child.stdout.take().map(|pipe| Box::new(pipe) as _);
        let error: Option<Box<dyn Read + Send>> =
            child.stderr.take().map(|pipe| Box::new(pipe) as _);
        let (speaking, other) = match announcement {
            Announcement::Output => (output, error),
            Announcement::Error => (error, output),
        };
        let program = Self { child };
        let said = Arc::new(Mutex::new(Vec::new()));
        let other = other.map(|pipe| listen_on(pipe, Arc::clone(&said)));
        let mut lines = BufReader::new(speaking.context("its output was not opened")?).lines();
        while let Some(Ok(line)) = lines.next() {
            if let Some(found) = find(&line) {
                // Whoever does not read what a program says stops it.
                thread::spawn(move || lines.for_each(drop));
                return Ok((program, found));
            }
            said.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
        let _ = other.map(thread::JoinHandle::join);
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        let last = said.len().saturating_sub(LAST_LINES);
        bail!("{command:?} ended at once:\n{}", said[last..].join("\n"))
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps what comes until the first answer is there, and goes on reading after that.
fn listen_on(pipe: Box<dyn Read + Send>, said: Arc<Mutex<Vec<String>>>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.len() < LAST_LINES {
                said.push(line);
            }
        }
    })
}

/// The address in `http://address`, whatever stands around it.
pub(crate) fn address_in(line: &str) -> Option<std::net::SocketAddr> {
    let rest = &line[line.find("http://")? + "http://".len()..];
    let end =
        rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_a_line_of_a_log() {
        let found = address_in("INFO listening on http://127.0.0.1:8080, known as http://x");
        assert_eq!(found.map(|address| address.port()), Some(8080));
        assert_eq!(address_in("INFO opening"), None);
        assert_eq!(address_in("http://accounts.example"), None);
    }
}
