//! A product's page: gallery, price, variants that are chosen by links, details, related products.

use crate::pages::filters;
use crate::pages::format::{percent_off, weight};
use crate::pages::pieces::{Card, CategoryLink, CleanHtml, PaymentLine, Picture, Shop};
use crate::{links, pages::structured};
use askama::Template;
use feira_schemas::limits::CART_PIECES;
use serde_json::{Value, json};
use std::collections::HashMap;

/// An option with more values than this is a list to open instead of a row of buttons.
const VALUES_AS_BUTTONS: usize = 24;
/// The words for options that no variant joins.
pub const NO_SUCH_MIX: &str =
    "Não há esta combinação de opções. A mais próxima está escolhida: confira antes de adicionar.";

/// A product with its variants, as buyers may see it.
#[derive(Debug, Clone, Default)]
pub struct Product {
    /// The id, by which it goes into a cart.
    pub id: String,
    /// The slug in `/product/{slug}`.
    pub slug: String,
    /// The product's name, which the buyer reads.
    pub name: String,
    /// Brand or maker.
    pub vendor: Option<String>,
    /// The merchant's description, cleaned.
    pub description: CleanHtml,
    /// The images in the merchant's order; the first stands for the product elsewhere.
    pub images: Vec<Picture>,
    /// The options, at most three.
    pub options: Vec<ProductOption>,
    /// The variants in the merchant's order; a product without options has one.
    pub variants: Vec<Variant>,
    /// The categories from the outermost to the product's own; empty when it is in none.
    pub categories: Vec<CategoryLink>,
    /// Title for search engines, instead of the name.
    pub seo_title: Option<String>,
    /// Description for search engines, instead of the beginning of the merchant's text.
    pub seo_description: Option<String>,
}

/// A choice such as size or colour.
#[derive(Debug, Clone, Default)]
pub struct ProductOption {
    /// The option's name: `Tamanho`.
    pub name: String,
    /// The option's values in the merchant's order: `P`, `M`, `G`.
    pub values: Vec<String>,
}

/// A variant, which can be bought.
#[derive(Debug, Clone, Default)]
pub struct Variant {
    /// The value of the `variant` parameter.
    pub id: String,
    /// The merchant's code (SKU).
    pub sku: Option<String>,
    /// The trade item number (GTIN), of 8, 12, 13 or 14 digits.
    pub gtin: Option<String>,
    /// One value per option, in the options' order.
    pub values: Vec<String>,
    /// The price in centavos.
    pub price: i64,
    /// The price before, in centavos.
    pub compare_at: Option<i64>,
    /// True if the variant can be bought now.
    pub available: bool,
    /// The weight in grams.
    pub weight_grams: Option<u32>,
    /// The shop's best way to pay it.
    pub payment: Option<PaymentLine>,
}

/// The model of a product's page.
#[derive(Debug, Template)]
#[template(path = "product/product.html")]
pub struct ProductPage<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The product.
    pub product: &'a Product,
    /// The `variant` parameter as it came; an unknown one is ignored.
    pub variant: Option<String>,
    /// Other products of its category; five fill a row.
    pub related: Vec<Card>,
    /// What was typed to put it into the cart.
    pub adding: Adding,
}

/// The form by which a product goes into the cart.
#[derive(Debug, Clone)]
pub struct Adding {
    /// How many, as it was typed.
    pub quantity: String,
    /// The words for what is wrong with that.
    pub wrong: Option<String>,
    /// The words for what is wrong with the options that were chosen.
    pub wrong_options: Option<&'static str>,
    /// The form's `Idempotency-Key`; none on a page that is everybody's.
    pub key: Option<String>,
}

impl Default for Adding {
    fn default() -> Self {
        Self { quantity: "1".to_owned(), wrong: None, wrong_options: None, key: None }
    }
}

/// True if an option of these values is a list to open.
pub(super) fn is_list(values: &[String]) -> bool {
    values.len() > VALUES_AS_BUTTONS
}

/// The page as HTML.
pub fn render(page: &ProductPage<'_>) -> askama::Result<String> {
    page.render()
}

impl Product {
    /// The variant a page shows: the one asked for, else the first that can be bought, else the first.
    pub fn choose(&self, asked: Option<&str>) -> Option<&Variant> {
        let named = asked.and_then(|id| self.variants.iter().find(|variant| variant.id == id));
        named.or_else(|| self.variants.iter().find(|variant| variant.available)).or_else(|| self.variants.first())
    }
}

/// An option as the page shows it.
struct Choice<'a> {
    name: &'a str,
    chosen: &'a str,
    as_list: bool,
    values: Vec<ValueLink<'a>>,
}

