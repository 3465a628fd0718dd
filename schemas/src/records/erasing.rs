//! The events that erase: whoever puts an older copy of the keyring back lays them over it, so that none of the keys that it still has
//! opens again.

use crate::{
    codec::{CodecError, Encoded},
    ids::TenantId,
    sealed::Subject,
};

/// A type of event that erases subjects. Each context names its own in its definition.
#[derive(Clone, Copy)]
pub struct Erasing {
    /// The record's Avro full name.
    pub name: &'static str,
    /// Reads whose keys such an event has erased.
    pub erased: fn(&Encoded<'_>) -> Result<Erased, CodecError>,
}

/// The subjects that an event has erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The shop, or the platform.
    pub tenant_id: TenantId,
    /// The subjects.
    pub subjects: Vec<Subject>,
}
