//! A context that a test makes up: the directory's in name, records and rows, with a `decide` of its own. Tests of other crates
//! include this file as well.

use std::marker::PhantomData;

use feira_contexts::{Decided, Decider, DecisionContext, Input, NoForeign, Owning, Rows, Shown};
use feira_schemas::{
    groups::Context,
    records::{DirectoryCommand, DirectoryEvent},
    row::Write,
    rows::directory::{AnswerRow, ProgressRow, TimerRow},
};

/// The part of a context that a test makes up.
pub trait Decides: Send + Sync + 'static {
    /// Decides upon an input, without a look at rows.
    fn decide(input: &Input<DirectoryCommand, NoForeign>, context: &DecisionContext) -> Decided<DirectoryEvent>;
}

/// The context that decides so. Its events make no rows but those of answers and timers, and show nothing.
#[derive(Debug)]
pub struct MadeUp<T>(PhantomData<fn() -> T>);

impl<T: Decides> Decider for MadeUp<T> {
    const CONTEXT: Context = Context::Directory;
    const FOREIGN: &'static [Context] = &[];
    const OWNING: &'static [Owning] = &[];
    type Command = DirectoryCommand;
    type Event = DirectoryEvent;
    type Foreign = NoForeign;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(
        input: &Input<DirectoryCommand, NoForeign>,
        _: &Rows,
        context: &DecisionContext,
    ) -> Decided<DirectoryEvent> {
        T::decide(input, context)
    }

    fn apply(_: &DirectoryEvent) -> Vec<Write> {
        Vec::new()
    }

    fn of_partition(_: &DirectoryEvent, _: u32) -> Vec<Write> {
        Vec::new()
    }

    fn shown(_: &DirectoryEvent) -> Option<Shown> {
        None
    }

    fn key(_: &DirectoryEvent) -> Option<String> {
        None
    }
}
