//! Notes on what an import takes away, in words (pt-BR): nothing of a merchant's goes in silence.

use std::collections::{HashMap, HashSet};

use feira_schemas::{
    api::product::{ProductBody, VariantBody, product_body},
    records::admin::{ImportImage, Product},
};

use super::columns::Column;

/// Names in a sentence; more are counted.
const NAMED: usize = 5;

/// A variant that was there and still is: before and after.
type Kept<'a> = (&'a VariantBody, &'a VariantBody);

/// A product before and after.
pub(super) struct Told<'a> {
    pub(super) before: &'a Product,
    pub(super) body: &'a ProductBody,
    pub(super) images: &'a [ImportImage],
    pub(super) clears_images: bool,
    /// True if the product is in a category afterwards.
    pub(super) categorised: bool,
}

impl<'a> Told<'a> {
    /// A sentence for each kind of thing that goes.
    pub(super) fn notes(&self) -> Vec<String> {
        let sentence =
            |begin: &str, names: Vec<String>| (!names.is_empty()).then(|| format!("{begin}: {}.", listed(&names)));
        let had = product_body(self.before).variants;
        let had: HashMap<&str, &VariantBody> =
            had.iter().filter_map(|variant| Some((variant.id.as_deref()?, variant))).collect();
        let before = |has: &'a VariantBody| Some((*had.get(has.id.as_deref()?)?, has));
        let kept: Vec<Kept<'_>> = self.body.variants.iter().filter_map(before).collect();
        [
            sentence("Apagado, pois a célula está vazia", self.cleared(&kept)),
            sentence("Preço anterior retirado, pois não passa do preço novo", no_discount(&kept)),
            sentence("Variantes retiradas, pois o arquivo não as tem", self.variants()),
            sentence("Imagens retiradas, pois o arquivo não as tem", self.images()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Columns whose empty cells emptied something.
    fn cleared(&self, kept: &[Kept<'_>]) -> Vec<String> {
        let (before, body) = (self.before, self.body);
        let is_empty = |text: Option<&String>| text.is_none_or(|text| text.trim().is_empty());
        let gone = |had: Option<&String>, has: Option<&String>| !is_empty(had) && is_empty(has);
        let (had, has) = (before.seo.as_ref(), body.seo.as_ref());
        let title = gone(had.and_then(|seo| seo.title.as_ref()), has.and_then(|seo| seo.title.as_ref()));
        let text = gone(had.and_then(|seo| seo.description.as_ref()), has.and_then(|seo| seo.description.as_ref()));
        let of_product = [
            (Column::Body, gone(Some(&before.description), body.description.as_ref())),
            (Column::Vendor, gone(before.vendor.as_ref(), body.vendor.as_ref())),
            (Column::Type, before.category_id.is_some() && !self.categorised),
            (Column::Tags, !before.tags.is_empty() && body.tags.is_empty()),
            (Column::SeoTitle, title),
            (Column::SeoDescription, text),
        ];
        let mut names: Vec<String> =
            of_product.into_iter().filter(|(_, gone)| *gone).map(|(column, _)| column.name().to_owned()).collect();
        names.extend(cleared_of_variants(kept));
        names
    }

    fn variants(&self) -> Vec<String> {
        let kept: HashSet<&str> = self.body.variants.iter().filter_map(|variant| variant.id.as_deref()).collect();
        let gone =
            self.before.variants.iter().filter(|variant| !kept.contains(variant.variant_id.to_string().as_str()));
        gone.map(|variant| match (variant.options.as_slice(), &variant.sku) {
            ([], Some(sku)) => sku.clone(),
            ([], None) => "a única".to_owned(),
            (options, _) => options.join(" / "),
        })
        .collect()
    }

    fn images(&self) -> Vec<String> {
        if self.images.is_empty() && !self.clears_images {
            return Vec::new();
        }
        let had = self.before.images.iter().filter_map(|image| image.source_url.as_deref());
        let gone = had.filter(|url| self.images.iter().all(|image| image.source_url != *url));
        gone.map(|url| url.split(['?', '#']).next().unwrap_or(url).rsplit('/').next().unwrap_or(url).to_owned())
            .collect()
    }
}

fn cleared_of_variants(kept: &[Kept<'_>]) -> Vec<String> {
    let count = |is_gone: fn(&Kept<'_>) -> bool| kept.iter().filter(|kept| is_gone(kept)).count();
    let counts = [
        (Column::Sku, count(|(had, has)| had.sku.is_some() && has.sku.is_none())),
        (Column::Barcode, count(|(had, has)| had.barcode.is_some() && has.barcode.is_none())),
        (Column::Grams, count(|(had, has)| had.weight_grams.is_some() && has.weight_grams.is_none())),
        (Column::Cost, count(|(had, has)| had.cost.is_some() && has.cost.is_none())),
        (Column::CompareAt, count(|(had, has)| had.compare_at_price.is_some() && has.compare_at_price.is_none())),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    counts
        .map(|(column, count)| match count {
            1 => format!("{} de uma variante", column.name()),
            count => format!("{} de {count} variantes", column.name()),
        })
        .collect()
}

/// Variants whose price before would be no discount any more.
fn no_discount(kept: &[Kept<'_>]) -> Vec<String> {
    let is_lost = |(had, has): &&Kept<'_>| {
        let before = had.compare_at_price.and(has.compare_at_price);
        before.zip(has.price).is_some_and(|(before, price)| before.amount <= price.amount)
    };
    kept.iter().filter(is_lost).map(|(_, has)| name_of(has)).collect()
}

fn name_of(variant: &VariantBody) -> String {
    let values: Vec<&str> = variant.options.values().filter_map(|value| value.as_str()).collect();
    if values.is_empty() { "a única variante".to_owned() } else { values.join(" / ") }
}

/// `a, b, c e mais 2`.
pub(crate) fn listed(names: &[String]) -> String {
    let first = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} e mais {more}"),
    }
}
