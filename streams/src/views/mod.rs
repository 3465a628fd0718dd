//! Views: consumer groups over one context's events, each rebuildable from the log. Buyers and merchants read them.

pub mod audit;
mod fold_or_park;
mod parking;
mod partition;
mod positions;
mod processor;
mod readers;
mod removed;
mod run;
pub mod search;
pub mod storefront;
mod try_parked;
mod view;

pub use processor::ViewProcessor;
pub use readers::Readers;
pub use view::{FoldError, Prepared, View, ViewError};

use feira_schemas::ids::Micros;

/// An event and where it lies.
#[derive(Debug, Clone)]
pub struct Placed<E> {
    /// The event of the record.
    pub event: E,
    /// The record it came in.
    pub record: feira_connectors::log::LogRecord,
}

/// The place up to which a view shows a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// Next offset that is not shown yet.
    pub offset: i64,
    /// `write_ts` of the last event that is.
    pub write_ts: Micros,
}

impl Shown {
    /// The one that is less far.
    fn or_earlier(self, other: Self) -> Self {
        if other.offset < self.offset { other } else { self }
    }
}
