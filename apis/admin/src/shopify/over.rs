//! A product of the file laid over the one that the shop has: what the file does not name stays, and what goes is said.

use std::collections::{HashMap, HashSet};

use feira_schemas::{
    api::{
        image::image_url,
        product::{OptionBody, ProductBody, SeoBody, StatusBody, VariantBody, product_body},
    },
    catalogue::{Wanted, matched},
    ids::VariantId,
    limits,
    problem::FieldError,
    records::{
        admin::{ImportImage, Product, Variant},
        catalogue::ProductOption,
    },
};
use serde_json::{Map, Value};

use super::{
    columns::{Column, located},
    draft::{FileImage, FileProduct, FileVariant, tags_of},
    errors::RowError,
    told::Told,
};

/// Pieces that the file has of a variant that the shop knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The variant's id.
    pub variant_id: VariantId,
    /// The variant's option values, for people.
    pub name: String,
    /// The stock in pieces.
    pub on_hand: i64,
}

/// A product to be imported, whole. One with errors must not be.
#[derive(Debug, Clone)]
pub struct ImportProduct {
    /// The handle is its slug. The description is as the file has it, or as the shop has it.
    pub product: ProductBody,
    /// The category's name, from the column `Type`; to be made if the shop has none of this name.
    pub category_name: Option<String>,
    /// The images, in order.
    pub images: Vec<ImportImage>,
    /// The file says that there are none.
    pub clears_images: bool,
    /// The file's stock of variants that the shop counts already.
    pub quantities: Vec<Quantity>,
    /// The errors of the product's rows.
    pub errors: Vec<RowError>,
    /// Notes that the merchant must know though nothing is wrong (pt-BR).
    pub notes: Vec<String>,
    row: u64,
    variant_rows: Vec<u64>,
}

impl ImportProduct {
    /// Gives an error of the product's rules (a JSON Pointer into the body) its row and column.
    pub fn locate(&self, error: &FieldError) -> RowError {
        located(error, self.row, &self.variant_rows)
    }
}

impl FileProduct {
    /// The product with what the file says, over what the shop has.
    pub fn over(mut self, before: Option<&Product>) -> ImportProduct {
        if before.is_none() {
            self.check_new();
        }
        let mut body = before.map(product_body).unwrap_or_default();
        self.set_texts(&mut body, before);
        let (variants, quantities) = self.laid_variants(&mut body, before);
        let (images, clears_images) = self.laid_images(before);
        let mut notes = self.notes.clone();
        if let Some(before) = before {
            let told =
                Told { before, body: &body, images: &images, clears_images, categorised: self.is_categorised(&body) };
            notes.extend(told.notes());
        }
        ImportProduct {
            product: body,
            category_name: self.category_name,
            images,
            clears_images,
            quantities,
            errors: self.errors,
            notes,
            row: self.row,
            variant_rows: variants,
        }
    }

    fn is_categorised(&self, body: &ProductBody) -> bool {
        self.category_name.is_some() || body.category_id.is_some()
    }

    /// Checks the columns that a product must have which the shop does not know yet.
    fn check_new(&mut self) {
        let detail = "O produto é novo na loja: o arquivo precisa desta coluna.";
        for column in [Column::Title, Column::Price] {
            if !self.columns.has(column) {
                self.error(self.row, column, detail);
            }
        }
    }

    fn set_texts(&self, body: &mut ProductBody, before: Option<&Product>) {
        let has = |column| self.columns.has(column);
        body.slug.clone_from(&self.slug);
        if has(Column::Title) {
            body.name.clone_from(&self.name);
        }
        // White space around a cell is no content, so it takes none away either.
        let described = self.description.as_deref().unwrap_or_default();
        if has(Column::Body) && body.description.as_deref().map(str::trim) != Some(described) {
            body.description.clone_from(&self.description);
        }
        if has(Column::Vendor) {
            body.vendor.clone_from(&self.vendor);
        }
        // A tag with a comma in it looks like two in the file: what reads the same is the same.
        if has(Column::Tags) && tags_of(&body.tags.join(",")) != self.tags {
            body.tags.clone_from(&self.tags);
        }
        if has(Column::Type) {
            body.category_id = None;
        }
        // A new product of which the file says nothing is for sale, as in Shopify's own import.
        body.status = self.status.unwrap_or(if before.is_some() { body.status } else { StatusBody::Published });
        let had_seo = body.seo.is_some();
        let mut seo = body.seo.take().unwrap_or_default();
        if has(Column::SeoTitle) {
            seo.title.clone_from(&self.seo.title);
        }
        if has(Column::SeoDescription) {
            seo.description.clone_from(&self.seo.description);
        }
        body.seo = Some(seo).filter(|seo| had_seo || *seo != SeoBody::default());
    }

