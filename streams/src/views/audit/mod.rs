//! Audit: who changed what and when. A row says where the event of a change lies; what was before and after is read from the log.

mod changed;
mod changed_payments;
mod changed_stock;
mod fold;
mod told;

pub use fold::AuditView;
pub use told::Told;

/// An entity, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The kind of the entity, as answers name it.
    pub kind: &'static str,
    /// The entity.
    pub entity_id: String,
    /// One of [`action`](feira_schemas::rows::audit::action).
    pub action: &'static str,
    /// The actor, as in the command.
    pub actor: String,
}
