//! Coupons of a shop.

use feira_contexts::{admin::Admin, store::Store};
use feira_schemas::{
    api::coupon::coupon_json,
    limits,
    money::Money,
    problem::Code,
    records::{
        AdminEvent,
        admin::{Coupon, CouponChanged, CouponKind, CouponRemoved, CouponTerms, RemoveCoupon, SetCoupon, TenantStatus},
        common::Outcome,
    },
    rows::admin::{CouponCountRow, CouponRow},
    time::MINUTE,
};

use crate::{
    given::{Given, NOW, SHOP, asked, asked_for_version, category_id, given, gone, nothing, product_id, put, said},
    sample::{category, product, shop, tenant_row},
};

/// Microseconds between a command and the next.
const SECOND: i64 = 1_000_000;
const ID: &str = "coupon:VERAO10";

fn terms() -> CouponTerms {
    CouponTerms {
        kind: CouponKind::Percent,
        percent: 1_000,
        amount: None,
        starts_at: None,
        ends_at: None,
        minimum: Some(Money::brl(5_000)),
        usage_limit: Some(100),
        products: Vec::new(),
        categories: Vec::new(),
    }
}

fn set() -> SetCoupon {
    SetCoupon { meta: asked(), code: "VERAO10".into(), active: true, terms: terms() }
}

fn with_terms(terms: CouponTerms) -> SetCoupon {
    SetCoupon { terms, ..set() }
}

fn remove() -> RemoveCoupon {
    RemoveCoupon { meta: asked(), code: "VERAO10".into() }
}

fn coupon(version: i64) -> Coupon {
    let SetCoupon { code, active, terms, .. } = set();
    Coupon { code, version, active, terms, created_at: NOW, changed_at: NOW }
}

fn row(coupon: Coupon) -> CouponRow {
    CouponRow { tenant_id: SHOP, coupon }
}

fn count(coupons: i64, removed_version: i64) -> CouponCountRow {
    CouponCountRow { tenant_id: SHOP, coupons, removed_version }
}

/// A shop with one coupon.
fn kept(coupon: Coupon) -> Given<Admin> {
    shop().and(row(coupon)).and(count(1, 0))
}

#[test]
fn f08_a_coupon_is_made_changed_as_a_whole_and_removed() {
    let made = shop().when(set());
    let meta = made.answering(0, ID, 1, Outcome::Created);
    made.events([CouponChanged { meta, coupon: coupon(1), coupons: 1, removed_version: 0 }.into()]);
    made.rows([put(row(coupon(1))), put(count(1, 0))]);
    assert_eq!((made.body(), made.entity().as_deref()), (coupon_json(&coupon(1)), Some("coupon")));
    assert_eq!(made.body()["percent"], "10");

    let again = made.then().when(set());
    assert_eq!(again.unchanged(), Some(coupon_json(&coupon(1))));
    let free = CouponTerms { kind: CouponKind::FreeShipping, percent: 0, ..terms() };
    let changed = again.then().when(SetCoupon { active: false, ..with_terms(free.clone()) });
    // Two seconds after the first.
    let other = Coupon { active: false, terms: free, changed_at: NOW + 2 * SECOND, ..coupon(2) };
    let meta = changed.answering(0, ID, 2, Outcome::Updated);
    changed.events([CouponChanged { meta, coupon: other.clone(), coupons: 1, removed_version: 0 }.into()]);

    let removed = changed.then().when(remove());
    let meta = removed.answering(0, ID, 3, Outcome::Deleted);
    removed.events([CouponRemoved { meta, coupon: other, coupons: 0, removed_version: 3 }.into()]);
    removed.rows([gone::<CouponRow>(CouponRow::at(SHOP, "VERAO10")), put(count(0, 3))]);
    removed.then().when(remove()).refused(Code::NotFound);
}

#[test]
fn f08_a_code_that_comes_again_goes_on_from_the_versions_before() {
    let removed = || shop().and(count(0, 3));
    // Who saw what was there before must not change what comes after it.
    for seen in [1, 2, 3] {
        removed().when(SetCoupon { meta: asked_for_version(seen), ..set() }).refused(Code::VersionMismatch);
    }
    let again = removed().when(SetCoupon { meta: asked_for_version(0), ..set() });
    let meta = again.answering(0, ID, 4, Outcome::Created);
    again.events([CouponChanged { meta, coupon: coupon(4), coupons: 1, removed_version: 3 }.into()]);
    // Removals of others count no version back.
    let fewer = shop().and(row(coupon(1))).and(count(1, 9)).when(remove());
    assert!(matches!(fewer.event(), AdminEvent::CouponRemoved(event) if event.removed_version == 9));
}

