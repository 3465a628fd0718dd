//! Stock of a variant.

use feira_contexts::{Decider, store::Store};
use feira_schemas::{
    limits,
    problem::Code,
    records::{
        StoreEvent,
        common::{CommandMeta, Outcome},
        store::{AdjustStock, SetStock, Shop, ShopStatus, Stock, StockChanged},
    },
    rows::store::{ListingRow, LowStockRow, ShopRow, StockRow},
};
use serde_json::json;

use crate::{
    given::{Given, SHOP, Then, asked, asked_for_version, given, nothing, product_id, put, variant_id},
    listings::{listed, listed_as, listing, shop},
};

pub fn stock(version: i64, on_hand: i64) -> Stock {
    Stock { product_id: product_id(1), variant_id: variant_id(1), version, on_hand, settled: true, tracked: true }
}

pub fn row(stock: Stock) -> StockRow {
    StockRow { tenant_id: SHOP, stock }
}

/// The row of a variant that was said to run low when it had this stock.
pub fn low(stock: &Stock) -> LowStockRow {
    LowStockRow::new(SHOP, stock.product_id, stock.variant_id, stock.on_hand)
}

fn with(stock: Stock) -> Given<Store> {
    given(row(stock))
}

pub fn set(on_hand: i64) -> SetStock {
    SetStock { meta: asked(), product_id: product_id(1), variant_id: variant_id(1), on_hand, reason: None }
}

fn adjust(adjust: i64) -> AdjustStock {
    AdjustStock { meta: asked(), product_id: product_id(1), variant_id: variant_id(1), adjust, reason: None }
}

/// Checks that the only event answers with this stock.
#[track_caller]
fn is_now(then: &Then<Store>, stock: &Stock) {
    let meta = then.answering(0, stock.variant_id, stock.version, Outcome::Updated);
    let on_hand_before = before(then);
    let changed = StockChanged { meta, stock: stock.clone(), on_hand_before, reason: None, low: false, was_low: false };
    then.events([changed.into()]).rows([put(row(stock.clone()))]);
}

/// The pieces that the first event says were on hand.
fn before(then: &Then<Store>) -> Option<i64> {
    match then.all().first() {
        Some(StoreEvent::StockChanged(event)) => event.on_hand_before,
        other => panic!("{other:?}"),
    }
}

/// Checks that an event answers with this stock, with which the variant runs low, and that the card then says whether it can be bought.
#[track_caller]
fn turns(then: &Then<Store>, stock: &Stock, available: bool) {
    let mut card = listing(8);
    card.variants[0].available = available;
    let meta = then.answering(0, stock.variant_id, stock.version, Outcome::Updated);
    let on_hand_before = before(then);
    let changed = StockChanged { meta, stock: stock.clone(), on_hand_before, reason: None, low: true, was_low: false };
    let listed_again = listed_as(then.meta(1, product_id(1), 8), card.clone());
    then.events([changed.into(), listed_again]);
    let card = ListingRow { tenant_id: SHOP, listed: true, listing: card };
    then.rows([put(row(stock.clone())), put(low(stock)), put(card)]);
}

fn shop_that_is(status: ShopStatus) -> ShopRow {
    ShopRow { tenant_id: SHOP, shop: Shop { status, ..shop() } }
}

#[test]
fn stock_of_a_variant_that_nothing_is_known_of_is_set() {
    let then = nothing::<Store>().when(set(5));
    is_now(&then, &stock(1, 5));
    let body =
        json!({"product_id": product_id(1), "variant_id": variant_id(1), "on_hand": 5, "tracked": true, "version": 1});
    assert_eq!(then.body(), body);
}

#[test]
fn stock_is_set_to_zero_where_nothing_was_known() {
    is_now(&nothing::<Store>().when(set(0)), &stock(1, 0));
}

#[test]
fn stock_is_set_whatever_it_was() {
    is_now(&with(stock(3, 9)).when(set(2)), &stock(4, 2));
}