    /// Puts the variants into the body; gives the row of each, and the file's stock of those that are known.
    fn laid_variants(&mut self, body: &mut ProductBody, before: Option<&Product>) -> (Vec<u64>, Vec<Quantity>) {
        let variants = std::mem::take(&mut self.variants);
        let says_options = variants.iter().any(|variant| variant.values.iter().any(|value| !value.is_empty()));
        match before {
            _ if variants.is_empty() => (vec![self.row; body.variants.len()], Vec::new()),
            Some(before) if !says_options => self.some_variants(variants, body, before),
            _ => self.all_variants(variants, body, before),
        }
    }

    /// Variants by their codes: the file does not say how they differ, so it speaks of some and the others stay as they are.
    fn some_variants(
        &mut self,
        variants: Vec<FileVariant>,
        body: &mut ProductBody,
        before: &Product,
    ) -> (Vec<u64>, Vec<Quantity>) {
        let wanted: Vec<Wanted<'_>> = variants
            .iter()
            .map(|variant| Wanted { id: None, options: None, sku: variant.body.sku.as_deref() })
            .collect();
        let mut places = matched(&before.variants, &before.options, &before.options, &wanted);
        if let ([None], [_]) = (places.as_slice(), before.variants.as_slice()) {
            places = vec![Some(0)];
        }
        let mut rows = vec![self.row; before.variants.len()];
        let mut quantities = Vec::new();
        for (variant, place) in variants.into_iter().zip(places) {
            let known = place.and_then(|place| before.variants.get(place).zip(body.variants.get_mut(place)));
            match (known, place) {
                (Some((known, laid)), Some(place)) => {
                    rows[place] = variant.row;
                    quantities.extend(quantity(&variant, known));
                    let options = std::mem::take(&mut laid.options);
                    *laid = self.laid_variant(variant, Some(laid), options);
                }
                _ => {
                    let detail = format!(
                        "O produto tem {} variantes e a linha não diz qual: informe o valor da opção, ou um SKU que ele tenha.",
                        before.variants.len()
                    );
                    self.error(variant.row, Column::OptionValue(0), detail);
                }
            }
        }
        (rows, quantities)
    }

    /// The product's variants by their options. Those that the file lacks go, unless it is a list of changes.
    fn all_variants(
        &mut self,
        variants: Vec<FileVariant>,
        body: &mut ProductBody,
        before: Option<&Product>,
    ) -> (Vec<u64>, Vec<Quantity>) {
        let (options, values) = self.options(&variants, before);
        let (had, known) = before.map_or((&[][..], &[][..]), |before| (&before.options[..], &before.variants[..]));
        let now: Vec<ProductOption> = options
            .iter()
            .map(|option| ProductOption { name: option.name.clone(), values: option.values.clone() })
            .collect();
        let wanted: Vec<Wanted<'_>> = variants
            .iter()
            .zip(&values)
            .map(|(variant, values)| Wanted { id: None, options: Some(values), sku: variant.body.sku.as_deref() })
            .collect();
        let places = matched(known, had, &now, &wanted);
        // The variants stand as the shop has them: then the file says nothing of the order of values, nor of those without a variant.
        let is_in_order = before.is_some() && places.iter().copied().eq((0..known.len()).map(Some));
        let mut laid: Vec<(Option<usize>, u64, VariantBody)> = Vec::with_capacity(variants.len());
        let mut quantities = Vec::new();
        for ((variant, place), values) in variants.into_iter().zip(places).zip(&values) {
            quantities.extend(place.and_then(|place| known.get(place)).and_then(|known| quantity(&variant, known)));
            let before = place.and_then(|place| body.variants.get(place));
            // Of a new product it is said once, for all its variants.
            if before.is_none() && !known.is_empty() && !self.columns.has(Column::Price) {
                self.error(variant.row, Column::Price, "A variante é nova na loja: o arquivo precisa desta coluna.");
            }
            let named = options.iter().zip(values).map(|(option, value)| (option.name.clone(), value.clone().into()));
            let (row, named) = (variant.row, named.collect());
            laid.push((place, row, self.laid_variant(variant, before, named)));
        }
        body.options = options;
        if self.lists_changes(&body.options, before) {
            let mut all: Vec<_> =
                (0..).zip(&body.variants).map(|(at, known)| (Some(at), self.row, known.clone())).collect();
            for one in laid {
                match one.0 {
                    Some(place) => all[place] = one,
                    None => all.push(one),
                }
            }
            laid = all;
            for (option, had) in body.options.iter_mut().zip(had) {
                let new = std::mem::replace(&mut option.values, had.values.clone());
                option.values.extend(new.into_iter().filter(|value| !had.values.contains(value)));
            }
        } else if self.scattered && before.is_some() {
            // Whoever sorted the file did not mean the order of sizes: what is known stays in its order.
            laid.sort_by_key(|(place, ..)| place.unwrap_or(usize::MAX));
            for option in &mut body.options {
                let had = had.iter().find(|had| had.name == option.name);
                let place = |value: &String| had.and_then(|had| had.values.iter().position(|known| known == value));
                option.values.sort_by_key(|value| place(value).unwrap_or(usize::MAX));
            }
        } else if is_in_order {
            keep_order(&mut body.options, had);
        }
        let rows = laid.iter().map(|(_, row, _)| *row).collect();
        body.variants = laid.into_iter().map(|(.., variant)| variant).collect();
        (rows, quantities)
    }

