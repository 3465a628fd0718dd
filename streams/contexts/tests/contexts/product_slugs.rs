//! Addresses of products: asked for, made from the name, kept, and those that lead to it from before.

use feira_contexts::admin::Admin;
use feira_schemas::{
    limits,
    problem::Code,
    records::{
        AdminEvent,
        admin::{CreateProduct, PatchProduct, Product, ProductChanged, ProductContent, ReplaceProduct},
        common::Outcome,
    },
    rows::admin::ProductSlugRow,
};

use crate::{
    given::{Given, NOW, SHOP, Then, asked, gone, product_id, put},
    sample::{content_of, new_content, product, product_changed, product_row, product_slug_row, shop},
};

fn create(name: &str, slug: Option<&str>) -> CreateProduct {
    let content = ProductContent { name: name.into(), slug: slug.map(str::to_owned), ..new_content() };
    CreateProduct { meta: asked(), content }
}

/// A product that others' slugs stand in the way of.
fn with_slug(number: u128, slug: &str) -> Product {
    Product { slug: slug.into(), ..product(number) }
}

fn moved_to(before: &Product, slug: &str) -> Then<Admin> {
    let content = ProductContent { slug: Some(slug.into()), ..content_of(before) };
    shop().with_product(before).when(ReplaceProduct { meta: asked(), product_id: before.product_id, content })
}

#[test]
fn a_slug_is_made_of_the_name() {
    assert_eq!(shop().when(create("Tênis de Corrida", None)).product().slug, "tenis-de-corrida");
}

#[test]
fn a_slug_that_is_asked_for_is_kept_as_it_is() {
    assert_eq!(shop().when(create("Tênis", Some("corrida"))).product().slug, "corrida");
}

#[test]
fn a_slug_that_another_product_has_is_refused() {
    let then = shop().with_product(&with_slug(2, "tenis")).when(create("Sapato", Some("tenis")));
    then.refused_for("/slug", Code::SlugTaken);
    let answered = then.refused(Code::SlugTaken);
    assert_eq!(answered.detail.as_deref(), Some("Este endereço já é de outro item (produto) da loja. Escolha outro."));
}

#[test]
fn a_slug_that_leads_to_another_product_is_refused() {
    let other = Product { slug_history: vec!["tenis".into()], ..with_slug(2, "sapato") };
    shop().with_product(&other).when(create("Tênis", Some("tenis"))).refused(Code::SlugTaken);
}

#[test]
fn a_product_is_not_moved_to_the_slug_of_another() {
    let given = shop().with_product(&with_slug(2, "tenis")).with_product(&product(1));
    let content = ProductContent { slug: Some("tenis".into()), ..content_of(&product(1)) };
    let then = given.when(ReplaceProduct { meta: asked(), product_id: product_id(1), content });
    then.refused_for("/slug", Code::SlugTaken);
}

fn taken(slugs: impl IntoIterator<Item = String>) -> Given<Admin> {
    (2..).zip(slugs).fold(shop(), |given, (number, slug)| given.with_product(&with_slug(number, &slug)))
}

#[test]
fn products_of_one_name_are_numbered_from_two_to_five() {
    for number in 2..=5 {
        let before = (1..number).map(|n| if n == 1 { "tenis".into() } else { format!("tenis-{n}") });
        assert_eq!(taken(before).when(create("Tênis", None)).product().slug, format!("tenis-{number}"));
    }
}

#[test]
fn the_sixth_product_of_a_name_gets_the_end_of_its_id() {
    let then = taken(["tenis", "tenis-2", "tenis-3", "tenis-4", "tenis-5"].map(str::to_owned));
    let then = then.when(create("Tênis", None));
    assert_eq!(then.product().slug, format!("tenis-{}", &then.derived(0).simple().to_string()[20..]));
}

#[test]
fn a_name_of_which_nothing_can_stand_in_an_address_gives_a_slug_that_says_what_it_is() {
    assert_eq!(shop().when(create("???", None)).product().slug, "produto");
    assert_eq!(taken(["produto".to_owned()]).when(create("???", None)).product().slug, "produto-2");
}

