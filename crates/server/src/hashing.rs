//! Hashing passwords: slow on purpose, so done on threads of its own, with a queue that has an end.
//!
//! Argon2id (RFC 9106) with 19 MiB, two passes, one lane (ASVS 11.4.2). Each thread keeps its 19 MiB
//! while there is work and uses them again: fresh memory for every hash costs more than a third of the
//! time. A thread that has nothing to do gives them back, so that an idle server is a small one.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
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

/// How long a thread without work keeps its memory.
const KEEP_MEMORY: Duration = Duration::from_millis(250);

/// The threads that hash passwords.
#[derive(Clone)]
pub struct Hasher {
    // Dropped with the last clone, which tells the threads to end.
    handle: Arc<Handle>,
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
        let queue = Arc::new(Queue::new(threads * QUEUE_PER_THREAD));
        let handle = Arc::new(Handle(Arc::clone(&queue)));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name(format!("hashing-{number}"));
            thread.spawn(move || work(&queue))?;
        }
        Ok(Self { handle })
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
        self.handle.0.push(task)?;
        answered.await.map_err(|_| Fault::Panic)
    }
}

/// The passwords that wait: a queue with an end, from which every thread takes.
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    capacity: usize,
}

struct Waiting {
    tasks: VecDeque<Task>,
    is_closed: bool,
}

/// Closes the queue when it is dropped.
struct Handle(Arc<Queue>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Queue {
    fn new(capacity: usize) -> Self {
        let waiting = Waiting { tasks: VecDeque::new(), is_closed: false };
        Self { waiting: Mutex::new(waiting), changed: Condvar::new(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it holds the lock; what is behind it is whole in any case.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, task: Task) -> Result<(), Fault> {
        let mut waiting = self.lock();
        if waiting.tasks.len() >= self.capacity {
            return Err(Fault::Busy);
        }
        waiting.tasks.push_back(task);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// The next task; `None` when there will be none. A thread that waits in vain for a while gives
    /// its memory back and waits on.
    fn next(&self, memory: &mut Memory) -> Option<Task> {
        let mut waiting = self.lock();
        loop {
            if let Some(task) = waiting.tasks.pop_front() {
                return Some(task);
            }
            if waiting.is_closed {
                return None;
            }
            if memory.is_empty() {
                waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let woken = self.changed.wait_timeout(waiting, KEEP_MEMORY);
            let (guard, waited) = woken.unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
            if waited.timed_out() && waiting.tasks.is_empty() {
                *memory = Memory::new();
            }
        }
    }
}

fn work(queue: &Queue) {
    let mut memory = Memory::new();
    while let Some(task) = queue.next(&mut memory) {
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
    let is_argon2id =
        known.algorithm == ARGON2ID_IDENT && known.version == Some(Version::V0x13.into());
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
        // A published test vector of the reference implementation.
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
