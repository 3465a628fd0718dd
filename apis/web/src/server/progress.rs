//! The progress of a connection: requests that begin and end on it, and bytes of theirs that are sent and taken. A
//! frame that keeps a connection alive but asks for nothing, such as HTTP/2's PING, is no progress.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::settings::Times;

/// Bytes of an answer that must be taken within the time for stalled readers: a reader of a few bytes a minute holds an answer as
/// long as one of none.
const TAKEN: u64 = 16 * 1024;
/// The longest time between two looks at a connection: what it waits for changes meanwhile.
const LOOK: Duration = Duration::from_secs(5);

/// The reason for which a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing is asked for on it: it may end in peace.
    Idle,
    /// The client has begun something and does not go on.
    Stalled,
}

/// A connection's progress, told by its socket, its requests and their bodies.
pub(super) struct Progress {
    times: Times,
    state: Mutex<State>,
    told: AtomicBool,
    tell: Notify,
}

struct State {
    /// The time when something was last asked for or answered.
    last: Instant,
    /// The time since when a request's headers are under way.
    headers: Option<Instant>,
    /// The time since when the socket takes no more, or has not taken enough.
    blocked: Option<Instant>,
    /// Bytes that were taken since then.
    taken: u64,
    next: u64,
    /// The requests under way: one of HTTP/1, a few of HTTP/2.
    exchanges: Vec<UnderWay>,
}

struct UnderWay {
    id: u64,
    /// The time since when its client is to act; `None`: we are.
    with_client: Option<Instant>,
}

/// A request under way, until its answer has left.
pub(super) struct Exchange {
    progress: Arc<Progress>,
    id: u64,
}

impl Progress {
    pub(super) fn new(times: Times) -> Self {
        let state =
            State { last: Instant::now(), headers: None, blocked: None, taken: 0, next: 0, exchanges: Vec::new() };
        Self { times, state: Mutex::new(state), told: AtomicBool::new(false), tell: Notify::new() }
    }

    /// Notes that a request begins.
    pub(super) fn begin(self: &Arc<Self>) -> Exchange {
        let mut state = self.lock();
        (state.last, state.headers) = (Instant::now(), None);
        let id = state.next;
        state.next += 1;
        state.exchanges.push(UnderWay { id, with_client: None });
        Exchange { progress: Arc::clone(self), id }
    }

    /// Something was asked for or answered.
    #[cfg(test)]
    pub(super) fn touch(&self) {
        self.lock().last = Instant::now();
    }

    /// Bytes came while no request is under way: the next one's first.
    pub(super) fn headers_come(&self) {
        let mut state = self.lock();
        if state.exchanges.is_empty() && state.headers.is_none() {
            state.headers = Some(Instant::now());
        }
    }

    /// The socket takes no more for now.
    pub(super) fn blocked(&self) {
        let mut state = self.lock();
        if state.blocked.is_none() {
            (state.blocked, state.taken) = (Some(Instant::now()), 0);
        }
    }

    /// The socket has taken bytes; of all that there were, if `all`.
    pub(super) fn taken(&self, bytes: usize, all: bool) {
        let mut state = self.lock();
        let Some(_) = state.blocked else { return };
        state.taken += bytes as u64;
        if all {
            state.blocked = None;
        } else if state.taken >= TAKEN {
            (state.blocked, state.taken) = (Some(Instant::now()), 0);
        }
    }

