//! Room in memory for what is under way: request bodies before they are read, answers before they are made. What finds none waits
//! a moment and is then asked to come again, so that no number of clients makes this process larger than its budget.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use feira_schemas::{budget::Budget, ids::TenantId, limits, problem::Code};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

use crate::problem::Problem;

/// How long a request waits for room. A usual one is done in milliseconds; whoever waits longer is better told.
const WAIT: Duration = Duration::from_secs(2);
/// What a shop's bodies may take at once at most: a part of this of all room.
const SHOPS_AT_LEAST: u64 = 4;
/// Beside the largest picture that a shop may send: a form's boundaries and texts.
const FORM: u64 = 512 * 1024;
/// An answer of many bytes is likely the same bytes as another one's, from the cache: they take room once.
const LARGE: usize = 64 * 1024;
/// What an answer takes beside bytes that it shares.
const BESIDE: u32 = 4;
/// How many requests read rows of products at once: a few of them, of 2,048 variants, are some ten megabytes.
const ROWS: usize = 8;

/// Room is counted in these.
const KIB: u64 = 1_024;

/// Room for bodies and for answers. Cheap to clone.
#[derive(Clone)]
pub struct Room {
    bodies: Arc<Bodies>,
    answers: Arc<Answers>,
    rows: Arc<Semaphore>,
}

struct Bodies {
    all: Arc<Semaphore>,
    share: usize,
    shops: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

struct Answers {
    room: Arc<Semaphore>,
    /// Large bytes that are being sent, by where they lie.
    shared: Mutex<HashMap<Place, Shared>>,
}

/// Where bytes lie: as long as somebody holds them, nothing else lies there.
type Place = (usize, usize);

struct Shared {
    readers: usize,
    _room: OwnedSemaphorePermit,
}

/// A body's room, given back when it is dropped.
pub struct Reserved {
    bodies: Arc<Bodies>,
    tenant: TenantId,
    kib: u64,
    of_shop: Option<OwnedSemaphorePermit>,
    of_all: Option<OwnedSemaphorePermit>,
}

/// An answer's room, given back when it is dropped.
pub struct Held {
    answers: Arc<Answers>,
    own: OwnedSemaphorePermit,
    /// Kept, so that nothing else comes to lie where they lie before they are forgotten there.
    shares: Option<Bytes>,
}

impl Room {
    /// Room as the budget gives it.
    pub fn new(budget: Budget) -> Self {
        let kib =
            |bytes: u64| usize::try_from(bytes / KIB).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        let all = budget.request_bodies();
        let share = (all / SHOPS_AT_LEAST).max(limits::IMAGE_BYTES as u64 + FORM).min(all);
        let bodies =
            Bodies { all: Arc::new(Semaphore::new(kib(all))), share: kib(share), shops: Mutex::new(HashMap::new()) };
        let answers =
            Answers { room: Arc::new(Semaphore::new(kib(budget.answers()))), shared: Mutex::new(HashMap::new()) };
        Self { bodies: Arc::new(bodies), answers: Arc::new(answers), rows: Arc::new(Semaphore::new(ROWS)) }
    }

    /// A turn to read some rows of products whole, for as long as it is held.
    pub async fn rows(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.rows.acquire().await.ok()
    }

    /// Room for a body of a shop, of which nothing is reserved yet.
    pub fn body(&self, tenant: TenantId) -> Reserved {
        Reserved { bodies: Arc::clone(&self.bodies), tenant, kib: 0, of_shop: None, of_all: None }
    }

    /// Room for an answer of about so many bytes, taken before it is made.
    pub async fn answer(&self, bytes: usize) -> Result<Held, Problem> {
        let own = self.answers.take(in_kib(bytes as u64)).await?;
        Ok(Held { answers: Arc::clone(&self.answers), own, shares: None })
    }

