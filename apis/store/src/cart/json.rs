//! A cart and what changes it, as bodies have them.

use std::sync::LazyLock;

use feira_schemas::{
    api::{
        rules::{Errors, Price},
        shipping::{KINDS, kind_word},
    },
    ids::{ProductId, VariantId},
    limits,
    money::Money,
    problem::{Code, FieldError},
    refusals,
    time::rfc3339,
};
use feira_web::{
    json,
    problem::Problem,
    schemas::{
        Named, id, id_or_null, list_of, object, reference, reference_or_null, text, text_or_null, time, version, whole,
        words,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    change::{QUANTITY, Wanted},
    coupon::Applied,
    freight::Way,
    lines::Line,
    sums::Shown,
};

/// Characters of a code that somebody types: no coupon has so many.
const CODE_CHARS: usize = 100;
/// The rule for a price that a buyer says it has seen.
const SEEN_PRICE: Price = Price("O preço visto");
/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemBody {
    product_id: String,
    #[serde(default)]
    variant_id: Option<String>,
    #[serde(default)]
    quantity: Option<i64>,
    #[serde(default)]
    seen_price: Option<Money>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuantityBody {
    quantity: i64,
    #[serde(default)]
    seen_price: Option<Money>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CouponBody {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CepBody {
    cep: String,
}

/// What a body asks to be added.
pub fn wanted(body: &[u8]) -> Result<Wanted, Problem> {
    let body: ItemBody = json::read(&BODIES, body, "StoreCartItem")?;
    let unknown =
        |pointer: &str, detail: &str| Problem::fields(vec![FieldError::new(pointer, Code::UnknownReference, detail)]);
    let product_id: ProductId =
        body.product_id.parse().map_err(|_| unknown("/product_id", refusals::NO_SUCH_PRODUCT))?;
    let variant_id: Option<VariantId> = match body.variant_id {
        Some(text) => Some(text.parse().map_err(|_| unknown("/variant_id", refusals::NO_SUCH_VARIANT))?),
        None => None,
    };
    let seen_price = seen(body.seen_price)?;
    Ok(Wanted { product_id, variant_id, quantity: body.quantity.unwrap_or(1), seen_price })
}

/// How many pieces a body asks for, and the price of one that was seen.
pub fn quantity(body: &[u8]) -> Result<(i64, Option<i64>), Problem> {
    let body: QuantityBody = json::read(&BODIES, body, "StoreCartQuantity")?;
    Ok((body.quantity, seen(body.seen_price)?))
}

/// The centavos of a price that was seen.
fn seen(price: Option<Money>) -> Result<Option<i64>, Problem> {
    let mut errors = Errors::default();
    SEEN_PRICE.check(&mut errors, "/seen_price", price);
    errors.or(price.map(|price| price.amount)).map_err(Problem::fields)
}

/// The code of a coupon in a body, as it was typed.
pub fn code(body: &[u8]) -> Result<String, Problem> {
    Ok(json::read::<CouponBody>(&BODIES, body, "StoreCartCoupon")?.code)
}

/// The CEP in a body, as it was typed.
pub fn cep(body: &[u8]) -> Result<String, Problem> {
    Ok(json::read::<CepBody>(&BODIES, body, "StoreCartCep")?.cep)
}

/// A cart with this id.
pub fn cart_json(id: &str, shown: &Shown) -> Value {
    json!({
        "id": id,
        "version": shown.row.version,
        "count": shown.pieces,
        "items": shown.lines.iter().map(line_json).collect::<Vec<_>>(),
        "subtotal": shown.goods,
        "coupon": shown.coupon.as_ref().map(coupon_json),
        "discount": shown.discount(),
        "total": shown.total,
        "created_at": rfc3339(shown.row.made_at),
        "updated_at": rfc3339(shown.row.updated_at),
    })
}

fn line_json(line: &Line) -> Value {
    let (product, offer) = (line.product.as_ref(), line.offer());
    let options =
        offer.map(|offer| offer.options.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
    json!({
        "product_id": line.kept.product_id,
        "variant_id": line.kept.variant_id,
        "quantity": line.kept.quantity,
        "available": line.bought().is_some(),
        "name": product.map(|product| &product.name),
        "slug": product.map(|product| &product.slug),
        "image": product.and_then(|product| product.images.first()),
        "options": options.map(|options| options.collect::<serde_json::Map<String, Value>>()).unwrap_or_default(),
        "price": offer.map(|offer| offer.price),
        "seen_price": line.seen_before(),
        "total": line.total(),
    })
}

fn coupon_json(coupon: &Applied) -> Value {
    json!({
        "code": coupon.code,
        "applied": coupon.wrong.is_none(),
        "detail": coupon.wrong,
        "discount": coupon.discount,
        "free_shipping": coupon.free_shipping,
    })
}

/// The ways in which a cart can be delivered.
pub fn ways_json(ways: &[Way]) -> Value {
    let way = |way: &Way| {
        json!({
            "id": way.id,
            "name": way.name,
            "kind": kind_word(way.kind),
            "price": way.price,
            "min_days": way.min_days,
            "max_days": way.max_days,
            "total": way.total,
        })
    };
    json!({"items": ways.iter().map(way).collect::<Vec<_>>()})
}

/// The schemas: what is written (`StoreCartItem` and those beside it) and what is given (`StoreCart`, `StoreCartQuote`).
pub fn schemas() -> Vec<Named> {
    let boolean = |what: &str| json!({"type": "boolean", "description": what});
    let sum = |what: &str| json!({"allOf": [reference("StoreSum")], "description": what});
    let written = json!({"type": ["integer", "null"], "minimum": 1, "maximum": limits::CART_PIECES, "description": "1 if left out."});
    let price = |what: &str| json!({"anyOf": [reference("Money"), {"type": "null"}], "description": what});
    let shown = "The price of one that the buyer is shown, for a later answer to say that it has changed. Nothing is sold by it. If left out, \
                 a new line's is that of this moment, and that of a line that is there stays.";
    let shown = ("seen_price", price(shown));
    let item = [("product_id", id()), ("variant_id", id_or_null()), ("quantity", written), shown.clone()];
    let line = whole(&[
        ("product_id", id()),
        ("variant_id", id()),
        ("quantity", QUANTITY.schema()),
        ("available", boolean("Whether it can be bought; what can't counts for nothing.")),
        ("name", text_or_null()),
        ("slug", text_or_null()),
        ("image", reference_or_null("StoreImage")),
        ("options", json!({"type": "object", "additionalProperties": {"type": "string"}})),
        ("price", reference_or_null("Money")),
        ("seen_price", price("The price that the buyer saw last, where it is another one by now.")),
        ("total", reference_or_null("StoreSum")),
    ]);
    let coupon = whole(&[
        ("code", text()),
        ("applied", boolean("Whether it gives anything now.")),
        ("detail", json!({"type": ["string", "null"], "description": "Why it gives nothing, in Portuguese."})),
        ("discount", reference("StoreSum")),
        ("free_shipping", boolean("Whether it gives the freight.")),
    ]);
    let cart = whole(&[
        ("id", json!({"type": "string", "description": "Whoever knows it has the cart."})),
        ("version", version()),
        ("count", json!({"type": "integer", "minimum": 0, "description": "Pieces that can be bought."})),
        ("items", json!({"type": "array", "items": reference("StoreCartLine"), "maxItems": limits::CART_LINES})),
        ("subtotal", sum("What these cost.")),
        ("coupon", reference_or_null("StoreCartCouponState")),
        ("discount", sum("What the coupon takes off.")),
        ("total", sum("What is left, without freight.")),
        ("created_at", time()),
        ("updated_at", time()),
    ]);
    let days = json!({"type": "integer", "minimum": 0});
    let way = whole(&[
        ("id", id()),
        ("name", text()),
        ("kind", json!({"type": "string", "enum": KINDS.map(|(_, word, _)| word)})),
        ("price", reference("Money")),
        ("min_days", days.clone()),
        ("max_days", days),
        ("total", sum("What the cart costs with it.")),
    ]);
    let amount = json!({"type": "integer", "minimum": 0});
    let cep = json!({"type": "string", "pattern": "^[0-9]{5}-?[0-9]{3}$", "description": "It is kept nowhere."});
    vec![
        ("StoreSum", whole(&[("amount", amount), ("currency", json!({"type": "string", "enum": ["BRL"]}))])),
        ("StoreCart", cart),
        ("StoreCartLine", line),
        ("StoreCartCouponState", coupon),
        ("StoreCartItem", object(&item, &["product_id"])),
        ("StoreCartQuantity", object(&[("quantity", QUANTITY.schema()), shown], &["quantity"])),
        ("StoreCartCoupon", whole(&[("code", words(CODE_CHARS))])),
        ("StoreCartCep", whole(&[("cep", cep)])),
        ("StoreCartQuote", whole(&[("items", list_of(reference("StoreCartWay")))])),
        ("StoreCartWay", way),
    ]
}
