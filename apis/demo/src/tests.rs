//! Tests of what must hold for every shop, product and image of the demo.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashSet};

use feira_schemas::api::product::{ProductBody, product_content};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

use super::images::named;
use super::*;

#[test]
fn each_shop_is_large_and_mixed() {
    for shop in shops() {
        let featured = shop.products.iter().filter(|product| product.featured).count();
        let on_offer = shop.products.iter().filter(|product| product.was > 0).count();
        let stocks: Vec<u64> = bodies(&shop)
            .iter()
            .flat_map(|body| body["variants"].as_array().unwrap().clone())
            .map(|variant| variant["stock"].as_u64().unwrap())
            .collect();
        assert!(shop.products.len() >= 60, "{} has {}", shop.subdomain, shop.products.len());
        assert!((6..=16).contains(&featured), "{} features {featured}", shop.subdomain);
        assert!(on_offer >= 10, "{} has {on_offer} offers", shop.subdomain);
        assert!(stocks.contains(&0) && stocks.iter().any(|pieces| *pieces > 10), "{}", shop.subdomain);
    }
}

#[test]
fn slugs_and_skus_name_one_thing_each() {
    for shop in shops() {
        let mut slugs = HashSet::new();
        let mut skus = HashSet::new();
        for (product, body) in shop.products.iter().zip(bodies(&shop)) {
            assert!(slugs.insert(product.slug), "{} twice", product.slug);
            assert_eq!(slug::slugify(product.slug), product.slug);
            for variant in body["variants"].as_array().unwrap() {
                let sku = variant["sku"].as_str().unwrap().to_owned();
                assert!(sku.len() <= 64, "{sku}");
                assert!(skus.insert(sku.clone()), "{sku} twice");
            }
        }
    }
}

#[test]
fn categories_are_a_tree_with_products_in_its_leaves() {
    for shop in shops() {
        let mut seen = HashSet::new();
        for category in shop.categories {
            assert!(category.parent.is_none_or(|parent| seen.contains(parent)), "{} before its parent", category.slug);
            assert!(seen.insert(category.slug), "{} twice", category.slug);
        }
        let leaves = shop.categories.iter().filter(|category| category.parent.is_some());
        let mut counts: BTreeMap<&str, usize> = leaves.map(|category| (category.slug, 0)).collect();
        for product in shop.products {
            *counts
                .get_mut(product.category)
                .unwrap_or_else(|| panic!("{}: no leaf {}", product.slug, product.category)) += 1;
        }
        assert!(counts.values().all(|count| *count > 0), "{counts:?}");
    }
}

