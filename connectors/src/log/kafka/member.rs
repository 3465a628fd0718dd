//! A member of a consumer group, as its owner sees it. The work is done by its thread.

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::inbox::{Inbox, Taken};
use super::pulse::Pulse;
use super::worker::{Answer, Ends, Signal, Worker};
use super::{Cluster, blocking, placed, spawn};
use crate::log::error::LogError;
use crate::log::types::{MemberEvent, TopicPartition, Transaction};

/// Every step of the thread has a time-out of 5 s or less. One that takes longer hangs inside the library, which can ignore its
/// time-outs; then only a new process can tell what became of a transaction.
const WATCHDOG: Duration = Duration::from_secs(15);

/// The time between two looks at the member's thread.
const TICK: Duration = Duration::from_secs(1);

/// A member of a Kafka consumer group ([`crate::log::Member`]), on a thread of its own.
pub struct KafkaMember {
    cluster: Arc<Cluster>,
    signals: Sender<Signal>,
    inbox: Arc<Inbox>,
    pulse: Pulse,
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
        let pulse = Pulse::default();
        let ends = Ends { waker: signals.clone(), signals: received, inbox: inbox.clone(), pulse: pulse.clone() };
        let settings = cluster.settings.clone();
        let run = move || Worker::start(&settings, seat, ends, answer);
        spawn(format!("log-{group}"), "a member's thread", run)?;
        let member = Self { cluster, signals, inbox, pulse };
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
        self.ask(|answer| Signal::Resume { at: at.clone(), from, answer }).await
    }

    pub(crate) async fn pause(&mut self, at: &TopicPartition) -> Result<(), LogError> {
        self.ask(|answer| Signal::Pause { at: at.clone(), answer }).await
    }

    pub(crate) async fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, LogError> {
        let records = placed(&self.cluster, transaction.records).await?;
        let positions = transaction.positions;
        self.ask(|answer| Signal::Commit { records, positions, answer }).await
    }

    pub(crate) async fn leave(self) -> Result<(), LogError> {
        self.ask(|answer| Signal::Leave { answer }).await
    }

    /// Asks the thread and waits for its answer; a thread that hangs gives none, and the member is dead.
    async fn ask<T>(&self, signal: impl FnOnce(Answer<T>) -> Signal) -> Result<T, LogError> {
        if let Some(fatal) = self.inbox.fatal() {
            return Err(fatal);
        }
        let (answer, answered) = oneshot::channel();
        self.signals.send(signal(answer)).map_err(|_| gone())?;
        match self.pulse.within(WATCHDOG, TICK, answered).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(self.inbox.fatal().unwrap_or_else(gone))),
            Err(what) => {
                let error = LogError::Fenced(format!("a call hangs for over {} s ({what})", WATCHDOG.as_secs()));
                self.inbox.fail(error.clone());
                Err(error)
            }
        }
    }
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
