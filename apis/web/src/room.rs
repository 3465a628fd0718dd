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

/// The time that a request waits for room. A usual one is done in milliseconds; whoever waits longer is better told.
const WAIT: Duration = Duration::from_secs(2);
/// The part of all room that one shop may take at once at most: one in so many.
const SHOPS_AT_LEAST: u64 = 4;
/// Bytes of a form beside the largest image that a shop may send or show: boundaries and texts.
const FORM: u64 = 512 * 1024;
/// An answer of many bytes is likely the same bytes as another one's, from the cache: they take room once.
const LARGE: usize = 64 * 1024;
/// The room, in KiB, that an answer takes beside bytes that it shares.
const BESIDE: u32 = 4;
/// The number of requests that read rows of products at once: a few of them, of 2,048 variants, are some ten
/// megabytes.
const ROWS: usize = 8;

/// Room is counted in these.
const KIB: u64 = 1_024;

/// Room for bodies and for answers. Cheap to clone.
#[derive(Clone)]
pub struct Room {
    bodies: Arc<Space>,
    answers: Arc<Answers>,
    rows: Arc<Semaphore>,
}

/// Room that all shops have together, of which each takes its share at most.
struct Space {
    all: Arc<Semaphore>,
    share: usize,
    shops: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// A part of a space, given back when it is dropped.
struct Taken {
    space: Arc<Space>,
    tenant: TenantId,
    /// Some was asked for: the space knows the shop. Most requests have no body.
    asked: bool,
    of_shop: Option<OwnedSemaphorePermit>,
    of_all: Option<OwnedSemaphorePermit>,
}

/// The owner of room that has no more of it.
enum Lacking {
    OfShop,
    OfAll,
}

struct Answers {
    space: Arc<Space>,
    /// Large bytes that are being sent, by where they lie.
    shared: Mutex<HashMap<Place, Shared>>,
}

/// The address and length of bytes in memory: as long as somebody holds them, nothing else lies there.
type Place = (usize, usize);

struct Shared {
    readers: usize,
    _room: Taken,
}

/// A body's room, given back when it is dropped.
pub struct Reserved(Taken);

/// An answer's room, given back when it is dropped.
pub struct Held {
    answers: Arc<Answers>,
    own: Taken,
    /// Kept, so that nothing else comes to lie where they lie before they are forgotten there.
    shares: Option<Bytes>,
}

/// The room that was taken for an answer, on its way from who makes it to who sends it.
#[derive(Clone)]
pub(crate) struct TakenRoom(Arc<Mutex<Option<Held>>>);

impl TakenRoom {
    /// On its way from now on.
    pub(crate) fn new(held: Held) -> Self {
        Self(Arc::new(Mutex::new(Some(held))))
    }

    /// The room, for the first who asks.
    pub(crate) fn take(self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Room {
    /// Room as the budget gives it.
    pub fn new(budget: Budget) -> Self {
        let answers = Answers { space: Arc::new(Space::new(budget.answers())), shared: Mutex::new(HashMap::new()) };
        Self {
            bodies: Arc::new(Space::new(budget.request_bodies())),
            answers: Arc::new(answers),
            rows: Arc::new(Semaphore::new(ROWS)),
        }
    }

    /// A turn to read some rows of products whole, for as long as it is held.
    pub async fn rows(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.rows.acquire().await.ok()
    }

    /// Room for a body of a shop, of which nothing is reserved yet.
    pub fn body(&self, tenant: TenantId) -> Reserved {
        Reserved(Taken::nothing(&self.bodies, tenant))
    }

    /// Room for an answer of a shop of about so many bytes, taken before it is made.
    pub async fn answer(&self, tenant: TenantId, bytes: usize) -> Result<Held, Problem> {
        let own = self.answers.take(tenant, in_kib(bytes as u64)).await?;
        Ok(Held { answers: Arc::clone(&self.answers), own, shares: None })
    }

    /// KiB of answers that nobody has taken.
    #[cfg(test)]
    fn free(&self) -> usize {
        self.answers.space.all.available_permits()
    }
}

impl Space {
    fn new(bytes: u64) -> Self {
        let kib =
            |bytes: u64| usize::try_from(bytes / KIB).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        let share = (bytes / SHOPS_AT_LEAST).max(limits::IMAGE_BYTES as u64 + FORM).min(bytes);
        Self { all: Arc::new(Semaphore::new(kib(bytes))), share: kib(share), shops: Mutex::new(HashMap::new()) }
    }

    fn shop(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut shops = lock(&self.shops);
        Arc::clone(shops.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(self.share))))
    }
}

impl Taken {
    fn nothing(space: &Arc<Space>, tenant: TenantId) -> Self {
        Self { space: Arc::clone(space), tenant, asked: false, of_shop: None, of_all: None }
    }

    fn kib(&self) -> u32 {
        self.of_all.as_ref().map_or(0, |taken| u32::try_from(taken.num_permits()).unwrap_or(u32::MAX))
    }

    /// Takes so many KiB more, waiting a moment for them.
    async fn more(&mut self, kib: u32) -> Result<(), Lacking> {
        // More than a shop's whole share: the largest that one may take, which then is alone.
        let of_shop = kib.min(u32::try_from(self.space.share).unwrap_or(u32::MAX));
        let mut until = None;
        self.asked = true;
        let of_shop = within(&mut until, self.space.shop(self.tenant), of_shop).await.ok_or(Lacking::OfShop)?;
        let of_all = within(&mut until, Arc::clone(&self.space.all), kib).await.ok_or(Lacking::OfAll)?;
        merge(&mut self.of_shop, of_shop);
        merge(&mut self.of_all, of_all);
        Ok(())
    }

