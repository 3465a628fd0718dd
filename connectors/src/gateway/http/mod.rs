//! Gateways asked over HTTP, so that of every failure it is known whether the gateway can have acted.
//!
//! Each call has a connection of its own, by HTTP/1.1: on one that was used before, or is shared, a failure does not tell what was
//! read. Nothing is asked twice, no redirect is followed, no proxy stands between. The addresses are the operator's, so they
//! are asked without the guard of [`crate::http`].

mod body;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use feira_schemas::{
    gateway::{NotSent, Outcome, Problem, Unknown},
    sealed::GatewayKey,
};
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Client, Method, Response, StatusCode, Url, header, redirect::Policy};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use self::body::{LastByte, Told};
use super::{CallLimits, GatewayError};
use crate::http::chain;

/// The longest time that a gateway may ask us to stay away, in seconds.
const LONGEST_RETRY_AFTER: u32 = 3_600;

/// Asks one gateway. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct GatewayHttp {
    client: Client,
    base: Url,
    limits: CallLimits,
}

/// A request, as an adapter makes it.
pub(super) struct Request<'a> {
    /// The method.
    pub(super) method: Method,
    /// The parts of the path behind the gateway's address; each is one part, whatever stands in it.
    pub(super) path: &'a [&'a str],
    /// The query's names and values.
    pub(super) query: Vec<(&'static str, String)>,
    /// The headers. Those that hold a key are marked sensitive by their maker.
    pub(super) headers: header::HeaderMap,
    /// The body; empty: none.
    pub(super) body: Bytes,
}

/// An answer that says yes (2xx) or no (4xx).
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    /// The body; null where it is no JSON.
    pub(super) json: Value,
}

impl Answer {
    /// The status as a number.
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// True for an answer that says yes.
    pub(super) fn is_yes(&self) -> bool {
        self.status.is_success()
    }

    /// The problem that an answer without words tells of: its status.
    pub(super) fn wordless(&self) -> Problem {
        Problem::new("gateway", None, &format!("HTTP {}", self.status()))
    }
}

impl GatewayHttp {
    /// A client for the gateway at this address.
    pub(super) fn new(base: Url, limits: CallLimits) -> Result<Self, GatewayError> {
        let client = Client::builder()
            .user_agent(concat!("Feira/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .http1_only()
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| GatewayError(format!("https can't be used: {}", chain(&error))))?;
        Ok(Self { client, base, limits })
    }

    /// The address of a path at the gateway.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // An address with a host has segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Asks, and gives the answer if it says yes or no.
    pub(super) async fn call(&self, request: Request<'_>) -> Outcome<Answer> {
        let ends = Instant::now() + self.limits.whole;
        let last = if request.body.is_empty() { LastByte::none() } else { LastByte::default() };
        let sent = timeout_at(ends, self.send(request, &last)).await;
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() => return Outcome::NotSent(NotSent::NoConnection),
            _ if last.keep_back() => return Outcome::NotSent(NotSent::Incomplete),
            Ok(Err(_)) => return Outcome::Unknown(Unknown::Reset),
            Err(_) => return Outcome::Unknown(Unknown::TimedOut),
        };
        match neither(&response) {
            Some(Outcome::Unknown(_)) if last.keep_back() => return Outcome::NotSent(NotSent::Incomplete),
            Some(outcome) => return outcome,
            None => {}
        }
        match timeout_at(ends, self.read(response)).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::Unknown(Unknown::TimedOut),
        }
    }

    async fn send(&self, request: Request<'_>, last: &LastByte) -> Result<Response, reqwest::Error> {
        let mut url = self.url(request.path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let asked = self.client.request(request.method, url).headers(request.headers);
        if request.body.is_empty() {
            return asked.send().await;
        }
        asked.body(reqwest::Body::wrap(Told::new(request.body, last.clone()))).send().await
    }

    async fn read(&self, mut response: Response) -> Outcome<Answer> {
        let status = response.status();
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= self.limits.bytes => body.extend_from_slice(&chunk),
                // A yes that is too long can't be read; a no needs no words.
                Ok(Some(_)) if status.is_success() => return Outcome::Unknown(Unknown::Unreadable),
                Ok(_) => break,
                Err(_) if status.is_success() => return Outcome::Unknown(Unknown::Reset),
                Err(_) => break,
            }
        }
        match serde_json::from_slice(&body) {
            Ok(json) => Outcome::Done(Answer { status, json }),
            Err(_) if status.is_success() => Outcome::Unknown(Unknown::Unreadable),
            Err(_) => Outcome::Done(Answer { status, json: Value::Null }),
        }
    }
}

/// The header `authorization` with a key as the user and no password, which is never shown.
pub(super) fn basic(key: &GatewayKey) -> header::HeaderValue {
    let credentials = BASE64_STANDARD.encode(format!("{}:", key.expose()));
    // Base64 has no sign that a header can't take.
    let mut value = header::HeaderValue::from_str(&format!("Basic {credentials}"))
        .unwrap_or_else(|_| header::HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}

/// The answer, if it could be read: a yes that can't be read is none that anything may be concluded from.
pub(super) fn readable<T>(answer: Option<T>) -> Outcome<T> {
    answer.map_or(Outcome::Unknown(Unknown::Unreadable), Outcome::Done)
}

/// The outcome of a look: nothing was found, or one thing that could be read.
pub(super) fn one<T>(found: Option<Option<T>>) -> Outcome<Option<T>> {
    found.map_or(Outcome::Done(None), |found| readable(found).map(Some))
}

/// The outcome of an answer that says neither yes nor no, and none where it says either.
fn neither(response: &Response) -> Option<Outcome<Answer>> {
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => {
            Some(Outcome::NotSent(NotSent::TooMany { retry_after: retry_after(response.headers()) }))
        }
        StatusCode::CONFLICT => Some(Outcome::Unknown(Unknown::KeyInUse)),
        status @ (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY) => {
            Some(Outcome::Unknown(Unknown::Status(status.as_u16())))
        }
        status if status.is_success() || status.is_client_error() => None,
        status => Some(Outcome::Unknown(Unknown::Status(status.as_u16()))),
    }
}

/// Seconds of `Retry-After` (RFC 9110, 10.2.3). A date is compared with the answer's own, not with this machine's clock.
fn retry_after(headers: &header::HeaderMap) -> Option<u32> {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let asked = text(header::RETRY_AFTER)?;
    let seconds = match asked.trim().parse::<u32>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let apart = date(asked)?.as_second().saturating_sub(date(text(header::DATE)?)?.as_second());
            u32::try_from(apart.max(0)).ok()?
        }
    };
    Some(seconds.min(LONGEST_RETRY_AFTER))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests;
