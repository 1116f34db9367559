//! Hashing passwords: slow on purpose, so done on threads of its own, with a queue that has an end.
//!
//! Argon2id (RFC 9106) with 19 MiB, two passes, one lane (ASVS 11.4.2). Each thread keeps its 19 MiB
//! and uses them again: clearing fresh memory for every hash costs more than a third of the time.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use hallpass_protocol::model::{Password, Randomness as _};
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::state::SystemRandomness;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;
const OUTPUT: usize = 32;

/// How many passwords may wait for each thread before more are turned away.
const QUEUE_PER_THREAD: usize = 32;

/// The threads that hash passwords.
#[derive(Clone)]
pub struct Hasher {
    queue: SyncSender<Task>,
}

/// The blocks that one thread works in.
type Memory = Vec<Block>;
type Task = Box<dyn FnOnce(&mut Memory) + Send>;

impl Hasher {
    /// Starts `threads` threads, at least one. They end when the last clone is dropped.
    ///
    /// # Errors
    /// The system's, if it gives no more threads.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let threads = threads.max(1);
        let (queue, tasks) = sync_channel::<Task>(threads * QUEUE_PER_THREAD);
        let tasks = Arc::new(Mutex::new(tasks));
        for number in 0..threads {
            let tasks = Arc::clone(&tasks);
            thread::Builder::new().name(format!("hashing-{number}")).spawn(move || work(&tasks))?;
        }
        Ok(Self { queue })
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// [`Fault::Busy`] if too many passwords are waiting.
    pub async fn hash(&self, password: Password) -> Result<String, Fault> {
        self.run(move |memory| {
            let mut salt = [0; SALT];
            SystemRandomness.fill(&mut salt);
            hash(&password, &salt, memory)
        })
        .await
    }

    /// Whether `password` is the one behind `phc`. With `None` (there is no such account) it does the
    /// same work and says no, so that the time tells nobody which names exist.
    ///
    /// # Errors
    /// [`Fault::Busy`] if too many passwords are waiting.
    pub async fn verify(&self, password: Password, phc: Option<String>) -> Result<bool, Fault> {
        self.run(move |memory| match phc.as_deref().map(PasswordHash::new) {
            Some(Ok(known)) => verify(&password, &known, memory),
            Some(Err(_)) | None => {
                hash(&password, &[0; SALT], memory);
                false
            }
        })
        .await
    }

    async fn run<T, F>(&self, act: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |memory| {
            // Whoever asked may have hung up; then nobody wants the answer.
            let _ = answer.send(act(memory));
        });
        self.queue.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Busy,
            TrySendError::Disconnected(_) => Fault::Panic,
        })?;
        answered.await.map_err(|_| Fault::Panic)
    }
}

fn work(tasks: &Mutex<Receiver<Task>>) {
    let mut memory = Memory::new();
    loop {
        // The lock is held while waiting, never while working.
        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = task else { return };
        // A panic must not end the thread. The memory is overwritten by the next hash.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task(&mut memory)));
    }
}

fn hash(password: &Password, salt: &[u8; SALT], memory: &mut Memory) -> String {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT))
        .unwrap_or_else(|_| unreachable!("the parameters are within Argon2's bounds"));
    let output = derive(password, salt, &params, memory)
        .unwrap_or_else(|| unreachable!("16 bytes of salt and 32 of output are within its bounds"));
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).unwrap_or_default(),
        salt: Salt::new(salt).ok(),
        hash: Output::new(&output).ok(),
    };
    hash.to_string()
}

/// Hashes with the parameters of the stored hash, so that old ones stay good when ours change.
fn verify(password: &Password, known: &PasswordHash, memory: &mut Memory) -> bool {
    let is_argon2id = known.algorithm == Ident::from(ARGON2ID_IDENT)
        && known.version == Some(Version::V0x13.into());
    let (Ok(params), Some(salt), Some(expected)) =
        (Params::try_from(known), known.salt.as_ref(), known.hash.as_ref())
    else {
        return false;
    };
    let derived = derive(password, salt.as_ref(), &params, memory);
    is_argon2id
        && derived.is_some_and(|derived| {
            constant_time::verify_slices_are_equal(&derived, expected.as_bytes()).is_ok()
        })
}

fn derive(
    password: &Password,
    salt: &[u8],
    params: &Params,
    memory: &mut Memory,
) -> Option<Vec<u8>> {
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let mut output = vec![0; params.output_len().unwrap_or(OUTPUT)];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory)
        .ok()?;
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).expect("a password")
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let hasher = Hasher::start(1).expect("a thread");
        let phc = hasher.hash(password("correct horse")).await.expect("not busy");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let verify = async |text, phc: Option<&str>| {
            hasher.verify(password(text), phc.map(str::to_owned)).await.expect("not busy")
        };
        assert!(verify("correct horse", Some(&phc)).await);
        assert!(!verify("correct horsE", Some(&phc)).await);
        assert!(!verify("correct horse", Some("$argon2id$nonsense")).await);
        assert!(!verify("correct horse", None).await);
    }

    #[tokio::test]
    async fn a_hash_made_elsewhere_with_other_parameters_verifies() {
        // `argon2` command of Debian: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 24
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hasher = Hasher::start(1).expect("a thread");
        assert!(hasher.verify(password("password"), Some(phc.to_owned())).await.expect("not busy"));
        let again = hasher.hash(password("x")).await.expect("not busy");
        assert!(hasher.verify(password("x"), Some(again)).await.expect("not busy"));
    }

    #[tokio::test]
    async fn lg_23_more_passwords_than_the_queue_holds_are_turned_away() {
        let hasher = Hasher::start(1).expect("a thread");
        let attempts: Vec<_> = (0..200)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.verify(password("x"), None).await })
            })
            .collect();
        let mut busy = 0;
        for attempt in attempts {
            match attempt.await.expect("no panic") {
                Ok(verified) => assert!(!verified),
                Err(fault) => {
                    assert!(matches!(fault, Fault::Busy));
                    busy += 1;
                }
            }
        }
        assert!(busy > 0, "200 at once are more than one thread's queue of {QUEUE_PER_THREAD}");
    }
}
