//! Whether an entity was removed after one of its events, by the rows of the context that says so.
//!
//! A parked record may be tried long after, or put back by an operator. What is there now has a version that tells; of what is
//! gone a view keeps nothing, but the rows of its own source do.

use feira_connectors::state::{State, StateError};
use feira_schemas::{
    records::{AdminEvent, EventSet, StoreEvent},
    rows::{admin, store},
};

/// Of the store's events.
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

/// Of admin's events.
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
