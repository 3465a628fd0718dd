//! Bodies that tell whose turn it is: a request's as it comes, an answer's as it goes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::progress::Exchange;
use crate::room::Held;

/// Most bytes of an answer handed over at once. Each that is taken is progress; smaller pieces would be more work, larger ones
/// would have to be taken whole within the time for stalled readers.
const PIECE: usize = 64 * 1024;

/// A request's body.
pub(super) struct Coming<B> {
    inner: B,
    exchange: Arc<Exchange>,
}

impl<B> Coming<B> {
    pub(super) fn new(inner: B, exchange: Arc<Exchange>) -> Self {
        Self { inner, exchange }
    }
}

impl<B: Body + Unpin> Body for Coming<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        match &polled {
            Poll::Pending => self.exchange.still_with_client(),
            Poll::Ready(_) => self.exchange.with_us(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B> Drop for Coming<B> {
    fn drop(&mut self) {
        // Whoever waited for it no longer does.
        self.exchange.with_us();
    }
}

/// An answer's body. Its pieces carry the exchange and the answer's room in memory with them, until they have left.
pub(super) struct Going<B> {
    inner: B,
    /// The rest of a piece that is too large to be handed over at once.
    rest: Bytes,
    owner: Owner,
}

#[derive(Clone)]
struct Owner {
    exchange: Arc<Exchange>,
    _held: Option<Arc<Held>>,
}

/// A piece under way.
struct Piece {
    bytes: Bytes,
    _owner: Owner,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<B> Going<B> {
    pub(super) fn new(inner: B, exchange: Arc<Exchange>, held: Option<Arc<Held>>) -> Self {
        Self { inner, rest: Bytes::new(), owner: Owner { exchange, _held: held } }
    }

    fn piece(&mut self) -> Frame<Bytes> {
        let bytes = self.rest.split_to(self.rest.len().min(PIECE));
        self.owner.exchange.with_client();
        Frame::data(Bytes::from_owner(Piece { bytes, _owner: self.owner.clone() }))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Going<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Pending => {
                self.owner.exchange.with_us();
                Poll::Pending
            }
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(bytes) => {
                    self.rest = bytes;
                    self.piece()
                }
                Err(frame) => frame,
            }))),
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.rest.len() as u64;
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + left);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + left);
        }
        hint
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use http_body_util::{BodyExt, Full};

    use super::*;
    use crate::server::{progress::Progress, settings::Times};

    #[tokio::test]
    async fn a_large_answer_goes_in_pieces_and_counts_until_the_last_has_left() {
        let progress = Arc::new(Progress::new(Times::default()));
        let whole: Bytes = (0..=255).cycle().take(2 * PIECE + 7).collect::<Vec<u8>>().into();
        let mut going = Going::new(Full::new(whole.clone()), Arc::new(progress.begin()), None);
        assert_eq!(going.size_hint().exact(), Some(whole.len() as u64));
        let mut pieces = Vec::new();
        while let Some(frame) = going.frame().await {
            pieces.push(frame.unwrap().into_data().unwrap());
        }
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, PIECE, 7]);
        assert_eq!(pieces.concat(), whole);
        drop(going);
        assert_eq!(progress.idle_for(), None, "its pieces have not left");
        drop(pieces);
        assert!(progress.idle_for().is_some());
    }
}
