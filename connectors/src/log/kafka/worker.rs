//! A member's thread: it owns the consumer and the transactional producer, and all blocking calls on them happen here.
//!
//! The thread sleeps until it is asked for something or the consumer has something. A change of the assignment
//! happens only while it polls, hence never while a transaction is open. A transaction whose outcome is unknown takes
//! all partitions away from the owner and gives them back, with their true positions, once a new producer has ended
//! it: to the owner it looks like any other change of the assignment.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::message::Message;
use rdkafka::types::RDKafkaRespErr;
use tokio::sync::oneshot;

use super::assignment::whole;
use super::client::{self, Isolation, Readers, failed};
use super::inbox::Inbox;
use super::lock;
use super::pulse::Pulse;
use super::steps::TRANSACTION;
use super::writer::{Failure, Writer};
use crate::log::error::LogError;
use crate::log::settings::KafkaSettings;
use crate::log::types::{MemberEvent, NewRecord, TopicPartition};

/// The longest sleep. Wake-ups come at once; this only bounds what a lost one could cost.
const NAP: Duration = Duration::from_millis(100);

/// The time that one look at the committed positions may block before requests and rebalances are served again.
const LOOK: Duration = Duration::from_secs(1);

/// The time that a full inbox may keep the thread from polling. Longer would stall a rebalance of the whole group
/// behind a slow owner.
const HOLD_AFTER: Duration = Duration::from_secs(1);

/// The time between two moves of committed positions past transaction markers and aborted records. More often would
/// only write more to the group's topic.
const REST: Duration = Duration::from_secs(2);

/// The time that leaving waits for the partitions to be handed back.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

pub(super) type Answer<T> = oneshot::Sender<Result<T, LogError>>;

/// A message to the member's thread.
pub(super) enum Signal {
    /// The consumer has something, or the inbox has room.
    Wake,
    Resume {
        at: TopicPartition,
        from: i64,
        answer: Answer<()>,
    },
    Pause {
        at: TopicPartition,
        answer: Answer<()>,
    },
    Commit {
        records: Vec<(NewRecord, u32)>,
        positions: Vec<(TopicPartition, i64)>,
        answer: Answer<Vec<i64>>,
    },
    Leave {
        answer: Answer<()>,
    },
    /// The member was dropped.
    Close,
}

/// The group, its topics, and the static instance (`group.instance.id`) of a member.
pub(super) struct Seat {
    pub(super) group: String,
    pub(super) topics: Vec<Arc<str>>,
    pub(super) instance: Option<String>,
}

/// The thread's ends of what it shares with the member.
pub(super) struct Ends {
    pub(super) waker: Sender<Signal>,
    pub(super) signals: Receiver<Signal>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) pulse: Pulse,
}

pub(super) struct Worker {
    seat: Seat,
    consumer: BaseConsumer<Rebalances>,
    writer: Writer,
    signals: Receiver<Signal>,
    woken: Arc<AtomicBool>,
    inbox: Arc<Inbox>,
    pulse: Pulse,
    /// Partitions that the owner knows to be its own.
    owned: HashSet<TopicPartition>,
    /// The owned partitions whose records flow, with the lowest offset still wanted.
    flowing: HashMap<TopicPartition, i64>,
    /// The positions that the group is known to have of them.
    committed: HashMap<TopicPartition, i64>,
    /// The time when [`Worker::rest`] last ran.
    rested: Instant,
    /// Partitions whose positions are not known yet, so that the owner does not know of them.
    awaited: Vec<TopicPartition>,
    /// True if the owner has been told of partitions that were not given whole.
    lacking: bool,
    full_since: Option<Instant>,
    /// True while all that flows is paused because the inbox is full.
    held: bool,
}

impl Worker {
    /// Joins the group, answers, and works until the member leaves or is dropped.
    pub(super) fn start(cluster: &KafkaSettings, seat: Seat, ends: Ends, answer: Answer<()>) {
        let Ends { waker, signals, inbox, pulse } = ends;
        let woken = Arc::new(AtomicBool::new(false));
        let joined = join(cluster, &seat, waker, woken.clone(), pulse.clone());
        let (consumer, writer) = match joined {
            Ok(joined) => joined,
            Err(error) => return drop(answer.send(Err(error))),
        };
        let (owned, flowing) = (HashSet::new(), HashMap::new());
        let mut worker = Self {
            seat,
            consumer,
            writer,
            signals,
            woken,
            inbox,
            pulse,
            owned,
            flowing,
            committed: HashMap::new(),
            rested: Instant::now(),
            awaited: Vec::new(),
            lacking: false,
            full_since: None,
            held: false,
        };
        if answer.send(Ok(())).is_ok() {
            worker.run();
        }
        // The consumer is dropped here, on this thread, since closing it blocks.
    }

