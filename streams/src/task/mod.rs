//! The task loop, written once: read, decide, append, apply.
//!
//! `decide` and `apply` are pure. What they need comes in by argument; what they want goes out as values.

mod answers;
mod append;
mod hot;
mod process;
mod queue;
mod restore;
mod run;

pub use append::rows_of;
pub use process::Fault;
pub use restore::ContextFold;
pub use run::{Task, TaskError};
