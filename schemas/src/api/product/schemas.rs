//! The JSON Schemas of products.

use serde_json::{Value, json};

use super::fields::{
    BARCODE, COMPARE_AT_PRICE, COST, DESCRIPTION, OPTION_NAME, OPTION_VALUE, OPTION_VALUES, OPTIONS, PRICE,
    SEO_DESCRIPTION, SEO_TITLE, SKU, STOCK, TAG, TAGS, VARIANTS, VENDOR, WEIGHT,
};
use crate::{
    api::{
        rules::NAME,
        schema::{
            Named, boolean, id, id_or_none, id_or_null, list_of, object, page_of, reference, reference_or_null,
            slug_or_none, text, text_or_null, time, version, whole,
        },
    },
    limits,
};

/// The schemas: what is written (`ProductBody`, `ProductPatch`), what is given (`Product`, `ProductCard`), and their pieces.
pub fn schemas() -> Vec<Named> {
    let mut product = fields(false);
    product.extend([
        ("slug", text()),
        ("description", text()),
        ("category_id", id_or_null()),
        ("variants", list_of(reference("Variant"))),
        ("id", id()),
        ("version", version()),
        ("images", list_of(reference("ProductImage"))),
        ("created_at", time()),
        ("updated_at", time()),
    ]);
    let required =
        ["id", "version", "name", "slug", "description", "tags", "status", "featured", "options", "variants"];
    let required = [&required[..], &["images", "created_at", "updated_at"]].concat();
    let seo = [("title", SEO_TITLE.schema()), ("description", SEO_DESCRIPTION.schema())];
    vec![
        ("ProductBody", object(&fields(false), &["name", "variants"])),
        ("ProductPatch", object(&fields(true), &[])),
        ("Product", object(&product, &required)),
        ("ProductCard", card()),
        ("ProductPage", page_of("ProductCard")),
        ("Option", option()),
        ("VariantBody", object(&variant(true), &["price"])),
        ("Variant", object(&variant(false), &["id", "options", "price", "tracked"])),
        ("Seo", object(&seo, &[])),
    ]
}

/// The fields of a whole body, or of a merge patch, in which null stands for the field's default.
fn fields(patch: bool) -> Vec<(&'static str, Value)> {
    let or_null = |mut schema: Value| {
        if patch {
            schema["type"] = json!([schema["type"], "null"]);
        }
        schema
    };
    let statuses = if patch { json!(["draft", "published", null]) } else { json!(["draft", "published"]) };
    let mut variants = VARIANTS.schema(reference("VariantBody"));
    variants["minItems"] = json!(1);
    vec![
        ("name", NAME.schema()),
        ("slug", slug_or_none()),
        ("description", DESCRIPTION.schema()),
        ("category_id", id_or_none()),
        ("vendor", VENDOR.schema()),
        ("tags", or_null(TAGS.schema(TAG.schema()))),
        ("status", or_null(json!({"type": "string", "enum": statuses}))),
        ("featured", or_null(boolean())),
        ("options", or_null(OPTIONS.schema(reference("Option")))),
        ("variants", variants),
        ("seo", reference_or_null("Seo")),
    ]
}

fn option() -> Value {
    let mut values = OPTION_VALUES.schema(OPTION_VALUE.schema());
    (values["minItems"], values["uniqueItems"]) = (json!(1), json!(true));
    whole(&[("name", OPTION_NAME.schema()), ("values", values)])
}

/// A variant as it is written, or as it is given.
fn variant(written: bool) -> Vec<(&'static str, Value)> {
    let options = json!({
        "type": "object",
        "description": "A value for each option of the product: {\"Tamanho\": \"M\"}.",
        "additionalProperties": {"type": "string"},
    });
    let tracked =
        json!({"type": "boolean", "default": true, "description": "False: for sale without a count of its stock."});
    let mut fields = vec![
        ("id", if written { id_or_none() } else { id() }),
        ("sku", SKU.schema()),
        ("options", options),
        ("price", PRICE.schema()),
        ("compare_at_price", COMPARE_AT_PRICE.schema_or_null()),
        ("cost", COST.schema_or_null()),
        ("barcode", BARCODE.schema()),
        ("weight_grams", WEIGHT.schema_or_null()),
        ("tracked", tracked),
    ];
    if written {
        fields.push(("stock", STOCK.schema_or_null()));
    }
    fields
}

/// The JSON Schema of `ProductCard`, a product in a list.
fn card() -> Value {
    let values = json!({"type": "array", "items": text(), "maxItems": limits::CARD_OPTION_VALUES});
    let option = whole(&[("name", text()), ("values", values)]);
    whole(&[
        ("id", id()),
        ("version", version()),
        ("status", json!({"type": "string", "enum": ["draft", "published"]})),
        ("slug", text()),
        ("name", text()),
        ("vendor", text_or_null()),
        ("featured", boolean()),
        ("category_id", id_or_null()),
        ("price", reference("Money")),
        ("price_to", reference("Money")),
        ("compare_at_price", reference_or_null("Money")),
        ("available", json!({"type": "boolean", "description": "True if buyers can buy some variant now."})),
        ("options", list_of(option)),
        ("images", json!({"type": "array", "items": reference("ProductImage"), "maxItems": limits::CARD_IMAGES})),
        ("created_at", time()),
        ("updated_at", time()),
    ])
}
