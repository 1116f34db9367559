//! Facts and acts on the way to the database and back: on which connection, how often, and how long.
//!
//! Whoever asks gets an answer before their patience is over. Until then what failed is tried again,
//! if it is known not to have happened, or does no harm when it happens twice ([`Repeat`]).

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::connection::{Connection, Connector};
use super::failure::{Aftermath, Failure};
use super::gathering::Gathering;
use super::lanes::Lanes;
use super::outage::Outage;
use super::pool::{Lease, Pool};
use crate::StoreError;
use crate::row::Corrupt;

/// How long a request waits for the database: whatever happens there, the person has an answer within
/// two seconds.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The same for what nobody waits for: upkeep, and taking over an operator's file.
const LONG_PATIENCE: Duration = Duration::from_secs(10);

/// The first pause before another try, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Of so many connections one is a lane; the others are for acts.
const CONNECTIONS_A_LANE: u32 = 8;
const MOST_LANES: u32 = 4;

/// Whether an act may be done once more when its connection died before the answer, so that nobody knows
/// whether it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Done twice it leaves what it leaves done once, and answers the same.
    Safe,
    /// The second time it would find its own doing, and tell of it as of somebody else's.
    Never,
}

/// The database, as facts and acts see it.
pub(super) struct Database {
    connector: Connector,
    lanes: Lanes,
    pool: Pool,
    outage: Outage,
    patience: Duration,
    conflicts: bool,
}

impl Database {
    /// Uses at most `connections` at the same time; `first` is one of them.
    pub(super) fn new(connector: Connector, connections: u32, first: Connection) -> Self {
        let lanes = (connections / CONNECTIONS_A_LANE).clamp(1, MOST_LANES);
        let pool = Pool::new(connections.saturating_sub(lanes).max(1));
        pool.add(Arc::new(first));
        let lanes = Lanes::new(lanes as usize);
        let (outage, patience) = (Outage::default(), PATIENCE);
        Self { connector, lanes, pool, outage, patience, conflicts: false }
    }

    /// How many facts the server works at, at the same time.
    pub(super) fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Gives every fact and act so much time.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Makes the first try of every act fail as if somebody else were at the same rows.
    pub(super) fn set_conflicts(&mut self) {
        self.conflicts = true;
    }

