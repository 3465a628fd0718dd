//! Payment methods: of the platform, of a shop, and of a product.

use feira_contexts::admin::Admin;
use feira_schemas::{
    api::payment_method::{offered_method_json, product_method_json, shop_method_json},
    ids::TenantId,
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            DeleteProduct, OfferedMethod, OfferedMethodChanged, OfferedMethodRemoved, PaymentTerms, ProductDeleted,
            ProductMethod, ProductMethodChanged, ProductMethodRemoved, RemoveOfferedMethod, RemoveProductMethod,
            RemoveShopMethod, SetOfferedMethod, SetProductMethod, SetShopMethod, ShopMethod, ShopMethodChanged,
            ShopMethodRemoved, TenantStatus,
        },
        common::Outcome,
        payments::PaymentMethod,
    },
    rows::admin::{OfferedMethodRow, ProductMethodRow, ShopMethodRow},
};

use crate::{
    given::{NOW, SHOP, asked, asked_by, asked_for_version, given, gone, nothing, product_id, put},
    sample::{product, shop, tenant_row},
};

const PLATFORM: TenantId = TenantId::PLATFORM;
/// Microseconds between a command and the next.
const SECOND: i64 = 1_000_000;

fn terms() -> PaymentTerms {
    PaymentTerms { max_installments: 12, discounted_installments: 3, discount: 1_250 }
}

fn set_offered() -> SetOfferedMethod {
    let (meta, method, name) = (asked_by(PLATFORM), PaymentMethod::Card, "Cartão".to_owned());
    SetOfferedMethod { meta, method, name, installments: true, active: true }
}

fn offered(version: i64) -> OfferedMethod {
    let SetOfferedMethod { method, name, installments, active, .. } = set_offered();
    OfferedMethod { method, version, name, installments, active, created_at: NOW, changed_at: NOW }
}

fn set_of_shop() -> SetShopMethod {
    SetShopMethod { meta: asked(), method: PaymentMethod::Card, active: true, terms: terms() }
}

fn of_shop(version: i64) -> ShopMethod {
    let SetShopMethod { method, active, terms, .. } = set_of_shop();
    ShopMethod { method, version, active, terms, created_at: NOW, changed_at: NOW }
}

fn set_of_product() -> SetProductMethod {
    let (meta, product_id, method) = (asked(), product_id(1), PaymentMethod::Card);
    SetProductMethod { meta, product_id, method, active: false, terms: terms() }
}

fn of_product(method: PaymentMethod, version: i64) -> ProductMethod {
    let SetProductMethod { product_id, active, terms, .. } = set_of_product();
    ProductMethod { product_id, method, version, active, terms, created_at: NOW, changed_at: NOW }
}

fn offered_row(offered: OfferedMethod) -> OfferedMethodRow {
    OfferedMethodRow { tenant_id: PLATFORM, removed: false, offered }
}

fn shop_row(taken: ShopMethod) -> ShopMethodRow {
    ShopMethodRow { tenant_id: SHOP, removed: false, taken }
}

fn product_row(taken: ProductMethod) -> ProductMethodRow {
    ProductMethodRow { tenant_id: SHOP, removed: false, taken }
}

#[test]
fn s45_the_platform_says_how_shops_may_offer_a_method_and_takes_it_back() {
    let made = nothing::<Admin>().when(set_offered());
    let meta = made.answering(0, "offered_method:card", 1, Outcome::Created);
    made.events([OfferedMethodChanged { meta, method: offered(1) }.into()]);
    made.rows([put(offered_row(offered(1)))]);
    assert_eq!((made.body(), made.entity().as_deref()), (offered_method_json(&offered(1)), Some("offered_method")));

    let again = made.then().when(set_offered());
    assert_eq!(again.unchanged(), Some(offered_method_json(&offered(1))));
    let renamed = again.then().when(SetOfferedMethod { name: "Crédito".into(), ..set_offered() });
    let meta = renamed.answering(0, "offered_method:card", 2, Outcome::Updated);
    // Two seconds after the first.
    let method = OfferedMethod { name: "Crédito".into(), changed_at: NOW + 2 * SECOND, ..offered(2) };
    renamed.events([OfferedMethodChanged { meta, method: method.clone() }.into()]);

    let removed = renamed.then().when(RemoveOfferedMethod { meta: asked_by(PLATFORM), method: PaymentMethod::Card });
    let meta = removed.answering(0, "offered_method:card", 3, Outcome::Deleted);
    removed.events([OfferedMethodRemoved { meta, method: method.clone() }.into()]);
    let last = OfferedMethod { version: 3, ..method };
    removed.rows([put(OfferedMethodRow { removed: true, ..offered_row(last) })]);
    let nobody = removed.then().when(RemoveOfferedMethod { meta: asked_by(PLATFORM), method: PaymentMethod::Card });
    nobody.refused(Code::NotFound);
    let again = nobody.then().when(set_offered());
    assert!(matches!(again.event(), AdminEvent::OfferedMethodChanged(event) if event.method.version == 4));
}

