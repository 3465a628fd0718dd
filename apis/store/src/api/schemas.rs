//! The schemas of what buyers' programs read.

use feira_connectors::search::PRICE_BANDS;
use feira_schemas::{api::payment_method::KINDS, limits};
use feira_web::schemas::{Named, id, list_of, object, page_of, reference, text, text_or_null, time, version};
use serde_json::{Value, json};

use crate::cart;

pub fn all() -> Vec<Named> {
    let own = vec![
        ("StoreProduct", product()),
        ("StoreOption", object(&[("name", text()), ("values", list_of(text()))], &["name", "values"])),
        ("StoreVariant", variant()),
        ("StoreImage", image()),
        ("StorePaymentMethod", payment_method()),
        ("StorePaymentMethods", shop_methods()),
        ("StoreSeo", object(&[("title", text_or_null()), ("description", text_or_null())], &["title", "description"])),
        ("StoreListProduct", in_list()),
        ("StoreProductPage", page_of("StoreListProduct")),
        ("StoreSearchPage", search_page()),
        ("StoreFacets", facets()),
        ("StoreCategory", category()),
        ("StoreCategoryPage", page_of("StoreCategory")),
        ("Suggestion", object(&[("text", text()), ("slug", text())], &["text"])),
        ("Suggestions", object(&[("items", list_of(reference("Suggestion")))], &["items"])),
    ];
    own.into_iter().chain(cart::schemas()).collect()
}

fn boolean() -> Value {
    json!({"type": "boolean"})
}

fn or_null(schema: &str) -> Value {
    json!({"oneOf": [reference(schema), {"type": "null"}]})
}

fn all_required(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    object(fields, &names)
}

fn product() -> Value {
    all_required(&[
        ("id", id()),
        ("version", version()),
        ("slug", text()),
        ("name", text()),
        ("description", json!({"type": "string", "description": "HTML without scripts and styles."})),
        ("vendor", text_or_null()),
        ("tags", list_of(text())),
        ("featured", boolean()),
        ("category_id", json!({"type": ["string", "null"], "format": "uuid"})),
        ("price", reference("Money")),
        ("compare_at_price", or_null("Money")),
        ("available", json!({"type": "boolean", "description": "Whether any variant can be bought."})),
        ("options", list_of(reference("StoreOption"))),
        ("variants", list_of(reference("StoreVariant"))),
        ("images", list_of(reference("StoreImage"))),
        ("seo", or_null("StoreSeo")),
        ("payment_methods", methods()),
        ("created_at", time()),
        ("updated_at", time()),
    ])
}

/// The schema of a product in a list.
fn in_list() -> Value {
    let up_to = |schema: &str, most: usize| json!({"type": "array", "items": reference(schema), "maxItems": most});
    let values = json!({"type": "array", "items": text(), "maxItems": limits::CARD_OPTION_VALUES});
    let option = all_required(&[("name", text()), ("values", values)]);
    all_required(&[
        ("id", id()),
        ("slug", text()),
        ("name", text()),
        ("vendor", text_or_null()),
        ("featured", boolean()),
        ("category_id", json!({"type": ["string", "null"], "format": "uuid"})),
        ("price", reference("Money")),
        ("price_to", reference("Money")),
        ("compare_at_price", or_null("Money")),
        ("available", json!({"type": "boolean", "description": "Whether any variant can be bought."})),
        ("options", list_of(option)),
        ("images", up_to("StoreImage", limits::CARD_IMAGES)),
        ("payment_methods", methods()),
        ("created_at", time()),
        ("updated_at", time()),
    ])
}

/// The schema of what a product says of payment methods.
fn methods() -> Value {
    let what = "What the product says of payment methods; what its shop says holds for the others.";
    json!({"type": "array", "items": reference("StorePaymentMethod"), "maxItems": KINDS.len(), "description": what})
}

/// The schema of a shop's payment methods.
fn shop_methods() -> Value {
    let free = "The most installments without interest; 1: what is paid in several has interest.";
    let (least, most) = (1, limits::INSTALLMENTS);
    let free = json!({"type": "integer", "minimum": least, "maximum": most, "description": free});
    let items = json!({"type": "array", "items": reference("StorePaymentMethod"), "maxItems": KINDS.len()});
    all_required(&[("items", items), ("interest_free_installments", free)])
}

fn payment_method() -> Value {
    let discounted = "Payments in up to so many installments get the discount; 0: none do.";
    let percent = "Percent, with a decimal point and up to two decimals.";
    all_required(&[
        ("method", json!({"type": "string", "enum": KINDS.map(|(_, word, ..)| word)})),
        ("active", json!({"type": "boolean", "description": "Whether buyers may pay by it."})),
        ("max_installments", json!({"type": "integer", "minimum": 1, "maximum": limits::INSTALLMENTS})),
        (
            "discounted_installments",
            json!({"type": "integer", "minimum": 0, "maximum": limits::INSTALLMENTS, "description": discounted}),
        ),
        ("discount_percent", json!({"type": "string", "description": percent, "example": "12.5"})),
    ])
}

fn variant() -> Value {
    let options = json!({"type": "object", "additionalProperties": {"type": "string"}});
    all_required(&[
        ("id", id()),
        ("sku", text_or_null()),
        ("options", options),
        ("price", reference("Money")),
        ("compare_at_price", or_null("Money")),
        ("available", boolean()),
        ("weight_grams", json!({"type": ["integer", "null"], "minimum": 0})),
        ("barcode", text_or_null()),
    ])
}

fn image() -> Value {
    let pixels = json!({"type": ["integer", "null"], "minimum": 1});
    all_required(&[
        ("id", id()),
        ("url", json!({"type": "string", "description": "Path on the shop's host."})),
        ("alt", text_or_null()),
        ("width", pixels.clone()),
        ("height", pixels),
        (
            "ready",
            json!({"type": "boolean", "description": "False if the file has not come yet; `url` leads to a drawing."}),
        ),
    ])
}

fn category() -> Value {
    let parent = json!({"type": ["string", "null"], "format": "uuid"});
    all_required(&[("id", id()), ("version", version()), ("name", text()), ("slug", text()), ("parent_id", parent)])
}

fn search_page() -> Value {
    let mut page = page_of("StoreListProduct");
    page["properties"]["facets"] = reference("StoreFacets");
    let position = "The position up to which the answer shows the shop; it can be sent as `Feira-At-Least`.";
    page["properties"]["position"] = json!({"type": "string", "description": position});
    page["required"] = json!(["items", "next", "total", "facets", "position"]);
    page
}

fn facets() -> Value {
    let count = json!({"type": "integer", "minimum": 0});
    let category = all_required(&[("slug", text()), ("name", text()), ("count", count.clone())]);
    let open = json!({"type": ["integer", "null"]});
    let band = all_required(&[("from", json!({"type": "integer"})), ("to", open), ("count", count)]);
    let most = "Products in it or below it, without regard to the category filter; most first, none empty.";
    let categories = json!({"type": "array", "items": category, "description": most});
    let bands = json!({
        "type": "array", "items": band, "minItems": PRICE_BANDS.len(), "maxItems": PRICE_BANDS.len(),
        "description": "All bands of prices, each with the count of its products: from <= price < to, in centavos, \
                        without regard to the price filter.",
    });
    all_required(&[("categories", categories), ("price", bands)])
}