    /// KiB of answers that nobody has taken.
    #[cfg(test)]
    fn free(&self) -> usize {
        self.answers.room.available_permits()
    }
}

impl Reserved {
    /// Reserves so many bytes in all, waiting a moment for them: 429 where the shop's own bodies take its share, 503 where all do.
    pub async fn grow_to(&mut self, bytes: u64) -> Result<(), Problem> {
        let more = u64::from(in_kib(bytes)).saturating_sub(self.kib);
        let Some(count) = u32::try_from(more).ok().filter(|count| *count > 0) else { return Ok(()) };
        let until = Instant::now() + WAIT;
        let shop = self.bodies.shop(self.tenant);
        // More than a shop's whole share: the largest that one body may take, which then is alone.
        let of_shop = count.min(u32::try_from(self.bodies.share).unwrap_or(u32::MAX));
        let of_shop = timeout_at(until, shop.acquire_many_owned(of_shop)).await;
        let of_shop = of_shop.ok().and_then(Result::ok).ok_or_else(|| {
            let detail = "Os envios desta loja em andamento são grandes demais. Tente de novo em instantes.";
            Problem::new(Code::TooManyRequests, detail)
        })?;
        let of_all = timeout_at(until, Arc::clone(&self.bodies.all).acquire_many_owned(count)).await;
        let of_all = of_all.ok().and_then(Result::ok).ok_or_else(|| full("request bodies"))?;
        self.kib += more;
        merge(&mut self.of_shop, of_shop);
        merge(&mut self.of_all, of_all);
        Ok(())
    }
}

impl Bodies {
    fn shop(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut shops = lock(&self.shops);
        Arc::clone(shops.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(self.share))))
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.of_shop = None;
        let mut shops = lock(&self.bodies.shops);
        // Nobody else of the shop has room or waits for it.
        if shops.get(&self.tenant).is_some_and(|shop| Arc::strong_count(shop) == 1) {
            shops.remove(&self.tenant);
        }
    }
}

impl Answers {
    async fn take(&self, kib: u32) -> Result<OwnedSemaphorePermit, Problem> {
        let taken = timeout_at(Instant::now() + WAIT, Arc::clone(&self.room).acquire_many_owned(kib)).await;
        taken.ok().and_then(Result::ok).ok_or_else(|| full("answers"))
    }

    /// Whether others are being sent these very bytes; then this is one reader more.
    fn join(&self, bytes: &Bytes) -> bool {
        let mut shared = lock(&self.shared);
        let known = shared.get_mut(&place(bytes));
        known.map(|known| known.readers += 1).is_some()
    }
}

impl Held {
    /// Makes the room fit the answer as it turned out: what is too much goes back, what is missing is taken. Bytes that others are
    /// being sent already take no more.
    pub async fn fit(&mut self, answer: &Bytes) -> Result<(), Problem> {
        if answer.len() < LARGE {
            return self.resize(in_kib(answer.len() as u64)).await;
        }
        if !self.answers.join(answer) {
            let room = self.answers.take(in_kib(answer.len() as u64)).await?;
            // Another one may have brought the same bytes meanwhile; then this room goes back.
            let mut shared = lock(&self.answers.shared);
            shared.entry(place(answer)).or_insert(Shared { readers: 0, _room: room }).readers += 1;
        }
        self.shares = Some(answer.clone());
        self.resize(BESIDE).await
    }

    async fn resize(&mut self, kib: u32) -> Result<(), Problem> {
        let has = u32::try_from(self.own.num_permits()).unwrap_or(u32::MAX);
        if has > kib {
            drop(self.own.split((has - kib) as usize));
        } else if has < kib {
            let more = self.answers.take(kib - has).await?;
            self.own.merge(more);
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(place) = self.shares.as_ref().map(place) else { return };
        let mut shared = lock(&self.answers.shared);
        if let Some(known) = shared.get_mut(&place) {
            known.readers -= 1;
            if known.readers == 0 {
                shared.remove(&place);
            }
        }
    }
}

fn place(bytes: &Bytes) -> Place {
    (bytes.as_ptr() as usize, bytes.len())
}

fn full(what: &str) -> Problem {
    metrics::counter!("feira_room_refused_total", "of" => what.to_owned()).increment(1);
    Problem::new(Code::Unavailable, "Há pedidos demais em andamento. Tente de novo em instantes.")
}

fn in_kib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(KIB)).unwrap_or(u32::MAX)
}

