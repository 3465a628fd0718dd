//! Contract of the caches: embedded, and Redis where one is configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod another;
#[path = "../support/mod.rs"]
mod support;

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use feira_connectors::cache::{Cache, Cached, RedisSettings};
use feira_schemas::ids::TenantId;
use support::{SOON, breakable, until};
use tokio::sync::oneshot;
use uuid::Uuid;

async fn caches() -> Vec<Cache> {
    let mut caches = vec![Cache::embedded(1 << 20)];
    caches.extend(redis_cache().await);
    caches
}

async fn redis_cache() -> Option<Cache> {
    Some(redis_at(&support::service("FEIRA_REDIS_URL")?).await)
}

/// A handle as another process would have it.
async fn redis_at(url: &str) -> Cache {
    // A busy machine must not fail the suite, and what is in memory must go by being told, not by its age.
    let settings = RedisSettings { timeout: SOON, memory_ttl: 10 * SOON, ..RedisSettings::new(url) };
    Cache::redis(&settings).await.unwrap()
}

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::new_v4())
}

fn body(text: &str) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(text.as_bytes()))
}

fn cached(version: i64, text: &str) -> Cached {
    Cached { version, body: body(text) }
}

async fn load(cache: &Cache, tenant: TenantId, version: i64, body: Option<Bytes>) -> Cached {
    cache.get_or_load(tenant, "k", || async move { Ok::<_, Infallible>((version, body)) }).await.unwrap()
}

#[tokio::test]
async fn a_newer_version_wins_in_any_order() {
    for cache in caches().await {
        let tenant = tenant();
        assert_eq!(cache.get(tenant, "k").await, None);
        cache.put_if_newer(tenant, "k", 2, body("two")).await;
        cache.put_if_newer(tenant, "k", 1, body("one")).await;
        assert_eq!(cache.get(tenant, "k").await, Some(cached(2, "two")));
        cache.put_if_newer(tenant, "k", 3, body("")).await;
        assert_eq!(cache.get(tenant, "k").await, Some(cached(3, "")));
        cache.put_if_newer(tenant, "k", i64::MAX, body("\0\u{1}")).await;
        cache.put_if_newer(tenant, "k", -1, body("old")).await;
        assert_eq!(cache.get(tenant, "k").await, Some(cached(i64::MAX, "\0\u{1}")));
    }
}

#[tokio::test]
async fn a_deletion_is_remembered_against_older_values() {
    for cache in caches().await {
        let tenant = tenant();
        cache.put_if_newer(tenant, "k", 1, body("one")).await;
        cache.put_if_newer(tenant, "k", 2, None).await;
        assert_eq!(cache.get(tenant, "k").await, Some(Cached { version: 2, body: None }));
        assert_eq!(load(&cache, tenant, 1, body("one")).await, Cached { version: 2, body: None });
        cache.put_if_newer(tenant, "k", 3, body("three")).await;
        assert_eq!(cache.get(tenant, "k").await, Some(cached(3, "three")));
    }
}

#[tokio::test]
async fn a_fill_that_was_overtaken_doesnt_win() {
    for cache in caches().await {
        let tenant = tenant();
        let (loaded, has_loaded) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let reader = tokio::spawn({
            let cache = cache.clone();
            async move {
                let load = async move {
                    loaded.send(()).unwrap();
                    may_go_on.await.unwrap();
                    Ok::<_, Infallible>((1, body("one")))
                };
                cache.get_or_load(tenant, "k", || load).await.unwrap()
            }
        });
        has_loaded.await.unwrap();
        cache.put_if_newer(tenant, "k", 2, body("two")).await;
        go_on.send(()).unwrap();
        assert_eq!(reader.await.unwrap(), cached(2, "two"), "the reader itself gets the newer value");
        assert_eq!(cache.get(tenant, "k").await, Some(cached(2, "two")));
    }
}

#[tokio::test]
async fn an_absence_is_remembered_and_gives_way_to_any_announcement() {
    for cache in caches().await {
        let tenant = tenant();
        assert_eq!(load(&cache, tenant, 0, None).await, Cached { version: 0, body: None });
        assert_eq!(load(&cache, tenant, 9, body("not asked for")).await, Cached { version: 0, body: None });
        // The reader's absence was read at the version that the writer then announces: the announcement counts.
        cache.put_if_newer(tenant, "k", 0, body("zero")).await;
        assert_eq!(cache.get(tenant, "k").await, Some(cached(0, "zero")));
    }
}

