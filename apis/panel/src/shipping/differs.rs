//! What differs between a way of delivery as somebody else has kept it and what was typed over an earlier version of it.

use std::collections::{BTreeMap, BTreeSet};

use feira_schemas::{
    money::Money,
    records::admin::{ShippingContent, ShippingRate},
};

use super::{model::days, pasted::shown};
use crate::forms::{Difference, Differences, difference};

/// What stands in the place of a line of a table that one of the two does not have.
const NO_LINE: &str = "não existe";

/// The range of CEPs and the weight that a line is for, of which a table has one.
type Range = (String, String, i64);

/// A line of a table in words: what it is for, and what it says.
struct Line {
    word: String,
    says: String,
}

/// The fields in which what is kept differs from what was typed, and the lines of the table.
pub(super) fn differences(now: &ShippingContent, typed: &ShippingContent) -> Differences {
    let pairs = fields(now).into_iter().zip(fields(typed));
    let mut all: Vec<Difference> =
        pairs.filter_map(|((word, now), (_, typed))| difference(word, &now, &typed)).collect();
    all.extend(of_lines(&now.rates, &typed.rates));
    all.into()
}

fn fields(content: &ShippingContent) -> [(&'static str, String); 5] {
    let money = |money: Option<Money>| money.map(|money| money.to_string()).unwrap_or_default();
    let status = if content.active { "Ativa" } else { "Inativa" };
    let time = content.min_days.zip(content.max_days).map(|(min, max)| days(min, max));
    [
        ("Nome", content.name.clone()),
        ("Situação", status.to_owned()),
        ("Preço", money(content.price)),
        ("Prazo", time.unwrap_or_default()),
        ("Frete grátis a partir de", money(content.free_from)),
    ]
}

/// The lines that differ, or that only one of the two tables has, by their ranges.
fn of_lines(now: &[ShippingRate], typed: &[ShippingRate]) -> Vec<Difference> {
    let (now, typed) = (by_range(now), by_range(typed));
    let ranges: BTreeSet<_> = now.keys().chain(typed.keys()).collect();
    let differs = |range: &Range| {
        let (before, after) = (now.get(range), typed.get(range));
        let says = |line: Option<&Line>| line.map_or(NO_LINE, |line| line.says.as_str()).to_owned();
        difference(before.or(after)?.word.as_str(), &says(before), &says(after))
    };
    ranges.into_iter().filter_map(differs).collect()
}

fn by_range(rates: &[ShippingRate]) -> BTreeMap<Range, Line> {
    let line = |rate: &ShippingRate| {
        let [from, to, weight, ..] = shown(rate);
        let says = format!("{}, {}", rate.price, days(rate.days, rate.days));
        Line { word: format!("{from} a {to}, até {weight} kg"), says }
    };
    rates.iter().map(|rate| ((rate.cep_from.clone(), rate.cep_to.clone(), rate.up_to_grams), line(rate))).collect()
}

#[cfg(test)]
mod tests {
    use feira_schemas::records::admin::ShippingKind;

    use super::*;

    fn rate(up_to_grams: i64, price: i64) -> ShippingRate {
        let (cep_from, cep_to) = ("01000".to_owned(), "05999".to_owned());
        ShippingRate { cep_from, cep_to, up_to_grams, price: Money::brl(price), days: 2 }
    }

    fn content(name: &str, free_from: Option<Money>, rates: Vec<ShippingRate>) -> ShippingContent {
        let (kind, active, price) = (ShippingKind::Table, true, None);
        ShippingContent { name: name.into(), kind, active, price, free_from, min_days: None, max_days: None, rates }
    }

    #[test]
    fn f08_each_field_and_each_line_of_a_table_that_differs_is_named_with_both_texts() {
        let now = content("Motoboy", None, vec![rate(300, 1_000), rate(1_000, 1_500), rate(2_000, 1_800)]);
        let free = Some(Money::brl(20_000));
        let typed = content("Moto", free, vec![rate(1_000, 1_600), rate(300, 1_000), rate(5_000, 2_000)]);
        assert_eq!(differences(&now, &now), Differences::default());
        let found = differences(&now, &typed);
        let row = |one: &Difference| format!("{}: {} | {}", one.word, one.now, one.typed);
        assert_eq!(
            found.shown.iter().map(row).collect::<Vec<_>>(),
            [
                "Nome: Motoboy | Moto",
                "Frete grátis a partir de: – | R$ 200,00",
                "01000-000 a 05999-999, até 1 kg: R$ 15,00, 2 dias úteis | R$ 16,00, 2 dias úteis",
                "01000-000 a 05999-999, até 2 kg: R$ 18,00, 2 dias úteis | não existe",
                "01000-000 a 05999-999, até 5 kg: não existe | R$ 20,00, 2 dias úteis",
            ]
        );
    }
}
