//! One batch: records in, and out of them one transaction and the rows it makes.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use feira_connectors::{
    log::{LogRecord, TopicPartition},
    state::StateError,
};
use feira_contexts::{Cause, Decider, Decision, DecisionContext, ForeignEvent, Input, Need, Rows, decide};
use feira_schemas::{
    codec::{Codec, CodecError},
    ids::{CommandId, Micros},
    limits,
    records::{
        CommandSet, EventSet, RecordSet,
        common::{EventMeta, InputPosition, Outcome},
    },
    row::{RowKey, Stored, Write},
    rows::common::{Answer, InputProgress},
    topics,
};

use super::{
    answers,
    append::{Appending, Batch, Unfit},
    hot,
    run::Committed,
};
use crate::{
    deadletters::{Stage, dead_letter},
    platform::{Backoff, Platform, header},
    reading::{Unread, read, unreadable},
    waiting::Patient,
};

/// Rounds of looking ahead: an earlier answer, an entity, what the entity names, and one to spare.
const LOOK_AHEAD: usize = 4;

/// What a task knows of a partition it owns.
#[derive(Debug, Clone, Default)]
pub(super) struct Partition {
    /// Next offset of each input topic.
    pub positions: BTreeMap<Arc<str>, i64>,
    /// Of the last own event.
    pub last_write_ts: Micros,
    /// Next own event to apply.
    pub applied: i64,
    /// Translation of foreign tokens.
    pub inputs: Vec<InputProgress>,
    /// Of the progress row, so that a later one always wins.
    pub progress_ts: Micros,
    /// A fault stopped it.
    pub stopped: bool,
}

impl Partition {
    /// One of which nothing is decided; its positions stay where they are.
    pub fn stopped(committed: Committed) -> Self {
        let positions = committed.into_iter().filter_map(|(topic, position)| Some((topic, position?))).collect();
        Self { positions, stopped: true, ..Self::default() }
    }
}

/// Why a partition can't go on: state would differ from the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{at} at offset {offset}: {why}")]
pub struct Fault {
    /// Which input.
    pub at: TopicPartition,
    /// Which record.
    pub offset: i64,
    /// What happened.
    pub why: String,
}

/// Decides one record after the other on one overlay.
pub(super) struct Deciding<'a, D: Decider> {
    pub platform: &'a Platform,
    pub group: &'a str,
    pub rows: &'a mut Rows,
    pub batch: Batch,
    pub decider: std::marker::PhantomData<D>,
}

/// What a context decides on.
type InputOf<D> = Input<<D as Decider>::Command, <D as Decider>::Foreign>;

/// A record that has come, and what it says where that is known already.
pub(super) struct Arrived<D: Decider> {
    pub record: LogRecord,
    /// None: not by the schemas that were known when it came, or not at all. It is looked at again when its turn comes.
    input: Option<InputOf<D>>,
}

impl<D: Decider> Arrived<D> {
    /// Reads it with the schemas that are known.
    pub fn new(record: LogRecord, codec: &Codec) -> Self {
        let read = record.value.as_deref().map(|value| read_input::<D>(&record.at.topic, codec, value));
        let input = read.and_then(Result::ok);
        Self { record, input }
    }

    /// As if its schema were not known yet.
    #[cfg(test)]
    pub fn of_nothing_read(record: LogRecord) -> Self {
        Self { record, input: None }
    }
}

/// What a record of an input topic says.
fn read_input<D: Decider>(topic: &str, codec: &Codec, value: &[u8]) -> Result<InputOf<D>, CodecError> {
    if is_foreign::<D>(topic) {
        D::Foreign::decode(codec, value).map(Input::Foreign)
    } else {
        D::Command::decode(codec, value).map(Input::Command)
    }
}

pub(super) fn is_foreign<D: Decider>(topic: &str) -> bool {
    D::FOREIGN.iter().any(|context| *topic == *topics::events(*context))
}

