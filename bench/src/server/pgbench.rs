//! PostgreSQL alone: `pgbench` sends the statements of a flow, and nothing stands in front of it.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// The statements, and the people whom they are about.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pgbench");
/// As many connections as a server opens if nobody says otherwise.
const CONNECTIONS: &str = "16";

/// A database for `pgbench`, with the tables of Hallpass.
#[derive(Clone, Debug)]
pub(crate) struct Pgbench {
    url: String,
}

impl Pgbench {
    /// Adds the people that the statements are about.
    ///
    /// # Errors
    /// `psql` is missing, or the tables are.
    pub(crate) fn prepare(url: &str) -> anyhow::Result<Self> {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file"]);
        psql.arg(Path::new(FOLDER).join("people.sql")).args(["--dbname", url]);
        run(psql)?;
        Ok(Self { url: url.to_owned() })
    }

    /// Sends flows for about `length`, at least a second; answers how many, and in how much time.
    ///
    /// # Errors
    /// A statement fails.
    pub(crate) fn flows(&self, length: Duration) -> anyhow::Result<(u64, Duration)> {
        let seconds = length.as_secs_f64().ceil().max(1.0).to_string();
        let mut pgbench = Command::new("pgbench");
        pgbench.args(["--no-vacuum", "--protocol", "prepared", "--client", CONNECTIONS]);
        pgbench.args(["--time", &seconds, "--file"]);
        pgbench.arg(Path::new(FOLDER).join("code-flow.sql")).arg(&self.url);
        let output = run(pgbench)?;
        let told = String::from_utf8_lossy(&output.stdout);
        counted(&told).with_context(|| format!("pgbench told no figure, or of failures:\n{told}"))
    }
}

fn run(mut command: Command) -> anyhow::Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} could not be run"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {error}");
    Ok(output)
}

/// The number of transactions and the time that they took together, by their number and their rate;
/// `None` if any failed.
fn counted(told: &str) -> Option<(u64, Duration)> {
    let after = |name: &str| told.lines().find_map(|line| line.strip_prefix(name));
    let first = |text: &str| text.split_whitespace().next()?.parse::<f64>().ok();
    let count = first(after("number of transactions actually processed: ")?)?;
    let failed = first(after("number of failed transactions: ")?)?;
    let rate = first(after("tps = ")?)?;
    let is_good = failed == 0.0 && count > 0.0 && rate > 0.0;
    is_good.then(|| (count as u64, Duration::from_secs_f64(count / rate)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_count_is_read_and_failures_are_none() {
        let told = "number of transactions actually processed: 500\n\
            number of failed transactions: 0 (0.000%)\nlatency average = 1 ms\n\
            tps = 250.000000 (without initial connection time)\n";
        assert_eq!(counted(told), Some((500, Duration::from_secs(2))));
        assert_eq!(counted(&told.replace("transactions: 0", "transactions: 1")), None);
        assert_eq!(counted("pgbench: error"), None);
    }

    /// The words of a text: what stands between them is a matter of taste.
    fn words(text: &str) -> String {
        let spaced = text.replace(',', " , ").replace('(', " ( ").replace(')', " ) ");
        spaced.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The script with `$1` for what stands between `/*1*/` and `/**/`.
    fn statements() -> String {
        let script = include_str!("../../pgbench/code-flow.sql");
        let mut text = String::new();
        let is_code = |line: &&str| !line.starts_with("--") && !line.starts_with('\\');
        for part in script.lines().filter(is_code).collect::<Vec<_>>().join(" ").split("/**/") {
            match part.split_once("/*") {
                Some((before, value)) => {
                    let number = value.split_once("*/").unwrap().0;
                    text.push_str(&format!("{before} ${number} "));
                }
                None => text.push_str(part),
            }
        }
        words(&text)
    }

    /// The pieces of text of the constants that the script repeats.
    fn pieces(source: &str, names: &[&str]) -> Vec<String> {
        let mut pieces = Vec::new();
        for name in names {
            let begin = source.find(name).unwrap_or_else(|| panic!("no {name}: mend the script"));
            let item = &source[begin..];
            let end = item.find("\n}\n").into_iter().chain(item.find(";\n\n")).min().unwrap();
            let texts = item[..end].split('"').skip(1).step_by(2);
            pieces.extend(texts.map(words).filter(|text| text.len() > 12));
        }
        pieces
    }

    #[test]
    fn the_script_sends_what_the_store_sends() {
        let code = include_str!("../../../crates/store/src/postgres/sealed_code.rs");
        let authorize = include_str!("../../../crates/store/src/postgres/authorize.rs");
        let names = ["macro_rules! redeem_sealed", "const REDEEM_FOR_A_FAMILY: &str"];
        let mut all = pieces(code, &names);
        all.extend(pieces(authorize, &["const SIGNED_IN: &str"]));
        assert!(all.len() >= 4, "{all:?}");
        let script = statements();
        for piece in all {
            assert!(
                script.contains(&piece),
                "not in bench/pgbench/code-flow.sql:\n{piece}\n\n{script}"
            );
        }
    }
}