#[test]
fn s45_only_the_card_is_paid_in_installments_and_only_the_platform_says_so() {
    let refused = |command: SetOfferedMethod| nothing::<Admin>().when(command);
    for method in [PaymentMethod::Pix, PaymentMethod::Boleto] {
        refused(SetOfferedMethod { method, ..set_offered() }).refused_for("/installments", Code::OutOfRange);
        let at_once = SetOfferedMethod { method, installments: false, ..set_offered() };
        assert!(matches!(refused(at_once).event(), AdminEvent::OfferedMethodChanged(_)));
    }
    refused(SetOfferedMethod { name: " ".into(), ..set_offered() }).refused_for("/name", Code::Required);
    refused(SetOfferedMethod { name: "x".repeat(61), ..set_offered() }).refused_for("/name", Code::TooLong);
    refused(SetOfferedMethod { method: PaymentMethod::Unknown, ..set_offered() }).refused_for("/method", Code::Invalid);
    shop().when(SetOfferedMethod { meta: asked(), ..set_offered() }).refused(Code::Forbidden);
}

#[test]
fn s56_a_shop_has_one_configuration_of_a_method() {
    let made = shop().when(set_of_shop());
    let meta = made.answering(0, "shop_method:card", 1, Outcome::Created);
    made.events([ShopMethodChanged { meta, method: of_shop(1) }.into()]);
    made.rows([put(shop_row(of_shop(1)))]);
    assert_eq!(made.body(), shop_method_json(&of_shop(1)));
    assert_eq!(made.body()["discount_percent"], "12.5");

    let other = PaymentTerms { discount: 500, ..terms() };
    let changed = made.then().when(SetShopMethod { active: false, terms: other, ..set_of_shop() });
    let method = ShopMethod { active: false, terms: other, changed_at: NOW + SECOND, ..of_shop(2) };
    changed.rows([put(shop_row(method.clone()))]);
    let removed = changed.then().when(RemoveShopMethod { meta: asked(), method: PaymentMethod::Card });
    let meta = removed.answering(0, "shop_method:card", 3, Outcome::Deleted);
    removed.events([ShopMethodRemoved { meta, method: method.clone() }.into()]);
    removed.rows([put(ShopMethodRow { removed: true, ..shop_row(ShopMethod { version: 3, ..method }) })]);
}

#[test]
fn s56_a_method_that_was_removed_goes_on_from_its_version_and_is_none_to_who_sees_it() {
    let last = ShopMethodRow { removed: true, ..shop_row(of_shop(3)) };
    let removed = || shop().and(last.clone());
    removed().when(RemoveShopMethod { meta: asked(), method: PaymentMethod::Card }).refused(Code::NotFound);
    // Who saw what was there before must not change what came after it.
    for seen in [1, 2, 3] {
        let stale = SetShopMethod { meta: asked_for_version(seen), ..set_of_shop() };
        removed().when(stale).refused(Code::VersionMismatch);
    }
    let again = removed().when(SetShopMethod { meta: asked_for_version(0), ..set_of_shop() });
    let meta = again.answering(0, "shop_method:card", 4, Outcome::Created);
    again.events([ShopMethodChanged { meta, method: of_shop(4) }.into()]);
    again.rows([put(shop_row(of_shop(4)))]);
}

#[test]
fn a_configuration_is_changed_in_the_version_that_was_seen_alone() {
    let set = |version| SetShopMethod { meta: asked_for_version(version), ..set_of_shop() };
    let kept = || shop().and(shop_row(ShopMethod { active: false, ..of_shop(4) }));
    kept().when(set(3)).refused(Code::VersionMismatch);
    kept().when(set(0)).refused(Code::VersionMismatch);
    assert!(matches!(kept().when(set(4)).event(), AdminEvent::ShopMethodChanged(event) if event.method.version == 5));
    // None is version 0.
    shop().when(set(1)).refused(Code::VersionMismatch);
    assert!(matches!(shop().when(set(0)).event(), AdminEvent::ShopMethodChanged(_)));
    let remove = RemoveShopMethod { meta: asked_for_version(3), method: PaymentMethod::Card };
    kept().when(remove).refused(Code::VersionMismatch);
}

