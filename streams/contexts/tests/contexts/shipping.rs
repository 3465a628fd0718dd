//! Ways in which a shop delivers, and their order.

use feira_contexts::admin::Admin;
use feira_schemas::{
    api::shipping::shipping_json,
    ids::ShippingId,
    limits,
    money::Money,
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            ChangeShipping, CreateShipping, MoveShipping, RemoveShipping, ShippingChanged, ShippingContent,
            ShippingKind, ShippingOption, ShippingRate, ShippingRemoved, TenantStatus,
        },
        common::Outcome,
    },
    rows::admin::ShippingOptionRow,
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_for_version, given, gone, put},
    sample::{EARLIER, shop, tenant_row},
};

const fn id(number: u128) -> ShippingId {
    ShippingId::from_uuid(Uuid::from_u128(0x7000 + number))
}

fn flat(name: &str) -> ShippingContent {
    ShippingContent {
        name: name.into(),
        kind: ShippingKind::Flat,
        active: true,
        price: Some(Money::brl(1_500)),
        free_from: None,
        min_days: Some(3),
        max_days: Some(5),
        rates: Vec::new(),
    }
}

fn table(name: &str, ends: &[(&str, &str)]) -> ShippingContent {
    let rate = |(from, to): &(&str, &str)| ShippingRate {
        cep_from: (*from).to_owned(),
        cep_to: (*to).to_owned(),
        up_to_grams: 1_000,
        price: Money::brl(990),
        days: 2,
    };
    let (price, min_days, max_days) = (None, None, None);
    let rates = ends.iter().map(rate).collect();
    ShippingContent { kind: ShippingKind::Table, price, min_days, max_days, rates, ..flat(name) }
}

/// One that is kept, in version 1.
fn option(number: u128, position: i64, content: ShippingContent) -> ShippingOption {
    let (created_at, changed_at) = (EARLIER, EARLIER);
    ShippingOption { shipping_id: id(number), version: 1, position, content, created_at, changed_at }
}

fn row(option: ShippingOption) -> ShippingOptionRow {
    ShippingOptionRow { tenant_id: SHOP, option }
}

/// A shop with PAC, Sedex and Retirada, in this order.
fn three() -> Given<Admin> {
    let names = [(1, "PAC"), (2, "Sedex"), (3, "Retirada")];
    names.into_iter().fold(shop(), |given, (number, name)| {
        given.and(row(option(number, i64::try_from(number).unwrap_or_default(), flat(name))))
    })
}

fn create(content: ShippingContent) -> CreateShipping {
    CreateShipping { meta: asked(), shipping_id: id(9), content }
}

fn change(content: ShippingContent) -> ChangeShipping {
    ChangeShipping { meta: asked(), shipping_id: id(1), content }
}

fn shift(number: u128, up: bool) -> MoveShipping {
    MoveShipping { meta: asked(), shipping_id: id(number), up }
}

/// Checks that this came of it, at its next version, and nothing else.
#[track_caller]
fn is_now(then: &Then<Admin>, before: ShippingOption, outcome: Outcome) {
    let option = ShippingOption { version: before.version + 1, changed_at: NOW, ..before };
    let meta = then.answering(0, option.shipping_id, option.version, outcome);
    then.events([ShippingChanged { meta, option: option.clone() }.into()]);
    assert_eq!((then.entity().as_deref(), then.body()), (Some("shipping_option"), shipping_json(&option)));
    then.rows([put(row(option))]);
}

#[test]
fn f08_a_way_of_delivery_is_made_behind_the_others_once() {
    let first = shop().when(create(flat("Sedex 10")));
    let made = |position| ShippingOption {
        shipping_id: id(9),
        version: 0,
        created_at: NOW,
        ..option(9, position, flat("Sedex 10"))
    };
    is_now(&first, made(1), Outcome::Created);
    is_now(&three().when(create(flat("Sedex 10"))), made(4), Outcome::Created);
    let again = first.then().when(create(flat("Sedex 10")));
    assert!(again.unchanged().is_some(), "the same command again");
    again.then().when(create(flat("Outra"))).refused(Code::IdempotencyMismatch);
    given::<Admin>(tenant_row(TenantStatus::Suspended)).when(create(flat("PAC"))).refused(Code::ShopSuspended);
}

