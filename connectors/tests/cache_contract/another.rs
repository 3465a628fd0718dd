//! Another Redis in the place of the one that was: the same one started again from an older snapshot, and a replica that had not
//! followed to the end.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use feira_connectors::cache::Cache;
use feira_schemas::ids::TenantId;
use redis::{Client, FromRedisValue, aio::MultiplexedConnection};
use tokio::{net::TcpListener, sync::watch};

use super::{body, cached, load, redis_at, tenant};
use crate::support::{self, switchable, until};

/// A Redis of this test's own, killed with it.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// One in this folder, with what was saved there.
    async fn start(folder: &Path) -> Self {
        loop {
            let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
            let child = Command::new("redis-server")
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
                .args(["--repl-diskless-sync-delay", "0", "--dir"])
                .arg(folder)
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            let mut server = Self { child, address: format!("127.0.0.1:{port}") };
            until("Redis answers", async || server.has_ended() || server.answers().await).await;
            // It ends where somebody else has taken the port meanwhile.
            if !server.has_ended() {
                return server;
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// True if it answers, and nobody else at its address.
    async fn answers(&self) -> bool {
        let Some(mut connection) = self.connection().await else { return false };
        let info: redis::RedisResult<String> = redis::cmd("INFO").query_async(&mut connection).await;
        info.is_ok_and(|info| info.contains(&format!("process_id:{}\r", self.child.id())))
    }

    async fn connection(&self) -> Option<MultiplexedConnection> {
        let client = Client::open(format!("redis://{}", self.address)).unwrap();
        client.get_multiplexed_async_connection().await.ok()
    }

    async fn ask<T: FromRedisValue>(&self, words: &str) -> T {
        let mut words = words.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut self.connection().await.unwrap()).await.unwrap()
    }

    /// Has all that another one has, follows it no longer, and takes writes.
    async fn copy(&self, other: &Self) {
        self.ask::<()>(&format!("REPLICAOF {}", other.address.replace(':', " "))).await;
        until("it has followed", async || self.ask::<String>("INFO").await.contains("master_link_status:up")).await;
        self.ask::<()>("REPLICAOF NO ONE").await;
    }

    async fn has_something_of(&self, tenant: TenantId) -> bool {
        !self.ask::<Vec<String>>(&format!("KEYS t:{{{tenant}}}:*")).await.is_empty()
    }
}

/// Processes that reach whatever Redis is at an address. All the while version 2 of a key is in the rows behind it.
struct Processes {
    all: Vec<Cache>,
    tenant: TenantId,
    to: watch::Sender<String>,
    proxy: String,
}

impl Processes {
    /// Two that have both seen version 1, which is copied by `keep`, and then version 2.
    async fn two(first: &Server, keep: impl AsyncFnOnce()) -> Self {
        let (to, proxy) = switchable(first.address.clone()).await;
        let url = format!("redis://{proxy}");
        let (writer, reader, tenant) = (redis_at(&url).await, redis_at(&url).await, tenant());
        until("both reach it", async || {
            writer.put_if_newer(tenant, "k", 1, body("one")).await;
            !writer.has_missed() && reader.get(tenant, "k").await.is_some()
        })
        .await;
        keep().await;
        writer.put_if_newer(tenant, "k", 2, body("two")).await;
        until("the reader sees it", async || reader.get(tenant, "k").await == Some(cached(2, "two"))).await;
        Self { all: vec![writer, reader], tenant, to, proxy }
    }

    /// From now on another Redis is there, which has version 1. Those who knew the one before never believe it, nor does who comes
    /// now, and it is used from then on.
    async fn meet(&mut self, other: &Server) {
        assert!(other.has_something_of(self.tenant).await, "or this test shows nothing");
        self.to.send(other.address.clone()).unwrap();
        self.all.push(redis_at(&format!("redis://{}", self.proxy)).await);
        until("it is used", async || {
            for cache in &self.all {
                assert_eq!(load(cache, self.tenant, 2, body("two")).await, cached(2, "two"));
            }
            let mut used = true;
            for cache in &self.all {
                // Put by another, so that memory alone can't have it.
                let probe = tenant();
                self.all[0].put_if_newer(probe, "probe", 1, body("x")).await;
                used &= cache.get(probe, "probe").await.is_some() && !cache.has_missed();
            }
            used
        })
        .await;
    }
}

#[tokio::test]
async fn a_redis_from_an_older_snapshot_is_not_believed() {
    if support::service("FEIRA_REDIS_URL").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(folder.path()).await;
    let mut processes = Processes::two(&first, async || first.ask::<()>("SAVE").await).await;
    drop(first);
    let again = Server::start(folder.path()).await;
    processes.meet(&again).await;
}

#[tokio::test]
async fn a_replica_that_did_not_follow_to_the_end_is_not_believed_and_nor_is_who_takes_over_from_it() {
    if support::service("FEIRA_REDIS_URL").is_none() {
        return;
    }
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (first, replica) = (Server::start(folders[0].path()).await, Server::start(folders[1].path()).await);
    let mut processes = Processes::two(&first, async || replica.copy(&first).await).await;
    processes.meet(&replica).await;
    // Back again: what the first one has now is as the replica left it.
    first.copy(&replica).await;
    processes.meet(&first).await;
}