#[test]
fn f08_a_coupon_is_changed_in_the_version_that_was_seen_alone() {
    let other = || Coupon { active: false, ..coupon(4) };
    for seen in [0, 3, 5] {
        kept(other()).when(SetCoupon { meta: asked_for_version(seen), ..set() }).refused(Code::VersionMismatch);
        let remove = RemoveCoupon { meta: asked_for_version(seen), ..remove() };
        kept(other()).when(remove).refused(Code::VersionMismatch);
    }
    let changed = kept(other()).when(SetCoupon { meta: asked_for_version(4), ..set() });
    assert!(matches!(changed.event(), AdminEvent::CouponChanged(event) if event.coupon.version == 5));
}

#[test]
fn f08_what_is_wrong_with_a_coupon_is_refused_at_its_field() {
    let refused = |terms, pointer, code| shop().when(with_terms(terms)).refused_for(pointer, code);
    refused(CouponTerms { percent: 0, ..terms() }, "/percent", Code::OutOfRange);
    refused(CouponTerms { percent: 10_001, ..terms() }, "/percent", Code::OutOfRange);
    refused(CouponTerms { kind: CouponKind::Amount, ..terms() }, "/amount", Code::Required);
    refused(CouponTerms { kind: CouponKind::Unknown, ..terms() }, "/kind", Code::Invalid);
    refused(CouponTerms { usage_limit: Some(0), ..terms() }, "/usage_limit", Code::OutOfRange);
    refused(CouponTerms { starts_at: Some(NOW + 1), ..terms() }, "/starts_at", Code::Invalid);
    let (start, end) = (Some(2 * MINUTE), Some(MINUTE));
    refused(CouponTerms { starts_at: start, ends_at: end, ..terms() }, "/ends_at", Code::OutOfRange);
    for code in ["verao10", "V", "VERÃO"] {
        shop().when(SetCoupon { code: code.into(), ..set() }).refused_for("/code", Code::Invalid);
    }
    given::<Admin>(tenant_row(TenantStatus::Suspended)).when(set()).refused(Code::ShopSuspended);
}

#[test]
fn f08_a_coupon_names_products_and_categories_that_the_shop_has_or_that_it_has_named_before() {
    let named = CouponTerms { products: vec![product_id(1)], categories: vec![category_id(1)], ..terms() };
    let with_both = || shop().with_product(&product(1)).with_category(&category(1, "Roupas"));
    let made = with_both().when(with_terms(named.clone()));
    assert!(matches!(made.event(), AdminEvent::CouponChanged(event) if event.coupon.terms == named));
    let only_category = || shop().with_category(&category(1, "Roupas"));
    only_category().when(with_terms(named.clone())).refused_for("/products/0", Code::UnknownReference);
    let only_product = || shop().with_product(&product(1));
    only_product().when(with_terms(named.clone())).refused_for("/categories/0", Code::UnknownReference);
    // What was deleted since stays named, and what is added must be there.
    let before = || kept(Coupon { terms: named.clone(), ..coupon(1) });
    let more = CouponTerms { usage_limit: None, ..named.clone() };
    let changed = before().when(with_terms(more));
    assert!(matches!(changed.event(), AdminEvent::CouponChanged(event) if event.coupon.version == 2));
    let other = CouponTerms { products: vec![product_id(1), product_id(2)], ..named.clone() };
    before().when(with_terms(other)).refused_for("/products/1", Code::UnknownReference);
}

#[test]
fn f08_a_shop_has_no_more_coupons_than_it_may() {
    let most = i64::try_from(limits::COUPONS).unwrap();
    shop().and(count(most, 0)).when(set()).refused(Code::LimitReached);
    let last = shop().and(count(most - 1, 0)).when(set());
    assert!(matches!(last.event(), AdminEvent::CouponChanged(event) if event.coupons == most));
    // One that is there is changed all the same.
    let full = shop().and(row(coupon(1))).and(count(most, 0));
    let changed = full.when(SetCoupon { active: false, ..set() });
    assert!(matches!(changed.event(), AdminEvent::CouponChanged(event) if event.coupons == most));
}

#[test]
fn what_is_said_of_coupons_makes_nothing_at_the_store() {
    let event = CouponChanged { meta: said(ID, 1), coupon: coupon(1), coupons: 1, removed_version: 0 };
    nothing::<Store>().when_said(AdminEvent::from(event)).nothing();
}
