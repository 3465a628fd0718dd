//! Ways in which a shop's buyers pay. They stand in the shop.

use feira_schemas::{
    ids::ProductId,
    records::{
        StoreEvent,
        admin::{ShopMethodChanged, ShopMethodRemoved},
        payments::PaymentMethod,
        store::ListedMethod,
    },
    rows::store::ProductMethodsRow,
};

use super::shop;
use crate::{Decided, DecisionContext, Need, Rows};

pub(super) fn changed(event: &ShopMethodChanged, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let method = &event.method;
    let (version, active, terms) = (method.version, method.active, method.terms);
    let said = ListedMethod { method: method.method, version, active, terms };
    shop::change(rows, context, |shop| put(&mut shop.methods, said))
}

pub(super) fn removed(event: &ShopMethodRemoved, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    shop::change(rows, context, |shop| remove(&mut shop.methods, event.method.method))
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

/// Takes what is said of a method, unless what is known of it is as new.
pub(super) fn put(methods: &mut Vec<ListedMethod>, said: ListedMethod) {
    match methods.iter_mut().find(|known| known.method == said.method) {
        Some(known) => {
            if known.version < said.version {
                *known = said;
            }
        }
        None => methods.push(said),
    }
}

/// Forgets what is said of a method.
pub(super) fn remove(methods: &mut Vec<ListedMethod>, method: PaymentMethod) {
    methods.retain(|known| known.method != method);
}
