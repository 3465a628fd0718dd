//! The trait of a view, as the loop runs it.

use std::{collections::BTreeMap, future::Future, time::Duration};

use feira_connectors::{log::LogError, state::StateError};
use feira_schemas::{ids::TenantId, records::EventSet, topics::Context};

use super::Shown;

/// The error that ended a view.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The log refused, or another process took the partitions.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The state refused a row: the tables are not those of this program.
    #[error(transparent)]
    State(#[from] StateError),
    /// The view itself can't go on.
    #[error("{0}")]
    Broken(String),
}

/// A batch that was not folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// One record is to blame; the others can be folded without it.
    #[error("offset {offset}: {why}")]
    Record {
        /// The record's offset.
        offset: i64,
        /// The reason, in words.
        why: String,
    },
    /// The view can't go on.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// The effect of one event, made before anything is written.
pub struct Prepared<T> {
    /// The offset of the event's record, in the topic that it comes from.
    pub offset: i64,
    /// True if the record was parked: no position may leave it out, and what is shown may be newer.
    pub parked: bool,
    /// The tenant whose view the event changes.
    pub tenant: TenantId,
    /// The entity's version after the event.
    pub version: i64,
    /// `write_ts` of the event.
    pub write_ts: i64,
    /// The change that the event makes to the view.
    pub effect: T,
}

/// A fold of one context's events into something that is read. Its unit is one entity's row or document.
pub trait View: Send + Sync + 'static {
    /// Consumer group, and the name of its marks.
    const GROUP: &'static str;
    /// The keyspace of what it keeps of its way; several groups may share one.
    const KEPT_IN: &'static str;
    /// The context whose events are folded.
    const SOURCE: Context;
    /// The type of those events.
    type Event: EventSet;
    /// The type of the change that an event makes to the view.
    type Effect: Clone + Send + Sync;

    /// Names the folder in which this view keeps what it shows, if that is nowhere else: what another process folded is not
    /// there, so positions are this folder's own.
    fn folder(&self) -> Option<String>;
    /// A partition is this process' from now on, beginning at this position.
    fn take(&mut self, partition: u32, from: Shown) -> impl Future<Output = Result<(), ViewError>> + Send;
    /// A partition is another's.
    fn lose(&mut self, partition: u32);
    /// Makes an event's effect. Pure; an error or a panic is this record's alone.
    fn prepare(event: &Self::Event) -> Result<Self::Effect, String>;
    /// True if the event's entity was removed after it, as its context's own rows have it, which are at least as new.
    /// Asked for parked records alone: any other comes in order.
    fn removed(&self, event: &Self::Event) -> impl Future<Output = Result<bool, StateError>> + Send;
    /// The part of an effect that is left where the event's entity was removed after it.
    fn of_removed(effect: Self::Effect) -> Self::Effect;
    /// Folds what events of one partition do, in order; `seen` is the position after them. Waits while a dependency is down.
    fn fold(
        &mut self,
        partition: u32,
        prepared: &[Prepared<Self::Effect>],
        seen: Shown,
    ) -> impl Future<Output = Result<(), FoldError>> + Send;
    /// Makes readable what is due, and says how far each partition is.
    fn settle(&mut self) -> impl Future<Output = Result<BTreeMap<u32, Shown>, ViewError>> + Send;
    /// Makes durable what parked records did; false if it could not be, and then they are to be folded again.
    fn flush(&mut self) -> impl Future<Output = Result<bool, ViewError>> + Send;
    /// True if positions may be kept: not while something below them would be missed after a crash.
    fn may_keep(&self) -> bool;
    /// Partitions of which something folded was lost, each with the position to fold it again from.
    fn lost(&mut self) -> BTreeMap<u32, Shown>;
    /// The time until `settle` has something to do again, at the latest.
    fn due_in(&self) -> Option<Duration>;
    /// The process stops: what is folded is made durable.
    fn close(&mut self) -> impl Future<Output = Result<(), ViewError>> + Send;
}
