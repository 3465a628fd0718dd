//! The listing of a product in the store, by what admin says of it.

use feira_contexts::store::Store;
use feira_schemas::{
    ids::TimerId,
    money::Money,
    records::{
        StoreEvent,
        admin::{
            Product, ProductChanged, ProductDeleted, ShopName, ShopNameChanged, ShopNameStatus, Token, TokenChanged,
            TokenStatus, Variant,
        },
        catalogue::ProductStatus,
        common::{CommandAnswered, EventMeta, Outcome, TimerCleared, TimerSet},
        store::{ListedVariant, Listing, ProductListed, ProductUnlisted, Shop, ShopStatus, Stock, StockChanged},
    },
    rows::store::{ListingRow, StockRow},
    time::hour_of,
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, given, nothing, product_id, put, said, variant_id},
    stock::{low, row, stock},
};

pub fn shop() -> Shop {
    Shop {
        version: 2,
        status: ShopStatus::Open,
        subdomain: "loja".into(),
        name: "Loja".into(),
        tagline: None,
        accent: None,
        logo: None,
        interest_free_installments: None,
        cors_origins: vec![],
        contact: None,
        seller: None,
        policies: None,
        methods: vec![],
        tenant_version: 2,
        settings_version: 1,
    }
}

/// The card of product 1 with one variant that can be bought, at this version.
pub fn listing(version: i64) -> Listing {
    let product = product(4);
    Listing {
        product_id: product.product_id,
        version,
        source_version: product.version,
        slug: product.slug,
        slug_history: product.slug_history,
        name: product.name,
        description: product.description,
        category_id: None,
        vendor: None,
        tags: vec![],
        featured: false,
        options: vec![],
        variants: vec![ListedVariant {
            variant_id: variant_id(1),
            sku: Some("C-1".into()),
            options: vec![],
            price: Money::brl(1290),
            compare_at_price: None,
            weight_grams: Some(300),
            available: true,
            barcode: None,
            tracked: true,
        }],
        images: vec![],
        seo: None,
        methods: vec![],
        created_at: 1,
        updated_at: 2,
    }
}

pub fn listed(listing: Listing) -> ListingRow {
    ListingRow { tenant_id: SHOP, listed: true, listing }
}

/// The event of a product that is listed so, with which nothing else turns.
pub fn listed_as(meta: EventMeta, listing: Listing) -> StoreEvent {
    ProductListed { meta, listing, forgotten_slugs: vec![], low: vec![], not_low: vec![] }.into()
}

/// The row of a product that was listed so and is not any more.
pub fn unlisted(listing: Listing) -> ListingRow {
    ListingRow { listed: false, ..listed(listing) }
}

pub fn product(version: i64) -> Product {
    Product {
        product_id: product_id(1),
        version,
        status: ProductStatus::Published,
        name: "Camisa".into(),
        slug: "camisa".into(),
        slug_history: vec!["camiseta".into()],
        description: "<p>Boa</p>".into(),
        category_id: None,
        vendor: None,
        tags: vec![],
        featured: false,
        options: vec![],
        variants: vec![variant(1, Some(5))],
        images: vec![],
        seo: None,
        created_at: 1,
        updated_at: 2,
    }
}

pub fn variant(number: u128, initial_stock: Option<i64>) -> Variant {
    Variant {
        variant_id: variant_id(number),
        sku: Some(format!("C-{number}")),
        options: vec![],
        price: Money::brl(1290),
        compare_at_price: None,
        cost: Some(Money::brl(600)),
        barcode: None,
        weight_grams: Some(300),
        initial_stock,
        tracked: true,
    }
}

pub fn changed(product: Product) -> ProductChanged {
    let meta = said(product.product_id, product.version);
    ProductChanged { meta, product, forgotten_slugs: vec![], removed_images: vec![], products: None }
}

pub fn deleted(product: Product) -> ProductDeleted {
    ProductDeleted { meta: said(product.product_id, product.version + 1), product, products: None }
}

fn stock_of(number: u128, stock: Stock) -> StockRow {
    row(Stock { variant_id: variant_id(number), ..stock })
}

/// The event of a stock that nobody has set or adjusted.
fn first_stock(meta: EventMeta, stock: Stock) -> StoreEvent {
    StockChanged { meta, stock, on_hand_before: None, reason: None, low: false, was_low: false }.into()
}

/// The stock events, and the card where the last event lists one.
#[track_caller]
fn stocks_and_card(then: &Then<Store>) -> (Vec<Stock>, Option<&Listing>) {
    let stocks = then.all().iter().filter_map(|event| match event {
        StoreEvent::StockChanged(event) => Some(event.stock.clone()),
        _ => None,
    });
    let card = match then.all().last() {
        Some(StoreEvent::ProductListed(event)) => Some(&event.listing),
        _ => None,
    };
    (stocks.collect(), card)
}

