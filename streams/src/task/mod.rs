//! The task loop, written once: read, decide, append, apply.
//!
//! `decide` and `apply` are pure. What they need comes in by argument; what they want goes out as values.

mod answers;
mod append;
mod decision;
mod process;
mod queue;
mod restore;
mod rows;
mod run;

pub use append::rows_of;
pub use decision::{Cause, Decision, Draft, Moment};
pub use process::Fault;
pub use restore::ContextFold;
pub use rows::{Need, Rows};
pub use run::{Task, TaskError};

use feira_schemas::{
    codec::{Codec, CodecError},
    records::{
        CommandSet, EventSet, RecordSet,
        common::{CommandAnswered, EventMeta},
    },
    row::{Stored, Write},
    rows::common::{Answer, Progress},
    topics::Context,
};

/// A context: what it takes, what it says, and the two pure functions between.
pub trait Decider: Send + Sync + 'static {
    /// Which one.
    const CONTEXT: Context;
    /// Contexts whose events are inputs.
    const FOREIGN: &'static [Context];
    /// What it is asked.
    type Command: CommandSet;
    /// What it says.
    type Event: EventSet;
    /// The foreign events it understands.
    type Foreign: RecordSet + ForeignEvent;
    /// Its answers' table.
    type Answer: Stored + From<Answer> + Into<Answer>;
    /// Its progress' table.
    type Progress: Stored + From<Progress> + Into<Progress>;

    /// What happens because of an input. Rows that are not loaded yet come back as a [`Need`]; the loop loads them and asks again.
    fn decide(
        input: &Input<Self::Command, Self::Foreign>,
        rows: &Rows,
        moment: &Moment,
    ) -> Result<Decision<Self::Event>, Need>;

    /// The rows that an event makes. At most one write per row, absolute values only.
    fn apply(event: &Self::Event) -> Vec<Write>;

    /// The entity as JSON for the answer that this event gives.
    fn answer_body(event: &Self::Event) -> Option<String>;

    /// The refusal, where the event is one: a command that changed nothing.
    fn refusal(event: &Self::Event) -> Option<&CommandAnswered>;

    /// The key under which an event lies. None: it does not say; it lies under the key of the record that it comes from.
    fn key(event: &Self::Event) -> Option<String>;
}

/// What a task decides on.
#[derive(Debug, Clone)]
pub enum Input<C, F> {
    /// Somebody asks for a change.
    Command(C),
    /// Another context says what happened.
    Foreign(F),
}

/// A foreign event: enough to know whether it is newer than what was decided before.
pub trait ForeignEvent {
    /// What it carries of its own context's events.
    fn source(&self) -> &EventMeta;
}

impl<E: EventSet> ForeignEvent for E {
    fn source(&self) -> &EventMeta {
        self.meta()
    }
}

/// For contexts without foreign inputs: no such event exists.
#[derive(Debug, Clone)]
pub enum NoForeign {}

impl RecordSet for NoForeign {
    const NAMES: &'static [&'static str] = &[];
    fn record_name(&self) -> &'static str {
        match *self {}
    }
    fn encode(&self, _: &Codec) -> Result<Vec<u8>, CodecError> {
        match *self {}
    }
    fn decode(codec: &Codec, value: &[u8]) -> Result<Self, CodecError> {
        let name = codec.open(value)?.name().to_owned();
        Err(CodecError::NotInSet { name, set: "NoForeign" })
    }
}

impl ForeignEvent for NoForeign {
    fn source(&self) -> &EventMeta {
        match *self {}
    }
}
