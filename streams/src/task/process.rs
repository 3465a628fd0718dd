//! One batch: records in, and out of them one transaction and the rows it makes.

use std::{
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use feira_connectors::{
    log::{LogRecord, TopicPartition},
    state::StateError,
};
use feira_schemas::{
    codec::CodecError,
    ids::{CommandId, Micros},
    limits,
    records::{
        CommandSet, EventSet, RecordSet,
        common::{EventMeta, InputPosition, Outcome},
    },
    row::{Row, RowKey, Write},
    rows::common::{Answer, InputProgress},
    topics,
};

use super::{
    Decider, Decision, ForeignEvent, Input, Need, Rows, answers,
    append::{Appending, Batch, Unfit},
    decision::{Cause, Moment},
    run::Committed,
};
use crate::{
    deadletter::{Stage, dead_letter},
    health::Doing,
    platform::{Backoff, Platform, header},
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

/// A record after decoding.
enum Decoded<D: Decider> {
    Input(InputOf<D>),
    Unreadable(String),
}

impl<D: Decider> Deciding<'_, D> {
    /// Decides a record and adds what follows from it to the batch. The partition's numbers move with it.
    pub async fn record(&mut self, record: &LogRecord, partition: &mut Partition) -> Result<(), Fault> {
        let fault = |why: String| Fault { at: record.at.clone(), offset: record.offset, why };
        match self.decode(record).await {
            Decoded::Input(input) => {
                let moment = self.moment(record, &input, partition);
                self.input(record, &input, &moment, partition).await.map_err(fault)?;
                if let Input::Foreign(event) = &input {
                    note_foreign(partition, &record.at.topic, event.source());
                }
            }
            Decoded::Unreadable(why) => {
                tracing::warn!(topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "unreadable record");
                self.count_dead_letter("decode");
                self.batch.push(dead_letter(record, self.group, Stage::Decode, 1, &why), None);
            }
        }
        partition.positions.insert(Arc::clone(&record.at.topic), record.offset + 1);
        Ok(())
    }

    /// Loads, all at once, what a batch is going to ask for. Across a network each row alone would cost a round trip; a store in
    /// this process is asked when it comes to it. Whatever this misses is loaded then, too.
    pub async fn look_ahead(&mut self, records: &[LogRecord], partitions: &HashMap<u32, Partition>) {
        if !self.platform.state.is_shared() {
            return;
        }
        let mut inputs: Vec<(&LogRecord, InputOf<D>, Moment)> = Vec::with_capacity(records.len());
        for record in records {
            if let (Some(partition), Some(Ok(input))) = (partitions.get(&record.at.partition), self.read(record)) {
                let moment = self.moment(record, &input, partition);
                inputs.push((record, input, moment));
            }
        }
        for _ in 0..LOOK_AHEAD {
            let mut needs = Vec::new();
            inputs.retain(|(record, input, moment)| match self.need(record, input, moment) {
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
    fn need(&self, record: &LogRecord, input: &InputOf<D>, moment: &Moment) -> Option<Need> {
        if let Some(key) = earlier_answer_key(record, input, moment)
            && let Err(need) = self.rows.get::<D::Answer>(key)
        {
            return Some(need);
        }
        // A panic is met again, and dealt with, when the record's turn comes.
        catch_unwind(AssertUnwindSafe(|| D::decide(input, self.rows, moment).err())).ok().flatten()
    }

    /// Reads a record. An unknown schema id is the record's fault only while the registry still knows ours.
    async fn decode(&self, record: &LogRecord) -> Decoded<D> {
        let mut backoff = Backoff::default();
        loop {
            let Some(read) = self.read(record) else { return Decoded::Unreadable("a record without value".into()) };
            match read {
                Ok(input) => return Decoded::Input(input),
                Err(CodecError::UnknownSchema(id)) => match self.platform.learn_schema(id).await {
                    Ok(true) => {}
                    Ok(false) if self.platform.registry_verifies().await => {
                        return Decoded::Unreadable(CodecError::UnknownSchema(id).to_string());
                    }
                    Ok(false) => self.wait(&mut backoff, "registry", &"it has lost schemas that it had").await,
                    Err(error) => self.wait(&mut backoff, "registry", &error).await,
                },
                Err(error) => return Decoded::Unreadable(error.to_string()),
            }
        }
    }

    /// Reads a record with the schemas that are known; none of it where it has no value.
    fn read(&self, record: &LogRecord) -> Option<Result<InputOf<D>, CodecError>> {
        let value = record.value.as_deref()?;
        let foreign = D::FOREIGN.iter().any(|context| *record.at.topic == *topics::events(*context));
        Some(if foreign {
            D::Foreign::decode(&self.platform.codec, value).map(Input::Foreign)
        } else {
            D::Command::decode(&self.platform.codec, value).map(Input::Command)
        })
    }

    fn moment(&self, record: &LogRecord, input: &InputOf<D>, partition: &Partition) -> Moment {
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
        Moment { now, cause }
    }

    async fn input(
        &mut self,
        record: &LogRecord,
        input: &InputOf<D>,
        moment: &Moment,
        partition: &mut Partition,
    ) -> Result<(), String> {
        let decided = match self.earlier_answer(record, input, moment).await {
            Ok(Some(answer)) => {
                let result = answers::again(answer, D::CONTEXT.name(), moment);
                let result = self.appending(input, record, moment).result(result).map_err(|unfit| unfit.to_string())?;
                self.batch.push(result, None);
                return Ok(());
            }
            Ok(None) => self.decide(input, moment).await,
            Err(why) => Err(why),
        };
        let decision = match (decided, input) {
            (Ok(decision), _) => decision,
            (Err(why), Input::Foreign(_)) => return Err(why),
            (Err(why), Input::Command(_)) => {
                tracing::error!(command.id = %moment.cause.command_id, tenant.id = %moment.cause.tenant_id, %why, "a command could not be decided");
                self.count_dead_letter("handle");
                self.batch.push(dead_letter(record, self.group, Stage::Handle, 2, &why), None);
                answers::failed(moment)
            }
        };
        let added = match (self.add(decision, input, moment, record, partition), input) {
            (Err(Unfit::TooLarge(error)), Input::Command(_)) => {
                tracing::info!(command.id = %moment.cause.command_id, tenant.id = %moment.cause.tenant_id, %error, "a command is refused");
                self.add(answers::too_large(moment), input, moment, record, partition)
            }
            (added, _) => added,
        };
        added.map_err(|unfit| unfit.to_string())
    }

    fn appending<'b>(&'b self, input: &InputOf<D>, record: &'b LogRecord, moment: &'b Moment) -> Appending<'b> {
        let most = match input {
            Input::Command(_) => limits::COMMANDED_EVENT_BYTES,
            Input::Foreign(_) => limits::RECORD_BYTES,
        };
        Appending { context: D::CONTEXT, codec: &self.platform.codec, record, moment, most }
    }

    /// Adds what a decision becomes to the batch, and its rows to what later decisions see; nothing of it where it does not fit.
    fn add(
        &mut self,
        decision: Decision<D::Event>,
        input: &InputOf<D>,
        moment: &Moment,
        record: &LogRecord,
        partition: &mut Partition,
    ) -> Result<(), Unfit> {
        let last = decision.events.last().map(|event| event.meta().write_ts);
        let batch = self.appending(input, record, moment).batch::<D>(decision)?;
        partition.last_write_ts = last.unwrap_or(partition.last_write_ts);
        self.rows.apply(&batch.writes);
        self.batch.extend(batch);
        Ok(())
    }

    fn count_dead_letter(&self, reason: &'static str) {
        metrics::counter!("feira_dlq_total", "group" => self.group.to_owned(), "reason" => reason).increment(1);
    }

    /// Asks for the decision, loading what it needs, until it is done. A panic is tried once more: it may have been the loaded rows.
    async fn decide(&mut self, input: &InputOf<D>, moment: &Moment) -> Result<Decision<D::Event>, String> {
        let mut panics = 0;
        loop {
            let rows = &*self.rows;
            match catch_unwind(AssertUnwindSafe(|| D::decide(input, rows, moment))) {
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
        let mut backoff = Backoff::default();
        loop {
            match self.rows.load(&self.platform.state, &needs).await {
                Ok(()) => return Ok(()),
                Err(StateError::Unavailable(why)) => self.wait(&mut backoff, "state", &why).await,
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Waits for a dependency that is down, and says so.
    async fn wait(&self, backoff: &mut Backoff, what: &str, error: &(dyn std::fmt::Display + Sync)) {
        tracing::warn!(%error, group = self.group, "waiting for the {what}");
        self.platform.health.report(self.group, Doing::Waiting(format!("{what}: {error}")), self.platform.now());
        backoff.wait().await;
    }

    /// The answer that the command got before; that it failed counts for nothing where it was put back to be tried again.
    async fn earlier_answer(
        &mut self,
        record: &LogRecord,
        input: &InputOf<D>,
        moment: &Moment,
    ) -> Result<Option<Answer>, String> {
        let Some(key) = earlier_answer_key(record, input, moment) else { return Ok(None) };
        loop {
            match self.rows.get::<D::Answer>(key.clone()) {
                Ok(None) => return Ok(None),
                Ok(Some(row)) => {
                    let answer: Answer = D::Answer::clone(&row).into();
                    let again = is_put_back(record) && answer.outcome == Outcome::Failed;
                    return Ok((answers::remembered(&answer, moment) && !again).then_some(answer));
                }
                Err(need) => self.load(vec![need]).await?,
            }
        }
    }
}

/// Where the answer to a command lies that may have been decided before: one with an id made of an `Idempotency-Key`, or any
/// that was put back from the dead letters. An id of ours that comes for the first time needs no look.
fn earlier_answer_key<C: CommandSet, F>(record: &LogRecord, input: &Input<C, F>, moment: &Moment) -> Option<RowKey> {
    let Input::Command(command) = input else { return None };
    let may_be_known = command.meta().keyed || is_put_back(record);
    may_be_known.then(|| Answer::key(moment.cause.tenant_id, moment.cause.command_id))
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
    let mut backoff = Backoff::default();
    loop {
        match platform.state.write_in_order(&rows, &progress).await {
            Ok(()) => return Ok(()),
            Err(StateError::Unavailable(why)) => {
                tracing::warn!(%why, group, "waiting for the state");
                let waiting = crate::health::Doing::Waiting(format!("state: {why}"));
                platform.health.report(group, waiting, platform.now());
                backoff.wait().await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The progress of a partition as a row.
pub(super) fn progress_write<D: Decider>(group: &str, at: u32, partition: &mut Partition, now: Micros) -> Write
where
    D::Progress: Row,
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