#[tokio::test]
async fn one_load_serves_all_who_wait() {
    for cache in caches().await {
        let tenant = tenant();
        let loads = Arc::new(AtomicU32::new(0));
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let mut may_go_on = Some(may_go_on);
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let (cache, loads, gate) = (cache.clone(), loads.clone(), may_go_on.take());
                tokio::spawn(async move {
                    let load = async move {
                        loads.fetch_add(1, Ordering::SeqCst);
                        if let Some(gate) = gate {
                            gate.await.unwrap();
                        }
                        Ok::<_, Infallible>((1, body("one")))
                    };
                    cache.get_or_load(tenant, "k", || load).await.unwrap()
                })
            })
            .collect();
        // The first task was spawned first and holds the gate, so on this single-threaded runtime the others find it loading.
        tokio::task::yield_now().await;
        go_on.send(()).unwrap();
        for waiter in waiting {
            assert_eq!(waiter.await.unwrap(), cached(1, "one"));
        }
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_failed_load_is_told_to_the_caller_and_not_kept() {
    for cache in caches().await {
        let tenant = tenant();
        let error = cache.get_or_load(tenant, "k", || async { Err::<(i64, _), _>("down") }).await.unwrap_err();
        assert_eq!(*error, "down");
        assert_eq!(load(&cache, tenant, 1, body("one")).await, cached(1, "one"));
    }
}

#[tokio::test]
async fn a_load_that_was_dropped_half_way_hinders_nobody() {
    for cache in caches().await {
        let tenant = tenant();
        let (loaded, has_loaded) = oneshot::channel();
        let reader = tokio::spawn({
            let cache = cache.clone();
            async move {
                let load = async move {
                    loaded.send(()).unwrap();
                    std::future::pending::<Result<(i64, Option<Bytes>), Infallible>>().await
                };
                cache.get_or_load(tenant, "k", || load).await
            }
        });
        has_loaded.await.unwrap();
        reader.abort();
        assert_eq!(load(&cache, tenant, 1, body("one")).await, cached(1, "one"));
    }
}

#[tokio::test]
async fn tenants_and_generations_are_strangers() {
    for cache in caches().await {
        let (one, other) = (tenant(), tenant());
        let next = cache.with_generation(2);
        cache.put_if_newer(one, "k", 1, body("one")).await;
        assert_eq!(cache.get(other, "k").await, None);
        assert_eq!(next.get(one, "k").await, None);
        next.put_if_newer(one, "k", 9, body("next")).await;
        assert_eq!(cache.get(one, "k").await, Some(cached(1, "one")));
        assert_eq!(next.get(one, "k").await, Some(cached(9, "next")));
    }
}

#[tokio::test]
async fn memory_is_bounded_by_bytes() {
    let cache = Cache::embedded(1 << 20);
    let tenant = tenant();
    let kilobyte = Bytes::from(vec![7; 1024]);
    for number in 0..4096 {
        cache.put_if_newer(tenant, &number.to_string(), 1, Some(kilobyte.clone())).await;
    }
    let mut kept = 0;
    for number in 0..4096 {
        kept += u32::from(cache.get(tenant, &number.to_string()).await.is_some());
    }
    assert!(kept > 0, "something is kept");
    assert!(kept <= 1024, "{kept} KiB are kept in a cache of 1 MiB");
}

#[tokio::test]
async fn a_change_by_another_process_is_heard_of() {
    let Some(url) = support::service("FEIRA_REDIS_URL") else { return };
    let (writer, reader) = (redis_at(&url).await, redis_at(&url).await);
    let tenant = tenant();
    for version in 1..20 {
        let text = version.to_string();
        writer.put_if_newer(tenant, "k", version, body(&text)).await;
        // The reader keeps what it read in memory for longer than this test may take: only being told can change it.
        until("the reader sees the new version", async || {
            reader.get(tenant, "k").await == Some(cached(version, &text))
        })
        .await;
    }
    writer.put_if_newer(tenant, "k", 20, None).await;
    until("the reader sees the deletion", async || {
        reader.get(tenant, "k").await == Some(Cached { version: 20, body: None })
    })
    .await;
}

