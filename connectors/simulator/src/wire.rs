//! What an ordered fault makes of a call on the wire, for every face alike.

use std::time::Duration;

use crate::{
    core::faults::Effect,
    exchange::{Fate, Reply},
};

/// How a face answers that something failed, and that too many calls came.
pub(crate) struct Failures {
    /// The reply of status 500.
    pub(crate) internal: fn() -> Reply,
    /// The reply of status 429, with the seconds to wait.
    pub(crate) too_many: fn(u32) -> Reply,
}

impl Failures {
    /// The reply of a call that is not to be done.
    pub(crate) fn before(&self, effect: Effect) -> Option<Reply> {
        match effect {
            Effect::HangBefore => Some((self.internal)().but(Fate::Silent)),
            Effect::DropBefore => Some((self.internal)().but(Fate::Dropped)),
            Effect::ErrorBefore => Some((self.internal)()),
            Effect::TooMany { retry_after } => Some((self.too_many)(retry_after)),
            _ => None,
        }
    }

    /// What the caller sees of a call that was done.
    pub(crate) fn after(&self, effect: Option<Effect>, reply: Reply) -> Reply {
        match effect {
            Some(Effect::Slow { millis }) => reply.but(Fate::Late(Duration::from_millis(millis))),
            Some(Effect::HangAfter) => reply.but(Fate::Silent),
            Some(Effect::DropAfter) => reply.but(Fate::Dropped),
            Some(Effect::ErrorAfter) => (self.internal)(),
            _ => reply,
        }
    }
}
