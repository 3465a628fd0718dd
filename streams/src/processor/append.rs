//! The outcome of a decision: the records that are appended, and the rows that its events make. All of it, or
//! nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feira_connectors::log::{LogRecord, NewRecord};
use feira_contexts::{Decider, Decision, DecisionContext};
use feira_schemas::{
    codec::{Codec, CodecError},
    ids::Micros,
    limits,
    records::{
        EventSet, Outgoing, RecordSet, ResultRecord,
        common::{CommandResult, EventMeta, TimerEvent, TimerKey},
    },
    row::Write,
    rows::common::{Answer, Timer},
    time::rfc3339,
    topics::{self, Context},
};

use super::{answers::answer_of, timers::TimerChange};
use crate::{
    panics::panic_text,
    platform::{CloudEvent, header, new_record},
};

/// Records of one transaction, and the rows they make.
#[derive(Default)]
pub(super) struct Batch {
    /// The records to append, in order.
    pub records: Vec<NewRecord>,
    /// For each record, the partition whose own event it is, if it is one.
    pub events: Vec<Option<u32>>,
    /// The writes of rows, made once the records are committed.
    pub writes: Vec<Write>,
    /// The timers that the events set and clear.
    pub timers: Vec<TimerChange>,
    /// The due times of the timers that were decided.
    pub fired: Vec<Micros>,
    /// Bytes of the records' values and the rows, near enough.
    pub bytes: usize,
}

impl Batch {
    /// Adds a record to append, and its bytes.
    pub fn push(&mut self, record: NewRecord, event_of: Option<u32>) {
        self.bytes += record.value.as_ref().map_or(0, bytes::Bytes::len);
        self.records.push(record);
        self.events.push(event_of);
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Self) {
        self.records.extend(other.records);
        self.events.extend(other.events);
        self.writes.extend(other.writes);
        self.timers.extend(other.timers);
        self.fired.extend(other.fired);
        self.bytes += other.bytes;
    }

    /// True if an event of the batch has cleared this timer already.
    pub fn has_ended(&self, timer: TimerKey) -> bool {
        self.timers.iter().any(|change| change.ended == Some(timer))
    }
}

/// A decision that can't be appended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    /// A record would be larger than a topic takes. A command is refused for it.
    #[error("{0}")]
    TooLarge(CodecError),
    /// A fault of ours: going on without it would make the state differ from the log.
    #[error("{0}")]
    Broken(String),
}

impl From<CodecError> for Unfit {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::TooLarge { .. } => Self::TooLarge(error),
            other => Self::Broken(other.to_string()),
        }
    }
}

/// The records that are appended because of one record, and the instant at which it was decided.
pub(super) struct Appending<'a> {
    /// The context that decided.
    pub decider: Context,
    /// The codec that writes the values.
    pub codec: &'a Codec,
    /// The record that was decided.
    pub record: &'a LogRecord,
    /// The decision's context: clock, cause and ids.
    pub context: &'a DecisionContext,
    /// The largest value of an event: less for a command than a topic takes, so that what another context says because of
    /// the event fits as well.
    pub most: usize,
}

