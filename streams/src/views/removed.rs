//! A look at the rows of an event's context: was the event's entity removed after it?
//!
//! A parked record may be tried long after, or put back by an operator. What is there now has a version that tells; of what is
//! gone a view keeps nothing, but the rows of its own source do.

use feira_connectors::state::{State, StateError};
use feira_schemas::{
    records::{AdminEvent, EventSet, StoreEvent},
    rows::{admin, store},
};

/// Looks up an entity of the store's events: true if it was removed after this one.
pub(super) async fn from_shop(state: &State, event: &StoreEvent) -> Result<bool, StateError> {
    let tenant = event.meta().tenant_id;
    match event {
        StoreEvent::ProductListed(event) => {
            let listing = &event.listing;
            let row = state.get::<store::ListingRow>(&store::ListingRow::at(tenant, listing.product_id)).await?;
            Ok(row.is_some_and(|row| !row.listed && row.listing.version > listing.version))
        }
        StoreEvent::CategoryListed(event) => {
            let key = store::CategoryRow::at(tenant, event.category.category_id);
            Ok(state.get::<store::CategoryRow>(&key).await?.is_none())
        }
        _ => Ok(false),
    }
}

/// Looks up an entity of admin's events: true if it was removed after this one.
pub(super) async fn from_panel(state: &State, event: &AdminEvent) -> Result<bool, StateError> {
    let tenant = event.meta().tenant_id;
    match event {
        AdminEvent::ProductChanged(event) => {
            let key = admin::ProductRow::at(tenant, event.product.product_id);
            Ok(state.get::<admin::ProductRow>(&key).await?.is_none())
        }
        AdminEvent::CategoryChanged(event) => {
            let key = admin::CategoryRow::at(tenant, event.category.category_id);
            Ok(state.get::<admin::CategoryRow>(&key).await?.is_none())
        }
        _ => Ok(false),
    }
}
