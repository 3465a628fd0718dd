//! Effects: what is done outside of Feira because an event says so.
//!
//! An effect stands beside decide and apply, never in them: it reads events, does what they name, and says what came of it by a
//! command. It is done at least once, so what it does and what it says must bear being done twice.

pub mod pictures;
pub mod removed;
