//! The rules that a written product must keep. The API refuses early with them; decisions check them again,
//! because a merge patch is whole only there.

use std::{collections::HashSet, mem::take};

use super::{
    body::{OptionBody, ProductBody, StatusBody, VariantBody},
    fields::{
        BARCODE, COMPARE_AT_PRICE, COST, DESCRIPTION, OPTION_NAME, OPTION_VALUE, OPTIONS, PRICE, SEO_DESCRIPTION,
        SEO_TITLE, SKU, STOCK, TAG, TAGS, VARIANTS, VENDOR, WEIGHT,
    },
};
use crate::{
    api::rules::{Errors, NAME, check_slug, filled, parse_id},
    catalogue::variant_key,
    limits,
    problem::{Code, FieldError},
    records::{
        admin::{ProductContent, VariantContent},
        catalogue::{ProductOption, ProductStatus, Seo},
    },
    refusals,
    text::composed,
};

/// The content a command carries, or everything that is wrong with the body.
///
/// The description must have been cleaned before; its limit is checked here.
pub fn product_content(mut body: ProductBody) -> Result<ProductContent, Vec<FieldError>> {
    let (options_given, variants_given) = (take(&mut body.options), take(&mut body.variants));
    let mut errors = Errors::default();
    let content = without_variants(body, &mut errors);
    let options = options(&options_given, &mut errors);
    let variants = variants(variants_given, &options, &mut errors);
    errors.or(ProductContent { options, variants, ..content })
}

/// The content of a body with the options and variants that the product has: neither is looked at, and the content has none.
pub fn product_content_without_variants(body: ProductBody) -> Result<ProductContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let content = without_variants(body, &mut errors);
    errors.or(content)
}

fn without_variants(body: ProductBody, errors: &mut Errors) -> ProductContent {
    let slug = filled(body.slug);
    NAME.check(errors, "/name", Some(&body.name));
    check_slug(errors, slug.as_deref());
    let description = body.description.unwrap_or_default();
    DESCRIPTION.check(errors, "/description", &description);
    let vendor = filled(body.vendor);
    VENDOR.check(errors, "/vendor", vendor.as_deref());
    let category_id = parse_id(errors, "/category_id", filled(body.category_id), refusals::NO_SUCH_CATEGORY);
    let tags = tags(body.tags, errors);
    let seo = body.seo.map(|seo| Seo { title: filled(seo.title), description: filled(seo.description) });
    if let Some(seo) = &seo {
        SEO_TITLE.check(errors, "/seo/title", seo.title.as_deref());
        SEO_DESCRIPTION.check(errors, "/seo/description", seo.description.as_deref());
    }
    let status = match body.status {
        StatusBody::Draft => ProductStatus::Draft,
        StatusBody::Published => ProductStatus::Published,
    };
    ProductContent {
        name: body.name.trim().to_owned(),
        slug,
        description,
        category_id,
        vendor,
        tags,
        status,
        featured: body.featured,
        options: Vec::new(),
        variants: Vec::new(),
        seo,
    }
}

