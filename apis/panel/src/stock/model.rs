//! What the pages of stock say.

use feira_schemas::{
    limits,
    records::{admin::Product, admin::Variant, store::Stock},
};

use crate::format::whole;

/// Pieces up to which a variant is said to be running out.
pub(super) const LOW: i64 = limits::LOW_STOCK;

/// The stock of a product in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summary {
    /// The pieces on hand of all variants that are counted, in words.
    pub says: String,
    /// What runs out or is gone, in words; none where nothing does.
    pub attention: Option<String>,
    /// True if a variant that is counted has nothing left.
    pub is_gone: bool,
}

/// The stock of a product's variants in a line.
pub(super) fn summary(stock: &[Stock]) -> Summary {
    let counted: Vec<i64> = stock.iter().filter(|stock| stock.tracked).map(|stock| stock.on_hand).collect();
    let sum = counted.iter().fold(0_i64, |sum, on_hand| sum.saturating_add(*on_hand));
    let variants = match stock.len() {
        1 => "1 variante".to_owned(),
        several => format!("{several} variantes"),
    };
    let says = match counted.is_empty() {
        true => format!("{variants}, sem contagem de estoque"),
        false => format!("{variants}, {} no total", pieces(sum)),
    };
    let gone = counted.iter().filter(|on_hand| **on_hand <= 0).count();
    let low = counted.iter().filter(|on_hand| (1..=LOW).contains(*on_hand)).count();
    let parts: Vec<String> = [(gone, "em falta"), (low, "no fim")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let attention = Some(parts.join(", ")).filter(|said| !said.is_empty());
    Summary { says, attention, is_gone: gone > 0 }
}

/// A number of pieces in words.
pub(super) fn pieces(count: i64) -> String {
    match count {
        1 => "1 peça".to_owned(),
        other => format!("{} peças", whole(other)),
    }
}

/// What a variant is called: its options, or else the product's only one.
pub(super) fn name(product: &Product, variant: &Variant) -> String {
    let pairs = product.options.iter().zip(&variant.options);
    let named: Vec<String> = pairs.map(|(option, value)| format!("{}: {value}", option.name)).collect();
    if named.is_empty() { "Variante única".to_owned() } else { named.join(", ") }
}

/// The word of a variant's stock and the class of its look.
pub(super) fn level(stock: &Stock) -> (&'static str, &'static str) {
    if stock.tracked { level_of(stock.on_hand) } else { ("Sem contagem", "") }
}

/// The same of pieces that are counted.
pub(super) fn level_of(on_hand: i64) -> (&'static str, &'static str) {
    match on_hand {
        i64::MIN..=0 => ("Em falta", "bad"),
        1..=LOW => ("No fim", "bad"),
        _ => ("Em estoque", "good"),
    }
}

#[cfg(test)]
mod tests {
    use feira_schemas::ids::{ProductId, VariantId};
    use uuid::Uuid;

    use super::*;

    fn stock(on_hand: i64, tracked: bool) -> Stock {
        let (product_id, variant_id) = (ProductId::from_uuid(Uuid::nil()), VariantId::from_uuid(Uuid::nil()));
        Stock { product_id, variant_id, version: 1, on_hand, settled: true, tracked }
    }

    #[test]
    fn a_product_is_said_to_run_out_by_the_variants_that_are_counted() {
        let said = |stock: &[Stock]| {
            let Summary { says, attention, is_gone } = summary(stock);
            (says, attention.unwrap_or_default(), is_gone)
        };
        let some = [stock(0, true), stock(LOW, true), stock(LOW + 1, true), stock(-3, false)];
        assert_eq!(said(&some), ("4 variantes, 11 peças no total".to_owned(), "1 em falta, 1 no fim".to_owned(), true));
        assert_eq!(said(&[stock(1_000, true)]).0, "1 variante, 1.000 peças no total");
        let free = said(&[stock(0, false)]);
        assert_eq!(free, ("1 variante, sem contagem de estoque".to_owned(), String::new(), false));
    }

    #[test]
    fn a_variant_that_is_not_counted_never_runs_out() {
        for (on_hand, tracked, word) in [
            (0, true, "Em falta"),
            (-1, true, "Em falta"),
            (LOW, true, "No fim"),
            (LOW + 1, true, "Em estoque"),
            (0, false, "Sem contagem"),
        ] {
            assert_eq!(level(&stock(on_hand, tracked)).0, word, "{on_hand} {tracked}");
        }
    }
}