impl Appending<'_> {
    /// A decision's events with their rows, its answer, and its commands.
    pub fn batch<D: Decider>(&self, decision: Decision<D::Event>) -> Result<Batch, Unfit> {
        let mut batch = Batch::default();
        let at = self.record.at.partition;
        for event in decision.events {
            let answer = answer_of::<D>(&event, at);
            let writes = writes_of::<D>(&event, answer.clone(), at);
            batch.writes.extend(writes.map_err(|why| Unfit::Broken(format!("apply failed: {why}")))?);
            let record = self.event::<D>(&event)?;
            // Its rows say what it says, and what the answer says.
            batch.bytes += record.value.as_ref().map_or(0, bytes::Bytes::len);
            batch.bytes += answer.as_ref().and_then(|answer| answer.body.as_ref()).map_or(0, String::len);
            batch.push(record, Some(at));
            batch.timers.extend(event.as_timer().map(|timer| TimerChange::of(timer, at)));
            if let Some(answer) = answer {
                batch.push(self.result(answer.into_result(self.decider.name()))?, None);
            }
        }
        for command in &decision.commands {
            batch.push(self.command(command)?, None);
        }
        Ok(batch)
    }

    fn event<D: Decider>(&self, event: &D::Event) -> Result<NewRecord, Unfit> {
        let value = event.encode(self.codec)?;
        if value.len() > self.most {
            return Err(Unfit::TooLarge(CodecError::TooLarge { name: event.record_name(), bytes: value.len() }));
        }
        let EventMeta { event_id, occurred_at, aggregate_id, .. } = event.meta();
        let cloud_event = self.cloud_event(event_id.to_string(), event.record_name(), *occurred_at);
        let cloud_event = CloudEvent { subject: aggregate_id, ..cloud_event };
        let key = D::key(event).unwrap_or_else(|| String::from_utf8_lossy(&self.record.key).into_owned());
        let mut appended = new_record(topics::events(self.decider), &key, value, cloud_event);
        // The partition of the input, not of the key: the two agree unless somebody wrote to the wrong partition by hand.
        appended.partition = Some(self.record.at.partition);
        Ok(appended)
    }

    fn command(&self, command: &Outgoing) -> Result<NewRecord, Unfit> {
        let meta = command.meta();
        let value = command.encode(self.codec)?;
        let tenant = meta.tenant_id.to_string();
        let cloud_event = self.cloud_event(meta.command_id.to_string(), command.record_name(), meta.issued_at);
        let cloud_event = CloudEvent { subject: &tenant, ..cloud_event };
        Ok(new_record(topics::commands(command.context), &command.key, value, cloud_event))
    }

    /// The answer to a command. An entity that would not fit into it is left out: its row has it, and who waits reads it there.
    pub fn result(&self, mut result: CommandResult) -> Result<NewRecord, Unfit> {
        result.body = result.body.filter(|body| body.len() <= limits::ANSWER_BODY_BYTES);
        let (tenant, command) = (result.tenant_id.to_string(), result.command_id.to_string());
        let result = ResultRecord::CommandResult(result);
        let value = result.encode(self.codec)?;
        let cloud_event = self.cloud_event(command.clone(), result.record_name(), self.context.now);
        let cloud_event = CloudEvent { subject: &command, ..cloud_event };
        Ok(new_record(topics::results(self.decider), &tenant, value, cloud_event))
    }

    fn cloud_event(&self, id: String, kind: &'static str, time: Micros) -> CloudEvent<'_> {
        let traceparent = header(self.record, "traceparent");
        CloudEvent { id, source: self.decider.name(), kind, time: rfc3339(time), subject: "", traceparent }
    }
}

/// Every row that an own event of this partition makes, those of answers and timers included: what a rebuild writes. An error says why
/// `apply` failed.
pub fn rows_of<D: Decider>(event: &D::Event, partition: u32) -> Result<Vec<Write>, String> {
    writes_of::<D>(event, answer_of::<D>(event, partition), partition)
}

/// The rows of an event: the context's own, the answer's where it gives one, and those of timers, which are its partition's.
pub(super) fn writes_of<D: Decider>(
    event: &D::Event,
    answer: Option<Answer>,
    partition: u32,
) -> Result<Vec<Write>, String> {
    let applied = catch_unwind(AssertUnwindSafe(|| [D::apply(event), D::of_partition(event, partition)].concat()));
    let mut writes = applied.map_err(|panic| panic_text(panic.as_ref()))?;
    if let Some(answer) = answer {
        let write_ts = answer.write_ts;
        writes.push(Write::put(D::Answer::from(answer), write_ts));
    }
    if let Some(timer) = event.as_timer() {
        let write_ts = event.meta().write_ts;
        if let TimerEvent::Set(set) = timer {
            writes.push(Write::put(D::Timer::from(Timer::of(set, partition)), write_ts));
        }
        let gone = timer.ended().map(|ended| Timer::at(partition, &ended));
        writes.extend(gone.map(|key| Write::delete::<D::Timer>(key, write_ts)));
    }
    Ok(writes)
}
