//! What a product says of payment methods otherwise than its shop. It is kept beside the listing, since it may come before it and stays
//! while the product is not listed.

use feira_schemas::{
    ids::ProductId,
    records::{
        StoreEvent,
        admin::{ProductMethodChanged, ProductMethodRemoved},
        store::{ListedMethod, Listing, ProductMethods, ProductMethodsChanged},
    },
    rows::store::{ListingRow, ProductMethodsRow},
};

use super::{listing, low::Turned, methods};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Rows};

pub(super) fn changed(event: &ProductMethodChanged, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let method = &event.method;
    let (version, active, terms) = (method.version, method.active, method.terms);
    let said = ListedMethod { method: method.method, version, active, terms };
    change(method.product_id, rows, context, |known| methods::put(known, said))
}

pub(super) fn removed(event: &ProductMethodRemoved, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    change(event.method.product_id, rows, context, |known| methods::remove(known, event.method.method))
}

/// Changes what a product says, and lists it again where it is listed.
fn change(
    product_id: ProductId,
    rows: &Rows,
    context: &DecisionContext,
    edit: impl FnOnce(&mut Vec<ListedMethod>),
) -> Decided<StoreEvent> {
    let tenant = context.cause.tenant_id;
    let row = rows.get::<ProductMethodsRow>(ProductMethodsRow::at(tenant, product_id))?;
    let listing = rows.get::<ListingRow>(ListingRow::at(tenant, product_id))?;
    let unsaid = ProductMethods { product_id, version: 0, methods: Vec::new() };
    let before = row.map_or(unsaid, |row| row.product.clone());
    let mut product = before.clone();
    edit(&mut product.methods);
    let mut decision = Decision::new(context);
    if product == before {
        return Ok(decision);
    }
    product.version += 1;
    let methods = product.methods.clone();
    let entity = EntityVersion::new(format!("product_methods:{product_id}"), product.version);
    decision.event(entity, |meta| ProductMethodsChanged { meta, product });
    if let Some(row) = listing.filter(|row| row.listed) {
        let listing = Listing { version: row.listing.version + 1, methods, ..row.listing.clone() };
        listing::list(&mut decision, listing, Vec::new(), Turned::default());
    }
    Ok(decision)
}
