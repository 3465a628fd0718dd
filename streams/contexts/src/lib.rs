//! Contexts: what each decides upon a command or a foreign event, and the rows that its events make.
//!
//! All of it is pure. Clock, ids and rows come in by argument; what should happen goes out as values. A processor
//! (`feira-streams`) reads, loads, appends and writes.

pub mod admin;
mod decider;
mod decision;
pub mod directory;
mod rows;
pub mod store;

pub use decider::{Decided, Decider, ForeignEvent, Input, NoForeign, Stop, decide};
pub use decision::{Cause, Decision, DecisionContext, EntityVersion};
pub use rows::{Known, Need, NotKept, Place, RowCache, Rows};
