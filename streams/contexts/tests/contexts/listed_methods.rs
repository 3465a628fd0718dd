//! Payment methods in the store: a shop's, and those of a product.

use feira_contexts::store::Store;
use feira_schemas::{
    records::{
        StoreEvent,
        admin::{
            PaymentTerms, ProductMethod, ProductMethodChanged, ProductMethodRemoved, ShopMethod, ShopMethodChanged,
            ShopMethodRemoved,
        },
        payments::PaymentMethod,
        store::{ListedMethod, Listing, ProductMethods, ProductMethodsChanged, Shop, ShopChanged},
    },
    rows::store::{ProductMethodsRow, ShopRow},
};

use crate::{
    given::{NOW, SHOP, given, nothing, product_id, put, said},
    listings::{changed, listed, listed_as, listing, product, shop, unlisted},
    stock::{row, stock},
};

fn terms(max_installments: i32) -> PaymentTerms {
    PaymentTerms { max_installments, discounted_installments: 1, discount: 500 }
}

/// The card, as the store has it at this version of admin's.
fn card(version: i64, max_installments: i32) -> ListedMethod {
    ListedMethod { method: PaymentMethod::Card, version, active: true, terms: terms(max_installments) }
}

fn of_shop(version: i64, max_installments: i32) -> ShopMethod {
    let ListedMethod { method, active, terms, .. } = card(version, max_installments);
    ShopMethod { method, version, active, terms, created_at: NOW, changed_at: NOW }
}

fn of_product(version: i64, max_installments: i32) -> ProductMethod {
    let ListedMethod { method, active, terms, .. } = card(version, max_installments);
    let product_id = product_id(1);
    ProductMethod { product_id, method, version, active, terms, created_at: NOW, changed_at: NOW }
}

fn shop_says(version: i64, max_installments: i32) -> ShopMethodChanged {
    ShopMethodChanged { meta: said("shop_method:card", version), method: of_shop(version, max_installments) }
}

fn product_says(version: i64, max_installments: i32) -> ProductMethodChanged {
    ProductMethodChanged { meta: said("product_method:card", version), method: of_product(version, max_installments) }
}

fn product_unsays(version: i64) -> ProductMethodRemoved {
    ProductMethodRemoved { meta: said("product_method:card", version + 1), method: of_product(version, 12) }
}

fn known(version: i64, methods: Vec<ListedMethod>) -> ProductMethods {
    ProductMethods { product_id: product_id(1), version, methods }
}

fn kept(known: ProductMethods) -> ProductMethodsRow {
    ProductMethodsRow { tenant_id: SHOP, product: known }
}

const SAID: &str = "product_methods:";

#[test]
fn s81_a_shop_shows_its_methods_each_change_replaces_the_last_and_what_is_removed_is_gone() {
    let with = |shop: Shop| given::<Store>(ShopRow { tenant_id: SHOP, shop });
    let then = with(shop()).when_said(shop_says(1, 12));
    let now = Shop { version: 3, methods: vec![card(1, 12)], ..shop() };
    then.events([ShopChanged { meta: then.meta(0, SHOP, 3), shop: now.clone() }.into()]);
    then.rows([put(ShopRow { tenant_id: SHOP, shop: now.clone() })]);

    let changed = then.then().when_said(shop_says(2, 6));
    let StoreEvent::ShopChanged(event) = changed.event() else { panic!("{changed:?}") };
    assert_eq!((event.shop.version, &event.shop.methods), (4, &vec![card(2, 6)]));
    let late = changed.then().when_said(shop_says(1, 12));
    late.nothing();

    let removed = ShopMethodRemoved { meta: said("shop_method:card", 3), method: of_shop(2, 6) };
    let gone = late.then().when_said(removed.clone());
    let StoreEvent::ShopChanged(event) = gone.event() else { panic!("{gone:?}") };
    assert_eq!(event.shop, Shop { version: 5, ..shop() });
    gone.then().when_said(removed).nothing();
}

#[test]
fn s54_what_a_product_says_of_a_method_lists_it_again_and_so_does_what_it_takes_back() {
    let then = given::<Store>(listed(listing(7))).when_said(product_says(1, 2));
    let now = Listing { methods: vec![card(1, 2)], ..listing(8) };
    let aggregate = format!("{SAID}{}", product_id(1));
    then.events([
        ProductMethodsChanged { meta: then.meta(0, aggregate, 1), product: known(1, vec![card(1, 2)]) }.into(),
        listed_as(then.meta(1, product_id(1), 8), now.clone()),
    ]);
    then.rows([put(kept(known(1, vec![card(1, 2)]))), put(listed(now))]);
    let late = then.then().when_said(product_says(1, 2));
    late.nothing();

    let removed = late.then().when_said(product_unsays(1));
    let Some(StoreEvent::ProductListed(event)) = removed.all().last() else { panic!("{removed:?}") };
    assert_eq!(event.listing, listing(9));
    removed.rows([put(kept(known(2, vec![]))), put(listed(listing(9)))]);
    removed.then().when_said(product_unsays(1)).nothing();
}

#[test]
fn s54_what_was_said_before_a_product_is_listed_stands_on_its_card() {
    let then = nothing::<Store>().when_said(product_says(1, 2));
    let StoreEvent::ProductMethodsChanged(event) = then.event() else { panic!("{then:?}") };
    assert_eq!(event.product, known(1, vec![card(1, 2)]));
    let first = then.then().and(row(stock(1, 9))).when_said(changed(product(1)));
    let StoreEvent::ProductListed(event) = first.event() else { panic!("{first:?}") };
    assert_eq!(event.listing.methods, [card(1, 2)]);
    // One that is not listed stays so.
    let away = given::<Store>(unlisted(listing(7))).when_said(product_says(1, 2));
    assert!(matches!(away.event(), StoreEvent::ProductMethodsChanged(_)), "{away:?}");
}
