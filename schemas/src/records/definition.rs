//! What a context is, as its own module of records says it.

use super::sets::AnySet;

/// What a context is.
pub(crate) struct Definition {
    /// Its name in topics, keyspaces, roles and folders.
    pub(crate) name: &'static str,
    /// Its number among all contexts that there will be, for what is derived per context: never changed, never given again.
    pub(crate) number: u32,
    /// True if the key of its records is the shop's id.
    pub(crate) keyed_by_shop: bool,
    /// What a process with its role does, for the command line's help and README.
    pub(crate) does: &'static str,
    /// Its commands and its events.
    pub(crate) sets: [AnySet; 2],
    /// The hand-written Avro files of its folder, one per named type: (full name, text of the file).
    pub(crate) avro: &'static [(&'static str, &'static str)],
}
