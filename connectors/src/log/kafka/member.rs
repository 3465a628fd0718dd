//! A member of a consumer group, as its owner sees it. The work is done by its thread.

use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use super::inbox::{Inbox, Taken};
use super::worker::{Answer, Signal, Worker};
use super::{Cluster, blocking, placed};
use crate::log::error::LogError;
use crate::log::types::{MemberEvent, TopicPartition, Transaction};

/// A transaction takes at most 14 s when every step runs into its time-out. One that takes longer hangs inside the
/// library, which can ignore its time-outs; then only a new process can tell what became of it.
const WATCHDOG: Duration = Duration::from_secs(15);

/// How long leaving, or moving a position, may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Waiting is counted in steps of this, each once: a process that stood still for a minute (a suspended machine, a stopped
/// container) finds one step over when it wakes, and its thread has the rest of its time to answer.
const STEP: Duration = Duration::from_secs(1);

/// See [`crate::log::Member`].
pub struct KafkaMember {
    cluster: Arc<Cluster>,
    signals: Sender<Signal>,
    inbox: Arc<Inbox>,
}

impl KafkaMember {
    pub(super) async fn join(
        cluster: Arc<Cluster>,
        group: &str,
        topics: &[Arc<str>],
        instance: Option<&str>,
    ) -> Result<Self, LogError> {
        let (checked, names) = (cluster.clone(), topics.to_vec());
        blocking(move || check_counts(&checked, &names)).await?;
        let (signals, received) = mpsc::channel();
        let inbox = Arc::new(Inbox::default());
        let (answer, started) = oneshot::channel();
        let seat = super::worker::Seat {
            group: group.to_owned(),
            topics: topics.to_vec(),
            instance: instance.map(str::to_owned),
        };
        let (config, waker, content) = (cluster.config.clone(), signals.clone(), inbox.clone());
        let run = move || Worker::start(&config, seat, waker, received, content, answer);
        let spawned = thread::Builder::new().name(format!("log-{group}")).spawn(run);
        spawned.map_err(|e| LogError::Unavailable(format!("can't start a member's thread: {e}")))?;
        let member = Self { cluster, signals, inbox };
        started.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(member)
    }

    pub(crate) async fn next(&mut self, max_records: usize, max_wait: Duration) -> Result<MemberEvent, LogError> {
        // Cancel safe: an event leaves the inbox only in `take`, after which this returns without another await; and
        // a wake-up that is consumed by a dropped call is made up for by the next call, which looks before it waits.
        let deadline = Instant::now() + max_wait;
        loop {
            match self.inbox.take(max_records)? {
                Taken::Event(event) => return Ok(event),
                Taken::Records(records, was_full) => {
                    if was_full {
                        // There is room again; if the thread is gone, the next call says so.
                        let _ = self.signals.send(Signal::Wake);
                    }
                    return Ok(MemberEvent::Records(records));
                }
                Taken::Nothing => {}
            }
            if timeout_at(deadline, self.inbox.filled.notified()).await.is_err() {
                return Ok(MemberEvent::Idle);
            }
        }
    }

    pub(crate) async fn resume(&mut self, at: &TopicPartition, from: i64) -> Result<(), LogError> {
        self.ask(PATIENCE, |answer| Signal::Resume { at: at.clone(), from, answer }).await
    }

    pub(crate) async fn pause(&mut self, at: &TopicPartition) -> Result<(), LogError> {
        self.ask(PATIENCE, |answer| Signal::Pause { at: at.clone(), answer }).await
    }

    pub(crate) async fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, LogError> {
        let records = placed(&self.cluster, transaction.records).await?;
        let positions = transaction.positions;
        self.ask(WATCHDOG, |answer| Signal::Commit { records, positions, answer }).await
    }

    pub(crate) async fn leave(self) -> Result<(), LogError> {
        self.ask(PATIENCE, |answer| Signal::Leave { answer }).await
    }

    /// Asks the thread and waits for its answer; a thread that gives none in time hangs, and the member is dead.
    async fn ask<T>(&self, patience: Duration, signal: impl FnOnce(Answer<T>) -> Signal) -> Result<T, LogError> {
        if let Some(fatal) = self.inbox.fatal() {
            return Err(fatal);
        }
        let (answer, answered) = oneshot::channel();
        self.signals.send(signal(answer)).map_err(|_| gone())?;
        match within(patience, STEP, answered).await {
            Some(answer) => answer.unwrap_or_else(|_| Err(self.inbox.fatal().unwrap_or_else(gone))),
            None => {
                let error = LogError::Fenced(format!("a call hangs for over {} s", patience.as_secs()));
                self.inbox.fail(error.clone());
                Err(error)
            }
        }
    }
}

/// What comes of this within so much time that this process was awake, to a step.
async fn within<F: Future>(patience: Duration, step: Duration, answered: F) -> Option<F::Output> {
    let mut answered = pin!(answered);
    let mut waited = Duration::ZERO;
    while waited < patience {
        if let Ok(answer) = timeout(step.min(patience - waited), answered.as_mut()).await {
            return Some(answer);
        }
        waited += step;
    }
    None
}

impl Drop for KafkaMember {
    fn drop(&mut self) {
        let _ = self.signals.send(Signal::Close);
    }
}

/// Refuses topics of which a member would not get the same partitions.
fn check_counts(cluster: &Cluster, topics: &[Arc<str>]) -> Result<(), LogError> {
    let counts = topics.iter().map(|topic| cluster.partitions(topic)).collect::<Result<Vec<_>, _>>()?;
    match counts.first() {
        None => Err(LogError::Refused("no topic to read was named".into())),
        Some(first) if counts.iter().any(|count| count != first) => {
            Err(LogError::Refused(format!("the topics of one group have different partition counts: {counts:?}")))
        }
        Some(_) => Ok(()),
    }
}

fn gone() -> LogError {
    LogError::Fenced("the member's thread has ended".into())
}

#[cfg(test)]
mod tests {
    use std::future;

    use tokio::time::sleep;

    use super::*;

    const STEP: Duration = Duration::from_millis(10);

    #[tokio::test]
    async fn a_call_that_hangs_is_given_up_once_its_time_is_over() {
        assert_eq!(within(STEP * 5, STEP, future::pending::<()>()).await, None);
        assert_eq!(within(STEP / 2, STEP, future::pending::<()>()).await, None);
        assert_eq!(within(STEP * 5, STEP, future::ready(7)).await, Some(7));
    }

    #[tokio::test]
    async fn the_time_in_which_the_process_stood_still_does_not_count() {
        let woken = async {
            // Nothing runs meanwhile, as in a process that is stopped.
            thread::sleep(STEP * 40);
            sleep(STEP * 2).await;
            7
        };
        assert_eq!(within(STEP * 20, STEP, woken).await, Some(7));
    }
}