    fn run(&mut self) {
        loop {
            let signal = match self.signals.recv_timeout(NAP) {
                Ok(signal) => signal,
                Err(RecvTimeoutError::Timeout) => Signal::Wake,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.pulse.begin("do what it is told");
            match signal {
                Signal::Wake => {}
                Signal::Resume { at, from, answer } => drop(answer.send(self.resume(&at, from))),
                Signal::Pause { at, answer } => drop(answer.send(self.pause(&at))),
                Signal::Commit { records, positions, answer } => drop(answer.send(self.commit(&records, &positions))),
                Signal::Leave { answer } => return drop(answer.send(self.leave())),
                Signal::Close => return,
            }
            self.pulse.begin("poll");
            self.poll();
            self.pulse.begin("learn positions");
            self.settle();
            self.pulse.begin("move positions at rest");
            self.rest();
        }
    }

    /// Takes what the consumer has, as long as the inbox has room.
    fn poll(&mut self) {
        self.woken.store(false, Ordering::Release);
        self.hold_or_release();
        let mut empty = 0;
        // A poll that served something else than a message looks like an empty one, so it takes two to know.
        while empty < 2 && (self.held || !self.inbox.full()) {
            match self.consumer.poll(Duration::ZERO) {
                Some(Ok(message)) => {
                    empty = 0;
                    let topic = client::shared_name(&self.seat.topics, message.topic());
                    let record = client::incoming(&topic, &message);
                    // Anything else was fetched before the partition was paused or moved.
                    if let Some(wanted) = self.flowing.get_mut(&record.at)
                        && record.offset >= *wanted
                    {
                        *wanted = record.offset + 1;
                        self.inbox.record(record);
                    }
                }
                Some(Err(error)) => {
                    empty = 0;
                    match failed("read", &error) {
                        LogError::Fenced(why) => return self.inbox.fail(LogError::Fenced(why)),
                        error => self.inbox.trouble(error),
                    }
                }
                None => empty += 1,
            }
            self.follow_changes();
        }
    }

    /// A full inbox stops the polling for a moment; when it lasts, the partitions are paused instead, so that
    /// polling, and with it the group, goes on. What the library had fetched ahead is then fetched again.
    fn hold_or_release(&mut self) {
        let full = self.inbox.full();
        if !full {
            self.full_since = None;
            if std::mem::take(&mut self.held) {
                self.trouble_if(
                    self.consumer.resume(&client::names(self.flowing.keys())).map_err(|e| failed("resume", &e)),
                );
            }
        } else if !self.held && self.full_since.get_or_insert_with(Instant::now).elapsed() >= HOLD_AFTER {
            self.held = true;
            self.trouble_if(self.consumer.pause(&client::names(self.flowing.keys())).map_err(|e| failed("pause", &e)));
        }
    }

    /// Makes ours what the last poll changed.
    fn follow_changes(&mut self) {
        for change in self.consumer.context().take() {
            match change {
                Change::Assigned(partitions) => self.assigned(partitions),
                Change::Revoked(partitions) => self.revoke(partitions),
            }
        }
    }

    /// Every change gives all that a member has now: what it has not whole it takes none of, and the next change may bring the rest.
    fn assigned(&mut self, partitions: Vec<TopicPartition>) {
        let (whole, missing) = whole(&self.seat.topics, partitions);
        if self.lacking || !missing.is_empty() {
            self.lacking = !missing.is_empty();
            self.inbox.change(MemberEvent::Lacking(missing));
        }
        // One without any is told so, or it would wait for its first for ever: there may be more members than partitions.
        if whole.is_empty() && self.awaited.is_empty() {
            self.inbox.change(MemberEvent::Assigned(Vec::new()));
        }
        self.awaited.extend(whole);
    }

    fn revoke(&mut self, partitions: Vec<TopicPartition>) {
        self.awaited.retain(|at| !partitions.contains(at));
        let mut told = Vec::new();
        for at in partitions {
            self.inbox.purge(&at);
            self.flowing.remove(&at);
            self.committed.remove(&at);
            if self.owned.remove(&at) {
                told.push(at);
            }
        }
        if !told.is_empty() {
            told.sort();
            self.inbox.change(MemberEvent::Revoked(told));
        }
    }

    /// Brings a lost writer back, then learns the positions of new partitions and tells the owner of them.
    fn settle(&mut self) {
        if self.writer.is_lost() {
            match self.writer.recover() {
                Ok(()) => {}
                Err(LogError::Fenced(why)) => return self.inbox.fail(LogError::Fenced(why)),
                Err(error) => return self.inbox.trouble(error),
            }
        }
        if self.awaited.is_empty() {
            return;
        }
        // Answers only when no transaction that carries positions of these partitions is open any more: the former
        // owner's last one is then either in the log or gone.
        match client::committed(&self.consumer, &self.awaited, LOOK) {
            Ok(positions) => {
                let mut assigned: Vec<_> = self.awaited.drain(..).zip(positions).collect();
                assigned.sort();
                self.owned.extend(assigned.iter().map(|(at, _)| at.clone()));
                let known = assigned.iter().filter_map(|(at, position)| Some((at.clone(), (*position)?)));
                self.committed.extend(known);
                self.inbox.change(MemberEvent::Assigned(assigned));
            }
            Err(error) => self.inbox.trouble(error),
        }
    }

    fn resume(&mut self, at: &TopicPartition, from: i64) -> Result<(), LogError> {
        if !self.owned.contains(at) {
            return Ok(());
        }
        self.inbox.purge(at);
        self.consumer
            .seek(&at.topic, at.partition as i32, Offset::Offset(from), client::CALL_TIMEOUT)
            .and_then(|()| if self.held { Ok(()) } else { self.consumer.resume(&client::names([at])) })
            .map_err(|e| failed(&format!("read {at} from {from}"), &e))?;
        self.flowing.insert(at.clone(), from);
        Ok(())
    }

    fn pause(&mut self, at: &TopicPartition) -> Result<(), LogError> {
        if self.flowing.remove(at).is_some() {
            self.inbox.purge(at);
            self.consumer.pause(&client::names([at])).map_err(|e| failed(&format!("pause {at}"), &e))?;
        }
        Ok(())
    }

    fn commit(
        &mut self,
        records: &[(NewRecord, u32)],
        positions: &[(TopicPartition, i64)],
    ) -> Result<Vec<i64>, LogError> {
        if let Some((at, _)) = positions.iter().find(|(at, _)| !self.owned.contains(at)) {
            return Err(LogError::Aborted(format!("{at} does not belong to this member of {}", self.seat.group)));
        }
        // What was decided before a rebalance does not count after it, also where a partition came back: its position was read
        // again meanwhile, and the owner will go on from there.
        if self.inbox.has_changes() {
            let why = format!("the assignment of this member of {} has changed meanwhile", self.seat.group);
            return Err(LogError::Aborted(why));
        }
        let list = client::list(positions.iter().map(|(at, position)| (at, Offset::Offset(*position))))?;
        let Some(group) = self.consumer.group_metadata() else {
            return Err(LogError::Aborted("the group is not joined yet".into()));
        };
        let begun = Instant::now();
        match self.writer.commit(records, list, group) {
            Ok(offsets) => {
                self.committed.extend(positions.iter().cloned());
                Ok(offsets)
            }
            Err(Failure::Rolled(error)) => Err(error),
            Err(Failure::Fenced(why)) if !self.outlived_its_transaction(begun) => {
                self.inbox.fail(LogError::Fenced(why.clone()));
                Err(LogError::Fenced(why))
            }
            Err(Failure::Fenced(why) | Failure::Lost(why)) => {
                self.writer.lose();
                // Nothing more is committed by this assignment. The partitions come back with their true positions:
                // see `settle`.
                let owned: Vec<_> = self.owned.iter().cloned().collect();
                let flowing: Vec<_> = self.flowing.keys().cloned().collect();
                self.trouble_if(self.consumer.pause(&client::names(&flowing)).map_err(|e| failed("pause", &e)));
                self.revoke(owned.clone());
                self.awaited.extend(owned);
                Err(LogError::Unavailable(format!("the outcome of a transaction is unknown: {why}")))
            }
        }
    }

    /// Says whether the writer was fenced by the end of its transaction's time, as of a process that stood still in
    /// the middle of it, and nobody who took its place: nobody else has the name of a member without an instance, and
    /// who takes an instance's place fences its consumer as well.
    fn outlived_its_transaction(&self, begun: Instant) -> bool {
        self.seat.instance.is_none() || begun.elapsed() >= TRANSACTION
    }

    /// Commits past what is no record. The marker of a transaction takes an offset too, and none comes after the last one: a group
    /// that has read everything would stay one behind for ever, for whoever looks at it from outside. What was handed out and is
    /// not committed stays the owner's.
    fn rest(&mut self) {
        if self.rested.elapsed() < REST || self.held || self.inbox.has_changes() || self.writer.is_lost() {
            return;
        }
        self.rested = Instant::now();
        let Ok(reached) = self.consumer.position() else { return };
        let passed = |at: &TopicPartition, wanted: i64| {
            let Some(Offset::Offset(reached)) =
                reached.find_partition(&at.topic, at.partition as i32).map(|found| found.offset())
            else {
                return None;
            };
            let committed = *self.committed.get(at)?;
            (committed >= wanted && reached > committed).then_some(reached)
        };
        let past: Vec<_> =
            self.flowing.iter().filter_map(|(at, wanted)| Some((at.clone(), passed(at, *wanted)?))).collect();
        if past.is_empty() {
            return;
        }
        match self.commit(&[], &past).map(drop) {
            // Nothing of the owner's was in it, so it has nothing to go back to. The next rest tries again.
            Err(LogError::Aborted(why)) => tracing::debug!(group = self.seat.group, why, "positions at rest not moved"),
            committed => self.trouble_if(committed),
        }
    }

    /// Hands the partitions back before the consumer is closed, so that the others need not wait for a time-out.
    fn leave(&mut self) -> Result<(), LogError> {
        self.consumer.unsubscribe();
        let deadline = Instant::now() + LEAVE_WITHIN;
        let assigned = |consumer: &BaseConsumer<Rebalances>| consumer.assignment().is_ok_and(|list| list.count() > 0);
        while assigned(&self.consumer) && Instant::now() < deadline {
            // Records are not wanted any more; this serves the rebalance.
            drop(self.consumer.poll(Duration::from_millis(10)));
        }
        Ok(())
    }

    fn trouble_if(&self, result: Result<(), LogError>) {
        if let Err(error) = result {
            self.inbox.trouble(error);
        }
    }
}

/// Makes the clients and subscribes. Blocks while the transactional id is taken over from whoever had it.
fn join(
    cluster: &KafkaSettings,
    seat: &Seat,
    waker: Sender<Signal>,
    woken: Arc<AtomicBool>,
    pulse: Pulse,
) -> Result<(BaseConsumer<Rebalances>, Writer), LogError> {
    // Only an instance that comes back under its name has an old transaction to end; for others the time-out does.
    let name = seat.instance.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let mut writer = Writer::new(client::producer(cluster, Readers::Anybody), &format!("{}-{name}", seat.group), pulse);
    writer.recover()?;

    let mut config = client::consumer(cluster, Some(&seat.group), Isolation::Committed);
    config.set("group.protocol", "classic");
    // Range gives a member the same partitions of every topic, if their counts are equal: inputs, retries and state
    // stay together.
    config.set("partition.assignment.strategy", "range");
    config.set("session.timeout.ms", "15000");
    // A fetch that waits at the broker delays what is resumed meanwhile; shorter would ask idle brokers more often.
    config.set("fetch.wait.max.ms", "100");
    // Members learn from a heartbeat that the group changes, so its interval is what a takeover waits for.
    config.set("heartbeat.interval.ms", "1000");
    if let Some(instance) = &seat.instance {
        config.set("group.instance.id", instance);
    }
    let mut consumer = BaseConsumer::from_config_and_context(&config, Rebalances::default())
        .map_err(|e| failed("create a client", &e))?;
    consumer.set_nonempty_callback(move || {
        // One wake-up at a time is enough; the thread clears the mark before it polls.
        if !woken.swap(true, Ordering::AcqRel) {
            let _ = waker.send(Signal::Wake);
        }
    });
    let topics: Vec<_> = seat.topics.iter().map(|topic| &**topic).collect();
    consumer.subscribe(&topics).map_err(|e| failed("join the group", &e))?;
    Ok((consumer, writer))
}

/// Changes of the assignment, noted while the consumer is polled.
#[derive(Default)]
struct Rebalances {
    changes: Mutex<Vec<Change>>,
}

enum Change {
    Assigned(Vec<TopicPartition>),
    Revoked(Vec<TopicPartition>),
}

impl Rebalances {
    fn take(&self) -> Vec<Change> {
        std::mem::take(&mut *lock(&self.changes))
    }
}

impl ClientContext for Rebalances {}

impl ConsumerContext for Rebalances {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let partitions = list.elements().iter().map(|e| TopicPartition::new(e.topic(), e.partition() as u32)).collect();
        let result = if error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            lock(&self.changes).push(Change::Assigned(partitions));
            // Nothing is read before the owner resumes, which seeks; a definite offset spares the library a look at
            // the committed one.
            list.set_all_offsets(Offset::Offset(0))
                .and_then(|()| consumer.assign(list))
                .and_then(|()| consumer.pause(list))
        } else {
            lock(&self.changes).push(Change::Revoked(partitions));
            consumer.unassign()
        };
        if let Err(error) = result {
            tracing::error!(%error, "an assignment could not be followed");
        }
    }
}
