//! The scan for what people typed: no store, file or log line of a test's Feira has a value of a person of the test in clear, as typed,
//! normalised or encoded, and of whom was erased no copy opens.
//!
//! `people` makes the people, `forms` every way in which a text of theirs may stand, `scanner` finds these in bytes, `copies` finds
//! sealed values and opens them, `stores` goes through all that is kept, and `quoting` is a gateway that repeats what it was sent.

pub mod copies;
mod forms;
pub mod people;
pub mod quoting;
mod scanner;
mod stores;

pub use people::{Person, Typed};
pub use scanner::{Find, Scanner};
pub use stores::{Look, cached, files, of_node, shards};