#[test]
fn a_published_product_is_listed_with_its_first_stock() {
    let then = nothing::<Store>().when_said(changed(product(1)));
    let card = Listing { source_version: 1, ..listing(1) };
    then.events([
        StockChanged {
            meta: then.meta(0, variant_id(1), 1),
            stock: stock(1, 5),
            on_hand_before: None,
            reason: None,
            low: true,
            was_low: false,
        }
        .into(),
        listed_as(then.meta(1, product_id(1), 1), card.clone()),
    ]);
    then.rows([put(row(stock(1, 5))), put(low(&stock(1, 5))), put(listed(card))]);
}

#[test]
fn a_variant_without_a_piece_is_listed_as_sold_out() {
    let sold_out = Product { variants: vec![variant(1, None)], ..product(1) };
    let then = nothing::<Store>().when_said(changed(sold_out));
    let (stocks, card) = stocks_and_card(&then);
    assert_eq!(stocks, [stock(1, 0)], "from now on an adjustment can't go below it");
    assert!(!card.unwrap().variants[0].available);
}

#[test]
fn a_variant_that_is_not_counted_is_available_without_a_piece() {
    let uncounted = Variant { tracked: false, ..variant(1, None) };
    let then = nothing::<Store>().when_said(changed(Product { variants: vec![uncounted], ..product(1) }));
    let (stocks, card) = stocks_and_card(&then);
    assert_eq!(stocks, [Stock { tracked: false, ..stock(1, 0) }]);
    assert!(card.unwrap().variants[0].available);
}

#[test]
fn adjustments_before_the_product_came_are_added_to_its_first_stock() {
    let before = Stock { settled: false, ..stock(2, -2) };
    let then = given::<Store>(row(before)).when_said(changed(product(1)));
    assert_eq!(stocks_and_card(&then).0, [stock(3, 3)]);
}

#[test]
fn more_taken_than_the_first_stock_has_leaves_nothing_of_what_is_counted() {
    let before = Stock { settled: false, ..stock(2, -9) };
    let then = given::<Store>(row(before.clone())).when_said(changed(product(1)));
    assert_eq!(stocks_and_card(&then).0, [stock(3, 0)]);
    let uncounted = Product { variants: vec![Variant { tracked: false, ..variant(1, Some(5)) }], ..product(1) };
    let then = given::<Store>(row(before)).when_said(changed(uncounted));
    assert_eq!(stocks_and_card(&then).0, [Stock { tracked: false, ..stock(3, -4) }]);
}

#[test]
fn what_was_set_before_the_product_came_stands() {
    let then = given::<Store>(row(stock(1, 9))).when_said(changed(product(1)));
    let (stocks, card) = stocks_and_card(&then);
    assert_eq!((stocks.len(), card.map(|card| card.version)), (0, Some(1)));
}

#[test]
fn a_variant_that_begins_to_be_counted_goes_on_with_what_is_on_hand() {
    let before = Stock { tracked: false, ..stock(2, 7) };
    let then = given::<Store>(row(before)).when_said(changed(product(1)));
    assert_eq!(stocks_and_card(&then).0, [stock(3, 7)]);
    let below = Stock { tracked: false, ..stock(2, -7) };
    let then = given::<Store>(row(below)).when_said(changed(product(1)));
    assert_eq!(stocks_and_card(&then).0, [stock(3, 0)]);
}

#[test]
fn each_variant_has_its_own_stock_and_availability() {
    let product = Product { variants: vec![variant(1, Some(5)), variant(2, Some(8)), variant(3, None)], ..product(1) };
    let second = stock_of(2, stock(4, 0));
    let then = given::<Store>(low(&second.stock)).and(second).when_said(changed(product));
    let (stocks, card) = stocks_and_card(&then);
    let third = Stock { variant_id: variant_id(3), ..stock(1, 0) };
    assert_eq!(stocks, [stock(1, 5), third]);
    let available: Vec<bool> = card.unwrap().variants.iter().map(|variant| variant.available).collect();
    assert_eq!(available, [true, false, false]);
}

#[test]
fn a_newer_version_is_listed_again() {
    let renamed = Product { name: "Camisa polo".into(), ..product(5) };
    let before = given::<Store>(listed(listing(7))).and(row(stock(1, 9)));
    let event = ProductChanged { forgotten_slugs: vec!["velha".into()], ..changed(renamed) };
    let then = before.when_said(event);
    let card = Listing { name: "Camisa polo".into(), source_version: 5, ..listing(8) };
    let meta = then.meta(0, product_id(1), 8);
    let forgotten_slugs = vec!["velha".into()];
    let event = ProductListed { meta, listing: card.clone(), forgotten_slugs, low: vec![], not_low: vec![] };
    then.events([event.into()]);
    then.rows([put(listed(card))]);
}

