//! A card: a product exactly as the store API gives it. No cost, no count of stock, nothing unpublished.

use feira_schemas::{
    api::{
        image::image_url,
        payment_method::{TermsContent, hundredths, method_of, method_word, percent},
        product::option_map,
    },
    ids::{CategoryId, ImageId, ProductId, VariantId},
    limits,
    money::Money,
    records::{
        admin::PaymentTerms,
        catalogue::{Image, ImageStatus, ProductOption, Seo},
        payments::PaymentMethod,
        store::{ListedMethod, Listing},
    },
    time::rfc3339,
};
use serde::{Deserialize, Serialize};

/// A product as buyers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The product's id.
    pub id: ProductId,
    /// +1 each listing; also the card's ETag.
    pub version: i64,
    /// The slug in `/product/{slug}`.
    pub slug: String,
    /// The product's name.
    pub name: String,
    /// The description as cleaned HTML.
    pub description: String,
    /// The brand or maker.
    pub vendor: Option<String>,
    /// The merchant's tags.
    pub tags: Vec<String>,
    /// True if the product stands on the shop's first page.
    pub featured: bool,
    /// Category; its name is read from the shop's categories, so that a rename shows at once.
    pub category_id: Option<CategoryId>,
    /// The lowest variant's price.
    pub price: Money,
    /// The price before a reduction, of the same variant.
    pub compare_at_price: Option<Money>,
    /// True if any variant can be bought.
    pub available: bool,
    /// Options with their values.
    pub options: Vec<CardOption>,
    /// The variants in the merchant's order.
    pub variants: Vec<CardVariant>,
    /// The images in the merchant's order.
    pub images: Vec<CardImage>,
    /// Title and description for search engines.
    pub seo: Option<Seo>,
    /// What the product says of payment methods; what its shop says holds for the others.
    #[serde(default)]
    pub payment_methods: Vec<CardMethod>,
    /// The time when the product was made, RFC 3339.
    pub created_at: String,
    /// The time of its last change, RFC 3339.
    pub updated_at: String,
}

/// A product in a list: what is seen of it there. Variants and description are in the product itself: with 2,048 variants it has
/// two megabytes, and a list of a hundred such would be a store's whole memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListCard {
    /// The product's id.
    pub id: ProductId,
    /// The slug in `/product/{slug}`.
    pub slug: String,
    /// The product's name.
    pub name: String,
    /// The brand or maker.
    pub vendor: Option<String>,
    /// True if the product stands on the shop's first page.
    pub featured: bool,
    /// The id of the product's category.
    pub category_id: Option<CategoryId>,
    /// The lowest variant's price.
    pub price: Money,
    /// The highest variant's price.
    pub price_to: Money,
    /// The lowest variant's price before.
    pub compare_at_price: Option<Money>,
    /// True if any variant can be bought.
    pub available: bool,
    /// Options with the first of their values.
    pub options: Vec<CardOption>,
    /// The first images, at most two.
    pub images: Vec<CardImage>,
    /// See [`Card::payment_methods`].
    #[serde(default)]
    pub payment_methods: Vec<CardMethod>,
    /// The time when the product was made, RFC 3339.
    pub created_at: String,
    /// The time of its last change, RFC 3339.
    pub updated_at: String,
}

/// A payment method of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardMethod {
    /// The method's word, such as `pix`.
    pub method: String,
    /// True if buyers may pay by it.
    pub active: bool,
    /// The most installments; 1 is paid at once.
    pub max_installments: i32,
    /// Payments in up to so many installments get the discount; 0: none do.
    pub discounted_installments: i32,
    /// The discount in percent, as `12.5`.
    pub discount_percent: String,
}

impl CardMethod {
    /// The method and what is said of it; none where only a later program knows it.
    pub fn said(&self) -> Option<(PaymentMethod, TermsContent)> {
        let terms = PaymentTerms {
            max_installments: self.max_installments,
            discounted_installments: self.discounted_installments,
            discount: hundredths(&self.discount_percent)?,
        };
        Some((method_of(&self.method)?, TermsContent { active: self.active, terms }))
    }
}

impl From<&ListedMethod> for CardMethod {
    fn from(listed: &ListedMethod) -> Self {
        Self {
            method: method_word(listed.method).to_owned(),
            active: listed.active,
            max_installments: listed.terms.max_installments,
            discounted_installments: listed.terms.discounted_installments,
            discount_percent: percent(listed.terms.discount, '.'),
        }
    }
}

/// An option of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardOption {
    /// The option's name, such as Tamanho.
    pub name: String,
    /// The option's values, such as P, M, G.
    pub values: Vec<String>,
}

/// A variant of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardVariant {
    /// The variant's id.
    pub id: VariantId,
    /// The merchant's code (SKU).
    pub sku: Option<String>,
    /// The variant's option values by option: `{"Tamanho": "M"}`.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// The variant's price.
    pub price: Money,
    /// The price before a reduction.
    pub compare_at_price: Option<Money>,
    /// True if the variant can be bought.
    pub available: bool,
    /// The weight in grams.
    pub weight_grams: Option<i64>,
    /// GTIN or another code.
    #[serde(default)]
    pub barcode: Option<String>,
}

