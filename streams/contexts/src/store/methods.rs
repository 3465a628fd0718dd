//! Ways in which a shop's buyers pay, and what a product says of them otherwise. A shop's stand in the shop; a product's are kept beside
//! its listing, since they may come before it and stay while it is not listed.

use feira_schemas::{
    ids::ProductId,
    records::{
        StoreEvent,
        admin::{ProductMethodChanged, ProductMethodRemoved, ShopMethodChanged, ShopMethodRemoved},
        payments::PaymentMethod,
        store::{ListedMethod, Listing, ProductMethods, ProductMethodsChanged},
    },
    rows::store::{ListingRow, ProductMethodsRow},
};

use super::{listing, shop};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows};

pub(super) fn of_shop_changed(
    event: &ShopMethodChanged,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<StoreEvent> {
    let method = &event.method;
    let (version, active, terms) = (method.version, method.active, method.terms);
    let said = ListedMethod { method: method.method, version, active, terms };
    shop::change(rows, context, |shop| put(&mut shop.methods, said))
}

pub(super) fn of_shop_removed(
    event: &ShopMethodRemoved,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<StoreEvent> {
    shop::change(rows, context, |shop| remove(&mut shop.methods, event.method.method))
}

pub(super) fn of_product_changed(
    event: &ProductMethodChanged,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<StoreEvent> {
    let method = &event.method;
    let (version, active, terms) = (method.version, method.active, method.terms);
    let said = ListedMethod { method: method.method, version, active, terms };
    change(method.product_id, rows, context, |methods| put(methods, said))
}

pub(super) fn of_product_removed(
    event: &ProductMethodRemoved,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<StoreEvent> {
    change(event.method.product_id, rows, context, |methods| remove(methods, event.method.method))
}

/// What a product says of methods.
pub(super) fn of_product(
    product: ProductId,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Vec<ListedMethod>, Need> {
    let row = rows.get::<ProductMethodsRow>(ProductMethodsRow::at(context.cause.tenant_id, product))?;
    Ok(row.map(|row| row.product.methods.clone()).unwrap_or_default())
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
        listing::list(&mut decision, listing, Vec::new());
    }
    Ok(decision)
}

/// Takes what is said of a method, unless what is known of it is as new.
fn put(methods: &mut Vec<ListedMethod>, said: ListedMethod) {
    match methods.iter_mut().find(|known| known.method == said.method) {
        Some(known) => {
            if known.version < said.version {
                *known = said;
            }
        }
        None => methods.push(said),
    }
}

fn remove(methods: &mut Vec<ListedMethod>, method: PaymentMethod) {
    methods.retain(|known| known.method != method);
}