    /// The time for which nothing is under way; `None` also of a connection that ends already.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        let state = self.lock();
        let idle = !self.told.load(Ordering::Relaxed) && state.is_idle();
        idle.then(|| state.last.elapsed())
    }

    /// Asks the connection to end, if nothing is under way on it by then.
    pub(super) fn end(&self) {
        self.told.store(true, Ordering::Relaxed);
        self.tell.notify_one();
    }

    #[cfg(test)]
    pub(super) fn is_told_to_end(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Waits until the connection is to end.
    pub(super) async fn over(&self) -> Over {
        loop {
            let now = Instant::now();
            let (at, over) = self.due();
            if at <= now {
                return over;
            }
            if self.told.load(Ordering::Relaxed) {
                // Also one whose headers are under way: whoever trickles them would else stay where others make room.
                if self.lock().is_idle() {
                    return Over::Idle;
                }
                // Something has begun meanwhile: whoever asked looks for another one.
                self.told.store(false, Ordering::Relaxed);
            }
            let wake = at.min(now + LOOK);
            // Cancel safety: both only wake; what they wake for is looked at again.
            tokio::select! {
                () = tokio::time::sleep_until(wake) => {}
                () = self.tell.notified() => {}
            }
        }
    }

    /// The time at which the connection ends if nothing changes, and the reason.
    fn due(&self) -> (Instant, Over) {
        let state = self.lock();
        let stalled = state.exchanges.iter().filter_map(|exchange| exchange.with_client).chain(state.blocked).min();
        let stalled = stalled.map(|since| since + self.times.stalled);
        let headers = state.headers.map(|since| since + self.times.headers);
        match stalled.into_iter().chain(headers).min() {
            Some(at) => (at, Over::Stalled),
            None if state.exchanges.is_empty() => (state.last + self.times.idle, Over::Idle),
            // We are to act, and routes have limits of their own: looked at again after a while.
            None => (Instant::now() + LOOK, Over::Stalled),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// True if no request is under way, and no answer.
    fn is_idle(&self) -> bool {
        self.exchanges.is_empty() && self.blocked.is_none()
    }
}

impl Exchange {
    /// The client is to act: to send on, or to take what it was given.
    pub(super) fn with_client(&self) {
        self.set(|since| *since = Some(Instant::now()));
    }

    /// The client is to act, as it is since before.
    pub(super) fn still_with_client(&self) {
        self.set(|since| {
            since.get_or_insert_with(Instant::now);
        });
    }

    /// We are to act.
    pub(super) fn with_us(&self) {
        self.set(|since| *since = None);
    }

    fn set(&self, set: impl FnOnce(&mut Option<Instant>)) {
        let mut state = self.progress.lock();
        if let Some(exchange) = state.exchanges.iter_mut().find(|exchange| exchange.id == self.id) {
            set(&mut exchange.with_client);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let mut state = self.progress.lock();
        state.exchanges.retain(|exchange| exchange.id != self.id);
        state.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times {
        headers: Duration::from_millis(100),
        idle: Duration::from_millis(700),
        stalled: Duration::from_millis(300),
    };

    fn connection() -> Arc<Progress> {
        Arc::new(Progress::new(TIMES))
    }

    /// The reason for which the connection ends, which is not before `after` has passed.
    async fn ends(progress: &Progress, after: Duration) -> Over {
        let begun = Instant::now();
        let over = progress.over().await;
        assert!(begun.elapsed() >= after);
        over
    }

    #[tokio::test]
    async fn f40_between_requests_it_stays_for_longer_than_headers_may_take() {
        assert_eq!(ends(&connection(), TIMES.idle).await, Over::Idle);
        let progress = connection();
        progress.headers_come();
        assert_eq!(ends(&progress, TIMES.headers).await, Over::Stalled);
        let progress = connection();
        progress.headers_come();
        drop(progress.begin());
        assert_eq!(ends(&progress, TIMES.idle).await, Over::Idle, "headers that have come are no longer waited for");
    }

    #[tokio::test]
    async fn f40_while_we_work_it_stays_and_who_stalls_is_given_up() {
        let progress = connection();
        let exchange = progress.begin();
        let ended = tokio::time::timeout(TIMES.idle * 2, progress.over()).await;
        assert!(ended.is_err(), "a slow answer is not the client's fault");
        exchange.with_client();
        assert_eq!(ends(&progress, TIMES.stalled).await, Over::Stalled);
        exchange.with_us();
        let other = progress.begin();
        other.with_client();
        assert_eq!(ends(&progress, TIMES.stalled).await, Over::Stalled, "one of several is enough");
        drop((exchange, other));
        assert_eq!(ends(&progress, TIMES.idle).await, Over::Idle);
    }

    #[tokio::test]
    async fn f40_a_socket_that_takes_a_byte_now_and_then_is_stalled() {
        let progress = connection();
        let trickle = async {
            loop {
                progress.blocked();
                progress.taken(1, false);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let ended = tokio::select! {
            ended = ends(&progress, TIMES.stalled) => ended,
            () = trickle => Over::Idle,
        };
        assert_eq!(ended, Over::Stalled);
        progress.taken(1, true);
        assert_eq!(progress.due().1, Over::Idle);
    }

    #[tokio::test]
    async fn f40_who_is_told_to_end_does_so_only_while_idle() {
        let progress = connection();
        progress.end();
        assert_eq!(ends(&progress, Duration::ZERO).await, Over::Idle);
        let trickling = connection();
        trickling.headers_come();
        trickling.end();
        assert_eq!(ends(&trickling, Duration::ZERO).await, Over::Idle);
        let exchange = progress.begin();
        progress.end();
        let ended = tokio::time::timeout(TIMES.idle * 2, progress.over()).await;
        assert!(ended.is_err());
        drop(exchange);
        assert!(progress.idle_for().is_some());
    }
}
