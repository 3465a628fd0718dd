//! How far each consumer has come in each partition, and waiting until it has come far enough.
//!
//! A *mark* moves after the rows, cards or documents of the events below it are readable, also for events that the
//! consumer ignores. A token of another context is translated by the task that takes that context's events as inputs.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use feira_schemas::{
    ids::Micros,
    rows::common::InputProgress,
    topics::{Context, Position},
};
use tokio::{sync::watch, time::Instant};

/// What a consumer has done in a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// `write_ts` of the last event that is readable.
    pub write_ts: Micros,
    /// Per foreign input, how far it is decided.
    pub inputs: Vec<InputProgress>,
}

/// The marks of this process.
#[derive(Debug, Default)]
pub struct Watermarks {
    marks: RwLock<HashMap<(String, u32), watch::Sender<Mark>>>,
}

/// The consumer did not come so far in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the view has not caught up in time")]
pub struct Stale;

impl Watermarks {
    /// Moves a mark. A mark never moves back: a smaller one is ignored.
    pub fn advance(&self, consumer: &str, partition: u32, mark: Mark) {
        self.sender(consumer, partition).send_if_modified(|present| {
            let forward = mark.write_ts >= present.write_ts && *present != mark;
            if forward {
                *present = mark;
            }
            forward
        });
    }

    /// The consumer's mark in a partition; zero if it has none here.
    pub fn mark(&self, consumer: &str, partition: u32) -> Mark {
        self.sender(consumer, partition).borrow().clone()
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
        let mut marks = self.sender(consumer, partition).subscribe();
        loop {
            if let Some(found) = reached(&marks.borrow_and_update()) {
                return Ok(found);
            }
            match tokio::time::timeout_at(deadline, marks.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Err(Stale),
            }
        }
    }

    fn sender(&self, consumer: &str, partition: u32) -> watch::Sender<Mark> {
        let key = (consumer.to_owned(), partition);
        let present = self.marks.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        present.unwrap_or_else(|| {
            let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
            marks.entry(key).or_insert_with(|| watch::Sender::new(Mark::default())).clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(write_ts: Micros, decided_ts: Micros, own_ts: Micros) -> Mark {
        Mark { write_ts, inputs: vec![InputProgress { context: "admin".into(), decided_ts, own_ts }] }
    }

    #[tokio::test(start_paused = true)]
    async fn a_foreign_token_is_translated_before_the_view_is_asked() {
        let marks = Watermarks::default();
        let token = Position { context: Context::Admin, partition: 1, write_ts: 100 };
        let wait = || marks.wait("storefront", Context::Store, token, Duration::from_millis(500));
        assert_eq!(wait().await, Err(Stale));
        marks.advance("store", 1, mark(40, 100, 40));
        assert_eq!(wait().await, Err(Stale), "the view itself has not come to 40");
        marks.advance("storefront", 1, Mark { write_ts: 40, inputs: Vec::new() });
        assert_eq!(wait().await, Ok(()));
    }

    #[test]
    fn a_mark_never_moves_back() {
        let marks = Watermarks::default();
        marks.advance("search", 0, Mark { write_ts: 9, inputs: Vec::new() });
        marks.advance("search", 0, Mark { write_ts: 3, inputs: Vec::new() });
        assert_eq!(marks.mark("search", 0).write_ts, 9);
    }
}