#[test]
fn stock_that_is_set_to_what_it_is_stays_unchanged() {
    let body = with(stock(3, 9)).when(set(9)).unchanged().unwrap();
    assert_eq!((&body["on_hand"], &body["version"]), (&json!(9), &json!(3)));
}

#[test]
fn a_reason_is_kept_where_the_number_stays_as_it_is() {
    let reason = Some("Contagem de junho".to_owned());
    let set = with(stock(3, 9)).when(SetStock { reason: reason.clone(), ..set(9) });
    let adjusted = with(stock(3, 9)).when(AdjustStock { reason: reason.clone(), ..adjust(0) });
    for then in [set, adjusted] {
        let meta = then.answering(0, variant_id(1), 4, Outcome::Updated);
        let (stock, on_hand_before, reason) = (stock(4, 9), Some(9), reason.clone());
        let changed = StockChanged { meta, stock: stock.clone(), on_hand_before, reason, low: false, was_low: false };
        then.events([changed.into()]).rows([put(row(stock))]);
    }
}

#[test]
fn stock_that_only_adjustments_made_is_settled_by_setting_it_to_the_same() {
    let then = with(Stock { settled: false, ..stock(3, 9) }).when(set(9));
    is_now(&then, &stock(4, 9));
}

#[test]
fn stock_of_a_variant_that_is_not_counted_stays_uncounted() {
    let then = with(Stock { tracked: false, ..stock(3, 0) }).when(set(-4));
    is_now(&then, &Stock { tracked: false, ..stock(4, -4) });
}

#[test]
fn stock_is_set_up_to_the_limit_and_not_beyond() {
    for most in [limits::STOCK, -limits::STOCK] {
        is_now(&nothing::<Store>().when(set(most)), &stock(1, most));
        nothing::<Store>().when(set(most + most.signum())).refused(Code::OutOfRange);
    }
}

#[test]
fn pieces_are_added_and_taken() {
    is_now(&with(stock(3, 9)).when(adjust(4)), &stock(4, 13));
    is_now(&with(stock(3, 9)).when(adjust(-9)), &stock(4, 0));
}

#[test]
fn an_event_says_what_was_on_hand_before_and_why() {
    let said = |then: &Then<Store>| {
        let StoreEvent::StockChanged(event) = then.event() else { panic!("{then:?}") };
        (event.on_hand_before, event.reason.clone())
    };
    let reason = Some("Peça quebrada".to_owned());
    let taken = with(stock(3, 9)).when(AdjustStock { reason: reason.clone(), ..adjust(-1) });
    assert_eq!(said(&taken), (Some(9), reason.clone()));
    assert_eq!(said(&nothing::<Store>().when(SetStock { reason: reason.clone(), ..set(4) })), (Some(0), reason));
    assert_eq!(said(&with(stock(3, 9)).when(set(4))), (Some(9), None));
}

#[test]
fn more_than_there_is_can_not_be_taken() {
    let then = with(stock(3, 9)).when(adjust(-10));
    let answered = then.refused(Code::StockBelowZero);
    assert_eq!(answered.detail.as_deref(), Some("Há 9 em estoque; não é possível retirar 10."));
}

#[test]
fn before_the_first_stock_has_come_a_sum_may_lie_below_zero() {
    let then = nothing::<Store>().when(adjust(-2));
    is_now(&then, &Stock { settled: false, ..stock(1, -2) });
}

#[test]
fn a_variant_that_is_not_counted_may_lie_below_zero() {
    let then = with(Stock { tracked: false, ..stock(1, 0) }).when(adjust(-2));
    is_now(&then, &Stock { tracked: false, ..stock(2, -2) });
}

#[test]
fn an_adjustment_by_nothing_changes_nothing() {
    with(stock(3, 9)).when(adjust(0)).unchanged();
}

#[test]
fn an_adjustment_by_nothing_is_kept_where_nothing_was_known() {
    is_now(&nothing::<Store>().when(adjust(0)), &Stock { settled: false, ..stock(1, 0) });
}