#[tokio::test]
async fn a_late_fill_of_another_process_doesnt_win() {
    let Some(url) = support::service("FEIRA_REDIS_URL") else { return };
    let (writer, reader) = (redis_at(&url).await, redis_at(&url).await);
    let tenant = tenant();
    let overtaken = async {
        writer.put_if_newer(tenant, "k", 2, body("two")).await;
        Ok::<_, Infallible>((1, body("one")))
    };
    assert_eq!(reader.get_or_load(tenant, "k", || overtaken).await.unwrap(), cached(2, "two"));
    assert_eq!(writer.get(tenant, "k").await, Some(cached(2, "two")));
    assert_eq!(reader.get(tenant, "k").await, Some(cached(2, "two")));
}

#[tokio::test]
async fn without_redis_everything_is_answered() {
    let cache = redis_at("redis://127.0.0.1:1").await;
    let tenant = tenant();
    // More calls than the breaker lets fail.
    for number in 0..100 {
        let key = number.to_string();
        assert_eq!(cache.get(tenant, &key).await, None);
        cache.put_if_newer(tenant, &key, 1, body("one")).await;
    }
    assert_eq!(load(&cache, tenant, 1, body("one")).await, cached(1, "one"));
    assert!(cache.has_missed(), "a put that no Redis took is owed");
    let local = Cache::embedded(1 << 20);
    local.put_if_newer(tenant, "k", 1, body("one")).await;
    assert!(!local.has_missed(), "what is here alone has all of it");
}

#[tokio::test]
async fn what_redis_missed_is_made_good_when_it_is_back() {
    let Some(url) = support::service("FEIRA_REDIS_URL") else { return };
    let address = url.trim_start_matches("redis://").to_owned();
    let (cut, proxy) = breakable(address).await;
    let (writer, reader) = (redis_at(&format!("redis://{proxy}")).await, redis_at(&url).await);
    let tenant = tenant();
    until("the writer reaches Redis", async || {
        writer.put_if_newer(tenant, "k", 1, body("one")).await;
        reader.get(tenant, "k").await.is_some()
    })
    .await;

    cut.send(true).unwrap();
    // The proxy needs a moment to drop its connections; until then a put may still get through.
    let mut probes = 0;
    until("the writer's puts are missed", async || {
        probes += 1;
        let probe = format!("probe {probes}");
        writer.put_if_newer(tenant, &probe, 1, body("x")).await;
        reader.get(tenant, &probe).await.is_none()
    })
    .await;
    writer.put_if_newer(tenant, "k", 2, body("two")).await;
    assert_eq!(reader.get(tenant, "k").await, Some(cached(1, "one")), "nobody could tell the reader");

    cut.send(false).unwrap();
    // The writer's next calls find Redis again; nothing puts "k" a second time.
    until("the old value is gone", async || {
        let _ = writer.get(tenant, "another").await;
        reader.get(tenant, "k").await != Some(cached(1, "one"))
    })
    .await;
    assert_eq!(load(&reader, tenant, 2, body("two")).await, cached(2, "two"));
    until("nothing is owed any more", async || !writer.has_missed()).await;
}

/// Enough that making it good takes seconds.
const MANY: usize = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_heard_of_while_much_is_made_good() {
    let Some(url) = support::service("FEIRA_REDIS_URL") else { return };
    let address = url.trim_start_matches("redis://").to_owned();
    let (cut, proxy) = breakable(address).await;
    let (away, other) = (redis_at(&format!("redis://{proxy}")).await, redis_at(&url).await);
    let tenant = tenant();
    other.put_if_newer(tenant, "k", 1, body("one")).await;
    cut.send(true).unwrap();
    for number in 0..MANY {
        away.put_if_newer(tenant, &format!("missed {number}"), 1, body("x")).await;
    }
    cut.send(false).unwrap();
    until("Redis answers again", async || away.get(tenant, "k").await == Some(cached(1, "one"))).await;
    // In its memory from here on, for longer than this test may take: only being told can change it.
    other.put_if_newer(tenant, "k", 2, body("two")).await;
    until("the change is heard of", async || away.get(tenant, "k").await == Some(cached(2, "two"))).await;
    assert!(away.has_missed(), "and there was more to make good meanwhile, or this test shows nothing");
    until("all is made good", async || !away.has_missed()).await;
}
