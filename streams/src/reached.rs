//! The position that each consumer has reached in each partition, and waiting until one is reached.
//!
//! A *mark* moves after the rows, cards or documents of the events below it are readable, also for events that the
//! consumer ignores. A token of another context is translated by the processor that takes that context's events as inputs.
//!
//! A partition has one owner per consumer. Where that is this process, its loop moves the mark. Where it is another, the
//! mark is read from the row in which the owner keeps its progress, but only while somebody waits for it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use feira_connectors::state::{State, StateError};
use feira_schemas::{
    groups,
    ids::Micros,
    rows::common::{InputProgress, Progress},
    topics::{Context, Position},
};
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout_at},
};

/// The time between two looks at an owner's row. A longer pause would eat up the half second that a reader has; a
/// shorter one would ask the state more often than owners write.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The position of the last event whose effect a consumer can show in a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The `write_ts` of the last event that is readable, in microseconds since 1970.
    pub write_ts: Micros,
    /// Per foreign input, how far it is decided.
    pub inputs: Vec<InputProgress>,
}

/// The marks that consumers have reached, as far as this process knows them.
#[derive(Debug, Default)]
pub struct Reached {
    marks: RwLock<HashMap<(String, u32), Arc<Known>>>,
    rows: Option<State>,
}

/// The state of a consumer's mark in a partition.
#[derive(Debug, Default)]
struct Known {
    present: watch::Sender<Present>,
    /// Held by the one who looks at the owner's row: the others see what it finds.
    looking: Mutex<()>,
}

#[derive(Debug, Clone, Default)]
struct Present {
    mark: Mark,
    /// None where another process is the owner. Else: what is readable here is whole from this mark on.
    serves_from: Option<Micros>,
}

/// The consumer did not come so far in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the view has not caught up in time")]
pub struct Stale;

impl Reached {
    /// Marks of consumers that run here, and in other processes that share this state.
    pub fn of(state: State) -> Self {
        Self { marks: RwLock::default(), rows: Some(state) }
    }

    /// The partition is this process' from now on, with this mark, which may lie before what others have reached. Until it has
    /// come to `serves_from` the consumer does not serve it.
    pub fn take(&self, consumer: &str, partition: u32, mark: Mark, serves_from: Micros) {
        self.known(consumer, partition).present.send_replace(Present { mark, serves_from: Some(serves_from) });
    }

    /// The partition is another process'.
    pub fn lose(&self, consumer: &str, partition: u32) {
        self.known(consumer, partition).present.send_modify(|present| present.serves_from = None);
    }

    /// True if the consumer runs here, owns the partition, and has caught up with what was shown elsewhere before.
    pub fn serves(&self, consumer: &str, partition: u32) -> bool {
        let known = self.known(consumer, partition);
        let present = known.present.borrow();
        present.serves_from.is_some_and(|from| present.mark.write_ts >= from)
    }

    /// True if the consumer runs here and owns the partition, and less is readable here than was shown before.
    pub fn behind(&self, consumer: &str, partition: u32) -> bool {
        let known = self.known(consumer, partition);
        let present = known.present.borrow();
        present.serves_from.is_some_and(|from| present.mark.write_ts < from)
    }

    /// Moves a mark. A mark never moves back: a smaller one is ignored.
    pub fn advance(&self, consumer: &str, partition: u32, mark: Mark) {
        self.known(consumer, partition).advance(mark, |_| true);
    }

    /// The consumer's mark in a partition, as far as it is known here; zero if it is not.
    pub fn mark(&self, consumer: &str, partition: u32) -> Mark {
        self.known(consumer, partition).present.borrow().mark.clone()
    }

    /// Waits until `consumer`, a view of `source`'s events, shows everything up to `token`.
    pub async fn wait(&self, consumer: &str, source: Context, token: Position, most: Duration) -> Result<(), Stale> {
        let deadline = Instant::now() + most;
        let write_ts =
            if token.context == source { token.write_ts } else { self.translate(source, token, deadline).await? };
        let reached = |mark: &Mark| (mark.write_ts >= write_ts).then_some(());
        self.until(consumer, token.partition, deadline, reached).await
    }

    /// The own event of `context` from which on everything up to a foreign token is decided.
    async fn translate(&self, context: Context, token: Position, deadline: Instant) -> Result<Micros, Stale> {
        let decided = |mark: &Mark| {
            let input = mark.inputs.iter().find(|input| input.context == token.context.name())?;
            (input.decided_ts >= token.write_ts).then_some(input.own_ts)
        };
        self.until(context.name(), token.partition, deadline, decided).await
    }