    /// A file without titles is no list of products but of changes to some, such as of prices: what it does not name stays. It can
    /// only speak of the options that the product has.
    fn lists_changes(&self, options: &[OptionBody], before: Option<&Product>) -> bool {
        let is_same = |(one, other): (&OptionBody, &ProductOption)| one.name == other.name;
        !self.columns.has(Column::Title)
            && before.is_some_and(|before| {
                before.options.len() == options.len() && options.iter().zip(&before.options).all(is_same)
            })
    }

    /// A variant with what its row says, over what the shop has.
    fn laid_variant(
        &self,
        variant: FileVariant,
        before: Option<&VariantBody>,
        options: Map<String, Value>,
    ) -> VariantBody {
        let has = |column| self.columns.has(column);
        let (known, file) = (before.is_some(), variant.body);
        let mut laid = before.cloned().unwrap_or_default();
        laid.options = options;
        laid.tracked = file.tracked.or(laid.tracked);
        // Of one that is known the stock goes its own way.
        laid.stock = if known { None } else { file.stock };
        if has(Column::Sku) {
            laid.sku = file.sku;
        }
        if has(Column::Barcode) {
            laid.barcode = file.barcode;
        }
        if has(Column::Price) {
            laid.price = file.price;
        }
        if has(Column::CompareAt) {
            laid.compare_at_price = file.compare_at_price;
        }
        if has(Column::Cost) {
            laid.cost = file.cost;
        }
        if has(Column::Grams) {
            laid.weight_grams = file.weight_grams;
        }
        laid
    }

    /// The product's options, and each variant's value of each.
    fn options(&mut self, variants: &[FileVariant], before: Option<&Product>) -> (Vec<OptionBody>, Vec<Vec<String>>) {
        if self.has_no_options(variants) {
            return (Vec::new(), vec![Vec::new(); variants.len()]);
        }
        let mut options = Vec::new();
        let mut all = vec![Vec::new(); variants.len()];
        for at in 0..limits::OPTIONS {
            let name = self.option_name(at, variants, before);
            let mut option = OptionBody { name: name.clone(), values: Vec::new() };
            // Spellings that differ in case are one value, the first one's; the product's rules would call them doubles. A list of
            // changes changes no spelling.
            let known = before.and_then(|before| before.options.get(at)).filter(|_| !self.columns.has(Column::Title));
            let known = known.into_iter().flat_map(|option| &option.values);
            let mut spellings: HashMap<String, String> =
                known.map(|value| (value.to_lowercase(), value.clone())).collect();
            let mut listed = HashSet::new();
            for (variant, values) in variants.iter().zip(&mut all) {
                let value = variant.values.get(at).cloned().unwrap_or_default();
                match (name.is_empty(), value.is_empty()) {
                    (true, true) => {}
                    (true, false) => {
                        let detail = format!("O valor «{value}» não tem o nome da opção.");
                        self.error(variant.row, Column::OptionName(at), detail);
                    }
                    (false, true) => {
                        self.error(variant.row, Column::OptionValue(at), format!("Falta o valor de «{name}»."));
                        values.push(String::new());
                    }
                    (false, false) => {
                        let spelling = spellings.entry(value.to_lowercase()).or_insert(value).clone();
                        if listed.insert(spelling.clone()) {
                            option.values.push(spelling.clone());
                        }
                        values.push(spelling);
                    }
                }
            }
            if !name.is_empty() {
                options.push(option);
            }
        }
        (options, all)
    }

