//! The connection that calls go by, and which Redis is at its other end.
//!
//! A Redis that was started again from an older snapshot, or a replica that has taken the place of the one that it followed, answers
//! with what is no longer so. A start makes a new run id, and a promotion a new replication id. So every new connection asks for both
//! before anything else is asked, and they are a part of every key: what another Redis was given is not found here.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, aio::MultiplexedConnection};

/// The separator between a value's key and the run. No run holds one.
const MARK: char = '@';
/// Digits of an id that keys bear. It is random, so that two servers alike are one in 2^48.
const DIGITS: usize = 12;

/// A connection, and what its other end is.
#[derive(Clone)]
pub(super) struct Link {
    pub connection: MultiplexedConnection,
    /// The Redis server and its run: another value after each start or promotion of it.
    pub run: Arc<str>,
    /// The number of the attempt that made the connection.
    number: u64,
}

impl Link {
    /// The key under which this Redis keeps a value.
    pub(super) fn key(&self, place: &str) -> String {
        format!("{place}{MARK}{}", self.run)
    }
}

/// The place of a value that some Redis keeps under this key.
pub(super) fn place_of(key: &str) -> &str {
    key.rsplit_once(MARK).map_or(key, |(place, _)| place)
}

type Connecting = Shared<BoxFuture<'static, RedisResult<Link>>>;

/// One connection for all who ask, made anew once it is lost.
pub(super) struct Links {
    client: Client,
    config: AsyncConnectionConfig,
    present: Mutex<Present>,
}

#[derive(Default)]
struct Present {
    link: Option<Connecting>,
    attempts: u64,
    /// The run of the Redis that the last connection led to.
    run: Option<Arc<str>>,
}

impl Links {
    pub(super) fn new(client: Client, config: AsyncConnectionConfig) -> Self {
        Self { client, config, present: Mutex::default() }
    }

    /// The connection. Where there is none, one attempt is made for all who wait; it goes on where they wait no longer.
    pub(super) async fn link(&self) -> RedisResult<Link> {
        let (number, link) = self.with(|present| match &present.link {
            Some(link) => (present.attempts, link.clone()),
            None => {
                present.attempts += 1;
                let attempt = connect(self.client.clone(), self.config.clone(), present.attempts);
                let attempt = tokio::spawn(attempt).map(|ended| ended.unwrap_or_else(|lost| Err(unusable(lost))));
                (present.attempts, present.link.insert(attempt.boxed().shared()).clone())
            }
        });
        let linked = link.await;
        if linked.is_err() {
            self.lost(number);
        }
        linked
    }

    /// The run of the Redis that the last connection in use leads to; `None` before the first.
    pub(super) fn run(&self) -> Option<Arc<str>> {
        self.with(|present| present.run.clone())
    }

    /// Drops this connection if the error says that it can't be used any more.
    pub(super) fn failed(&self, link: &Link, error: &RedisError) {
        // A Redis that was made a replica of another keeps its old connections, and takes nothing more over them.
        if error.is_unrecoverable_error() || error.code() == Some("READONLY") {
            self.lost(link.number);
        }
    }

    /// True, once, if this connection leads to another Redis than the one before.
    pub(super) fn is_another(&self, link: &Link) -> bool {
        self.with(|present| {
            // A connection that was lost meanwhile says nothing of the present one.
            let newest = present.attempts == link.number;
            if !newest || present.run.as_ref() == Some(&link.run) {
                return false;
            }
            present.run.replace(Arc::clone(&link.run)).is_some()
        })
    }

    /// The next call makes a new connection.
    pub(super) fn renew(&self) {
        self.with(|present| present.link = None);
    }

    fn lost(&self, number: u64) {
        self.with(|present| {
            if present.attempts == number {
                present.link = None;
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Present) -> T) -> T {
        work(&mut self.present.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn connect(client: Client, config: AsyncConnectionConfig, number: u64) -> RedisResult<Link> {
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    // Of several sections only Redis 7 knows how to speak at once.
    let info = redis::cmd("INFO").query_async::<String>(&mut connection).await;
    let info = info.inspect_err(|error| {
        if !error.is_io_error() {
            tracing::warn!(%error, "Redis is not used: it must be allowed to answer INFO, which says whether it is the one it was");
        }
    })?;
    let Some(run) = run_of(&info) else {
        tracing::warn!("Redis is not used: its answer to INFO names no run_id");
        return Err(unusable("no run_id"));
    };
    Ok(Link { connection, run, number })
}

/// The ids in the answer to INFO, lines of `name:value`. Not all that speak like Redis have a replication id.
fn run_of(info: &str) -> Option<Arc<str>> {
    let id = |name: &str| {
        let id = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.trim();
        id.get(..DIGITS).filter(|id| id.bytes().all(|digit| digit.is_ascii_alphanumeric()))
    };
    let run = id("run_id")?;
    Some(id("master_replid").map_or_else(|| run.into(), |replication| format!("{run}-{replication}").into()))
}

fn unusable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RedisError {
    std::io::Error::other(why).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_its_place_back_whatever_is_in_it() {
        for place in ["t:{x}:g1:card:7", "t:{x}:g1:slug:a@b", ""] {
            assert_eq!(place_of(&format!("{place}{MARK}0123456789ab")), place);
        }
    }

    #[test]
    fn a_run_is_read_from_info() {
        let server =
            "# Server\r\nredis_version:7.0.15\r\nrun_id:8b1c3f5e7d9a0b2c4e6f8091a2b3c4d5e6f70819\r\ntcp_port:1\r\n";
        assert_eq!(run_of(server).as_deref(), Some("8b1c3f5e7d9a"));
        let both =
            format!("{server}# Replication\r\nmaster_replid2:0000000000000\r\nmaster_replid:c0ffee00c0ffee00\r\n");
        assert_eq!(run_of(&both).as_deref(), Some("8b1c3f5e7d9a-c0ffee00c0ff"));
        for without in ["", "run_id:", "run_id:short\r\n", "run_id:01234567@9ab\r\n", "x_run_id:0123456789ab\r\n"] {
            assert_eq!(run_of(without), None, "{without}");
        }
    }
}
