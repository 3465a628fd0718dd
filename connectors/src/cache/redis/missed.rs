//! The puts that Redis missed while it was away: what it has of those keys is old until it is dropped.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use redis::Script;
use tokio::sync::Notify;

use super::{Shared, encode_version};

/// More keys than this are not remembered one by one (some 20 MB): all keys are dropped then.
const MOST_KEYS: usize = 100_000;
/// Keys dropped per look at the list.
const AT_ONCE: usize = 200;

/// Drops KEYS[1] if its version is below ARGV[1]. The rows are written before their cached values, so whoever misses the key
/// now loads what was missed or something newer.
const DROP: &str = r"
    local old = redis.call('GETRANGE', KEYS[1], 0, 7)
    for i = 1, #old do
        local order = string.byte(ARGV[1], i) - string.byte(old, i)
        if order > 0 then return redis.call('DEL', KEYS[1]) end
        if order < 0 then return 0 end
    end
    return 0
";

#[derive(Debug, Default)]
pub(super) struct Missed {
    puts: Mutex<Puts>,
    answers: Notify,
}

#[derive(Debug, Default)]
struct Puts {
    /// The newest version missed, by key.
    versions: HashMap<String, i64>,
    too_many: bool,
    /// The number of times that all keys were missed: while they are dropped, it may be all of them once more.
    alls: u64,
}

impl Puts {
    fn all(&mut self) {
        self.versions.clear();
        self.too_many = true;
        self.alls += 1;
    }
}

impl Missed {
    pub(super) fn add(&self, place: String, version: i64) {
        self.with(|puts| {
            if puts.versions.len() >= MOST_KEYS {
                puts.all();
            }
            // Counted from here on again, since the keys dropped so far may be put anew while the rest is being dropped.
            let newest = puts.versions.entry(place).or_insert(version);
            *newest = version.max(*newest);
        });
    }

    /// Whatever was put may be missing.
    pub(super) fn add_all(&self) {
        self.with(Puts::all);
        self.answers.notify_one();
    }

    /// Redis has this version of the key now, or a newer one.
    pub(super) fn made_good(&self, place: &str, version: i64) {
        self.with(|puts| {
            if puts.versions.get(place).is_some_and(|missed| *missed <= version) {
                puts.versions.remove(place);
            }
        });
    }

    /// True if Redis may hold an older value of this key than one it missed.
    pub(super) fn holds(&self, place: &str) -> bool {
        self.with(|puts| puts.too_many || puts.versions.contains_key(place))
    }

    /// True if Redis has missed any put that is not made good yet.
    pub(super) fn any(&self) -> bool {
        self.with(|puts| puts.too_many || !puts.versions.is_empty())
    }

    /// Called after each answer of Redis: time to make good, if there is anything.
    pub(super) fn redis_answers(&self) {
        if self.any() {
            self.answers.notify_one();
        }
    }

    pub(super) async fn can_be_repaired(&self) {
        self.answers.notified().await;
    }

    /// Drops the old values until none is left or Redis is away again.
    pub(super) async fn repair(&self, shared: &Shared) {
        while let Some(alls) = self.with(|puts| puts.too_many.then_some(puts.alls)) {
            if drop_all(shared).await.is_none() {
                return;
            }
            self.with(|puts| puts.too_many = puts.alls != alls);
        }
        let script = Script::new(DROP);
        loop {
            let some: Vec<_> =
                self.with(|puts| puts.versions.iter().take(AT_ONCE).map(|(key, v)| (key.clone(), *v)).collect());
            if some.is_empty() {
                return;
            }
            for (place, version) in some {
                let (script, key) = (&script, place.as_str());
                let dropped = shared.ask(|mut link| async move {
                    let mut call = script.prepare_invoke();
                    call.key(link.key(key)).arg(&encode_version(version));
                    call.invoke_async::<i64>(&mut link.connection).await
                });
                if dropped.await.is_none() {
                    return;
                }
                self.made_good(&place, version);
            }
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Puts) -> T) -> T {
        work(&mut self.puts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Drops every key of this cache, of all tenants and generations, and of whatever Redis they were given to.
async fn drop_all(shared: &Shared) -> Option<()> {
    let mut cursor = 0_u64;
    loop {
        let scan = shared.ask(|mut link| async move {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg("t:{*}:g*").arg("COUNT").arg(500);
            scan.query_async::<(u64, Vec<String>)>(&mut link.connection).await
        });
        let (next, keys) = scan.await?;
        if !keys.is_empty() {
            let unlink = shared.ask(|mut link| async move {
                redis::cmd("UNLINK").arg(keys).query_async::<i64>(&mut link.connection).await
            });
            unlink.await?;
        }
        cursor = next;
        if cursor == 0 {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_until_its_newest_missed_version_is_made_good() {
        let missed = Missed::default();
        missed.add("k".to_owned(), 2);
        missed.add("k".to_owned(), 1);
        missed.made_good("k", 1);
        assert!(missed.holds("k") && !missed.holds("other"));
        assert!(missed.any());
        missed.made_good("k", 2);
        assert!(!missed.holds("k") && !missed.any());
    }

    #[test]
    fn too_many_keys_are_all_keys() {
        let missed = Missed::default();
        for number in 0..=MOST_KEYS {
            missed.add(number.to_string(), 1);
        }
        assert!(missed.holds("never put"));
    }
}