/// One value of an option and the variant that choosing it leads to.
struct ValueLink<'a> {
    text: &'a str,
    href: String,
    chosen: bool,
    available: bool,
    /// No variant joins this value with the others chosen; choosing it changes them.
    changes_others: bool,
}

/// A row of the table of details.
struct Detail<'a> {
    name: &'static str,
    value: std::borrow::Cow<'a, str>,
}

impl<'a> ProductPage<'a> {
    fn here(&self) -> &str {
        self.product.categories.first().map_or("", |outermost| &outermost.slug)
    }

    fn chosen(&self) -> Option<&'a Variant> {
        self.product.choose(self.variant.as_deref())
    }

    fn canonical(&self) -> String {
        links::absolute(&self.shop.origin, &links::product(&self.product.slug))
    }

    fn path(&self) -> String {
        links::product(&self.product.slug)
    }

    /// A name that would push the price off a phone's screen is set smaller.
    fn has_long_name(&self) -> bool {
        self.product.name.chars().count() > 70
    }

    fn seo_title(&self) -> &str {
        self.product.seo_title.as_deref().unwrap_or(&self.product.name)
    }

    fn seo_description(&self) -> String {
        let written = self.product.seo_description.clone().filter(|text| !text.is_empty());
        let written = written.unwrap_or_else(|| self.product.description.summary(155));
        if written.is_empty() { format!("{} em {}.", self.product.name, self.shop.name) } else { written }
    }

    fn share_image(&self) -> Option<String> {
        let image = self.product.images.iter().find(|image| image.is_bitmap())?;
        Some(links::absolute(&self.shop.origin, &image.url))
    }

    fn is_available(&self) -> bool {
        self.chosen().is_some_and(|variant| variant.available)
    }

    fn most_pieces(&self) -> i64 {
        CART_PIECES
    }

    /// True if an option is chosen in a list: then the form sends the values of all options, by which the variant is found.
    fn has_list(&self) -> bool {
        self.product.options.iter().any(|option| is_list(&option.values))
    }

    /// The options that were chosen by links, as they stand beside the button. Lists say theirs themselves.
    fn chosen_options(&self) -> String {
        let values = self.chosen().map(|variant| variant.values.as_slice()).unwrap_or_default();
        let pairs = self.product.options.iter().zip(values);
        let said = pairs.filter(|(option, value)| !is_list(&option.values) && !value.is_empty());
        said.map(|(option, value)| format!("{}: {value}", option.name)).collect::<Vec<_>>().join(" · ")
    }

    fn choices(&self) -> Vec<Choice<'a>> {
        self.chosen().map(|chosen| choices(self.product, chosen)).unwrap_or_default()
    }

    fn details(&self) -> Vec<Detail<'a>> {
        let chosen = self.chosen();
        let mut details = Vec::new();
        let mut add = |name, value: Option<std::borrow::Cow<'a, str>>| {
            details.extend(value.filter(|value| !value.is_empty()).map(|value| Detail { name, value }));
        };
        add("Marca", self.product.vendor.as_deref().map(Into::into));
        add("Categoria", self.product.categories.last().map(|category| category.name.as_str().into()));
        add("Código", chosen.and_then(|variant| variant.sku.as_deref()).map(Into::into));
        add("Peso", chosen.and_then(|variant| variant.weight_grams).map(|grams| weight(grams).into()));
        details
    }

    fn json_ld(&self) -> String {
        json_ld(self.shop, self.product, self.chosen(), &self.seo_description())
    }

    fn json_ld_breadcrumbs(&self) -> String {
        let own = (self.product.name.clone(), self.path());
        structured::breadcrumbs(self.shop, self.product.categories.iter(), Some(own))
    }
}

impl Variant {
    fn decimal_price(&self) -> String {
        structured::decimal(self.price)
    }

    fn percent_off(&self) -> Option<i64> {
        percent_off(self.price, self.compare_at)
    }
}

/// The choices: for every option and value, the variant that choosing it leads to: the one that differs from the
/// chosen variant in this option alone, else the first with this value that can be bought, else the first with it.
/// Values of no variant are left out. One pass over the variants, since there may be two thousand.
fn choices<'a>(product: &'a Product, chosen: &'a Variant) -> Vec<Choice<'a>> {
    let mut exact: HashMap<(usize, &str), &Variant> = HashMap::new();
    let mut nearest: HashMap<(usize, &str), &Variant> = HashMap::new();
    for variant in &product.variants {
        let differing = variant.values.iter().zip(&chosen.values).filter(|(own, other)| own != other).count();
        for (index, value) in variant.values.iter().enumerate() {
            let same_here = chosen.values.get(index) == Some(value);
            if differing == usize::from(!same_here) {
                exact.entry((index, value)).or_insert(variant);
            }
            let best = nearest.entry((index, value)).or_insert(variant);
            if !best.available && variant.available {
                *best = variant;
            }
        }
    }
    let link = |index: usize, text: &'a str| {
        let fitting = exact.get(&(index, text));
        let target = fitting.or_else(|| nearest.get(&(index, text)))?;
        Some(ValueLink {
            text,
            href: links::variant(&product.slug, &target.id),
            chosen: chosen.values.get(index).is_some_and(|value| value == text),
            available: target.available,
            changes_others: fitting.is_none(),
        })
    };
    let choice = |(index, option): (usize, &'a ProductOption)| Choice {
        name: &option.name,
        chosen: chosen.values.get(index).map_or("", String::as_str),
        as_list: is_list(&option.values),
        values: option.values.iter().filter_map(|value| link(index, value)).collect(),
    };
    product.options.iter().enumerate().map(choice).collect()
}