    /// An option's name: the file's, else the shop's where the file has no word for it.
    fn option_name(&self, at: usize, variants: &[FileVariant], before: Option<&Product>) -> String {
        let name = self.option_names.get(at).cloned().unwrap_or_default();
        let is_valued = variants.iter().any(|variant| variant.values.get(at).is_some_and(|value| !value.is_empty()));
        let is_left_out = is_valued || !self.columns.has(Column::OptionName(at));
        match before.and_then(|before| before.options.get(at)) {
            Some(known) if name.is_empty() && is_left_out => known.name.clone(),
            _ => name,
        }
    }

    /// One variant called `Default Title` is Shopify's way to say that there are no options.
    fn has_no_options(&self, variants: &[FileVariant]) -> bool {
        let [FileVariant { values, .. }] = variants else { return false };
        let name = self.option_names.first().map_or("", String::as_str);
        let only_first = values[1..].iter().all(String::is_empty);
        only_first && matches!((name, values[0].as_str()), ("Title", "Default Title") | ("", "" | "Default Title"))
    }

    /// The images, and whether the file says that there are none.
    fn laid_images(&self, before: Option<&Product>) -> (Vec<ImportImage>, bool) {
        let has_alt = self.columns.has(Column::ImageAlt);
        // An export names images that were brought by hand by where the shop has them: they are there, and stay.
        let brought = before.map(brought_addresses).unwrap_or_default();
        let is_brought = |src: &str| brought.iter().any(|address| src.ends_with(address));
        let images = || self.images.iter().filter(|image| !is_brought(&image.src));
        let named = |image: &FileImage| ImportImage {
            source_url: image.src.clone(),
            alt: image.alt.clone().or(has_alt.then(String::new)),
        };
        let had = before.map_or(&[][..], |before| &before.images[..]);
        let had = had.iter().filter_map(|image| image.source_url.clone());
        let had: Vec<_> = had.map(|source_url| ImportImage { source_url, alt: None }).collect();
        if self.columns.has(Column::ImageSrc) {
            let named: Vec<_> = images().map(named).collect();
            let clears = named.is_empty() && !had.is_empty();
            return (named, clears);
        }
        // Without the column, images of variants come to those that are there.
        let new = images().filter(|image| had.iter().all(|known| known.source_url != image.src)).map(named);
        let new: Vec<_> = new.collect();
        if new.is_empty() { (new, false) } else { (had.into_iter().chain(new).collect(), false) }
    }
}

/// Puts the values of options in the order that they had, where the file names none that is new.
fn keep_order(options: &mut [OptionBody], had: &[ProductOption]) {
    for (option, had) in options.iter_mut().zip(had) {
        let known: HashSet<&String> = had.values.iter().collect();
        if option.name == had.name && option.values.iter().all(|value| known.contains(value)) {
            option.values.clone_from(&had.values);
        }
    }
}

/// The addresses in the shop of a product's images that were brought by hand.
fn brought_addresses(before: &Product) -> Vec<String> {
    let by_hand = before.images.iter().filter(|image| image.source_url.is_none());
    by_hand.map(|image| image_url(before.product_id, image)).collect()
}

/// The file's stock of a variant that the shop has.
fn quantity(variant: &FileVariant, known: &Variant) -> Option<Quantity> {
    let on_hand = variant.body.stock?;
    let is_tracked = variant.body.tracked.unwrap_or(known.tracked);
    let name = known.options.join(" / ");
    is_tracked.then_some(Quantity { variant_id: known.variant_id, name, on_hand })
}