#[test]
fn a_version_that_was_listed_already_changes_nothing() {
    for version in [3, 4] {
        given::<Store>(listed(listing(7))).when_said(changed(product(version))).nothing();
    }
}

#[test]
fn a_draft_is_not_listed_and_its_stock_begins() {
    let draft = Product { status: ProductStatus::Draft, ..product(1) };
    let then = nothing::<Store>().when_said(changed(draft));
    then.events([first_stock(then.meta(0, variant_id(1), 1), stock(1, 5))]);
}

fn is_unlisted(then: &Then<Store>, source_version: i64, forgotten: &[&str]) {
    let card = Listing { source_version, ..listing(8) };
    let forgotten_slugs = forgotten.iter().map(ToString::to_string).collect();
    let meta = then.meta(0, product_id(1), 8);
    then.events([ProductUnlisted { meta, listing: card.clone(), forgotten_slugs, not_low: vec![] }.into()]);
    then.rows([put(unlisted(card))]);
}

fn on_sale() -> Given<Store> {
    given::<Store>(listed(listing(7))).and(row(stock(1, 5)))
}

#[test]
fn a_product_that_becomes_a_draft_leaves_the_shop_with_all_its_addresses() {
    let draft = Product { status: ProductStatus::Draft, ..product(5) };
    let event = ProductChanged { forgotten_slugs: vec!["velha".into()], ..changed(draft) };
    is_unlisted(&on_sale().when_said(event), 5, &["velha", "camisa", "camiseta"]);
}

#[test]
fn a_product_whose_status_this_program_does_not_know_leaves_the_shop() {
    let unknown = Product { status: ProductStatus::Unknown, ..product(5) };
    is_unlisted(&on_sale().when_said(changed(unknown)), 5, &["camisa", "camiseta"]);
}

#[test]
fn a_draft_that_was_not_listed_is_not_unlisted() {
    let draft = Product { status: ProductStatus::Draft, ..product(5) };
    given::<Store>(unlisted(listing(7))).and(row(stock(1, 5))).when_said(changed(draft)).nothing();
}

#[test]
fn a_deleted_product_leaves_the_shop_and_no_later_word_of_it_counts() {
    let then = on_sale().when_said(deleted(product(6)));
    is_unlisted(&then, 7, &["camisa", "camiseta"]);
    then.then().when_said(changed(product(7))).nothing();
}

#[test]
fn a_product_that_was_never_listed_or_is_unlisted_is_not_unlisted_when_it_is_deleted() {
    nothing::<Store>().when_said(deleted(product(6))).nothing();
    given::<Store>(unlisted(listing(7))).when_said(deleted(product(6))).nothing();
}

#[test]
fn a_published_product_that_was_unlisted_comes_back() {
    let then = given::<Store>(unlisted(listing(7))).and(row(stock(1, 9))).when_said(changed(product(5)));
    let card = Listing { source_version: 5, ..listing(8) };
    then.rows([put(listed(card))]);
}

#[test]
fn tokens_answers_timers_and_names_of_admin_are_no_matter_of_the_store() {
    let token = Token {
        token_hash: "h".into(),
        label: "admin".into(),
        status: TokenStatus::Active,
        created_at: NOW,
        scopes: None,
        made_by: None,
    };
    nothing::<Store>().when_said(TokenChanged { meta: said("h", 1), token }).nothing();
    let mut meta = said("c", 1);
    let command_id = meta.causation_id;
    meta.answers =
        Some(feira_schemas::records::common::Answers { command_id, body_hash: "h".into(), outcome: Outcome::Refused });
    let answered = CommandAnswered { meta, code: None, detail: None, errors: vec![], body: None, entity: None };
    nothing::<Store>().when_said(answered).nothing();
    let timer_id = TimerId::from_uuid(Uuid::from_u128(0x70));
    let (due, bucket) = (NOW, hour_of(NOW));
    let (entity, what) = ("name:loja".into(), "claim_name".into());
    let set = TimerSet { meta: said(timer_id, 1), timer_id, entity, due, bucket, what, replaces: None };
    nothing::<Store>().when_said(set).nothing();
    nothing::<Store>().when_said(TimerCleared { meta: said(timer_id, 2), timer_id, due, bucket }).nothing();
    let name = ShopName { name: "loja".into(), version: 1, status: ShopNameStatus::Confirmed, asked: None };
    nothing::<Store>().when_said(ShopNameChanged { meta: said("name:loja", 1), name }).nothing();
}
