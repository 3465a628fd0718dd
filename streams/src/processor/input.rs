//! Inputs of a context: commands to it, other contexts' events, and its own timers that are due.

use feira_connectors::log::LogRecord;
use feira_contexts::{Decider, DecisionContext, ForeignEvent, Input};
use feira_schemas::{
    codec::{Codec, CodecError},
    groups::Context,
    records::{CommandSet, RecordSet},
    row::RowKey,
    rows::common::Answer,
    topics,
};

use crate::deadletters::is_put_back;

/// The input that a context decides on.
pub(super) type InputOf<D> = Input<<D as Decider>::Command, <D as Decider>::Foreign>;

/// A record that has come, and what it says where that is known already.
pub(super) struct Arrived<D: Decider> {
    pub record: LogRecord,
    /// None: not by the schemas that were known when it came, or not at all. It is looked at again when its turn comes.
    pub input: Option<InputOf<D>>,
}

impl<D: Decider> Arrived<D> {
    /// Reads it with the schemas that are known.
    pub fn new(record: LogRecord, codec: &Codec) -> Self {
        let read = record.value.as_deref().map(|value| read_input::<D>(&record, codec, value));
        let input = read.and_then(Result::ok);
        Self { record, input }
    }

    /// True of a timer, which no topic holds.
    pub fn is_timer(&self) -> bool {
        matches!(self.input, Some(Input::Timer(_)))
    }

    /// An arrived record as if its schema were not known yet.
    #[cfg(test)]
    pub fn of_nothing_read(record: LogRecord) -> Self {
        Self { record, input: None }
    }
}

/// Decodes a record of an input topic. A foreign event that was set aside, and put back from the dead letters, lies among the commands.
pub(super) fn read_input<D: Decider>(
    record: &LogRecord,
    codec: &Codec,
    value: &[u8],
) -> Result<InputOf<D>, CodecError> {
    let foreign = |context| <D::Foreign as ForeignEvent>::read(context, codec, value).map(Input::Foreign);
    if let Some(context) = foreign_of::<D>(&record.at.topic) {
        return foreign(context);
    }
    match D::Command::decode(codec, value) {
        Err(error @ CodecError::NotInSet { .. }) if is_put_back(record) => {
            D::FOREIGN.iter().find_map(|context| foreign(*context).ok()).ok_or(error)
        }
        command => command.map(Input::Command),
    }
}

/// The other context whose events a topic holds; none if it holds the context's own commands.
pub(super) fn foreign_of<D: Decider>(topic: &str) -> Option<Context> {
    D::FOREIGN.iter().copied().find(|context| *topic == *topics::events(*context))
}

/// The key of the answer to a command that may have been decided before: one with an id made of an `Idempotency-Key`,
/// or any that was put back from the dead letters. An id of ours that comes for the first time needs no look.
pub(super) fn earlier_answer_key<C: CommandSet, F>(
    record: &LogRecord,
    input: &Input<C, F>,
    context: &DecisionContext,
) -> Option<RowKey> {
    let Input::Command(command) = input else { return None };
    let may_be_known = command.meta().keyed || is_put_back(record);
    may_be_known.then(|| Answer::key(context.cause.tenant_id, context.cause.command_id))
}