impl<D: Decider> Deciding<'_, D> {
    /// Decides a record whose turn it is, unless its partition is elsewhere, is stopped, or is past it.
    pub async fn in_turn(
        &mut self,
        arrived: &Arrived<D>,
        partitions: &mut HashMap<u32, Partition>,
    ) -> Result<(), Fault> {
        let record = &arrived.record;
        let Some(partition) = partitions.get_mut(&record.at.partition) else { return Ok(()) };
        let expected = partition.positions.get(&record.at.topic).copied().unwrap_or_default();
        if partition.stopped || record.offset < expected {
            return Ok(());
        }
        self.record(arrived, partition).await
    }

    /// Decides a record and adds what follows from it to the batch. The partition's numbers move with it.
    async fn record(&mut self, arrived: &Arrived<D>, partition: &mut Partition) -> Result<(), Fault> {
        let record = &arrived.record;
        let read_now;
        let input = match &arrived.input {
            Some(input) => Ok(input),
            None => {
                let decode = |codec: &Codec, value: &[u8]| read_input::<D>(&record.at.topic, codec, value);
                read_now = read(self.platform, self.group, record, decode).await;
                read_now.as_ref()
            }
        };
        let fault = |why| Fault { at: record.at.clone(), offset: record.offset, why };
        match input {
            Ok(input) => {
                let context = self.context(record, input, partition);
                self.input(record, input, &context, partition).await.map_err(fault)?;
                if let Input::Foreign(event) = input {
                    note_foreign(partition, &record.at.topic, event.source());
                }
            }
            // Whoever passes over it, or sets it aside, loses it for the program that could have followed it.
            Err(unread @ Unread::Newer { .. }) => return Err(fault(unread.to_string())),
            Err(unread) => self.batch.push(unreadable(self.group, record, &unread.to_string()), None),
        }
        partition.positions.insert(Arc::clone(&record.at.topic), record.offset + 1);
        Ok(())
    }

    /// Loads, all at once, what a batch is going to ask for. Across a network each row alone would cost a round trip; a store in
    /// this process is asked when it comes to it. Whatever this misses is loaded then, too.
    pub async fn look_ahead(&mut self, arrived: &VecDeque<Arrived<D>>, partitions: &HashMap<u32, Partition>) {
        if !self.platform.state.is_shared() {
            return;
        }
        let mut inputs: Vec<(&LogRecord, &InputOf<D>, DecisionContext)> = Vec::with_capacity(arrived.len());
        for Arrived { record, input } in arrived {
            if let (Some(partition), Some(input)) = (partitions.get(&record.at.partition), input) {
                let context = self.context(record, input, partition);
                inputs.push((record, input, context));
            }
        }
        for _ in 0..LOOK_AHEAD {
            let mut needs = Vec::new();
            inputs.retain(|(record, input, context)| match self.need(record, input, context) {
                Some(need) => {
                    needs.push(need);
                    true
                }
                None => false,
            });
            if needs.is_empty() {
                return;
            }
            if self.load(needs).await.is_err() {
                return; // Met again, and dealt with, when the record's turn comes.
            }
        }
    }

    /// What deciding this would ask for next.
    fn need(&self, record: &LogRecord, input: &InputOf<D>, context: &DecisionContext) -> Option<Need> {
        if let Some(key) = earlier_answer_key(record, input, context)
            && let Err(need) = self.rows.get::<D::Answer>(key)
        {
            return Some(need);
        }
        // A panic is met again, and dealt with, when the record's turn comes.
        catch_unwind(AssertUnwindSafe(|| decide::<D>(input, self.rows, context).err())).ok().flatten()
    }

    fn context(&self, record: &LogRecord, input: &InputOf<D>, partition: &Partition) -> DecisionContext {
        let now = self.platform.now().max(partition.last_write_ts + 1);
        let position = InputPosition {
            topic: record.at.topic.to_string(),
            partition: i32::try_from(record.at.partition).unwrap_or_default(),
            offset: record.offset,
        };
        let cause = match input {
            Input::Command(command) => {
                let meta = command.meta();
                Cause {
                    command_id: meta.command_id,
                    tenant_id: meta.tenant_id,
                    actor: meta.actor.clone(),
                    body_hash: meta.body_hash.clone(),
                    input: position,
                }
            }
            Input::Foreign(event) => {
                let meta = event.source();
                Cause {
                    command_id: CommandId::of_event(meta.event_id),
                    tenant_id: meta.tenant_id,
                    actor: format!("system:{}", D::CONTEXT),
                    body_hash: String::new(),
                    input: position,
                }
            }
        };
        DecisionContext { decider: D::CONTEXT, now, cause }
    }

    async fn input(
        &mut self,
        record: &LogRecord,
        input: &InputOf<D>,
        context: &DecisionContext,
        partition: &mut Partition,
    ) -> Result<(), String> {
        let decided = match self.earlier_answer(record, input, context).await {
            Ok(Some(answer)) => {
                let result = answers::again(answer, D::CONTEXT.name(), context);
                let result =
                    self.appending(input, record, context).result(result).map_err(|unfit| unfit.to_string())?;
                self.batch.push(result, None);
                return Ok(());
            }
            Ok(None) => self.decide(input, context).await,
            Err(why) => Err(why),
        };
        let decision = match (decided, input) {
            (Ok(decision), _) => decision,
            (Err(why), Input::Foreign(_)) => return Err(why),
            (Err(why), Input::Command(_)) => {
                tracing::error!(command.id = %context.cause.command_id, tenant.id = %context.cause.tenant_id, %why, "a command could not be decided");
                metrics::counter!("feira_dlq_total", "group" => self.group.to_owned(), "reason" => "handle")
                    .increment(1);
                self.batch.push(dead_letter(record, self.group, Stage::Handle, 2, &why), None);
                answers::failed(context)
            }
        };
        let added = match (self.add(decision, input, context, record, partition), input) {
            (Err(Unfit::TooLarge(error)), Input::Command(_)) => {
                tracing::info!(command.id = %context.cause.command_id, tenant.id = %context.cause.tenant_id, %error, "a command is refused");
                self.add(answers::too_large(context), input, context, record, partition)
            }
            (added, _) => added,
        };
        added.map_err(|unfit| unfit.to_string())
    }

    fn appending<'b>(
        &'b self,
        input: &InputOf<D>,
        record: &'b LogRecord,
        context: &'b DecisionContext,
    ) -> Appending<'b> {
        let most = match input {
            Input::Command(_) => limits::COMMANDED_EVENT_BYTES,
            Input::Foreign(_) => limits::RECORD_BYTES,
        };
        Appending { decider: D::CONTEXT, codec: &self.platform.codec, record, context, most }
    }

    /// Adds what a decision becomes to the batch, and its rows to what later decisions see; nothing of it where it does not fit.
    fn add(
        &mut self,
        decision: Decision<D::Event>,
        input: &InputOf<D>,
        context: &DecisionContext,
        record: &LogRecord,
        partition: &mut Partition,
    ) -> Result<(), Unfit> {
        let last = decision.events.last().map(|event| event.meta().write_ts);
        let batch = self.appending(input, record, context).batch::<D>(decision)?;
        partition.last_write_ts = last.unwrap_or(partition.last_write_ts);
        let keyed = matches!(input, Input::Command(command) if command.meta().keyed);
        // Hardly anybody asks for an answer again that has no key of its own, and each holds a whole entity.
        let is_kept = |write: &&Write| keyed || write.table() != D::Answer::TABLE;
        self.rows.apply(batch.writes.iter().filter(is_kept));
        self.rows.apply_once(batch.writes.iter().filter(|write| !is_kept(write)));
        self.batch.extend(batch);
        Ok(())
    }

    /// Asks for the decision, loading what it needs, until it is done. A panic is tried once more: it may have been the loaded rows.
    async fn decide(&mut self, input: &InputOf<D>, context: &DecisionContext) -> Result<Decision<D::Event>, String> {
        let mut panics = 0;
        loop {
            let rows = &*self.rows;
            match catch_unwind(AssertUnwindSafe(|| decide::<D>(input, rows, context))) {
                Ok(Ok(decision)) => return Ok(decision),
                Ok(Err(need)) => self.load(vec![need]).await?,
                Err(panic) => {
                    panics += 1;
                    if panics == 2 {
                        return Err(panic_text(panic.as_ref()));
                    }
                }
            }
        }
    }

    /// Loads rows, however long the state is away: no record is blamed for that. An error is a row that can't be read.
    async fn load(&mut self, needs: Vec<Need>) -> Result<(), String> {
        let patient = Patient::new(self.platform, self.group);
        let mut backoff = Backoff::default();
        loop {
            match hot::load(self.rows, &self.platform.state, needs.clone()).await {
                Ok(()) => return Ok(()),
                Err(StateError::Unavailable(why)) => patient.wait(&mut backoff, "state", &why).await,
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// The answer that the command got before; that it failed counts for nothing where it was put back to be tried again.
    async fn earlier_answer(
        &mut self,
        record: &LogRecord,
        input: &InputOf<D>,
        context: &DecisionContext,
    ) -> Result<Option<Answer>, String> {
        let Some(key) = earlier_answer_key(record, input, context) else { return Ok(None) };
        loop {
            match self.rows.get::<D::Answer>(key.clone()) {
                Ok(None) => return Ok(None),
                Ok(Some(row)) => {
                    let answer: Answer = D::Answer::clone(&row).into();
                    let again = is_put_back(record) && answer.outcome == Outcome::Failed;
                    return Ok((answers::remembered(&answer, context) && !again).then_some(answer));
                }
                Err(need) => self.load(vec![need]).await?,
            }
        }
    }
}

/// Where the answer to a command lies that may have been decided before: one with an id made of an `Idempotency-Key`, or any
/// that was put back from the dead letters. An id of ours that comes for the first time needs no look.
fn earlier_answer_key<C: CommandSet, F>(
    record: &LogRecord,
    input: &Input<C, F>,
    context: &DecisionContext,
) -> Option<RowKey> {
    let Input::Command(command) = input else { return None };
    let may_be_known = command.meta().keyed || is_put_back(record);
    may_be_known.then(|| Answer::key(context.cause.tenant_id, context.cause.command_id))
}

fn is_put_back(record: &LogRecord) -> bool {
    header(record, "__retry.redrive").is_some()
}

/// Moves the translation of a foreign context's tokens: up to its event, own events up to now.
pub(super) fn note_foreign(partition: &mut Partition, topic: &str, meta: &EventMeta) {
    let Some(context) = topic.strip_suffix(".events") else { return };
    let note =
        InputProgress { context: context.to_owned(), decided_ts: meta.write_ts, own_ts: partition.last_write_ts };
    match partition.inputs.iter_mut().find(|input| input.context == context) {
        Some(input) => *input = note,
        None => partition.inputs.push(note),
    }
}

pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into())
}

/// Writes rows, and then the progress that says that they are there, however long the state is away.
pub(super) async fn write_rows(
    platform: &Platform,
    group: &str,
    rows: Vec<Write>,
    progress: Vec<Write>,
) -> Result<(), StateError> {
    Patient::new(platform, group).state(|| platform.state.write_in_order(&rows, &progress)).await
}

/// The progress of a partition as a row.
pub(super) fn progress_write<D: Decider>(group: &str, at: u32, partition: &mut Partition, now: Micros) -> Write
where
    D::Progress: Stored,
{
    partition.progress_ts = now.max(partition.progress_ts + 1);
    let progress = feira_schemas::rows::common::Progress {
        consumer: group.to_owned(),
        partition: i64::from(at),
        applied: partition.applied,
        write_ts: partition.last_write_ts,
        inputs: partition.inputs.clone(),
    };
    Write::put(D::Progress::from(progress), partition.progress_ts)
}
