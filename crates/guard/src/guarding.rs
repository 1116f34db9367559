//! A request on its way through the guard.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

/// Asks somebody about the token, and then answers.
pub(crate) type Asking<E, A> = Pin<Box<dyn Future<Output = Result<Response<A>, E>> + Send>>;

pin_project! {
    /// The answer of a [`Guarded`](crate::Guarded) service. Where nobody has to be asked about the token, it is
    /// judged before this is polled, and nothing is allocated for it.
    pub struct Guarding<F, E, A> {
        #[pin]
        way: Way<F, E, A>,
    }
}

pin_project! {
    #[project = Pinned]
    enum Way<F, E, A> {
        Passed { #[pin] answer: F },
        Decided { answer: Ready<Result<Response<A>, E>> },
        Asking { answer: Asking<E, A> },
    }
}

impl<F, E, A> Guarding<F, E, A> {
    /// The request has passed, and this is what answers it.
    pub(crate) const fn passed(answer: F) -> Self {
        Self { way: Way::Passed { answer } }
    }

    /// The request has not passed.
    pub(crate) fn decided(answer: Response<A>) -> Self {
        Self { way: Way::Decided { answer: ready(Ok(answer)) } }
    }

    /// It is not known yet whether it passes.
    pub(crate) const fn asking(answer: Asking<E, A>) -> Self {
        Self { way: Way::Asking { answer } }
    }
}

impl<F, E, A> Future for Guarding<F, E, A>
where
    F: Future<Output = Result<Response<A>, E>>,
{
    type Output = Result<Response<A>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().way.project() {
            Pinned::Passed { answer } => answer.poll(context),
            Pinned::Decided { answer } => Pin::new(answer).poll(context),
            Pinned::Asking { answer } => answer.as_mut().poll(context),
        }
    }
}