fn merge(has: &mut Option<OwnedSemaphorePermit>, more: OwnedSemaphorePermit) {
    match has {
        Some(has) => has.merge(more),
        None => *has = Some(more),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const MIB: u64 = 1_024 * KIB;

    fn shop(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    fn room() -> Room {
        Room::new(Budget::of_mb(512))
    }

    #[tokio::test]
    async fn f40_one_shops_bodies_leave_room_for_another_s() {
        let room = room();
        let mut held = Vec::new();
        let refused = loop {
            let mut body = room.body(shop(1));
            match body.grow_to(4 * MIB).await {
                Ok(()) => held.push(body),
                Err(problem) => break problem,
            }
        };
        assert_eq!((refused.status().as_u16(), held.len()), (429, 5));
        let mut other = room.body(shop(2));
        other.grow_to(20 * MIB).await.unwrap();
        let mut third = room.body(shop(3));
        assert_eq!(third.grow_to(20 * MIB).await.unwrap_err().status().as_u16(), 503);
        drop((held, other));
        third.grow_to(20 * MIB).await.unwrap();
        drop(third);
        assert!(lock(&room.bodies.shops).is_empty(), "a shop that sends nothing takes no memory");
    }

    #[tokio::test]
    async fn f40_a_body_grows_as_it_comes_and_the_largest_legal_one_fits_any_budget() {
        for mb in [feira_schemas::budget::SMALLEST_MB, 1_024] {
            let mut body = Room::new(Budget::of_mb(mb)).body(shop(1));
            for mib in 1..=20 {
                body.grow_to(mib * MIB).await.unwrap();
                body.grow_to(MIB).await.unwrap();
            }
            assert_eq!(body.of_all.as_ref().unwrap().num_permits() as u64, 20 * MIB / KIB);
        }
    }

    #[tokio::test]
    async fn f40_answers_take_the_room_that_they_need_and_the_same_bytes_once() {
        let room = room();
        let all = room.free();
        let mut small = room.answer(256 * 1_024).await.unwrap();
        assert_eq!(room.free(), all - 256);
        small.fit(&Bytes::from(vec![0; 10_000])).await.unwrap();
        assert_eq!(room.free(), all - 10);
        let card = Bytes::from(vec![0; 2 << 20]);
        let mut readers = Vec::new();
        for _ in 0..1_000 {
            let mut held = room.answer(16 * 1_024).await.unwrap();
            held.fit(&card.clone()).await.unwrap();
            readers.push(held);
        }
        assert_eq!(room.free(), all - 10 - 2_048 - 4 * 1_000);
        drop((small, readers));
        assert_eq!(room.free(), all);
        assert!(lock(&room.answers.shared).is_empty());
    }

    #[tokio::test]
    async fn f40_where_all_room_is_taken_who_asks_is_told_to_come_again() {
        let room = room();
        let mut held = Vec::new();
        let refused = loop {
            let mut one = room.answer(16 * 1_024).await.unwrap();
            match one.fit(&Bytes::from(vec![0; 4 << 20])).await {
                Ok(()) => held.push(one),
                Err(problem) => break problem,
            }
        };
        let fitting = Budget::of_mb(512).answers() / (4 << 20);
        assert_eq!((refused.status().as_u16(), held.len() as u64), (503, fitting));
        assert!(refused.headers.iter().any(|(name, _)| name == http::header::RETRY_AFTER));
    }
}
