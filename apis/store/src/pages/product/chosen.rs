//! The variant of the values that a buyer chose in lists: a list that somebody has changed names another variant than the page around it.

use feira_streams::views::storefront::{Card, CardVariant};

use super::model::is_list;

/// A variant for values that were chosen.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages) struct Chosen<'a> {
    /// The variant.
    pub variant: &'a CardVariant,
    /// False if no variant joins all of the values: this one has the most of them, those of lists before others.
    pub is_exact: bool,
}

/// The variant of these values, one for each option in the card's order; none where the card has no variant.
pub(in crate::pages) fn chosen<'a>(card: &'a Card, values: &[&str]) -> Option<Chosen<'a>> {
    // Of several that fit alike it is the merchant's first; the last of all is what `max_by_key` takes.
    let variant = card.variants.iter().rev().max_by_key(|variant| (fit(card, variant, values), variant.available))?;
    let (_, same) = fit(card, variant, values);
    Some(Chosen { variant, is_exact: same == card.options.len() && same == values.len() })
}

/// The id of the variant that a page shows: of the values that were chosen, where there are any, else the one that is named. Beside it, whether
/// the values have no variant of their own.
pub(in crate::pages) fn shown(card: &Card, values: &[&str], named: Option<&str>) -> (Option<String>, bool) {
    if values.is_empty() {
        return (named.map(str::to_owned), false);
    }
    match chosen(card, values) {
        Some(chosen) => (Some(chosen.variant.id.to_string()), !chosen.is_exact),
        None => (None, false),
    }
}

/// The value of a variant's option; empty where it has none.
pub(super) fn value_of<'a>(variant: &'a CardVariant, option: &str) -> &'a str {
    variant.options.get(option).and_then(|value| value.as_str()).unwrap_or_default()
}

/// How many values of lists a variant has, and how many of all.
fn fit(card: &Card, variant: &CardVariant, values: &[&str]) -> (usize, usize) {
    let pairs = card.options.iter().zip(values);
    let same = pairs.filter(|(option, value)| value_of(variant, &option.name) == **value);
    same.fold((0, 0), |(lists, all), (option, _)| (lists + usize::from(is_list(&option.values)), all + 1))
}
