//! How far a copy is, on standard error: a bar on a terminal, elsewhere a line now and then.

use std::fmt::Write;
use std::io::IsTerminal as _;

use hallpass_store::transfer::Step;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

const BAR: &str = "{msg:26} {wide_bar} {percent:>3} %  {rate}  {eta} left";

/// Every row is copied, if it was not before, and compared.
pub(super) struct Progress {
    display: Display,
    done: u64,
    all: u64,
}

enum Display {
    Bar(ProgressBar),
    /// The last line, without its figure, and the tenth that was reached with it.
    Lines {
        last: String,
        tenth: u64,
    },
}

impl Progress {
    pub(super) fn start() -> Self {
        let display = match std::io::stderr().is_terminal() {
            true => Display::Bar(ProgressBar::no_length().with_style(style())),
            false => Display::lines(),
        };
        Self { display, done: 0, all: 0 }
    }

    pub(super) fn tell(&mut self, step: Step) {
        let line = match step {
            Step::Begun { rows, copied } => {
                self.all = rows.saturating_sub(copied) + rows;
                self.display.begin(rows, copied, self.all);
                return;
            }
            Step::Copied { table, rows } => {
                self.done += rows;
                format!("copying {table}")
            }
            Step::Compared { table, rows } => {
                self.done += rows;
                format!("comparing {table}")
            }
        };
        if let Some(text) = self.display.advance(line, self.done, self.all) {
            eprintln!("{text}");
        }
    }

    pub(super) fn end(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

impl Display {
    const fn lines() -> Self {
        Self::Lines { last: String::new(), tenth: 0 }
    }

    fn begin(&self, rows: u64, copied: u64, all: u64) {
        if let Self::Bar(bar) = self {
            bar.set_length(all);
        }
        let (rows, copied) = (HumanCount(rows), HumanCount(copied));
        eprintln!("{rows} rows, of which {copied} are in the target");
    }

    /// The line to write, if one is due.
    fn advance(&mut self, line: String, done: u64, all: u64) -> Option<String> {
        match self {
            Self::Bar(bar) => {
                bar.set_message(line);
                bar.set_position(done);
                None
            }
            Self::Lines { last, tenth } => {
                let percent = (done * 100).checked_div(all).unwrap_or(100).min(100);
                if *last == line && *tenth == percent / 10 {
                    return None;
                }
                let text = format!("{percent:>3} %  {line}");
                (*last, *tenth) = (line, percent / 10);
                Some(text)
            }
        }
    }
}

fn style() -> ProgressStyle {
    // A template that cannot be read would be found by the test below; the plain bar does as well.
    let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
        // What cannot be drawn is left out.
        let _ = write!(text, "{}/s", HumanCount(state.per_sec() as u64));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
    }

    #[test]
    fn a_line_is_written_for_each_table_and_each_tenth() {
        let mut display = Display::lines();
        let mut told = Vec::new();
        for (line, done) in [
            ("copying session", 5),
            ("copying session", 9),
            ("copying session", 12),
            ("copying code", 13),
        ] {
            told.extend(display.advance(line.to_owned(), done, 100));
        }
        let expected = ["  5 %  copying session", " 12 %  copying session", " 13 %  copying code"];
        assert_eq!(told, expected);
    }
}