#[test]
fn a_slug_of_a_long_name_leaves_room_for_the_end_of_an_id() {
    let then = shop().when(create(&"a".repeat(limits::NAME_CHARS), None));
    assert_eq!(then.product().slug, "a".repeat(limits::SLUG_CHARS - 14));
}

#[test]
fn a_slug_of_a_long_name_does_not_end_in_a_hyphen() {
    let then = shop().when(create(&format!("{} bcd", "a".repeat(limits::SLUG_CHARS - 15)), None));
    assert_eq!(then.product().slug, "a".repeat(limits::SLUG_CHARS - 15));
}

#[test]
fn a_product_that_is_renamed_keeps_its_slug() {
    let content = ProductContent { name: "Blusa".into(), ..content_of(&product(1)) };
    let command = ReplaceProduct { meta: asked(), product_id: product_id(1), content };
    let renamed = Product { name: "Blusa".into(), ..product(1) };
    shop().with_product(&product(1)).when(command).is_now(renamed);
}

#[test]
fn a_patch_that_takes_the_slug_away_leaves_it() {
    let merge_patch = r#"{"slug": null, "name": "Blusa"}"#.into();
    let then =
        shop().with_product(&product(1)).when(PatchProduct { meta: asked(), product_id: product_id(1), merge_patch });
    then.is_now(Product { name: "Blusa".into(), ..product(1) });
}

#[test]
fn a_slug_that_was_changed_redirects_from_then_on() {
    let before = Product { slug_history: vec!["blusa".into()], ..product(1) };
    let slug_history = vec!["camisa".into(), "blusa".into()];
    moved_to(&before, "camiseta").is_now(Product { slug: "camiseta".into(), slug_history, ..before });
}

#[test]
fn a_slug_that_the_product_had_before_is_its_own() {
    let before = Product { slug_history: vec!["blusa".into(), "camiseta".into()], ..product(1) };
    let slug_history = vec!["camisa".into(), "blusa".into()];
    moved_to(&before, "camiseta").is_now(Product { slug: "camiseta".into(), slug_history, ..before });
}

#[test]
fn the_present_slug_asked_for_again_changes_nothing() {
    let before = Product { slug_history: vec!["blusa".into()], ..product(1) };
    moved_to(&before, "camisa").unchanged();
}

#[test]
fn the_oldest_slug_of_a_full_history_is_forgotten() {
    let history: Vec<String> = (1..=limits::SLUG_HISTORY).rev().map(|number| format!("antiga-{number}")).collect();
    let before = Product { slug_history: history.clone(), ..product(1) };
    let then = moved_to(&before, "camiseta");
    let slug_history = [&["camisa".to_owned()], &history[..limits::SLUG_HISTORY - 1]].concat();
    let after = Product { version: 4, slug: "camiseta".into(), slug_history, updated_at: NOW, ..before };
    let meta = then.answering(0, product_id(1), 4, Outcome::Updated);
    let forgotten_slugs = vec!["antiga-1".to_owned()];
    then.events([ProductChanged { forgotten_slugs, ..product_changed(meta, after.clone()) }.into()]);
    then.rows([
        put(product_row(&after)),
        put(product_slug_row("camiseta", &after)),
        gone::<ProductSlugRow>(ProductSlugRow::at(SHOP, "antiga-1")),
    ]);
}

#[test]
fn a_forgotten_slug_is_anybodys() {
    let history: Vec<String> = (1..=limits::SLUG_HISTORY).rev().map(|number| format!("antiga-{number}")).collect();
    let then = moved_to(&Product { slug_history: history, ..product(1) }, "camiseta");
    let then = then.then().when(create("Outra", Some("antiga-1")));
    assert!(matches!(then.event(), AdminEvent::ProductChanged(event) if event.product.slug == "antiga-1"));
}