    /// Gives so many KiB back.
    fn less(&mut self, kib: u32) {
        for taken in [&mut self.of_shop, &mut self.of_all].into_iter().flatten() {
            drop(taken.split((kib as usize).min(taken.num_permits())));
        }
    }
}

/// So many permits, at once or until then. None where they don't come. Most come at once, and need neither clock nor timer.
async fn within(until: &mut Option<Instant>, room: Arc<Semaphore>, permits: u32) -> Option<OwnedSemaphorePermit> {
    if let Ok(taken) = Arc::clone(&room).try_acquire_many_owned(permits) {
        return Some(taken);
    }
    let until = *until.get_or_insert_with(|| Instant::now() + WAIT);
    timeout_at(until, room.acquire_many_owned(permits)).await.ok()?.ok()
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.asked {
            return;
        }
        self.of_shop = None;
        let mut shops = lock(&self.space.shops);
        // Nobody else of the shop has room or waits for it.
        if shops.get(&self.tenant).is_some_and(|shop| Arc::strong_count(shop) == 1) {
            shops.remove(&self.tenant);
        }
    }
}

impl Reserved {
    /// Reserves so many bytes in all, waiting a moment for them: 429 where the shop's own bodies take its share, 503 where all do.
    pub async fn grow_to(&mut self, bytes: u64) -> Result<(), Problem> {
        match in_kib(bytes).saturating_sub(self.0.kib()) {
            0 => Ok(()),
            more => self.0.more(more).await.map_err(|lacking| match lacking {
                Lacking::OfAll => full("request bodies"),
                Lacking::OfShop => {
                    let detail = "Os envios desta loja em andamento são grandes demais. Tente de novo em instantes.";
                    Problem::new(Code::TooManyRequests, detail)
                }
            }),
        }
    }
}

impl Answers {
    /// Whoever waits for a shop's own answers is told the same as where all room is taken: readers can do nothing else about it.
    async fn take(&self, tenant: TenantId, kib: u32) -> Result<Taken, Problem> {
        let mut taken = Taken::nothing(&self.space, tenant);
        self.grow(&mut taken, kib).await?;
        Ok(taken)
    }

    async fn grow(&self, taken: &mut Taken, kib: u32) -> Result<(), Problem> {
        taken.more(kib).await.map_err(|lacking| match lacking {
            Lacking::OfShop => full("answers of a shop"),
            Lacking::OfAll => full("answers"),
        })
    }

    /// True if others are being sent these very bytes; then this is one reader more.
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
            let room = self.answers.take(self.own.tenant, in_kib(answer.len() as u64)).await?;
            // Another one may have brought the same bytes meanwhile; then this room goes back.
            let mut shared = lock(&self.answers.shared);
            shared.entry(place(answer)).or_insert(Shared { readers: 0, _room: room }).readers += 1;
        }
        self.shares = Some(answer.clone());
        self.resize(BESIDE).await
    }

    async fn resize(&mut self, kib: u32) -> Result<(), Problem> {
        let has = self.own.kib();
        if has >= kib {
            self.own.less(has - kib);
            return Ok(());
        }
        let answers = Arc::clone(&self.answers);
        answers.grow(&mut self.own, kib - has).await
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
    Problem::new(Code::Unavailable, "Há solicitações demais em andamento. Tente de novo em instantes.")
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
            assert_eq!(u64::from(body.0.kib()), 20 * MIB / KIB);
        }
    }

    #[tokio::test]
    async fn f40_answers_take_the_room_that_they_need_and_the_same_bytes_once() {
        let room = room();
        let all = room.free();
        let mut small = room.answer(shop(1), 256 * 1_024).await.unwrap();
        assert_eq!(room.free(), all - 256);
        small.fit(&Bytes::from(vec![0; 10_000])).await.unwrap();
        assert_eq!(room.free(), all - 10);
        let card = Bytes::from(vec![0; 2 << 20]);
        let mut readers = Vec::new();
        for _ in 0..1_000 {
            let mut held = room.answer(shop(1), 16 * 1_024).await.unwrap();
            held.fit(&card.clone()).await.unwrap();
            readers.push(held);
        }
        assert_eq!(room.free(), all - 10 - 2_048 - 4 * 1_000);
        drop((small, readers));
        assert_eq!(room.free(), all);
        assert!(lock(&room.answers.shared).is_empty());
    }

    /// Answers of 4 MiB that a shop can be sent until it is refused one, and how.
    async fn fill(room: &Room, of: TenantId) -> (Vec<Held>, Problem) {
        let mut held = Vec::new();
        loop {
            let mut one = match room.answer(of, 16 * 1_024).await {
                Ok(one) => one,
                Err(problem) => return (held, problem),
            };
            match one.fit(&Bytes::from(vec![0; 4 << 20])).await {
                Ok(()) => held.push(one),
                Err(problem) => return (held, problem),
            }
        }
    }

    #[tokio::test]
    async fn f40_one_shops_readers_leave_room_for_another_s_and_where_all_is_taken_who_asks_is_told_to_come_again() {
        let room = room();
        let (of_one, refused) = fill(&room, shop(1)).await;
        assert_eq!((refused.status().as_u16(), of_one.len()), (503, 5), "its share");
        let mut other = room.answer(shop(2), 16 * 1_024).await.unwrap();
        other.fit(&Bytes::from(vec![0; 10 << 20])).await.unwrap();
        let (of_third, refused) = fill(&room, shop(3)).await;
        assert_eq!((refused.status().as_u16(), of_third.len()), (503, 2), "the rest");
        assert!(refused.headers.iter().any(|(name, _)| name == http::header::RETRY_AFTER));
        drop((of_one, other, of_third));
        assert!(lock(&room.answers.space.shops).is_empty(), "a shop that is sent nothing takes no memory");
    }
}
