//! Effects: what is done outside of Feira because an event says so.
//!
//! An effect stands beside decide and apply, never in them: it reads events, does what they name, and says what came of it by a
//! command. It is done at least once, so what it does and what it says must bear being done twice.
//!
//! Gateways that move money have a runner of their own ([`gateways`]), which asks for a grant before each attempt and begins with rows.
//! Of the others, an [`Effect`] says what an event wants and how that is attempted. The [`Runner`] does the rest for all of them: shops take
//! turns, what may pass is attempted again, and what is left to do is found by the group's position, which waits for the lowest event with
//! something unfinished, or by the open rows of a partition ([`Open`]).

mod away;
mod beginning;
pub mod domains;
mod effect;
pub mod gateways;
pub mod images;
pub mod mails;
mod opening;
mod queue;
pub mod removed;
mod runner;
mod said;
pub mod sweep;

pub use away::Away;
pub use beginning::{Open, OpenPage};
pub use effect::{Attempted, Effect, Errand, Named, Wanted};
pub use runner::{EffectError, Runner};
