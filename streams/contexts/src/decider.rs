//! The trait of a context, and the functions by which it is asked.

use std::fmt::Debug;

use feira_schemas::{
    codec::{Codec, CodecError},
    groups::Context,
    problem::Refusal,
    records::{CommandSet, EventSet, common::EventMeta},
    row::{Stored, Write},
    rows::common::{Answer, Progress, Timer},
};

use crate::{Decision, DecisionContext, Need, Owning, Rows, Shown};

/// A context: what it takes, what it says, and the two pure functions between.
pub trait Decider: Send + Sync + 'static {
    /// The context's name and number.
    const CONTEXT: Context;
    /// Contexts whose events are inputs; [`Self::Foreign`] reads those of each.
    const FOREIGN: &'static [Context];
    /// The context's entities that have a subject, a line for each kind: keys of those that do not come to be are erased.
    const OWNING: &'static [Owning];
    /// Commands to it.
    type Command: CommandSet;
    /// The events that the context says.
    type Event: EventSet;
    /// The foreign events it understands.
    type Foreign: ForeignEvent;
    /// The row of an answer.
    type Answer: Stored + From<Answer> + Into<Answer>;
    /// The row of a timer that waits.
    type Timer: Stored + From<Timer> + Into<Timer>;
    /// The row of a processor's progress.
    type Progress: Stored + From<Progress> + Into<Progress>;

    /// Decides upon an input. Callers go through [`decide`], which answers what it refuses.
    fn decide(
        input: &Input<Self::Command, Self::Foreign>,
        rows: &Rows,
        context: &DecisionContext,
    ) -> Decided<Self::Event>;

    /// The rows that an event makes, beside those of answers and timers, which all contexts have: at most one write per row,
    /// absolute values only.
    fn apply(event: &Self::Event) -> Vec<Write>;

    /// The rows that an event makes in tables that lie by the partition of the context's events, as timers do: at most one write per
    /// row, absolute values only.
    fn of_partition(event: &Self::Event, partition: u32) -> Vec<Write>;

    /// The entity that an answer by this event shows; `None` where the event is no entity's.
    fn shown(event: &Self::Event) -> Option<Shown>;

    /// Kafka key of the event; `None` keeps the input record's key.
    fn key(event: &Self::Event) -> Option<String>;
}

/// Work that is the same for every context; [`for_context`](crate::for_context) has it done for one.
pub trait ForContext {
    /// The result of the work.
    type Output;

    /// Does it for the context of this type.
    fn run<D: Decider>(self) -> Self::Output;
}

/// Asks a context to decide. A refusal is a decision: nothing changes, and it answers the command. Rows that are not loaded yet
/// come back as a [`Need`]; the caller loads them and asks again.
///
/// A timer is decided once: what comes of it clears it, here, whatever the context has made of it. Of a foreign event a refusal says
/// that nothing can be made: nobody asked, so nobody is answered, and whoever reads the log sets the event aside with the refusal's words.
pub fn decide<D: Decider>(
    input: &Input<D::Command, D::Foreign>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Decision<D::Event>, Need> {
    let decided = D::decide(input, rows, context);
    let mut decision = match (decided, input) {
        (Ok(decision), _) => decision,
        (Err(Stop::Need(need)), _) => return Err(need),
        // Nobody asked, so nobody is answered.
        (Err(Stop::Refuse(_)), Input::Timer(_)) => Decision::new(context),
        (Err(Stop::Refuse(refusal)), Input::Foreign(_)) => Decision::set_aside(context, &refusal),
        (Err(Stop::Refuse(refusal)), _) => Decision::refuse(context, *refusal),
    };
    if let Input::Timer(timer) = input {
        decision.clear_unless_ended(timer.timer_key());
    }
    Ok(decision)
}

/// A decision on events of type `E`, or why there is none.
pub type Decided<E> = Result<Decision<E>, Stop>;

/// The reason for which a decision ends early: `?` hands it up.
#[derive(Debug)]
pub enum Stop {
    /// Rows must be loaded first; the decision is then asked for again.
    Need(Need),
    /// The command is refused, or nothing can be made of the foreign event. Boxed, since rows that are found are what most calls return.
    Refuse(Box<Refusal>),
}

impl From<Need> for Stop {
    fn from(need: Need) -> Self {
        Self::Need(need)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(Box::new(refusal))
    }
}

/// The input that a context decides upon.
#[derive(Debug, Clone)]
pub enum Input<C, F> {
    /// Somebody asks for a change.
    Command(C),
    /// Another context says what happened.
    Foreign(F),
    /// A timer that the context has set is due. Its entity is to be looked at again: where it has moved on, nothing follows.
    Timer(Timer),
}

/// A foreign event: enough to read it, and to know whether it is newer than what was decided before.
pub trait ForeignEvent: Sized + Send + Sync + Clone + Debug + 'static {
    /// Reads a value of this context's events. The same record of two contexts is told apart by whose topic it stands on.
    fn read(context: Context, codec: &Codec, value: &[u8]) -> Result<Self, CodecError>;

    /// The common fields of its own context's events.
    fn source(&self) -> &EventMeta;
}

impl<E: EventSet> ForeignEvent for E {
    fn read(_: Context, codec: &Codec, value: &[u8]) -> Result<Self, CodecError> {
        E::decode(codec, value)
    }

    fn source(&self) -> &EventMeta {
        self.meta()
    }
}

/// For contexts without foreign inputs: no such event exists.
#[derive(Debug, Clone)]
pub enum NoForeign {}

impl ForeignEvent for NoForeign {
    fn read(_: Context, codec: &Codec, value: &[u8]) -> Result<Self, CodecError> {
        let name = codec.open(value)?.name().to_owned();
        Err(CodecError::NotInSet { name, set: "NoForeign" })
    }

    fn source(&self) -> &EventMeta {
        match *self {}
    }
}
