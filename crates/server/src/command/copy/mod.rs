//! `hallpass copy`: everything in one database, into another of the same engine or the other.

mod progress;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use hallpass_store::transfer::Verified;
use hallpass_store::{Location, open_transfer};
use indicatif::HumanCount;

use super::signals::Signals;
use crate::config::DATABASE;
use crate::installation::MASTER_KEY;
use progress::Progress;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass copy --from /var/lib/hallpass/hallpass.db --to postgres://hallpass@db.example/accounts
  hallpass copy --from postgres://hallpass@db.example/accounts --to /var/lib/hallpass/hallpass.db

Stop every hallpass on both databases first. The source stays as it is; the target is empty, or holds
the beginning of the same copy, which goes on where it ended. At the end all rows are compared.
A URL with a password is better given in HALLPASS_COPY_FROM or HALLPASS_COPY_TO: other users of this
machine can see arguments.")]
pub(super) struct Arguments {
    /// The database to copy: the path of a SQLite file, or a postgres:// URL
    #[arg(
        long,
        env = "HALLPASS_COPY_FROM",
        hide_env_values = true,
        value_parser = location,
        value_name = "DATABASE"
    )]
    from: Location,

    /// The database to make of it, in the same form
    #[arg(
        long,
        env = "HALLPASS_COPY_TO",
        hide_env_values = true,
        value_parser = location,
        value_name = "DATABASE"
    )]
    to: Location,
}

fn location(text: &str) -> Result<Location, Infallible> {
    Ok(Location::parse(text))
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    super::runtime()?.block_on(Box::pin(copy(arguments)))
}

async fn copy(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { from, to } = arguments;
    for location in [from, to] {
        refuse_directory(location)?;
    }
    let is_stopped = stopped_by_a_signal()?;
    let mut transfer = open_transfer(from, to).await?;
    eprintln!("from {} to {}", transfer.source(), transfer.target());
    let began = Instant::now();
    let mut progress = Progress::start();
    let mut watcher = |step| {
        progress.tell(step);
        match is_stopped.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let outcome = transfer.run(&mut watcher).await;
    progress.end();
    let mut text = table(&outcome?, began.elapsed())?;
    writeln!(text, "\n{} is now the same as {}.\n", transfer.target(), transfer.source())?;
    text.push_str(&what_next(from, to));
    // Whoever reads this may be gone already; the copy is made.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Says where the database is to those who name the directory that a server is given.
fn refuse_directory(location: &Location) -> anyhow::Result<()> {
    match location {
        Location::File(path) if path.is_dir() => anyhow::bail!(
            "{} is a directory. Name the database in it: {}",
            path.display(),
            path.join(DATABASE).display()
        ),
        Location::File(_) | Location::Postgres(_) => Ok(()),
    }
}

/// Becomes true with the first signal. The page under way is finished all the same.
fn stopped_by_a_signal() -> std::io::Result<Arc<AtomicBool>> {
    let mut signals = Signals::listen()?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_stopped);
    tokio::spawn(async move {
        signals.wait().await;
        flag.store(true, Ordering::Relaxed);
        eprintln!("stopping after the page under way");
    });
    Ok(is_stopped)
}

fn table(verified: &[Verified], took: Duration) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for Verified { table, rows } in verified {
        writeln!(text, "{table:<16}{:>16}   verified", HumanCount(*rows).to_string())?;
    }
    let rows: u64 = verified.iter().map(|table| table.rows).sum();
    let seconds = took.as_secs_f64();
    let rate = (rows as f64 / seconds.max(0.001)) as u64;
    let (rows, rate) = (HumanCount(rows).to_string(), HumanCount(rate));
    writeln!(text, "{:<16}{rows:>16}   rows in {seconds:.1} s: {rate} a second", "all")?;
    Ok(text)
}

/// What is left to be done by whoever moves.
fn what_next(from: &Location, to: &Location) -> String {
    let key = match from {
        Location::File(path) => {
            format!("{} or HALLPASS_MASTER_KEY", path.with_file_name(MASTER_KEY).display())
        }
        Location::Postgres(_) => format!("{MASTER_KEY} or HALLPASS_MASTER_KEY"),
    };
    let serve = match to {
        Location::File(path) => format!("hallpass serve --database {}", path.display()),
        Location::Postgres(_) => "HALLPASS_DATABASE=<the URL of --to> hallpass serve".to_owned(),
    };
    format!(
        "It opens with the same master key ({key}): take that along. Then, with the settings that the \
         source\nwas served with:\n\n    {serve}\n\nDo not serve the source any more: what happens \
         there is not in the copy.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_do_names_no_password() {
        let url = Location::parse("postgres://ann:hush@db.example/accounts");
        let file = Location::parse("/data/hallpass.db");
        for (from, to) in [(&url, &file), (&file, &url)] {
            let text = what_next(from, to);
            assert!(!text.contains("hush"), "{text}");
        }
        assert!(what_next(&file, &url).contains("/data/master.key or HALLPASS_MASTER_KEY"));
        assert!(what_next(&url, &file).contains("serve --database /data/hallpass.db"));
    }

    #[test]
    fn the_table_ends_with_all_rows_and_their_rate() {
        let verified =
            [Verified { table: "account", rows: 1_500 }, Verified { table: "session", rows: 500 }];
        let text = table(&verified, Duration::from_secs(2)).expect("a string");
        assert!(text.contains("account                    1,500   verified\n"), "{text}");
        assert!(
            text.contains("all                        2,000   rows in 2.0 s: 1,000 a second\n")
        );
    }
}
