//! The definition of a context (its name, number, records and Avro files), which the context's own module of records gives.

use super::{erasing::Erasing, sets::AnySet};

/// The definition of a context.
pub(crate) struct Definition {
    /// The context's name in topics, keyspaces, roles and folders.
    pub(crate) name: &'static str,
    /// The context's number, from which the ids of its events and commands are derived: never changed, never given again.
    pub(crate) number: u32,
    /// True if the key of its records is the shop's id.
    pub(crate) keyed_by_shop: bool,
    /// The work of a process with the context's role, as the command line's help and the README say it.
    pub(crate) does: &'static str,
    /// The set of the context's commands, and the set of its events.
    pub(crate) sets: [AnySet; 2],
    /// The hand-written Avro files of its folder, one per named type: (full name, text of the file).
    pub(crate) avro: &'static [(&'static str, &'static str)],
    /// The context's events that erase subjects, a line each.
    pub(crate) erasing: &'static [Erasing],
}