#[test]
fn an_adjustment_goes_no_further_than_the_limit() {
    with(stock(3, limits::STOCK)).when(adjust(1)).refused(Code::OutOfRange);
    with(stock(3, 1)).when(adjust(i64::MAX)).refused(Code::OutOfRange);
}

#[test]
fn stock_is_changed_in_the_version_that_was_read() {
    is_now(&with(stock(3, 9)).when(SetStock { meta: asked_for_version(3), ..set(1) }), &stock(4, 1));
    is_now(&with(stock(3, 9)).when(AdjustStock { meta: asked_for_version(3), ..adjust(1) }), &stock(4, 10));
}

#[test]
fn stock_that_has_changed_meanwhile_is_not_changed() {
    let then = with(stock(3, 9)).when(SetStock { meta: asked_for_version(2), ..set(1) });
    let answered = then.refused(Code::VersionMismatch);
    assert_eq!(answered.detail.as_deref(), Some("A versão atual do estoque é 3, e não 2."));
    with(stock(3, 9)).when(AdjustStock { meta: asked_for_version(4), ..adjust(1) }).refused(Code::VersionMismatch);
}

#[test]
fn the_first_piece_lists_the_product_again_as_available() {
    let mut card = listing(7);
    card.variants[0].available = false;
    let then = with(stock(3, 0)).and(listed(card)).when(adjust(1));
    turns(&then, &stock(4, 1), true);
}

#[test]
fn the_last_piece_lists_the_product_again_as_sold_out() {
    let then = with(stock(3, 1)).and(listed(listing(7))).when(set(0));
    turns(&then, &stock(4, 0), false);
}

#[test]
fn a_change_that_turns_no_availability_lists_nothing() {
    let then = with(stock(3, 9)).and(listed(listing(7))).when(set(8));
    is_now(&then, &stock(4, 8));
}

#[test]
fn a_variant_that_is_not_counted_is_available_without_a_piece() {
    let mut card = listing(7);
    card.variants[0].tracked = false;
    let then = with(stock(3, 5)).and(listed(card)).when(set(0));
    is_now(&then, &stock(4, 0));
}

#[test]
fn stock_of_a_variant_that_the_card_does_not_show_lists_nothing() {
    let mut card = listing(7);
    card.variants[0].variant_id = variant_id(2);
    let then = with(stock(3, 5)).and(listed(card)).when(set(0));
    is_now(&then, &stock(4, 0));
}

#[test]
fn a_product_that_is_not_listed_is_not_listed_by_its_stock() {
    let unlisted = ListingRow { tenant_id: SHOP, listed: false, listing: listing(7) };
    let then = with(stock(3, 5)).and(unlisted).when(set(0));
    is_now(&then, &stock(4, 0));
}

#[test]
fn no_stock_is_written_in_a_suspended_shop() {
    for status in [ShopStatus::Suspended, ShopStatus::Unknown] {
        given::<Store>(shop_that_is(status)).when(set(1)).refused(Code::ShopSuspended);
        given::<Store>(shop_that_is(status)).when(adjust(1)).refused(Code::ShopSuspended);
    }
    given::<Store>(shop_that_is(ShopStatus::Closed)).when(set(1)).refused(Code::ShopClosed);
}

#[test]
fn stock_of_a_shop_that_is_not_known_to_be_open_yet_is_written() {
    is_now(&given::<Store>(shop_that_is(ShopStatus::Opening)).when(set(1)), &stock(1, 1));
}

#[test]
fn stock_of_another_shop_is_another_stock() {
    let meta = CommandMeta { tenant_id: crate::given::tenant(2), ..asked() };
    let then = with(stock(3, 9)).when(SetStock { meta, ..set(1) });
    let StoreEvent::StockChanged(event) = then.event() else { panic!("{then:?}") };
    assert_eq!((event.stock.version, event.stock.on_hand), (1, 1));
}

#[test]
fn events_lie_under_the_shops_id() {
    assert_eq!(Store::key(with(stock(3, 9)).when(set(1)).event()), Some(SHOP.to_string()));
    assert_eq!(Store::key(with(stock(3, 9)).when(adjust(-10)).event()), Some(SHOP.to_string()));
}
