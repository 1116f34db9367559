//! The yardstick of signing in: one thread that hashes passwords and does nothing else.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::pinning::Cores;

/// What the server uses: 19 MiB, two passes, one lane, 32 bytes.
const PARAMETERS: (u32, u32, u32, usize) = (19 * 1024, 2, 1, 32);

/// A process that hashes when it is told.
#[derive(Debug)]
pub(crate) struct Hashing {
    child: Child,
    orders: ChildStdin,
    results: BufReader<ChildStdout>,
}

impl Hashing {
    /// Starts it on the server's core.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(cores: Cores) -> anyhow::Result<Self> {
        let mut command = cores.command(std::env::current_exe()?);
        command.arg("hash").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("hash")?;
        let orders = child.stdin.take().context("its input was not opened")?;
        let results = BufReader::new(child.stdout.take().context("its output was not opened")?);
        Ok(Self { child, orders, results })
    }

    /// Lets it hash once and then `count` times; answers how long those took.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn hash(&mut self, count: u64) -> anyhow::Result<Duration> {
        writeln!(self.orders, "{count}")?;
        let mut line = String::new();
        self.results.read_line(&mut line)?;
        Ok(Duration::from_nanos(line.trim().parse().context("no time of hashes")?))
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For each line, a number: hashes once, then so often, and tells in how many nanoseconds.
///
/// # Errors
/// The streams'.
pub(crate) fn obey() -> anyhow::Result<()> {
    let (memory, passes, lanes, output) = PARAMETERS;
    let parameters = Params::new(memory, passes, lanes, Some(output))
        .map_err(|error| anyhow::anyhow!("the parameters of Argon2: {error}"))?;
    let mut blocks = vec![Block::default(); parameters.block_count()];
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    for line in std::io::stdin().lines() {
        let count: u64 = line?.trim().parse()?;
        let (mut begun, mut hash) = (Instant::now(), [0; 32]);
        for number in 0..=count {
            let password = b"a password for measuring";
            hasher
                .hash_password_into_with_memory(password, &[7; 16], &mut hash, &mut blocks)
                .map_err(|error| anyhow::anyhow!("Argon2: {error}"))?;
            if number == 0 {
                begun = Instant::now();
            }
        }
        println!("{}", begun.elapsed().as_nanos());
    }
    Ok(())
}
