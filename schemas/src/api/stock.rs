//! Stock of a variant: the pieces on hand.

use serde::Deserialize;
use serde_json::json;

use super::{
    rules::{Errors, Whole},
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

/// A change of stock as it is written: one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockBody {
    /// Pieces on hand from now on.
    #[serde(default)]
    pub on_hand: Option<i64>,
    /// Pieces that come (above zero) or go (below).
    #[serde(default)]
    pub adjust: Option<i64>,
}

/// The change of a variant's stock that a body asks for, in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockContent {
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
    let content = match (body.on_hand, body.adjust) {
        (Some(on_hand), None) => StockContent::Set(on_hand),
        (None, Some(adjust)) => StockContent::Adjust(adjust),
        (Some(on_hand), Some(_)) => {
            errors.add("", Code::Invalid, "Informe «on_hand» ou «adjust», não os dois.");
            StockContent::Set(on_hand)
        }
        (None, None) => {
            errors.add("", Code::Required, "Informe «on_hand» ou «adjust».");
            StockContent::Adjust(0)
        }
    };
    errors.or(content)
}

/// The schemas: what is written (`StockBody`) and what is given (`Stock`, `LowStock`, `LowStockPage`).
pub fn schemas() -> Vec<Named> {
    let mut body = object(&[("on_hand", ON_HAND.schema()), ("adjust", ADJUST.schema())], &[]);
    (body["minProperties"], body["maxProperties"]) = (json!(1), json!(1));
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
            let content = stock_content(StockBody { on_hand, adjust });
            content.map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code)).collect::<Vec<_>>())
        };
        let at = |pointer: &str, code| Err(vec![(pointer.to_owned(), code)]);
        assert_eq!(found(Some(0), None), Ok(StockContent::Set(0)));
        assert_eq!(found(None, Some(-limits::STOCK)), Ok(StockContent::Adjust(-limits::STOCK)));
        assert_eq!(found(Some(-1), None), at("/on_hand", Code::OutOfRange));
        assert_eq!(found(Some(limits::STOCK + 1), None), at("/on_hand", Code::OutOfRange));
        assert_eq!(found(None, Some(-limits::STOCK - 1)), at("/adjust", Code::OutOfRange));
        assert_eq!(found(None, None), at("", Code::Required));
        assert_eq!(found(Some(1), Some(1)), at("", Code::Invalid));
    }
}
