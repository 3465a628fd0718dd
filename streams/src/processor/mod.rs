//! The processor of a context, written once: read, decide, append, apply.
//!
//! `decide` and `apply` are pure. What they need comes in by argument; what they want goes out as values.

mod answers;
mod append;
mod due;
mod error;
mod hot;
mod input;
mod jump;
mod partition;
mod queue;
mod restore;
mod run;
#[cfg(test)]
mod tests;
mod timers;
mod transaction;

pub use append::rows_of;
pub use error::{Fault, ProcessorError};
pub use restore::ContextFold;
pub use run::Processor;
