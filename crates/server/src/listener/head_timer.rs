//! The timer that bounds how long the head of a request may take.
//!
//! hyper asks for a new sleep at every head and drops it when the head is there. In the runtime each is entered
//! and taken out again under a lock, for every request of a connection that is kept. Here a connection has one
//! sleep, which runs on: only when it is over is it looked up whether that is what the present head waits for.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time;

/// See the module. Each connection has its own.
#[derive(Clone, Default)]
pub(super) struct HeadTimer(Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>);

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(HeadSleep { deadline: deadline.into(), timer: self.clone() })
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

/// Until a deadline, by the sleep of the connection.
struct HeadSleep {
    deadline: time::Instant,
    timer: HeadTimer,
}

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.timer.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sleep = shared.get_or_insert_with(|| Box::pin(time::sleep_until(self.deadline)));
        if sleep.deadline() > self.deadline {
            sleep.as_mut().reset(self.deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(context));
            if time::Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
            // It was begun for a head that came in time.
            sleep.as_mut().reset(self.deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn every_head_has_its_own_time_whatever_became_of_the_one_before() {
        let timer = HeadTimer::default();
        let begun = time::Instant::now();
        let in_time = timer.sleep(PATIENCE);
        assert!(time::timeout(Duration::from_secs(7), in_time).await.is_err());
        timer.sleep(PATIENCE).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(17));
        timer.sleep(PATIENCE).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(27));
    }

    #[tokio::test(start_paused = true)]
    async fn a_shorter_time_than_the_one_that_runs_is_kept() {
        let timer = HeadTimer::default();
        let begun = time::Instant::now();
        assert!(time::timeout(Duration::from_secs(1), timer.sleep(PATIENCE)).await.is_err());
        timer.sleep(Duration::from_secs(2)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(3));
    }
}