#[test]
fn descriptions_are_two_to_four_sentences_of_well_formed_html() {
    let mut wrong = Vec::new();
    for product in shops().iter().flat_map(|shop| shop.products) {
        let text =
            parse(&format!("<div>{}</div>", product.html)).unwrap_or_else(|error| panic!("{}: {error}", product.slug));
        let sentences = text.split_inclusive(['.', '!', '?']).filter(|part| part.trim().len() > 1).count();
        if !(2..=4).contains(&sentences) {
            wrong.push(format!("{}: {sentences} sentences", product.slug));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn prices_fall_when_something_is_on_offer_and_options_set_their_own() {
    for product in shops().iter().flat_map(|shop| shop.products) {
        assert!(product.was == 0 || product.was > product.price, "{}", product.slug);
        for axis in axes(product) {
            assert!(axis.percent.is_empty() || axis.percent.len() == axis.values.len(), "{}", product.slug);
        }
    }
    let book = shops()[2].products[0];
    let prices: Vec<u64> = to_body(&book, None)["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["price"]["amount"].as_u64().unwrap())
        .collect();
    assert_eq!(prices, [6490, 9490, 3790]);
}

#[test]
fn a_body_is_exactly_what_the_admin_api_takes() {
    let shop = shops()[0];
    let product = shop.products.iter().find(|product| product.slug == "lenco-azulejo").unwrap();
    let body = to_body(product, Some("c1"));
    assert_eq!(body["name"], "Lenço Azulejo");
    assert_eq!(body["category_id"], "c1");
    assert_eq!(body["options"], json!([{"name": "Cor", "values": ["Azul", "Terracota"]}]));
    let variant = &body["variants"][0];
    assert_eq!(variant["options"], json!({"Cor": "Azul"}));
    assert_eq!(
        (&variant["sku"], &variant["price"], &variant["cost"]),
        (
            &json!("LENC-AZUL-AZUL"),
            &json!({"amount": 9990, "currency": "BRL"}),
            &json!({"amount": 4495, "currency": "BRL"})
        )
    );
    assert!(to_body(product, None).get("category_id").is_none());

    for body in shops().iter().flat_map(bodies) {
        let written: ProductBody =
            serde_json::from_value(body.clone()).unwrap_or_else(|error| panic!("{error}: {body}"));
        product_content(written).unwrap_or_else(|errors| panic!("{errors:?}: {body}"));
    }
}

#[test]
fn barcodes_carry_a_right_check_digit() {
    let code = barcode("LENC-AZUL-AZUL");
    let sum: u32 =
        code.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    assert_eq!((code.len(), sum % 10, &code[..1]), (13, 0, "2"));
}

#[test]
fn colours_that_options_name_are_known_to_the_images() {
    for product in shops().iter().flat_map(|shop| shop.products) {
        for axis in axes(product).filter(|axis| ["Cor", "Acabamento"].contains(&axis.name)) {
            for value in axis.values {
                assert!(named(value).is_some(), "{}: no colour {value}", product.slug);
            }
        }
        for tone in [product.tones.0, product.tones.1] {
            assert!(tone.is_empty() || named(tone).is_some(), "{}: no colour {tone}", product.slug);
        }
    }
}

#[test]
fn every_image_is_well_formed_small_self_contained_and_its_own() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for product in shops().iter().flat_map(|shop| shop.products) {
        let images = images_of(product);
        assert!(!images.is_empty());
        for image in images {
            assert_sound(&image.svg, &image.file_name);
            assert!(!image.alt.is_empty());
            if let Some(twin) = seen.insert(image.svg, image.file_name.clone()) {
                panic!("{} looks like {twin}", image.file_name);
            }
        }
    }
    assert!(seen.len() > 300, "only {} images", seen.len());
}

#[test]
fn the_same_request_gives_the_same_image() {
    for shop in shops() {
        for product in &shop.products[..6] {
            let (first, second) = (images_of(product), images_of(product));
            assert!(first.iter().zip(&second).all(|(a, b)| a.svg == b.svg));
        }
        assert_eq!(shop.logo_svg(), shop.logo_svg());
    }
}

#[test]
fn logos_are_sound() {
    for shop in shops() {
        assert_sound(&shop.logo_svg(), shop.subdomain);
    }
}

fn bodies(shop: &DemoShop) -> Vec<Value> {
    shop.products.iter().map(|product| to_body(product, None)).collect()
}

fn assert_sound(svg: &str, name: &str) {
    /// The promise of `images::svg`.
    const LARGEST: usize = 12 * 1024;
    assert!(svg.len() <= LARGEST, "{name}: {} bytes", svg.len());
    parse(svg).unwrap_or_else(|error| panic!("{name}: {error}"));
    for outside in ["<script", "<image", "<foreignObject", "href=", "url(http", "@import", "NaN", "inf "] {
        assert!(!svg.contains(outside), "{name} holds {outside}");
    }
    // Every `url(#…)` must lead to a definition, or the shape it paints is black or gone.
    for reference in svg.split("url(#").skip(1) {
        let id = reference.split(')').next().unwrap();
        assert!(svg.contains(&format!("id=\"{id}\"")), "{name}: nothing defines {id}");
    }
}

/// Reads `xml` to its end and answers its text; an error when tags do not match or an entity or attribute is wrong.
fn parse(xml: &str) -> Result<String, String> {
    let mut reader = Reader::from_str(xml);
    let mut text = String::new();
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof if depth == 0 => return Ok(text),
            Event::Eof => return Err(format!("{depth} tags left open")),
            Event::Start(tag) => {
                depth += 1;
                check_attributes(&tag)?;
            }
            Event::Empty(tag) => check_attributes(&tag)?,
            Event::End(_) => depth -= 1,
            Event::Text(words) => text.push_str(&words.decode().map_err(|error| error.to_string())?),
            _ => {}
        }
        if xml.chars().any(|c| c < ' ' && c != '\n' || c == '\u{fffe}' || c == '\u{ffff}') {
            return Err("a character that XML forbids".to_owned());
        }
    }
}

fn check_attributes(tag: &quick_xml::events::BytesStart<'_>) -> Result<(), String> {
    tag.attributes().try_for_each(|attribute| attribute.map(|_| ()).map_err(|error| error.to_string()))
}
