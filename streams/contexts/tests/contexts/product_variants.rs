//! Variants of a product that is written again: which of before each means.

use feira_contexts::admin::Admin;
use feira_schemas::{
    ids::VariantId,
    money::Money,
    problem::Code,
    records::{
        admin::{CreateProduct, Product, ProductContent, ReplaceProduct, Variant, VariantContent},
        catalogue::ProductOption,
    },
};

use crate::{
    given::{Then, asked, product_id, variant_id},
    sample::{content_of, product, shop, variant, variant_content},
};

fn colours(name: &str) -> Vec<ProductOption> {
    vec![ProductOption { name: name.into(), values: vec!["Azul".into(), "Verde".into(), "Rosa".into()] }]
}

fn coloured(number: u128, colour: &str, sku: &str) -> Variant {
    Variant { options: vec![colour.into()], sku: Some(sku.into()), ..variant(number) }
}

/// A product in blue and green.
fn before() -> Product {
    let variants = vec![coloured(1, "Azul", "A"), coloured(2, "Verde", "V")];
    Product { options: colours("Cor"), variants, ..product(1) }
}

fn written(variants: Vec<VariantContent>) -> Then<Admin> {
    let content = ProductContent { variants, ..content_of(&before()) };
    shop().with_product(&before()).when(ReplaceProduct { meta: asked(), product_id: product_id(1), content })
}

#[test]
fn a_variant_is_the_one_whose_id_it_names_whatever_else_it_says() {
    let swapped = [coloured(1, "Verde", "V"), coloured(2, "Azul", "A")];
    let then = written(swapped.iter().map(|variant| variant_content(Some(variant.variant_id), variant)).collect());
    then.is_now(Product { variants: swapped.to_vec(), ..before() });
}

#[test]
fn a_variant_without_an_id_is_the_one_of_its_option_values() {
    let (blue, green) = (coloured(1, "Azul", "V"), coloured(2, "Verde", "A"));
    let then = written(vec![variant_content(None, &green), variant_content(None, &blue)]);
    then.is_now(Product { variants: vec![green, blue], ..before() });
}

#[test]
fn a_variant_without_an_id_and_of_other_values_is_the_one_of_its_code() {
    let pink = coloured(2, "Rosa", "V");
    let then = written(vec![variant_content(None, &pink)]);
    then.is_now(Product { variants: vec![pink], ..before() });
}

#[test]
fn options_in_another_order_are_the_same_options() {
    let sizes = ProductOption { name: "Tamanho".into(), values: vec!["Azul".into(), "P".into()] };
    let both = |number, first: &str, second: &str| Variant {
        options: vec![first.into(), second.into()],
        sku: None,
        ..variant(number)
    };
    let variants = vec![both(1, "Azul", "P"), both(2, "Verde", "Azul")];
    let before = Product { options: vec![colours("Cor").remove(0), sizes.clone()], variants, ..product(1) };
    let now = Product {
        options: vec![sizes, colours("Cor").remove(0)],
        variants: vec![both(1, "P", "Azul"), both(2, "Azul", "Verde")],
        ..before.clone()
    };
    let variants = now.variants.iter().map(|variant| variant_content(None, variant)).collect();
    let content = ProductContent { variants, ..content_of(&now) };
    let then = shop().with_product(&before).when(ReplaceProduct { meta: asked(), product_id: product_id(1), content });
    then.is_now(now);
}

#[test]
fn a_variant_that_none_of_before_is_is_new_with_the_stock_that_it_says() {
    let pink = coloured(0, "Rosa", "R");
    let blue = coloured(1, "Azul", "A");
    let content = VariantContent { stock: Some(30), ..variant_content(None, &pink) };
    let then = written(vec![variant_content(None, &blue), content]);
    // Index 0 is the product's own, and 1 would be the first variant's.
    let new = Variant { variant_id: VariantId::from_uuid(then.derived(2)), initial_stock: Some(30), ..pink };
    then.is_now(Product { variants: vec![blue, new], ..before() });
}

#[test]
fn the_stock_that_a_variant_began_with_stays_whatever_is_said_of_it() {
    let blue = coloured(1, "Azul", "A");
    let content = VariantContent { stock: Some(30), ..variant_content(None, &blue) };
    written(vec![content]).is_now(Product { variants: vec![blue], ..before() });
}

#[test]
fn everything_else_of_a_variant_is_as_it_is_written() {
    let blue = Variant {
        sku: None,
        price: Money::brl(9_990),
        compare_at_price: Some(Money::brl(12_990)),
        cost: Some(Money::brl(1_000)),
        barcode: Some("123".into()),
        weight_grams: Some(120),
        tracked: false,
        ..coloured(1, "Azul", "A")
    };
    let then = written(vec![variant_content(Some(variant_id(1)), &blue)]);
    then.is_now(Product { variants: vec![blue], ..before() });
}

#[test]
fn every_id_that_no_variant_of_the_product_has_is_refused_at_its_place() {
    let (blue, green) = (coloured(1, "Azul", "A"), coloured(2, "Verde", "V"));
    let unknown = |number, variant: &Variant| variant_content(Some(variant_id(number)), variant);
    let then = written(vec![unknown(8, &blue), variant_content(None, &green), unknown(9, &coloured(0, "Rosa", "R"))]);
    let errors = &then.refused(Code::Invalid).errors;
    let errors: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
    assert_eq!(errors, [("/variants/0/id", "unknown_reference"), ("/variants/2/id", "unknown_reference")]);
}

#[test]
fn an_id_that_no_variant_of_the_product_has_is_refused_to_a_new_product_too() {
    let content = ProductContent { slug: Some("outra".into()), ..content_of(&before()) };
    let command = CreateProduct { meta: asked(), content };
    let then = shop().when(command);
    assert_eq!(then.refused(Code::Invalid).errors.len(), 2);
}
