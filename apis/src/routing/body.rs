//! Reading a request's body, never more of it than its route takes.

use std::{pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use feira_schemas::problem::Code;
use futures::{Stream, StreamExt};
use http::{HeaderMap, header};
use tokio::time::timeout;

use super::BodyKind;
use crate::problem::Problem;

/// A body as it comes. An error is the client's going away.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send + Sync>>;

/// Bytes of a refused body that are still read: most clients send all before they look for an answer, and would see a
/// broken connection instead of it.
const DRAINED: usize = 64 * 1024 * 1024;
/// How long such a body is read: an upload over a usual line ends in it. Longer, and whoever sends a byte now and then would hold
/// a connection for as long.
const DRAINED_FOR: Duration = Duration::from_secs(5);

/// Any stream of a body's parts as the one type that handlers know.
pub(super) fn boxed<B: bytes::Buf>(
    body: impl Stream<Item = Result<B, warp::Error>> + Send + Sync + 'static,
) -> BodyStream {
    Box::pin(body.map(|part| part.map(|mut part| part.copy_to_bytes(part.remaining()))))
}

/// Refuses a body whose media type is none that the route takes. A body without a type is taken at its word.
pub(super) fn check_type(kind: &BodyKind, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(given) = headers.get(header::CONTENT_TYPE).filter(|_| !kind.any_type) else { return Ok(()) };
    let given = given.to_str().unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = kind.content.iter().any(|(known, _)| *known == "application/json") && given.ends_with("+json");
    if json || kind.content.iter().any(|(known, _)| *known == given) {
        return Ok(());
    }
    let known: Vec<&str> = kind.content.iter().map(|(known, _)| *known).collect();
    Err(Problem::new(Code::UnsupportedMedia, format!("Envie o conteúdo como {}.", known.join(" ou "))))
}

/// The whole body, at most `limit` bytes of it.
pub(super) async fn collect(mut body: BodyStream, limit: usize, headers: &HeaderMap) -> Result<Bytes, Problem> {
    if declared(headers).is_some_and(|length| length > limit as u64) {
        return Err(refuse(body, limit).await);
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(refuse(body, limit).await);
    }
    let Some(second) = next(&mut body).await? else { return Ok(first) };
    let mut whole = BytesMut::from(first);
    let mut part = second;
    loop {
        if whole.len() + part.len() > limit {
            return Err(refuse(body, limit).await);
        }
        whole.extend_from_slice(&part);
        match next(&mut body).await? {
            Some(next) => part = next,
            None => return Ok(whole.freeze()),
        }
    }
}

/// Reads on to the end of a body that nobody wants, so that its sender sees the answer; up to a size, and for a while.
pub(super) async fn drain(body: BodyStream) {
    drain_for(body, DRAINED_FOR).await;
}

async fn drain_for(body: BodyStream, most: Duration) {
    // Not at its end in time: the answer goes out all the same.
    let _ = timeout(most, read_on(body)).await;
}

async fn read_on(mut body: BodyStream) {
    let mut read = 0;
    while let Some(Ok(part)) = body.next().await {
        read += part.len();
        if read > DRAINED {
            break;
        }
    }
}

async fn refuse(body: BodyStream, limit: usize) -> Problem {
    drain(body).await;
    let limit = limit / (1024 * 1024);
    Problem::new(Code::TooLarge, format!("O conteúdo pode ter até {limit} MiB."))
}

async fn next(body: &mut BodyStream) -> Result<Option<Bytes>, Problem> {
    let broken = |_| Problem::new(Code::Malformed, "O conteúdo não chegou inteiro.");
    body.next().await.transpose().map_err(broken)
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_that_nobody_wants_is_not_waited_for_without_end() {
        drain_for(Box::pin(stream::pending()), Duration::from_millis(10)).await;
    }
}
