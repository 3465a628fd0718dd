//! The JSON of products as the admin API gives them: the body as written, and what the shop adds to it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::body::{OptionBody, ProductBody, SeoBody, StatusBody, VariantBody};
use crate::{
    api::image::image_json,
    ids::ProductId,
    limits,
    records::{
        admin::{Product, Variant},
        catalogue::{ProductOption, ProductStatus},
    },
    time::rfc3339,
};

/// The body that would write this product as it is: what a merge patch is merged into.
pub fn product_body(product: &Product) -> ProductBody {
    ProductBody {
        options: product.options.iter().map(option_body).collect(),
        variants: product.variants.iter().map(|variant| variant_body(variant, &product.options)).collect(),
        ..product_body_without_variants(product)
    }
}

/// The body of this product without its options and variants, of which there may be thousands.
pub fn product_body_without_variants(product: &Product) -> ProductBody {
    ProductBody {
        name: product.name.clone(),
        slug: Some(product.slug.clone()),
        description: Some(product.description.clone()),
        category_id: product.category_id.map(|id| id.to_string()),
        vendor: product.vendor.clone(),
        tags: product.tags.clone(),
        status: if product.status == ProductStatus::Published { StatusBody::Published } else { StatusBody::Draft },
        featured: product.featured,
        options: Vec::new(),
        variants: Vec::new(),
        seo: product.seo.as_ref().map(|seo| SeoBody { title: seo.title.clone(), description: seo.description.clone() }),
    }
}

fn option_body(option: &ProductOption) -> OptionBody {
    OptionBody { name: option.name.clone(), values: option.values.clone() }
}

fn variant_body(variant: &Variant, options: &[ProductOption]) -> VariantBody {
    VariantBody {
        id: Some(variant.variant_id.to_string()),
        sku: variant.sku.clone(),
        options: option_map(&variant.options, options),
        price: Some(variant.price),
        compare_at_price: variant.compare_at_price,
        cost: variant.cost,
        barcode: variant.barcode.clone(),
        weight_grams: variant.weight_grams,
        stock: None,
        tracked: Some(variant.tracked),
    }
}

/// Option names with a variant's values: `{"Tamanho": "M"}`.
pub fn option_map(values: &[String], options: &[ProductOption]) -> Map<String, Value> {
    options.iter().zip(values).map(|(option, value)| (option.name.clone(), Value::from(value.clone()))).collect()
}

/// A product as the admin API gives it.
pub fn product_json(product: &Product) -> Value {
    serde_json::to_value(ProductView::of(product)).unwrap_or_default()
}

/// A product as the admin API gives it, as JSON text: of 2,048 variants that is a tenth of the work of [`product_json`].
pub fn product_text(product: &Product) -> String {
    serde_json::to_string(&ProductView::of(product)).unwrap_or_default()
}

#[derive(Serialize)]
struct ProductView {
    #[serde(flatten)]
    body: ProductBody,
    id: ProductId,
    version: i64,
    images: Vec<Value>,
    created_at: String,
    updated_at: String,
}

impl ProductView {
    fn of(product: &Product) -> Self {
        Self {
            body: product_body(product),
            id: product.product_id,
            version: product.version,
            images: product.images.iter().map(|image| image_json(product.product_id, image)).collect(),
            created_at: rfc3339(product.created_at),
            updated_at: rfc3339(product.updated_at),
        }
    }
}

/// A product as the panel's list gives it, and whether buyers can buy it now.
pub fn product_card_json(product: &Product, available: bool) -> Value {
    let lowest = product.variants.iter().min_by_key(|variant| variant.price.amount);
    let highest = product.variants.iter().max_by_key(|variant| variant.price.amount);
    let option = |option: &ProductOption| {
        let values: Vec<&String> = option.values.iter().take(limits::CARD_OPTION_VALUES).collect();
        json!({"name": option.name, "values": values})
    };
    let images = product.images.iter().take(limits::CARD_IMAGES);
    json!({
        "id": product.product_id,
        "version": product.version,
        "status": if product.status == ProductStatus::Published { StatusBody::Published } else { StatusBody::Draft },
        "slug": product.slug,
        "name": product.name,
        "vendor": product.vendor,
        "featured": product.featured,
        "category_id": product.category_id,
        "price": lowest.map(|variant| variant.price),
        "price_to": highest.map(|variant| variant.price),
        "compare_at_price": lowest.and_then(|variant| variant.compare_at_price),
        "available": available,
        "options": product.options.iter().map(option).collect::<Vec<_>>(),
        "images": images.map(|image| image_json(product.product_id, image)).collect::<Vec<_>>(),
        "created_at": rfc3339(product.created_at),
        "updated_at": rfc3339(product.updated_at),
    })
}
