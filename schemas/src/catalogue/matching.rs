//! The matching of a product's written variants with those that it has: by id, option values or SKU.

use std::{
    cell::LazyCell,
    collections::{HashMap, HashSet},
};

use crate::{
    ids::VariantId,
    records::{admin::Variant, catalogue::ProductOption},
    text::composed,
};

/// The marks by which a written variant is found among those of before.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The variant itself.
    pub id: Option<VariantId>,
    /// A value for each option; none where they are not said.
    pub options: Option<&'a [String]>,
    /// The merchant's code.
    pub sku: Option<&'a str>,
}

/// The key that tells variants of a product apart: their option values, letter case aside.
pub fn variant_key(options: &[String]) -> Vec<String> {
    options.iter().map(|value| composed(value).to_lowercase()).collect()
}

/// A rule by which a variant that is wanted names one of before.
type Means<'a> = dyn Fn(&Wanted<'_>) -> Option<usize> + 'a;

/// For each that is wanted the place in `before` of the variant that it means: by its id, else by option values, else by SKU. Each
/// variant is meant once, and the surer word goes first: where an option was added, variants are known by their codes and keep
/// their stock. `had` and `now` are the product's options before, and those that the wanted values stand under.
pub fn matched(
    before: &[Variant],
    had: &[ProductOption],
    now: &[ProductOption],
    wanted: &[Wanted<'_>],
) -> Vec<Option<usize>> {
    let order = order(had, now);
    let by_id: HashMap<VariantId, usize> = numbered(before, |variant| Some(variant.variant_id));
    // Not made where all are named by their ids, as where only a product's name changes.
    let by_options = LazyCell::new(|| numbered(before, |variant| Some(variant_key(&variant.options))));
    let by_sku = LazyCell::new(|| numbered(before, |variant| variant.sku.as_deref().map(sku_key)));
    let mut found = vec![None; wanted.len()];
    let mut taken = HashSet::new();
    let mut claim = |place: Option<usize>| place.filter(|place| taken.insert(*place));
    let rules: [&Means<'_>; 3] = [
        &|wanted| by_id.get(&wanted.id?).copied(),
        &|wanted| by_options.get(&in_order(variant_key(wanted.options?), order.as_deref())).copied(),
        &|wanted| by_sku.get(&sku_key(wanted.sku?)).copied(),
    ];
    for (rule, means) in rules.iter().enumerate() {
        for (wanted, found) in wanted.iter().zip(&mut found) {
            // Who names an id means that variant or none.
            if found.is_none() && (rule == 0 || wanted.id.is_none()) {
                *found = claim(means(wanted));
            }
        }
    }
    found
}

/// The place that each option of before has now, if the options are the same in another order.
fn order(had: &[ProductOption], now: &[ProductOption]) -> Option<Vec<usize>> {
    let folded = |option: &ProductOption| composed(&option.name).to_lowercase();
    let place = |option: &ProductOption| now.iter().position(|other| folded(other) == folded(option));
    (had.len() == now.len() && !had.is_empty()).then(|| had.iter().map(place).collect())?
}

fn in_order(key: Vec<String>, order: Option<&[usize]>) -> Vec<String> {
    let Some(order) = order else { return key };
    order.iter().map(|place| key.get(*place).cloned().unwrap_or_default()).collect()
}

fn sku_key(sku: &str) -> String {
    composed(sku.trim()).to_lowercase()
}

/// Places by key; the first of equals.
fn numbered<K: std::hash::Hash + Eq>(variants: &[Variant], key: impl Fn(&Variant) -> Option<K>) -> HashMap<K, usize> {
    let mut places = HashMap::with_capacity(variants.len());
    for (place, variant) in variants.iter().enumerate() {
        if let Some(key) = key(variant) {
            places.entry(key).or_insert(place);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::money::Money;

    fn id(number: u128) -> VariantId {
        VariantId::from_uuid(Uuid::from_u128(number))
    }

    fn variant(number: u128, options: &[&str], sku: Option<&str>) -> Variant {
        Variant {
            variant_id: id(number),
            sku: sku.map(str::to_owned),
            options: texts(options),
            price: Money::brl(1),
            compare_at_price: None,
            cost: None,
            barcode: None,
            weight_grams: None,
            initial_stock: None,
            tracked: true,
        }
    }

    fn texts(options: &[&str]) -> Vec<String> {
        options.iter().map(|value| (*value).to_owned()).collect()
    }

    /// Places found for (id, options, SKU).
    /// An id, option values, an SKU.
    type Said<'a> = (Option<u128>, Option<&'a [&'a str]>, Option<&'a str>);

    fn found(before: &[Variant], wanted: &[Said<'_>]) -> Vec<Option<usize>> {
        let options: Vec<_> = wanted.iter().map(|(_, options, _)| options.map(texts)).collect();
        let wanted: Vec<Wanted<'_>> = wanted
            .iter()
            .zip(&options)
            .map(|((number, _, sku), options)| Wanted { id: number.map(id), options: options.as_deref(), sku: *sku })
            .collect();
        matched(before, &[], &[], &wanted)
    }

    #[test]
    fn f06_a_variant_is_known_by_id_then_options_then_sku() {
        let before = [variant(1, &["Azul"], Some("A")), variant(2, &["Verde"], Some("V")), variant(3, &["Rosa"], None)];
        // An option was added: the codes say which is which, and letter case is none.
        assert_eq!(
            found(&before, &[(None, Some(&["Verde", "P"]), Some("v")), (None, Some(&["Azul", "P"]), Some("A"))]),
            [Some(1), Some(0)]
        );
        // Codes that were changed over: the option values are the surer word.
        assert_eq!(
            found(&before, &[(None, Some(&["AZUL"]), Some("V")), (None, Some(&["Verde"]), Some("A"))]),
            [Some(0), Some(1)]
        );
        // An id is the surest, and who names one that is not there means none.
        assert_eq!(
            found(&before, &[(Some(3), Some(&["Azul"]), None), (None, Some(&["Azul"]), None)]),
            [Some(2), Some(0)]
        );
        assert_eq!(found(&before, &[(Some(9), Some(&["Azul"]), Some("A"))]), [None]);
        // Each is meant once, whoever comes first.
        assert_eq!(found(&before, &[(None, None, Some("A")), (None, Some(&["Azul"]), None)]), [None, Some(0)]);
        assert_eq!(found(&before, &[(None, None, Some("V")), (None, None, None)]), [Some(1), None]);
    }

    #[test]
    fn options_in_another_order_are_the_same_options() {
        let before = [variant(1, &["Azul", "P"], None), variant(2, &["P", "Azul"], None)];
        let options =
            |names: [&str; 2]| names.map(|name| ProductOption { name: name.to_owned(), values: texts(&["Azul", "P"]) });
        let (had, values) = (options(["Cor", "Tamanho"]), texts(&["P", "Azul"]));
        let wanted = [Wanted { id: None, options: Some(&values), sku: None }];
        assert_eq!(matched(&before, &had, &options(["tamanho", "Cor"]), &wanted), [Some(0)]);
        assert_eq!(matched(&before, &had, &had, &wanted), [Some(1)]);
        assert_eq!(matched(&before, &had, &options(["Cor", "Medida"]), &wanted), [Some(1)], "renamed, by their places");
    }

    #[test]
    fn values_that_look_alike_are_alike() {
        let before = [variant(1, &["Me\u{301}dio"], None), variant(2, &["Único"], None)];
        assert_eq!(
            found(&before, &[(None, Some(&["U\u{301}nico"]), None), (None, Some(&["médio"]), None)]),
            [Some(1), Some(0)]
        );
    }
}