/// An image of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardImage {
    /// The image's id.
    pub id: ImageId,
    /// The path at which the shop serves the image.
    pub url: String,
    /// The text in place of the image (HTML's `alt`).
    pub alt: Option<String>,
    /// The width in pixels, if known.
    pub width: Option<i32>,
    /// The height in pixels, if known.
    pub height: Option<i32>,
    /// False: its file has not come yet and the shop draws one.
    pub ready: bool,
}

impl From<&Listing> for Card {
    fn from(listing: &Listing) -> Self {
        let lowest = listing.variants.iter().min_by_key(|variant| variant.price.amount);
        Self {
            id: listing.product_id,
            version: listing.version,
            slug: listing.slug.clone(),
            name: listing.name.clone(),
            description: listing.description.clone(),
            vendor: listing.vendor.clone(),
            tags: listing.tags.clone(),
            featured: listing.featured,
            category_id: listing.category_id,
            price: lowest.map_or(Money::brl(0), |variant| variant.price),
            compare_at_price: lowest.and_then(|variant| variant.compare_at_price),
            available: listing.variants.iter().any(|variant| variant.available),
            options: listing.options.iter().map(|option| card_option(option, usize::MAX)).collect(),
            variants: listing
                .variants
                .iter()
                .map(|variant| CardVariant {
                    id: variant.variant_id,
                    sku: variant.sku.clone(),
                    options: option_map(&variant.options, &listing.options),
                    price: variant.price,
                    compare_at_price: variant.compare_at_price,
                    available: variant.available,
                    weight_grams: variant.weight_grams,
                    barcode: variant.barcode.clone(),
                })
                .collect(),
            images: listing.images.iter().map(|image| card_image(listing.product_id, image)).collect(),
            seo: listing.seo.clone(),
            payment_methods: listing.methods.iter().map(CardMethod::from).collect(),
            created_at: rfc3339(listing.created_at),
            updated_at: rfc3339(listing.updated_at),
        }
    }
}

impl From<&Listing> for ListCard {
    fn from(listing: &Listing) -> Self {
        let lowest = listing.variants.iter().min_by_key(|variant| variant.price.amount);
        let highest = listing.variants.iter().map(|variant| variant.price).max_by_key(|price| price.amount);
        let images = listing.images.iter().take(limits::CARD_IMAGES);
        Self {
            id: listing.product_id,
            slug: listing.slug.clone(),
            name: listing.name.clone(),
            vendor: listing.vendor.clone(),
            featured: listing.featured,
            category_id: listing.category_id,
            price: lowest.map_or(Money::brl(0), |variant| variant.price),
            price_to: highest.unwrap_or(Money::brl(0)),
            compare_at_price: lowest.and_then(|variant| variant.compare_at_price),
            available: listing.variants.iter().any(|variant| variant.available),
            options: listing.options.iter().map(|option| card_option(option, limits::CARD_OPTION_VALUES)).collect(),
            images: images.map(|image| card_image(listing.product_id, image)).collect(),
            payment_methods: listing.methods.iter().map(CardMethod::from).collect(),
            created_at: rfc3339(listing.created_at),
            updated_at: rfc3339(listing.updated_at),
        }
    }
}

fn card_option(option: &ProductOption, values: usize) -> CardOption {
    CardOption { name: option.name.clone(), values: option.values.iter().take(values).cloned().collect() }
}

fn card_image(product: ProductId, image: &Image) -> CardImage {
    CardImage {
        id: image.image_id,
        url: image_url(product, image),
        alt: image.alt.clone(),
        width: image.width,
        height: image.height,
        ready: image.status == ImageStatus::Ready,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn s54_s81_a_card_and_its_list_card_have_what_the_product_says_of_methods() {
        let terms = PaymentTerms { max_installments: 3, discounted_installments: 1, discount: 1_250 };
        let listed = ListedMethod { method: PaymentMethod::Card, version: 4, active: false, terms };
        let listing: Listing = serde_json::from_value(json!({
            "product_id": Uuid::from_u128(1), "version": 1, "source_version": 1, "slug": "mesa", "name": "Mesa",
            "description": "", "featured": false, "methods": [listed], "created_at": 1, "updated_at": 1
        }))
        .unwrap();
        let (card, in_list) = (Card::from(&listing), ListCard::from(&listing));
        assert_eq!(card.payment_methods, in_list.payment_methods);
        let [method] = card.payment_methods.as_slice() else { panic!("{card:?}") };
        assert_eq!((method.method.as_str(), method.discount_percent.as_str()), ("card", "12.5"));
        assert_eq!(method.said(), Some((PaymentMethod::Card, TermsContent { active: false, terms })));
        let mut kept: Value = serde_json::to_value(&card).unwrap();
        kept.as_object_mut().unwrap().remove("payment_methods");
        let kept: Card = serde_json::from_value(kept).unwrap();
        assert!(kept.payment_methods.is_empty(), "one that was kept before says nothing of methods");
    }
}
