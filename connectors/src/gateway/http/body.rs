//! A request's body of which one can tell, after a failure, whether it has left whole.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

const HELD: u8 = 0;
const LEFT: u8 = 1;
const KEPT: u8 = 2;

/// The last byte of a body: held until all before it was written, given away once, or kept back for good. A server that was told the
/// body's length can't act on a body without it.
#[derive(Debug, Clone, Default)]
pub(super) struct LastByte(Arc<AtomicU8>);

/// The last byte was kept back, so the connection is given up.
#[derive(Debug, thiserror::Error)]
#[error("the request was given up")]
pub(super) struct GivenUp;

impl LastByte {
    /// The last byte of no body: with its head such a request is whole.
    pub(super) fn none() -> Self {
        Self(Arc::new(AtomicU8::new(LEFT)))
    }

    /// Keeps the byte back for good. True if it has not left and so never will.
    pub(super) fn keep_back(&self) -> bool {
        self.move_on(KEPT)
    }

    pub(super) fn leave(&self) -> bool {
        self.move_on(LEFT)
    }

    /// Whoever comes first decides, also against a connection that is driven by another thread.
    fn move_on(&self, to: u8) -> bool {
        self.0.compare_exchange(HELD, to, Ordering::AcqRel, Ordering::Acquire).is_ok_and(|from| from == HELD)
    }
}

/// A body in two parts: all but its last byte, and that.
pub(super) struct Told {
    start: Bytes,
    end: Bytes,
    paused: bool,
    last: LastByte,
}

impl Told {
    /// The body of these bytes, at least one.
    pub(super) fn new(bytes: Bytes, last: LastByte) -> Self {
        let mut start = bytes;
        let end = start.split_off(start.len().saturating_sub(1));
        Self { start, end, paused: false, last }
    }
}

impl Body for Told {
    type Data = Bytes;
    type Error = GivenUp;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        if !self.start.is_empty() {
            let start = std::mem::take(&mut self.start);
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        if self.end.is_empty() {
            return Poll::Ready(None);
        }
        if !self.paused {
            // A connection that is kept waiting writes out what it has, and meets the failure if there is one.
            self.paused = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.last.leave() {
            return Poll::Ready(Some(Err(GivenUp)));
        }
        Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.end)))))
    }

    fn is_end_stream(&self) -> bool {
        self.start.is_empty() && self.end.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.start.len() + self.end.len()) as u64)
    }
}
