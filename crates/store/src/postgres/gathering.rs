//! Gathering: what is asked while the same is asked for others waits, and goes to the database together with
//! all that came in the meantime.
//!
//! ```text
//! ask -> nobody is on the way: at once, alone
//!     -> others are:           wait -> with all who wait, in one load -> each gets their own answer
//! ```
//!
//! A statement costs a server more than its rows do, and so does a commit; what many need at the same time is
//! paid once. Nobody waits for others to come: at a quiet hour each goes alone, as without this.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How much one load carries at the most. What a load holds up is then short of a millisecond.
const LOAD: usize = 128;

/// Those who wait, and how many loads are on the way.
pub(super) struct Gathering<Q, A> {
    state: Mutex<State<Q, A>>,
    most_under_way: usize,
}

struct State<Q, A> {
    waiting: Vec<Waiting<Q, A>>,
    under_way: usize,
}

/// A question, and who wants to hear the answer.
type Waiting<Q, A> = (Q, oneshot::Sender<A>);

impl<Q, A> Gathering<Q, A>
where
    Q: Send + 'static,
    A: Send + 'static,
{
    /// One that has at most so many loads on the way at the same time.
    pub(super) fn new(most_under_way: usize) -> Arc<Self> {
        let state = State { waiting: Vec::new(), under_way: 0 };
        Arc::new(Self { state: Mutex::new(state), most_under_way: most_under_way.max(1) })
    }

    /// The answer to `question`, or `None` if it got lost. `carry` takes a load there and brings an answer to
    /// each of its questions, in their order.
    ///
    /// Loads are carried by tasks of their own: who does not wait any more takes nobody's answer along.
    pub(super) async fn ask<F>(
        self: &Arc<Self>,
        question: Q,
        carry: impl Fn(Vec<Q>) -> F + Send + 'static,
    ) -> Option<A>
    where
        F: Future<Output = Vec<A>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        if let Some(turn) = self.join((question, answer)) {
            tokio::spawn(turn.carry_all(carry));
        }
        answered.await.ok()
    }

    /// Adds one who waits. Answers with a turn if somebody has to go for them.
    fn join(self: &Arc<Self>, waiting: Waiting<Q, A>) -> Option<Turn<Q, A>> {
        let mut state = self.state();
        state.waiting.push(waiting);
        (state.under_way < self.most_under_way).then(|| {
            state.under_way += 1;
            Turn { gathering: Arc::clone(self), is_over: false }
        })
    }
}

impl<Q, A> Gathering<Q, A> {
    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those who carry loads. Without it nobody would go for those who wait.
struct Turn<Q, A> {
    gathering: Arc<Gathering<Q, A>>,
    is_over: bool,
}

impl<Q, A> Turn<Q, A> {
    async fn carry_all<F>(mut self, carry: impl Fn(Vec<Q>) -> F)
    where
        F: Future<Output = Vec<A>>,
    {
        while let Some((questions, askers)) = self.next_load() {
            for (asker, answer) in askers.into_iter().zip(carry(questions).await) {
                // Who has gone meanwhile needs none.
                let _ = asker.send(answer);
            }
        }
    }

    /// Those who wait; `None` if there are none, and then the turn is over.
    fn next_load(&mut self) -> Option<(Vec<Q>, Vec<oneshot::Sender<A>>)> {
        let mut state = self.gathering.state();
        if state.waiting.is_empty() {
            state.under_way -= 1;
            self.is_over = true;
            return None;
        }
        let load = state.waiting.len().min(LOAD);
        Some(state.waiting.drain(..load).unzip())
    }
}

/// A defect that ends the task must not take the turn along.
impl<Q, A> Drop for Turn<Q, A> {
    fn drop(&mut self) {
        if !self.is_over {
            self.gathering.state().under_way -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::sync::Semaphore;

    use super::*;

    /// Loads as they arrive, each answered when it may leave.
    struct Road {
        loads: Mutex<Vec<Vec<u32>>>,
        gate: Semaphore,
    }

    impl Road {
        fn closed() -> Arc<Self> {
            Arc::new(Self { loads: Mutex::default(), gate: Semaphore::new(0) })
        }

        fn loads(&self) -> Vec<Vec<u32>> {
            self.loads.lock().unwrap().clone()
        }

        async fn carry(self: Arc<Self>, load: Vec<u32>) -> Vec<u32> {
            self.loads.lock().unwrap().push(load.clone());
            self.gate.acquire().await.unwrap().forget();
            assert!(!load.contains(&13), "a defect");
            load.into_iter().map(|question| question * 10).collect()
        }
    }

    /// Asks in a task of its own, which has asked when this answers.
    async fn ask(
        gathering: &Arc<Gathering<u32, u32>>,
        road: &Arc<Road>,
        question: u32,
    ) -> tokio::task::JoinHandle<Option<u32>> {
        let (gathering, road) = (Arc::clone(gathering), Arc::clone(road));
        let asked = tokio::spawn(async move {
            gathering.ask(question, move |load| Arc::clone(&road).carry(load)).await
        });
        // One for the question, one for who carries it.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        asked
    }

    #[tokio::test]
    async fn those_who_come_while_a_load_is_under_way_go_together_in_the_next() {
        let (gathering, road) = (Gathering::new(1), Road::closed());
        let first = ask(&gathering, &road, 1).await;
        assert_eq!(road.loads(), [[1]], "who is alone waits for nobody");
        let (second, third) = (ask(&gathering, &road, 2).await, ask(&gathering, &road, 3).await);
        second.abort();
        assert_eq!(road.loads(), [[1]]);
        road.gate.add_permits(2);
        assert_eq!(first.await.unwrap(), Some(10));
        assert_eq!(third.await.unwrap(), Some(30), "whoever does not wait any more");
        assert_eq!(road.loads(), [vec![1], vec![2, 3]]);
    }

    #[tokio::test]
    async fn no_more_loads_are_under_way_than_may_be_nor_larger_ones() {
        let (gathering, road) = (Gathering::new(2), Road::closed());
        let mut asked = Vec::new();
        for question in 100..102 + 2 * LOAD as u32 {
            asked.push(ask(&gathering, &road, question).await);
        }
        assert_eq!(road.loads(), [[100], [101]]);
        road.gate.add_permits(4);
        for (question, answer) in (100..).zip(asked) {
            assert_eq!(answer.await.unwrap(), Some(question * 10));
        }
        assert_eq!(road.loads().iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, LOAD, LOAD]);
    }

    #[tokio::test]
    async fn a_defect_loses_its_own_load_and_no_turn() {
        let (gathering, road) = (Gathering::new(1), Road::closed());
        road.gate.add_permits(2);
        assert_eq!(ask(&gathering, &road, 13).await.await.unwrap(), None);
        assert_eq!(ask(&gathering, &road, 2).await.await.unwrap(), Some(20));
    }
}