    async fn until<T>(
        &self,
        consumer: &str,
        partition: u32,
        deadline: Instant,
        mut reached: impl FnMut(&Mark) -> Option<T>,
    ) -> Result<T, Stale> {
        let known = self.known(consumer, partition);
        let mut present = known.present.subscribe();
        loop {
            let here = {
                let present = present.borrow_and_update();
                if let Some(found) = reached(&present.mark) {
                    return Ok(found);
                }
                present.serves_from.is_some()
            };
            // Cancel safety: a look that is dropped has moved no mark, and `changed` is asked again.
            let waited = tokio::select! {
                changed = timeout_at(deadline, present.changed()) => changed.is_ok_and(|changed| changed.is_ok()),
                () = self.look(&known, consumer, partition), if !here => Instant::now() < deadline,
            };
            if !waited {
                return Err(Stale);
            }
        }
    }

    /// Looks at the owner's row, then pauses. Who finds somebody else looking already waits for the same pause.
    async fn look(&self, known: &Known, consumer: &str, partition: u32) {
        let Some(state) = &self.rows else { return std::future::pending().await };
        let _looking = known.looking.lock().await;
        match progress(state, consumer, partition).await {
            // Not if the partition was taken meanwhile: what other processes show is then no longer what is shown here.
            Ok(Some(row)) => {
                known.advance(Mark { write_ts: row.write_ts, inputs: row.inputs }, |now| now.serves_from.is_none())
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, consumer, partition, "progress could not be read"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }

    fn known(&self, consumer: &str, partition: u32) -> Arc<Known> {
        let key = (consumer.to_owned(), partition);
        let present = self.marks.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        present.unwrap_or_else(|| {
            let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(marks.entry(key).or_default())
        })
    }
}

impl Known {
    fn advance(&self, mark: Mark, allowed: impl FnOnce(&Present) -> bool) {
        self.present.send_if_modified(|present| {
            let forward = mark.write_ts >= present.mark.write_ts && present.mark != mark && allowed(present);
            if forward {
                present.mark = mark;
            }
            forward
        });
    }
}

/// The row in which the owner of a consumer's partition says how far it is.
async fn progress(state: &State, consumer: &str, partition: u32) -> Result<Option<Progress>, StateError> {
    let Some(table) = groups::named(consumer).and_then(|group| group.progress()) else { return Ok(None) };
    state.get_in(table, &Progress::key(consumer, partition)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(write_ts: Micros, decided_ts: Micros, own_ts: Micros) -> Mark {
        Mark { write_ts, inputs: vec![InputProgress { context: "admin".into(), decided_ts, own_ts }] }
    }

    #[tokio::test]
    async fn a_foreign_token_is_translated_before_the_view_is_asked() {
        let marks = Reached::default();
        let token = Position { context: Context::Admin, partition: 1, write_ts: 100 };
        let wait = || marks.wait("storefront", Context::Store, token, Duration::from_millis(5));
        assert_eq!(wait().await, Err(Stale));
        marks.advance("store", 1, mark(40, 100, 40));
        assert_eq!(wait().await, Err(Stale), "the view itself has not come to 40");
        marks.advance("storefront", 1, Mark { write_ts: 40, inputs: Vec::new() });
        assert_eq!(wait().await, Ok(()));
    }

    #[test]
    fn a_partition_that_comes_here_is_served_once_it_has_caught_up() {
        let marks = Reached::default();
        let shown = |write_ts| Mark { write_ts, inputs: Vec::new() };
        marks.advance("search", 2, shown(9));
        assert!(!marks.serves("search", 2) && !marks.behind("search", 2), "another process has it");
        marks.take("search", 2, shown(3), 9);
        assert!(!marks.serves("search", 2) && marks.behind("search", 2), "what was shown elsewhere is not here yet");
        assert_eq!(marks.mark("search", 2).write_ts, 3, "a mark speaks of what is here");
        marks.advance("search", 2, shown(9));
        assert!(marks.serves("search", 2) && !marks.behind("search", 2));
        marks.lose("search", 2);
        assert!(!marks.serves("search", 2));
    }

    #[test]
    fn a_mark_never_moves_back() {
        let marks = Reached::default();
        marks.advance("search", 0, Mark { write_ts: 9, inputs: Vec::new() });
        marks.advance("search", 0, Mark { write_ts: 3, inputs: Vec::new() });
        assert_eq!(marks.mark("search", 0).write_ts, 9);
    }
}
