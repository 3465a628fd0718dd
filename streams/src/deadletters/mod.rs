//! Dead letters: a record that can't be worked on goes, with key, value and headers unchanged, to `<group>.dlq`.
//!
//! A letter stays on its topic. That it was put back or set aside is said by a *note*, a record without value beside it,
//! so that the topic alone tells the whole story.

mod dealt;
mod letter;
mod note;
mod place;

pub(crate) use dealt::is_put_back;
pub use dealt::{DeadLetters, LetterError, PutBack, waiting};
pub(crate) use letter::undecidable;
pub use letter::{IN_PLACE, Stage, dead_letter, parked, said};
pub use place::Place;
