//! Reading a request's body, never more of it than its route takes.

use std::{pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use feira_schemas::problem::Code;
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderValue, header};
use tokio::time::timeout;

use crate::{problem::Problem, room::Reserved};

/// The body that a route takes: its media types and its limit.
#[derive(Debug, Clone)]
pub struct BodyKind {
    /// Accepted media types, each with the name of its schema.
    pub content: Vec<(&'static str, &'static str)>,
    /// The most bytes of a body; more are answered with 413.
    pub limit: usize,
    /// Handed to the handler as it comes, instead of whole.
    pub streamed: bool,
    /// Whatever type it says it has is taken: what it is shows in its bytes.
    pub any_type: bool,
}

/// A body as it comes. An error is the client's going away.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send + Sync>>;

/// Bytes of a refused body that are still read: most clients send all before they look for an answer, and would see a
/// broken connection instead of it.
const DRAINED: usize = 64 * 1024 * 1024;
/// The time for which such a body is read on: an upload over a usual line ends in it. Longer, and whoever sends a
/// byte now and then would hold a connection for as long.
const DRAINED_FOR: Duration = Duration::from_secs(5);

/// Any stream of a body's parts as the one type that handlers know.
pub(super) fn boxed<B: bytes::Buf>(
    body: impl Stream<Item = Result<B, warp::Error>> + Send + Sync + 'static,
) -> BodyStream {
    Box::pin(body.map(|part| part.map(|mut part| part.copy_to_bytes(part.remaining()))))
}

/// The memory that a body of JSON takes once it is read, in times of its bytes: they are there again as what was
/// understood of them, and as the command that is made of it.
const JSON_WEIGHT: u64 = 3;
/// Bytes that are reserved at once for a body of unknown length.
const STEP: u64 = 256 * 1024;

/// Refuses a body in an encoding: a small one could be a large one in disguise, and none of our clients needs it.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get_all(header::CONTENT_ENCODING).iter();
    let plain = |given: &HeaderValue| given.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if given.into_iter().all(plain) {
        return Ok(());
    }
    // RFC 9110, 12.5.3: which ones would have been taken.
    let problem = Problem::new(Code::UnsupportedMedia, "Envie o conteúdo sem compressão (sem Content-Encoding).");
    Err(problem.with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

/// Bytes of memory that a byte of this route's body takes.
pub(super) fn weight(kind: &BodyKind) -> u64 {
    let json = kind.content.iter().any(|(known, _)| *known == "application/json");
    if json { JSON_WEIGHT } else { 1 }
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

/// The whole body, at most as many bytes of it as its kind allows; none of them is read before there is room for it.
pub(super) async fn collect(
    mut body: BodyStream,
    kind: &BodyKind,
    headers: &HeaderMap,
    room: &mut Reserved,
) -> Result<Bytes, Problem> {
    let (limit, weight) = (kind.limit, weight(kind));
    let declared = declared(headers);
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(refuse(body, limit).await);
    }
    if let Err(problem) = room.grow_to(declared.unwrap_or_default() * weight).await {
        drain(body).await;
        return Err(problem);
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    let (mut whole, mut part) = (None, first);
    loop {
        let length = whole.as_ref().map_or(0, BytesMut::len) + part.len();
        if length > limit {
            return Err(refuse(body, limit).await);
        }
        // What is in hand was buffered before it was asked for; what follows must find room first.
        if declared.is_none()
            && let Err(problem) = room.grow_to((length as u64 + STEP).min(limit as u64) * weight).await
        {
            drain(body).await;
            return Err(problem);
        }
        let Some(following) = next(&mut body).await? else { break };
        let whole = whole.get_or_insert_with(|| BytesMut::with_capacity(declared.unwrap_or_default() as usize));
        whole.extend_from_slice(&part);
        part = following;
    }
    Ok(match whole {
        Some(mut whole) => {
            whole.extend_from_slice(&part);
            whole.freeze()
        }
        None => part,
    })
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
    let limit = match limit / (1024 * 1024) {
        0 => format!("{} KiB", limit / 1024),
        mib => format!("{mib} MiB"),
    };
    Problem::new(Code::TooLarge, format!("O conteúdo pode ter até {limit}."))
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
