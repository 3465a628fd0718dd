//! Stock of a variant: the pieces on hand.

use serde::Deserialize;
use serde_json::json;

use super::{
    rules::{Errors, Text, Whole},
    schema::{Named, boolean, id, object, uncounted_page_of, version, whole},
};
use crate::{
    limits,
    problem::{Code, FieldError},
};

/// Pieces on hand.
const ON_HAND: Whole = Whole::new("O estoque", 0, limits::STOCK);
/// Pieces that come (above zero) or go (below).
const ADJUST: Whole = Whole::new("O ajuste", -limits::STOCK, limits::STOCK);

/// Why it is changed: a line for who looks at the history.
const REASON: Text = Text::or_null("O motivo", 200);

/// A change of stock as it is written: one of the two numbers, and the reason if one is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockBody {
    /// Pieces on hand from now on.
    #[serde(default)]
    pub on_hand: Option<i64>,
    /// Pieces that come (above zero) or go (below).
    #[serde(default)]
    pub adjust: Option<i64>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The change of a variant's stock that a body asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockContent {
    /// The pieces.
    pub change: StockChange,
    /// Why, where somebody says so.
    pub reason: Option<String>,
}

/// A change of pieces on hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockChange {
    /// So many pieces on hand.
    Set(i64),
    /// So many more, or fewer.
    Adjust(i64),
}

/// The change that a body asks for, or what is wrong with it.
pub fn stock_content(body: StockBody) -> Result<StockContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    ON_HAND.check(&mut errors, "/on_hand", body.on_hand);
    ADJUST.check(&mut errors, "/adjust", body.adjust);
    REASON.check(&mut errors, "/reason", body.reason.as_deref());
    let change = match (body.on_hand, body.adjust) {
        (Some(on_hand), None) => StockChange::Set(on_hand),
        (None, Some(adjust)) => StockChange::Adjust(adjust),
        (Some(on_hand), Some(_)) => {
            errors.add("", Code::Invalid, "Informe «on_hand» ou «adjust», não os dois.");
            StockChange::Set(on_hand)
        }
        (None, None) => {
            errors.add("", Code::Required, "Informe «on_hand» ou «adjust».");
            StockChange::Adjust(0)
        }
    };
    let reason = body.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    errors.or(StockContent { change, reason })
}

/// The schemas: what is written (`StockBody`) and what is given (`Stock`, `LowStock`, `LowStockPage`).
pub fn schemas() -> Vec<Named> {
    let fields = [("on_hand", ON_HAND.schema()), ("adjust", ADJUST.schema()), ("reason", REASON.schema())];
    let mut body = object(&fields, &[]);
    body["oneOf"] = json!([{"required": ["on_hand"]}, {"required": ["adjust"]}]);
    let stock = whole(&[
        ("product_id", id()),
        ("variant_id", id()),
        ("on_hand", json!({"type": "integer"})),
        ("tracked", boolean()),
        ("version", version()),
    ]);
    let low = whole(&[("product_id", id()), ("variant_id", id()), ("on_hand", json!({"type": "integer"}))]);
    vec![("StockBody", body), ("Stock", stock), ("LowStock", low), ("LowStockPage", uncounted_page_of("LowStock"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_is_set_or_adjusted_within_its_limits() {
        let found = |on_hand, adjust| {
            let content = stock_content(StockBody { on_hand, adjust, reason: None });
            content
                .map(|content| content.change)
                .map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code)).collect::<Vec<_>>())
        };
        let at = |pointer: &str, code| Err(vec![(pointer.to_owned(), code)]);
        assert_eq!(found(Some(0), None), Ok(StockChange::Set(0)));
        assert_eq!(found(None, Some(-limits::STOCK)), Ok(StockChange::Adjust(-limits::STOCK)));
        assert_eq!(found(Some(-1), None), at("/on_hand", Code::OutOfRange));
        assert_eq!(found(Some(limits::STOCK + 1), None), at("/on_hand", Code::OutOfRange));
        assert_eq!(found(None, Some(-limits::STOCK - 1)), at("/adjust", Code::OutOfRange));
        assert_eq!(found(None, None), at("", Code::Required));
        assert_eq!(found(Some(1), Some(1)), at("", Code::Invalid));
    }

    #[test]
    fn a_reason_is_a_line_that_may_be_left_out() {
        let reason = |text: &str| {
            let content = stock_content(StockBody { on_hand: Some(1), adjust: None, reason: Some(text.to_owned()) });
            content.map(|content| content.reason).map_err(|errors| errors[0].pointer.clone())
        };
        assert_eq!(reason("  Contagem de junho "), Ok(Some("Contagem de junho".to_owned())));
        assert_eq!(reason(" "), Ok(None));
        assert_eq!(reason(&"x".repeat(201)), Err("/reason".to_owned()));
    }
}
