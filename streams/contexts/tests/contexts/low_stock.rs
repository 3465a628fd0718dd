//! Variants that run low: in the shop, counted, and with few pieces on hand.

use std::collections::BTreeMap;

use feira_contexts::{Decider, store::Store};
use feira_schemas::{
    limits,
    records::{
        StoreEvent,
        admin::{Product, Variant},
        catalogue::ProductStatus,
        store::{Stock, StockChanged},
    },
    row::{RowKey, Write},
    rows::store::LowStockRow,
};
use serde_json::Value;

use crate::{
    given::{Change, Given, SHOP, Then, given, gone, product_id, put, variant_id},
    listings::{changed, deleted, listed, listing, product, unlisted, variant},
    stock::{low, row, set, stock},
};

/// Pieces with which a variant runs low, and one more.
const FEW: i64 = limits::LOW_STOCK;
const ENOUGH: i64 = FEW + 1;

/// A product in the shop whose variant has this stock and is not said to run low.
fn in_shop(stock: Stock) -> Given<Store> {
    given(row(stock)).and(listed(listing(7)))
}

/// One whose variant is said to run low with this stock.
fn running_low(stock: Stock) -> Given<Store> {
    given(low(&stock)).and(row(stock)).and(listed(listing(7)))
}

fn ended() -> Change {
    gone::<LowStockRow>(LowStockRow::at(SHOP, product_id(1), variant_id(1)))
}

/// Checks that the first event says this of a variant that nobody asked for.
#[track_caller]
fn says(then: &Then<Store>, stock: &Stock, low: bool, was_low: bool) {
    let meta = then.meta(0, stock.variant_id, stock.version);
    let said: StoreEvent =
        StockChanged { meta, stock: stock.clone(), on_hand_before: None, reason: None, low, was_low }.into();
    assert_eq!(then.all().first(), Some(&said));
}

/// Checks that a variant that ran low does so no more, by an event before the one that unlists its product.
#[track_caller]
fn ends_with_its_listing(then: &Then<Store>) {
    says(then, &stock(4, 2), false, true);
    assert!(matches!(then.all(), [StoreEvent::StockChanged(_), StoreEvent::ProductUnlisted(_)]), "{then:?}");
    assert_eq!(then.changes()[..2], [put(row(stock(4, 2))), ended()]);
}

#[test]
fn f23_a_variant_runs_low_from_so_many_pieces_down_until_it_has_more() {
    let then = in_shop(stock(3, 9)).when(set(ENOUGH));
    then.rows([put(row(stock(4, ENOUGH)))]);
    let then = then.then().when(set(FEW));
    then.rows([put(row(stock(5, FEW))), put(low(&stock(5, FEW)))]);
    let then = then.then().when(set(1));
    then.rows([put(row(stock(6, 1))), put(low(&stock(6, 1)))]);
    let then = then.then().when(set(ENOUGH));
    then.rows([put(row(stock(7, ENOUGH))), ended()]);
    let then = then.then().when(set(ENOUGH + 1));
    then.rows([put(row(stock(8, ENOUGH + 1)))]);
}

#[test]
fn f23_a_variant_that_is_counted_no_more_does_not_run_low() {
    let uncounted = Product { variants: vec![Variant { tracked: false, ..variant(1, None) }], ..product(5) };
    let then = running_low(stock(3, 2)).when_said(changed(uncounted));
    says(&then, &Stock { tracked: false, ..stock(4, 2) }, false, true);
    assert_eq!(then.changes()[1], ended());
    let counted = then.then().when_said(changed(product(6)));
    says(&counted, &stock(5, 2), true, false);
    assert_eq!(counted.changes()[1], put(low(&stock(5, 2))));
}

#[test]
fn f23_a_variant_whose_product_leaves_the_shop_does_not_run_low() {
    let draft = Product { status: ProductStatus::Draft, ..product(5) };
    ends_with_its_listing(&running_low(stock(3, 2)).when_said(changed(draft)));
    ends_with_its_listing(&running_low(stock(3, 2)).when_said(deleted(product(6))));
}

