//! Contexts: what each decides upon a command or a foreign event, and the rows that its events make.
//!
//! All of it is pure. Clock, ids and rows come in by argument; what should happen goes out as values. A processor
//! (`feira-streams`) reads, loads, appends and writes.

pub mod admin;
mod answered;
mod decider;
mod decision;
pub mod directory;
mod expected;
pub mod mails;
mod owning;
pub mod payments;
mod rows;
pub mod signup;
pub mod store;

pub use answered::entity_and_body;
pub use decider::{Decided, Decider, ForContext, ForeignEvent, Input, NoForeign, Stop, decide};
pub use decision::{Cause, Decision, DecisionContext, EntityVersion, NewTimer, Shown};
pub use owning::Owning;
pub use rows::{Known, Need, NotKept, Place, RowCache, Rows};

use feira_schemas::groups::Context;

/// Does some work for a context, with the type that decides for it.
pub fn for_context<W: ForContext>(context: Context, work: W) -> W::Output {
    match context {
        Context::Directory => work.run::<directory::Directory>(),
        Context::Admin => work.run::<admin::Admin>(),
        Context::Store => work.run::<store::Store>(),
        Context::Payments => work.run::<payments::Payments>(),
        Context::Signup => work.run::<signup::Signup>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_context_has_its_own_decider() {
        struct Name;
        impl ForContext for Name {
            type Output = Context;
            fn run<D: Decider>(self) -> Context {
                D::CONTEXT
            }
        }
        for context in Context::ALL {
            assert_eq!(for_context(context, Name), context);
        }
    }
}