fn tags(tags: Vec<String>, errors: &mut Errors) -> Vec<String> {
    if !TAGS.check(errors, "/tags", tags.len()) {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(tags.len());
    for (index, tag) in tags.iter().enumerate() {
        let tag = tag.trim();
        TAG.check(errors, &format!("/tags/{index}"), Some(tag));
        if !tag.is_empty() && seen.insert(tag.to_lowercase()) {
            kept.push(tag.to_owned());
        }
    }
    kept
}

fn options(options: &[OptionBody], errors: &mut Errors) -> Vec<ProductOption> {
    if !OPTIONS.check(errors, "/options", options.len()) {
        return Vec::new();
    }
    let mut names = HashSet::new();
    let mut kept = Vec::with_capacity(options.len());
    for (index, option) in options.iter().enumerate() {
        let pointer = format!("/options/{index}");
        // Also of what was kept before letters came in as one sign each.
        let name = composed(option.name.trim()).into_owned();
        OPTION_NAME.check(errors, &format!("{pointer}/name"), Some(&name));
        if !names.insert(name.to_lowercase()) {
            errors.add(&format!("{pointer}/name"), Code::Duplicate, "Duas opções têm o mesmo nome.");
        }
        if option.values.is_empty() || option.values.len() > limits::VARIANTS {
            let detail = format!("Uma opção tem de 1 a {} valores.", refusals::grouped(limits::VARIANTS));
            errors.add(&format!("{pointer}/values"), Code::OutOfRange, detail);
            continue;
        }
        let mut values = HashSet::new();
        for (at, value) in option.values.iter().enumerate() {
            let pointer = format!("{pointer}/values/{at}");
            OPTION_VALUE.check(errors, &pointer, Some(value));
            if !values.insert(composed(value.trim()).to_lowercase()) {
                errors.add(&pointer, Code::Duplicate, "O valor aparece duas vezes.");
            }
        }
        let values = option.values.iter().map(|value| composed(value.trim()).into_owned());
        kept.push(ProductOption { name, values: values.collect() });
    }
    kept
}

fn variants(bodies: Vec<VariantBody>, options: &[ProductOption], errors: &mut Errors) -> Vec<VariantContent> {
    if bodies.is_empty() {
        errors.add("/variants", Code::Required, "Informe ao menos uma variante, com o preço.");
    }
    if !VARIANTS.check(errors, "/variants", bodies.len()) {
        return Vec::new();
    }
    let (mut ids, mut skus, mut keys) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut kept = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.into_iter().enumerate() {
        let pointer = format!("/variants/{index}");
        let Some(variant) = variant(body, &pointer, options, errors) else { continue };
        if variant.variant_id.as_ref().is_some_and(|id| !ids.insert(*id)) {
            errors.add(&format!("{pointer}/id"), Code::Duplicate, "O id aparece duas vezes.");
        }
        if variant.sku.as_ref().is_some_and(|sku| !skus.insert(sku.to_lowercase())) {
            errors.add(&format!("{pointer}/sku"), Code::Duplicate, "O SKU aparece duas vezes neste produto.");
        }
        if !keys.insert(variant_key(&variant.options)) {
            errors.add(&format!("{pointer}/options"), Code::Duplicate, "Duas variantes têm as mesmas opções.");
        }
        kept.push(variant);
    }
    kept
}

fn variant(body: VariantBody, pointer: &str, options: &[ProductOption], errors: &mut Errors) -> Option<VariantContent> {
    let field = |name: &str| format!("{pointer}/{name}");
    let variant_id = parse_id(errors, &field("id"), filled(body.id), refusals::NO_SUCH_VARIANT);
    let (sku, barcode) = (filled(body.sku), filled(body.barcode));
    SKU.check(errors, &field("sku"), sku.as_deref());
    BARCODE.check(errors, &field("barcode"), barcode.as_deref());
    WEIGHT.check(errors, &field("weight_grams"), body.weight_grams);
    STOCK.check(errors, &field("stock"), body.stock);
    let values = option_values(&body.options, pointer, options, errors);
    let Some(price) = body.price else {
        errors.add(&field("price"), Code::Required, refusals::PRICE_MISSING);
        return None;
    };
    PRICE.check(errors, &field("price"), Some(price));
    COMPARE_AT_PRICE.check(errors, &field("compare_at_price"), body.compare_at_price);
    COST.check(errors, &field("cost"), body.cost);
    // A price before that is not above the price would show a discount that is none.
    let compare_at_price = body.compare_at_price.filter(|before| before.amount > price.amount);
    Some(VariantContent {
        variant_id,
        sku,
        options: values?,
        price,
        compare_at_price,
        cost: body.cost,
        barcode,
        weight_grams: body.weight_grams,
        stock: body.stock,
        tracked: body.tracked.unwrap_or(true),
    })
}

/// The variant's value for each option of the product, in the options' order.
fn option_values(
    given: &serde_json::Map<String, serde_json::Value>,
    pointer: &str,
    options: &[ProductOption],
    errors: &mut Errors,
) -> Option<Vec<String>> {
    let pointer = format!("{pointer}/options");
    if let Some(unknown) = given.keys().find(|name| !options.iter().any(|option| option.name == composed(name.trim())))
    {
        errors.add(&pointer, Code::UnknownReference, format!("O produto não tem a opção «{unknown}»."));
        return None;
    }
    let mut values = Vec::with_capacity(options.len());
    for option in options {
        let given = given.iter().find(|(name, _)| composed(name.trim()) == option.name);
        let value = given.and_then(|(_, value)| value.as_str()).map(|value| composed(value.trim()));
        let Some(value) = value.and_then(|value| option.values.iter().find(|known| **known == value)) else {
            errors.add(&pointer, Code::Invalid, format!("Informe um dos valores da opção «{}».", option.name));
            return None;
        };
        values.push(value.clone());
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn codes(body: serde_json::Value) -> Vec<(String, Code)> {
        let body = serde_json::from_value(body).unwrap();
        let errors = product_content(body).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn the_smallest_product_is_a_name_and_a_price() {
        let body = json!({"name": " Caneca ", "variants": [{"price": {"amount": 100, "currency": "BRL"}}]});
        let content = product_content(serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!((content.name.as_str(), content.variants.len(), content.slug), ("Caneca", 1, None));
    }

    #[test]
    fn every_limit_is_named_where_it_is_broken() {
        let price = json!({"amount": 100, "currency": "BRL"});
        let long = "x".repeat(256);
        for (body, expected) in [
            (json!({"name": "", "variants": [{"price": price}]}), ("/name", Code::Required)),
            (json!({"name": long, "variants": [{"price": price}]}), ("/name", Code::TooLong)),
            (json!({"name": "a", "slug": "A b", "variants": [{"price": price}]}), ("/slug", Code::Invalid)),
            (json!({"name": "a"}), ("/variants", Code::Required)),
            (json!({"name": "a", "variants": [{}]}), ("/variants/0/price", Code::Required)),
            (
                json!({"name": "a", "variants": [{"price": {"amount": -1, "currency": "BRL"}}]}),
                ("/variants/0/price/amount", Code::OutOfRange),
            ),
            (
                json!({"name": "a", "variants": [{"price": price, "stock": -1}]}),
                ("/variants/0/stock", Code::OutOfRange),
            ),
            (
                json!({"name": "a", "variants": [{"price": price, "options": {"Cor": "Azul"}}]}),
                ("/variants/0/options", Code::UnknownReference),
            ),
            (
                json!({"name": "a", "variants": [{"price": price}, {"price": price}]}),
                ("/variants/1/options", Code::Duplicate),
            ),
            (
                json!({"name": "a", "category_id": "7", "variants": [{"price": price}]}),
                ("/category_id", Code::UnknownReference),
            ),
            (json!({"name": "a", "tags": vec!["t"; 101], "variants": [{"price": price}]}), ("/tags", Code::TooLong)),
        ] {
            let found = codes(body.clone());
            assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{body} → {found:?}");
        }
    }

    #[test]
    fn letters_in_two_signs_are_the_same_option() {
        let price = json!({"amount": 100, "currency": "BRL"});
        let body = json!({"name": "a", "options": [{"name": "Cor\u{327}", "values": ["A\u{302}mbar", "Cru"]}], "variants": [
            {"price": price, "options": {"Cor\u{327}": "Âmbar"}}, {"price": price, "options": {" Cor\u{327}": "Cru"}}]});
        let content = product_content(serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!(content.options[0].values, ["Âmbar", "Cru"]);
        assert_eq!(content.variants[0].options, ["Âmbar"]);
    }

    #[test]
    fn an_empty_sku_is_never_a_double() {
        let price = json!({"amount": 100, "currency": "BRL"});
        let options = json!([{"name": "Cor", "values": ["Azul", "Verde"]}]);
        let variant = |colour: &str, sku: &str| json!({"price": price, "sku": sku, "options": {"Cor": colour}});
        assert!(
            codes(json!({"name": "a", "options": options, "variants": [variant("Azul", ""), variant("Verde", " ")]}))
                .is_empty()
        );
        let doubled =
            codes(json!({"name": "a", "options": options, "variants": [variant("Azul", "x"), variant("Verde", "X")]}));
        assert_eq!(doubled, [("/variants/1/sku".to_owned(), Code::Duplicate)]);
    }
}
