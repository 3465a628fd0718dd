//! What the pages of delivery say in words, and what is typed into their form.

use feira_schemas::{
    api::shipping::{kind_name, kind_of, kind_word},
    records::admin::{ShippingContent, ShippingKind, ShippingOption},
};
use feira_web::forms::Form;

use super::pasted::text_of;
use crate::format::whole;

/// The name of the input of a table, behind its `_`.
pub(super) const TABLE_FIELD: &str = "table";

/// What is typed into the form, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub kind: String,
    pub name: String,
    pub active: bool,
    pub price: String,
    pub free_from: String,
    pub min_days: String,
    pub max_days: String,
    pub table: String,
}

impl Typed {
    /// What the form of a new one of this kind is filled with.
    pub fn new(kind: ShippingKind) -> Self {
        Self {
            kind: kind_word(kind).to_owned(),
            name: String::new(),
            active: true,
            price: String::new(),
            free_from: String::new(),
            min_days: String::new(),
            max_days: String::new(),
            table: String::new(),
        }
    }

    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            kind: text("/kind"),
            name: text("/name"),
            // A check box that is not ticked is not sent, so a hidden input says false before it.
            active: form.texts("/active").last().is_some_and(|text| text == "true"),
            price: text("/price"),
            free_from: text("/free_from"),
            min_days: text("/min_days"),
            max_days: text("/max_days"),
            table: form.said(TABLE_FIELD).unwrap_or_default().to_owned(),
        }
    }

    /// The kind of a new one; of a form that says none, the kind that has its inputs.
    pub fn kind(&self, form: &Form) -> ShippingKind {
        let by_inputs = if form.said(TABLE_FIELD).is_some() { ShippingKind::Table } else { ShippingKind::Flat };
        kind_of(&self.kind).unwrap_or(by_inputs)
    }

    /// What the form of one that is kept is filled with.
    pub fn of(option: &ShippingOption) -> Self {
        let content = &option.content;
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        Self {
            kind: kind_word(content.kind).to_owned(),
            name: content.name.clone(),
            active: content.active,
            price: content.price.map(|price| price.figures()).unwrap_or_default(),
            free_from: content.free_from.map(|least| least.figures()).unwrap_or_default(),
            min_days: number(content.min_days),
            max_days: number(content.max_days),
            table: text_of(&content.rates),
        }
    }
}

/// Business days, in words.
pub(super) fn days(min: i32, max: i32) -> String {
    match (min, max) {
        (0, 0) => "no mesmo dia".to_owned(),
        (1, 1) => "1 dia útil".to_owned(),
        (min, max) if min == max => format!("{max} dias úteis"),
        (min, max) => format!("{min} a {max} dias úteis"),
    }
}

/// A way of delivery in a line.
pub(super) fn says(content: &ShippingContent) -> String {
    let mut parts = vec![kind_name(content.kind).to_owned()];
    match content.kind {
        ShippingKind::Table => parts.push(match content.rates.len() {
            1 => "1 linha".to_owned(),
            lines => format!("{} linhas", whole(i64::try_from(lines).unwrap_or(i64::MAX))),
        }),
        _ => parts.extend(content.price.map(|price| price.to_string())),
    }
    if let (Some(min), Some(max)) = (content.min_days, content.max_days) {
        parts.push(days(min, max));
    }
    parts.extend(content.free_from.map(|least| format!("grátis a partir de {least}")));
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use feira_schemas::money::Money;

    use super::*;

    #[test]
    fn f08_a_way_of_delivery_is_said_in_a_line() {
        let flat = ShippingContent {
            name: "PAC".into(),
            kind: ShippingKind::Flat,
            active: true,
            price: Some(Money::brl(1_500)),
            free_from: Some(Money::brl(20_000)),
            min_days: Some(3),
            max_days: Some(5),
            rates: Vec::new(),
        };
        assert_eq!(says(&flat), "Preço único · R$ 15,00 · 3 a 5 dias úteis · grátis a partir de R$ 200,00");
        let (price, free_from, min_days, max_days) = (None, None, None, None);
        let table = ShippingContent { kind: ShippingKind::Table, price, free_from, min_days, max_days, ..flat };
        assert_eq!(says(&table), "Tabela por CEP e peso · 0 linhas");
        for ((min, max), said) in
            [((0, 0), "no mesmo dia"), ((1, 1), "1 dia útil"), ((2, 2), "2 dias úteis"), ((0, 1), "0 a 1 dias úteis")]
        {
            assert_eq!(days(min, max), said);
        }
    }
}