    /// Brings a fact. `ask` is one statement.
    pub(super) async fn fact<T, F>(
        &self,
        name: &'static str,
        ask: impl Fn(Arc<Connection>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut tries = Tries::new(self.patience, Repeat::Safe);
        loop {
            match self.ask(&ask, tries.deadline).await {
                Ok(fact) => return Ok(fact),
                Err(failure) => self.again(&mut tries, failure, name).await?,
            }
        }
    }

    /// Brings a fact together with those that are asked of `gathering` in the meantime. `ask` is one statement,
    /// which answers each of them in its place.
    pub(super) async fn gathered_fact<Q, T, F>(
        self: &Arc<Self>,
        name: &'static str,
        gathering: &Arc<Gathering<Q, Result<T, StoreError>>>,
        question: Q,
        ask: impl Fn(Arc<Connection>, Arc<[Q]>) -> F + Copy + Send + Sync + 'static,
    ) -> Result<T, StoreError>
    where
        Q: Send + Sync + 'static,
        T: Send + 'static,
        F: Future<Output = Result<Vec<Result<T, Corrupt>>, Failure>> + Send + 'static,
    {
        let database = Arc::clone(self);
        let carry = move |questions: Vec<Q>| {
            let (database, questions) = (Arc::clone(&database), Arc::<[Q]>::from(questions));
            async move {
                let ask_all = |connection| ask(connection, Arc::clone(&questions));
                match database.fact(name, ask_all).await {
                    Ok(facts) => facts.into_iter().map(|fact| Ok(fact?)).collect(),
                    Err(error) => questions.iter().map(|_| Err(error.clone())).collect(),
                }
            }
        };
        match timeout(self.patience, gathering.ask(question, carry)).await {
            Ok(Some(fact)) => fact,
            Ok(None) | Err(_) => Err(Failure::Late.during(name)),
        }
    }

    /// Does an act: one statement, or a transaction that `act` opens and commits.
    pub(super) async fn act<T, F>(
        &self,
        name: &'static str,
        repeat: Repeat,
        act: impl Fn(Arc<Connection>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.act_within(Tries::new(self.patience, repeat), name, act).await
    }

    /// Does an act together with those that are asked of `gathering` in the meantime. `act` is one statement,
    /// which does all of them or none. Where it fails, whosever fault that is, `alone` does each by itself; so
    /// it is one that leaves the same when it is done twice.
    pub(super) async fn gathered_act<Q, F, G>(
        self: &Arc<Self>,
        name: &'static str,
        (gathering, question): (&Arc<Gathering<Q, bool>>, Q),
        act: impl Fn(Arc<Connection>, Arc<[Q]>) -> F + Copy + Send + Sync + 'static,
        alone: impl Fn(Arc<Connection>) -> G,
    ) -> Result<(), StoreError>
    where
        Q: Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
        G: Future<Output = Result<(), Failure>>,
    {
        let tries = Tries::new(self.patience, Repeat::Safe);
        let database = Arc::clone(self);
        let carry = move |questions: Vec<Q>| {
            let (database, questions) = (Arc::clone(&database), Arc::<[Q]>::from(questions));
            async move {
                // Half of the time: the other half is for whoever has to do it alone.
                let deadline = Instant::now() + database.patience / 2;
                let act_on_all = |connection| act(connection, Arc::clone(&questions));
                let outcome = match database.conflicts {
                    true => database.attempt(&conflict, deadline).await,
                    false => database.attempt(&act_on_all, deadline).await,
                };
                questions.iter().map(|_| outcome.is_ok()).collect()
            }
        };
        match timeout_at(tries.deadline, gathering.ask(question, carry)).await {
            Ok(Some(true)) => Ok(()),
            Ok(Some(false) | None) => self.act_within(tries, name, alone).await,
            Err(_) => Err(Failure::Late.during(name)),
        }
    }

    /// Does an act that may take long: nobody waits for it, or whoever does knows why.
    pub(super) async fn long_act<T, F>(
        &self,
        name: &'static str,
        repeat: Repeat,
        act: impl Fn(Arc<Connection>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.act_within(Tries::new(self.patience.max(LONG_PATIENCE), repeat), name, act).await
    }

    /// Waits for acts under way, and refuses all that come later.
    pub(super) async fn close(&self) {
        self.pool.close().await;
        self.lanes.close();
    }

    async fn act_within<T, F>(
        &self,
        mut tries: Tries,
        name: &'static str,
        act: impl Fn(Arc<Connection>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        loop {
            let outcome = match self.conflicts && tries.is_first() {
                true => self.attempt(&conflict, tries.deadline).await,
                false => self.attempt(&act, tries.deadline).await,
            };
            match outcome {
                Ok(done) => return Ok(done),
                Err(failure) => self.again(&mut tries, failure, name).await?,
            }
        }
    }

    /// Waits for the next try, or says of what `name` is that there is none.
    async fn again(
        &self,
        tries: &mut Tries,
        failure: Failure,
        name: &'static str,
    ) -> Result<(), StoreError> {
        let is_gone = failure.aftermath() == Aftermath::NotSent && self.outage.lasts(self.patience);
        let waited = match is_gone {
            true => Err(failure),
            false => tries.another(failure).await,
        };
        waited.map_err(|last| last.during(name))
    }

    async fn ask<T, F>(
        &self,
        ask: &impl Fn(Arc<Connection>) -> F,
        deadline: Instant,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let lane = self.lanes.next()?;
        let connection = within(deadline, lane.connection(&self.connector)).await?;
        self.outage.end();
        let answer = within(deadline, ask(Arc::clone(&connection))).await;
        match answer.as_ref().map_err(Failure::aftermath) {
            Err(Aftermath::Unknown | Aftermath::ReadOnly) => lane.give_up(&connection),
            Ok(_) | Err(Aftermath::Conflict | Aftermath::NotSent | Aftermath::Settled) => {}
        }
        answer
    }

    async fn attempt<T, F>(
        &self,
        act: &impl Fn(Arc<Connection>) -> F,
        deadline: Instant,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let lease = within(deadline, self.pool.lease(&self.connector)).await?;
        self.outage.end();
        let outcome = within(deadline, act(lease.connection())).await;
        match outcome.as_ref().map_err(Failure::aftermath) {
            Ok(_) => lease.give_back(),
            Err(Aftermath::Conflict | Aftermath::NotSent | Aftermath::Settled) => {
                roll_back(lease, deadline).await;
            }
            // Whatever state it is in, nobody needs to find out.
            Err(Aftermath::Unknown | Aftermath::ReadOnly) => drop(lease),
        }
        outcome
    }
}

/// Makes a connection fit for the next act, whether or not a transaction was open.
async fn roll_back(lease: Lease<'_>, deadline: Instant) {
    let connection = lease.connection();
    if within(deadline, connection.run("ROLLBACK")).await.is_ok() {
        lease.give_back();
    }
}

/// What an act meets when the engine would have it tried again.
async fn conflict<T>(connection: Arc<Connection>) -> Result<T, Failure> {
    const SQL: &str = "DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '40001'; END $$";
    connection.run(SQL).await.and(Err(Failure::Closed))
}

async fn within<T>(
    deadline: Instant,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout_at(deadline, future).await.unwrap_or(Err(Failure::Late))
}

/// The tries of one fact or act.
struct Tries {
    deadline: Instant,
    repeat: Repeat,
    pause: Duration,
    made: u32,
}

impl Tries {
    fn new(patience: Duration, repeat: Repeat) -> Self {
        Self { deadline: Instant::now() + patience, repeat, pause: FIRST_PAUSE, made: 0 }
    }

    fn is_first(&self) -> bool {
        self.made == 0
    }

    /// Waits for the next try, or gives the failure back if there is none.
    async fn another(&mut self, failure: Failure) -> Result<(), Failure> {
        let may_be_repeated = match failure.aftermath() {
            Aftermath::Conflict | Aftermath::ReadOnly | Aftermath::NotSent => true,
            Aftermath::Unknown => self.repeat == Repeat::Safe,
            Aftermath::Settled => false,
        };
        let next = Instant::now() + of_random_length(self.pause);
        if !may_be_repeated || next >= self.deadline {
            return Err(failure);
        }
        tokio::time::sleep_until(next).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.made += 1;
        Ok(())
    }
}

/// Between half the pause and all of it, so that those who met once do not meet again.
fn of_random_length(pause: Duration) -> Duration {
    // Chance enough for this: each of these is seeded anew.
    let chance = RandomState::new().build_hasher().finish() % 512;
    pause * (512 + chance as u32) / 1024
}
