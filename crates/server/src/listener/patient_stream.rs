//! A stream that gives up on a peer who keeps it waiting: for the head of a request, or to take the answer.
//!
//! Forms bound their bodies; nothing else bounds what a client may take its time for, and one who never sends or
//! never reads would keep its place for ever. hyper could watch over the heads, but has to go round once more
//! after every answer to begin with it. Here a connection has one sleep for all its heads, which runs on: only
//! when it is over is it looked up whether that is what the present head waits for.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a peer may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a peer may take nothing at all of what it is sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a request is being answered: then no head is waited for. All who know of it are polled by the one task
/// of the connection.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<AtomicBool>);

impl UnderWay {
    /// The head of a request is there.
    pub(super) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// It is known what is answered to it.
    pub(super) fn end(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// See the module.
pub(super) struct PatientStream<S> {
    stream: S,
    under_way: UnderWay,
    /// By when the head of the next request is to be there.
    head_due: Instant,
    /// Until then, or until an earlier head was due.
    until_due: Pin<Box<Sleep>>,
    /// Runs while nothing can be written.
    patience: Option<Pin<Box<Sleep>>>,
}

impl<S> PatientStream<S> {
    /// Around `stream`, whose requests are told to `under_way`.
    pub(super) fn new(stream: S, under_way: UnderWay) -> Self {
        let until_due = Box::pin(sleep(HEAD_PATIENCE));
        let head_due = until_due.deadline();
        Self { stream, under_way, head_due, until_due, patience: None }
    }

    /// Over when the head of the next request is overdue.
    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.until_due.as_mut().poll(context));
            if Instant::now() >= self.head_due {
                return Poll::Ready(());
            }
            // It was begun for a head that came in time.
            self.until_due.as_mut().reset(self.head_due);
        }
    }

    /// Passes on what came of writing. The next head is due a while after the last piece of the answer.
    fn wrote(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.head_due = Instant::now() + HEAD_PATIENCE;
            // Not over yet. Nobody may read before the peer sends something, so it is told now whom to wake.
            let _ = self.poll_due(context);
        }
        self.judge(context, written)
    }

    /// Passes on what came of writing, unless that has come to nothing for too long.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        patience.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PatientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() || self.under_way.is() {
            return read;
        }
        self.poll_due(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PatientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.judge(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.judge(context, shut)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn connection() -> (PatientStream<DuplexStream>, DuplexStream, UnderWay) {
        let (ours, theirs) = duplex(64);
        let under_way = UnderWay::default();
        (PatientStream::new(ours, under_way.clone()), theirs, under_way)
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_no_head_is_waited_for_so_long_and_no_longer() {
        let (mut stream, _theirs, _) = connection();
        let begun = Instant::now();
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!((error.kind(), begun.elapsed()), (io::ErrorKind::TimedOut, HEAD_PATIENCE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_piece_by_piece_gets_no_more_time() {
        let (mut stream, mut theirs, _) = connection();
        let begun = Instant::now();
        for _ in 0..9 {
            assert!(timeout(SECOND, stream.read_u8()).await.is_err());
            theirs.write_u8(b'G').await.unwrap();
            stream.read_u8().await.unwrap();
        }
        assert!(stream.read_u8().await.is_err());
        assert_eq!(begun.elapsed(), HEAD_PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn every_head_has_its_own_time_after_the_answer_before() {
        let (mut stream, _theirs, _) = connection();
        let begun = Instant::now();
        for _ in 0..3 {
            assert!(timeout(7 * SECOND, stream.read_u8()).await.is_err());
            stream.write_u8(b'H').await.unwrap();
        }
        assert!(stream.read_u8().await.is_err());
        assert_eq!(begun.elapsed(), 3 * 7 * SECOND + HEAD_PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_may_take_longer_than_a_head() {
        let (mut stream, _theirs, under_way) = connection();
        under_way.begin();
        assert!(timeout(25 * SECOND, stream.read_u8()).await.is_err());
        under_way.end();
        stream.write_u8(b'H').await.unwrap();
        let answered = Instant::now();
        assert!(stream.read_u8().await.is_err());
        assert_eq!(answered.elapsed(), HEAD_PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_sets_the_alarm_for_the_next_head_though_nobody_reads() {
        let (mut stream, _theirs, _) = connection();
        advance(3 * HEAD_PATIENCE).await;
        let mut begun = None;
        // Reads when it is woken after the write, and not before.
        let waited = poll_fn(|context| match begun {
            None => {
                begun = Some(Instant::now());
                let _ = Pin::new(&mut stream).poll_write(context, b"H");
                Poll::Pending
            }
            Some(begun) => Poll::Ready(begun.elapsed()),
        });
        assert_eq!(waited.await, HEAD_PATIENCE);
        assert!(stream.read_u8().await.is_err());
    }
}