#[test]
fn s55_s56_terms_beyond_their_limits_are_refused_at_their_field() {
    let refused = |terms, pointer| {
        shop().when(SetShopMethod { terms, ..set_of_shop() }).refused_for(pointer, Code::OutOfRange);
        let of_product = SetProductMethod { terms, ..set_of_product() };
        shop().with_product(&product(1)).when(of_product).refused_for(pointer, Code::OutOfRange);
    };
    refused(PaymentTerms { max_installments: 13, ..terms() }, "/max_installments");
    refused(PaymentTerms { max_installments: 0, discounted_installments: 0, ..terms() }, "/max_installments");
    refused(PaymentTerms { max_installments: 2, ..terms() }, "/discounted_installments");
    refused(PaymentTerms { discounted_installments: -1, ..terms() }, "/discounted_installments");
    refused(PaymentTerms { discount: 10_001, ..terms() }, "/discount_percent");
    refused(PaymentTerms { discount: -1, ..terms() }, "/discount_percent");
    let pix = SetShopMethod { method: PaymentMethod::Pix, ..set_of_shop() };
    shop().when(pix.clone()).refused_for("/max_installments", Code::OutOfRange);
    let terms = PaymentTerms { max_installments: 1, discounted_installments: 1, discount: 10_000 };
    assert!(matches!(shop().when(SetShopMethod { terms, ..pix }).event(), AdminEvent::ShopMethodChanged(_)));
}

#[test]
fn nothing_is_said_of_methods_in_a_shop_that_is_closed() {
    let suspended = || given::<Admin>(tenant_row(TenantStatus::Suspended));
    suspended().when(set_of_shop()).refused(Code::ShopSuspended);
    suspended().when(set_of_product()).refused(Code::ShopSuspended);
}

#[test]
fn s54_a_product_has_one_configuration_of_a_method_and_must_be_there() {
    shop().when(set_of_product()).refused(Code::NotFound);
    let made = shop().with_product(&product(1)).when(set_of_product());
    let id = format!("product_method:{}:card", product_id(1));
    let (meta, kept) = (made.answering(0, &id, 1, Outcome::Created), of_product(PaymentMethod::Card, 1));
    made.events([ProductMethodChanged { meta, method: kept.clone() }.into()]);
    made.rows([put(product_row(kept.clone()))]);
    assert_eq!(made.body(), product_method_json(&kept));
    let removing = RemoveProductMethod { meta: asked(), product_id: product_id(1), method: PaymentMethod::Card };
    let removed = made.then().when(removing.clone());
    let meta = removed.answering(0, &id, 2, Outcome::Deleted);
    removed.events([ProductMethodRemoved { meta, method: kept.clone() }.into()]);
    removed.rows([put(ProductMethodRow { removed: true, ..product_row(ProductMethod { version: 2, ..kept }) })]);
    let nothing = removed.then().when(removing);
    nothing.refused(Code::NotFound);
    let again = nothing.then().when(set_of_product());
    assert!(matches!(again.event(), AdminEvent::ProductMethodChanged(event) if event.method.version == 3));
    // With its product it leaves nothing, and says no second time that it is gone.
    let last = ProductMethodRow { removed: true, ..product_row(of_product(PaymentMethod::Card, 2)) };
    let kept = shop().with_product(&product(1)).and(last);
    let deleted = kept.when(DeleteProduct { meta: asked(), product_id: product_id(1) });
    assert!(matches!(deleted.event(), AdminEvent::ProductDeleted(_)));
    let key = ProductMethodRow::at(SHOP, product_id(1), PaymentMethod::Card);
    assert!(deleted.changes().contains(&gone::<ProductMethodRow>(key)), "{deleted:?}");
}

#[test]
fn s54_a_product_that_is_deleted_takes_its_methods_with_it_and_no_others() {
    let before = product(1);
    let (pix, card) = (of_product(PaymentMethod::Pix, 2), of_product(PaymentMethod::Card, 1));
    let others = ProductMethod { product_id: product_id(2), ..card.clone() };
    let rows = [card.clone(), pix.clone(), others].map(product_row);
    let kept = rows.into_iter().fold(shop().with_product(&before), |kept, row| kept.and(row));
    let then = kept.when(DeleteProduct { meta: asked(), product_id: product_id(1) });
    let id = |word: &str| format!("product_method:{}:{word}", product_id(1));
    let deleted = then.answering(0, product_id(1), before.version + 1, Outcome::Deleted);
    // In the order of their keys.
    then.events([
        ProductDeleted { meta: deleted, product: before.clone(), products: None }.into(),
        ProductMethodRemoved { meta: then.meta(1, id("card"), 2), method: card }.into(),
        ProductMethodRemoved { meta: then.meta(2, id("pix"), 3), method: pix }.into(),
    ]);
    for method in [PaymentMethod::Card, PaymentMethod::Pix] {
        let key = ProductMethodRow::at(SHOP, product_id(1), method);
        assert!(then.changes().contains(&gone::<ProductMethodRow>(key)), "{then:?}");
    }
}