/// A product with the offer of the variant that the page shows, for search engines.
fn json_ld(shop: &Shop, product: &Product, chosen: Option<&Variant>, description: &str) -> String {
    let url = links::absolute(&shop.origin, &links::product(&product.slug));
    let bitmaps = product.images.iter().filter(|image| image.is_bitmap());
    let images: Vec<String> = bitmaps.map(|image| links::absolute(&shop.origin, &image.url)).collect();
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "description": description,
        "url": url,
    });
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            data[name] = value;
        }
    };
    set("image", Some(images).filter(|images| !images.is_empty()).map(|images| json!(images)));
    set("brand", product.vendor.as_ref().map(|name| json!({"@type": "Brand", "name": name})));
    set("category", product.categories.last().map(|category| json!(category.name)));
    set("sku", chosen.and_then(|variant| variant.sku.as_ref()).map(|sku| json!(sku)));
    if let Some(gtin) = chosen.and_then(|variant| variant.gtin.as_ref()) {
        set(&format!("gtin{}", gtin.len()), Some(json!(gtin)));
    }
    set("offers", chosen.map(|variant| offer(shop, product, variant)));
    structured::embed(&data)
}

fn offer(shop: &Shop, product: &Product, variant: &Variant) -> Value {
    let availability = if variant.available { "InStock" } else { "OutOfStock" };
    let path = if product.variants.len() > 1 {
        links::variant(&product.slug, &variant.id)
    } else {
        links::product(&product.slug)
    };
    json!({
        "@type": "Offer",
        "url": links::absolute(&shop.origin, &path),
        "price": structured::decimal(variant.price),
        "priceCurrency": "BRL",
        "availability": format!("https://schema.org/{availability}"),
        "seller": {"@type": "Organization", "name": shop.name}
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shirt() -> Product {
        let option = |name: &str, values: &[&str]| ProductOption {
            name: name.into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let variant = |id: &str, size: &str, colour: &str, available| Variant {
            id: id.into(),
            values: vec![size.into(), colour.into()],
            price: 5_990,
            available,
            ..Variant::default()
        };
        Product {
            slug: "camisa".into(),
            options: vec![option("Tamanho", &["P", "M", "G"]), option("Cor", &["Azul", "Verde", "Rosa"])],
            variants: vec![
                variant("1", "P", "Azul", false),
                variant("2", "M", "Azul", true),
                variant("3", "M", "Verde", false),
                variant("4", "G", "Verde", true),
            ],
            ..Product::default()
        }
    }

    #[test]
    fn the_asked_variant_is_chosen_else_one_that_can_be_bought() {
        let mut product = shirt();
        assert_eq!(product.choose(Some("3")).unwrap().id, "3");
        assert_eq!(product.choose(Some("unknown")).unwrap().id, "2");
        assert_eq!(product.choose(None).unwrap().id, "2");
        product.variants.iter_mut().for_each(|variant| variant.available = false);
        assert_eq!(product.choose(None).unwrap().id, "1");
        product.variants.clear();
        assert!(product.choose(None).is_none());
    }

    #[test]
    fn every_value_leads_to_a_variant_that_exists() {
        let product = shirt();
        let choices = choices(&product, product.choose(Some("2")).unwrap());
        let seen: Vec<_> = choices
            .iter()
            .flat_map(|choice| &choice.values)
            .map(|value| (value.text, value.href.as_str(), value.chosen, value.available, value.changes_others))
            .collect();
        assert_eq!(
            seen,
            [
                ("P", "/product/camisa?variant=1", false, false, false),
                ("M", "/product/camisa?variant=2", true, true, false),
                ("G", "/product/camisa?variant=4", false, true, true),
                ("Azul", "/product/camisa?variant=2", true, true, false),
                ("Verde", "/product/camisa?variant=3", false, false, false),
            ]
        );
        assert_eq!(choices[0].chosen, "M");
    }
}