#[test]
fn f23_a_variant_that_its_product_has_no_more_does_not_run_low() {
    let other = Product { variants: vec![variant(2, Some(ENOUGH))], ..product(5) };
    let then = running_low(stock(3, 2)).when_said(changed(other));
    let [StoreEvent::StockChanged(first), StoreEvent::StockChanged(gone), StoreEvent::ProductListed(_)] = then.all()
    else {
        panic!("{then:?}")
    };
    assert_eq!((first.stock.variant_id, first.low, first.was_low), (variant_id(2), false, false));
    assert_eq!((&gone.stock, gone.low, gone.was_low), (&stock(4, 2), false, true));
    assert!(then.changes().contains(&ended()), "{then:?}");
}

#[test]
fn f23_a_variant_runs_low_as_its_product_comes_into_the_shop() {
    let then = given::<Store>(row(stock(3, 2))).and(unlisted(listing(7))).when_said(changed(product(5)));
    says(&then, &stock(4, 2), true, false);
    assert_eq!(then.changes()[..2], [put(row(stock(4, 2))), put(low(&stock(4, 2)))]);
    let again = then.then().when_said(changed(product(6)));
    assert!(matches!(again.event(), StoreEvent::ProductListed(_)), "nothing is said twice: {again:?}");
}

#[test]
fn f23_what_no_event_has_said_yet_is_said_with_the_next_one_of_the_product_or_the_stock() {
    says(&in_shop(stock(3, 2)).when_said(changed(product(5))), &stock(4, 2), true, false);
    let then = in_shop(stock(3, 2)).when(set(1));
    then.rows([put(row(stock(4, 1))), put(low(&stock(4, 1)))]);
}

#[test]
fn f23_stock_of_what_is_not_in_the_shop_is_no_matter() {
    for away in [given::<Store>(row(stock(3, 9))), given(row(stock(3, 9))).and(unlisted(listing(7)))] {
        away.when(set(0)).rows([put(row(stock(4, 0)))]);
    }
}

/// The rows that events make, of which the state keeps the one with the last time.
fn folded<'a>(events: impl Iterator<Item = &'a StoreEvent>) -> BTreeMap<(&'static str, RowKey), (i64, Option<Value>)> {
    let mut rows: BTreeMap<_, (i64, Option<Value>)> = BTreeMap::new();
    for write in events.flat_map(Store::apply) {
        let (place, at) = ((write.table().name, write.key()), write.write_ts());
        let row = match &write {
            Write::Put { row, .. } => Some(row.to_json().unwrap()),
            Write::Delete { .. } => None,
        };
        if rows.get(&place).is_none_or(|(before, _)| *before < at) {
            rows.insert(place, (at, row));
        }
    }
    rows
}

#[test]
fn f23_a_second_fold_of_the_events_lists_the_same() {
    let mut events = Vec::new();
    let mut decided = |then: Then<Store>| {
        events.extend_from_slice(then.all());
        then.then()
    };
    let state = decided(given::<Store>(row(stock(3, 9))).when_said(changed(product(1))));
    let state = decided(state.when(set(FEW)));
    let state = decided(state.when(set(ENOUGH)));
    let state = decided(state.when(set(0)));
    let low_at = ("low_stock", LowStockRow::at(SHOP, product_id(1), variant_id(1)));
    let once = folded(events.iter());
    assert!(once[&low_at].1.is_some(), "{once:?}");
    assert_eq!(once, folded(events.iter().chain(&events)));
    assert_eq!(once, folded(events.iter().rev()));

    let mut decided = |then: Then<Store>| {
        events.extend_from_slice(then.all());
        then.then()
    };
    decided(state.when_said(deleted(product(1))));
    let without = folded(events.iter());
    assert!(without[&low_at].1.is_none(), "{without:?}");
    assert_eq!(without, folded(events.iter().chain(&events)));
}
