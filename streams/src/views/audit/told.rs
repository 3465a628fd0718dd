//! The contexts whose events are told, each by a group of its own: a shop's history goes on with what others say while one is away.

use feira_schemas::{
    groups,
    records::{AdminEvent, EventSet, PaymentsEvent, StoreEvent},
    topics::Context,
};

use super::{Changed, changed, changed_payments, changed_stock};

/// Events of a context that tell who changed what.
pub trait Told: EventSet {
    /// The group that reads them.
    const GROUP: &'static str;
    /// The context.
    const OF: Context;

    /// The entity that the event changes; `None` where it is nobody's to look at.
    fn changed(&self) -> Option<Changed>;
}

impl Told for AdminEvent {
    const GROUP: &'static str = groups::AUDIT.name;
    const OF: Context = Context::Admin;

    fn changed(&self) -> Option<Changed> {
        changed::changed(self)
    }
}

impl Told for PaymentsEvent {
    const GROUP: &'static str = groups::AUDIT_PAYMENTS.name;
    const OF: Context = Context::Payments;

    fn changed(&self) -> Option<Changed> {
        changed_payments::changed(self)
    }
}

impl Told for StoreEvent {
    const GROUP: &'static str = groups::AUDIT_STORE.name;
    const OF: Context = Context::Store;

    fn changed(&self) -> Option<Changed> {
        changed_stock::changed(self)
    }
}