#[test]
fn f08_a_shop_has_so_many_ways_of_delivery_and_each_a_name_of_its_own() {
    let full = (0..limits::SHIPPING_OPTIONS).fold(shop(), |given, number| {
        let place = i64::try_from(number).unwrap_or_default();
        given.and(row(option(100 + number as u128, place, flat(&format!("Entrega {number}")))))
    });
    full.when(create(flat("Mais uma"))).refused(Code::LimitReached);
    for name in ["PAC", "pac"] {
        three().when(create(flat(name))).refused_for("/name", Code::Duplicate);
        let renamed = ChangeShipping { shipping_id: id(2), ..change(flat(name)) };
        three().when(renamed).refused_for("/name", Code::Duplicate);
    }
    is_now(&three().when(change(flat("pac"))), option(1, 1, flat("pac")), Outcome::Updated);
}

#[test]
fn f08_content_that_breaks_a_rule_is_refused_whoever_sends_it() {
    let none = ShippingContent { price: None, ..flat("A") };
    let overlapping = table("A", &[("01000", "05999"), ("05000", "06999")]);
    let backwards = table("A", &[("02000", "01999")]);
    let later = ShippingContent { kind: ShippingKind::Unknown, ..flat("A") };
    for (content, pointer, code) in [
        (none, "/price", Code::Required),
        (table("A", &[]), "/rates", Code::Required),
        (overlapping, "/rates/1/cep_from", Code::Duplicate),
        (backwards, "/rates/0/cep_to", Code::Invalid),
        (later, "/kind", Code::Invalid),
    ] {
        three().when(create(content.clone())).refused_for(pointer, code);
        three().when(change(content)).refused_for(pointer, code);
    }
}

#[test]
fn f08_a_way_of_delivery_is_changed_in_its_version_and_removed() {
    let content = table("PAC", &[("01000", "05999"), ("06000", "06999")]);
    is_now(&three().when(change(content.clone())), option(1, 1, content.clone()), Outcome::Updated);
    let same = three().when(change(flat("PAC")));
    assert_eq!(same.unchanged(), Some(shipping_json(&option(1, 1, flat("PAC")))));
    let stale = ChangeShipping { meta: asked_for_version(2), ..change(content) };
    three().when(stale).refused(Code::VersionMismatch);
    shop().when(change(flat("PAC"))).refused(Code::NotFound);

    let remove = |version| RemoveShipping { meta: asked_for_version(version), shipping_id: id(1) };
    three().when(remove(2)).refused(Code::VersionMismatch);
    let then = three().when(remove(1));
    let meta = then.answering(0, id(1), 2, Outcome::Deleted);
    then.events([ShippingRemoved { meta, option: option(1, 1, flat("PAC")) }.into()]);
    then.rows([gone::<ShippingOptionRow>(ShippingOptionRow::at(SHOP, id(1)))]);
    then.then().when(remove(1)).refused(Code::NotFound);
}

#[test]
fn f08_a_way_of_delivery_changes_places_with_its_neighbour() {
    let names = ["", "PAC", "Sedex", "Retirada"];
    // Which is moved up or not, and the one that it changes places with.
    for (moved, up, other) in [(2, true, 1), (2, false, 3), (3, true, 2), (1, false, 2)] {
        let then = three().when(shift(moved, up));
        let at = |number: u128| i64::try_from(number).unwrap_or_default();
        let now = |number: u128, position: i64| ShippingOption {
            version: 2,
            changed_at: NOW,
            ..option(number, position, flat(names[usize::try_from(number).unwrap_or_default()]))
        };
        let (one, two) = (now(moved, at(other)), now(other, at(moved)));
        let meta = then.answering(0, id(moved), 2, Outcome::Updated);
        let event: AdminEvent = ShippingChanged { meta, option: one.clone() }.into();
        let neighbour = ShippingChanged { meta: then.meta(1, id(other), 2), option: two.clone() };
        then.events([event, neighbour.into()]);
        then.rows([put(row(one)), put(row(two))]);
    }
    for (number, up) in [(1, true), (3, false)] {
        assert!(three().when(shift(number, up)).unchanged().is_some(), "{number} is at the end");
    }
    let stale = MoveShipping { meta: asked_for_version(2), ..shift(2, true) };
    three().when(stale).refused(Code::VersionMismatch);
    three().when(shift(8, true)).refused(Code::NotFound);
}
