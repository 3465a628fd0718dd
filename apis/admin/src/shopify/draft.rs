//! One product of the file, as its rows have it.

use std::sync::Arc;

use feira_schemas::{
    api::{
        image,
        product::{self, SeoBody, StatusBody, VariantBody},
        rules::Text,
    },
    limits, refusals,
};

use super::{
    cells::{self, slug_of},
    columns::{Column, Columns, Row},
    errors::RowError,
};

/// The type of a product, which becomes a category.
const TYPE: Text = Text::or_null("O tipo, que se torna categoria,", limits::NAME_CHARS);
/// The address of an image.
const IMAGE_URL: Text = Text::or_null("O endereço da imagem", limits::URL_CHARS);

/// An image that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileImage {
    /// The image's address (`Image Src`).
    pub(super) src: String,
    /// The image's place as the file says (`Image Position`); images are already in that order.
    pub(super) position: Option<u32>,
    /// The image's alternative text.
    pub(super) alt: Option<String>,
}

/// A variant as its row has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FileVariant {
    /// The row a spreadsheet shows.
    pub(super) row: u64,
    /// The option values, empty where there is none.
    pub(super) values: Vec<String>,
    /// All else. What is `None` is empty, or has no column.
    pub(super) body: VariantBody,
}

/// A product of the file. One with errors must not be imported; its other fields hold what could be read.
#[derive(Debug, Clone)]
pub struct FileProduct {
    /// The handle as the file has it.
    pub handle: String,
    /// The row of the product itself.
    pub row: u64,
    /// The address that the handle makes.
    pub slug: Option<String>,
    /// The HTML as written: clean it before use.
    pub description: Option<String>,
    /// The errors of the product's rows.
    pub errors: Vec<RowError>,
    /// Notes that the merchant must know though nothing is wrong (pt-BR).
    pub notes: Vec<String>,
    pub(super) columns: Arc<Columns>,
    pub(super) name: String,
    pub(super) vendor: Option<String>,
    pub(super) tags: Vec<String>,
    /// The category's name, from the column `Type`.
    pub(super) category_name: Option<String>,
    /// None: the file says nothing of it.
    pub(super) status: Option<StatusBody>,
    pub(super) seo: SeoBody,
    pub(super) option_names: Vec<String>,
    pub(super) variants: Vec<FileVariant>,
    /// The images in order, each address once, at most [`limits::IMAGES`].
    pub(super) images: Vec<FileImage>,
    /// The file does not have its rows together, so their order says nothing.
    pub(super) scattered: bool,
}

/// The columns that make a row a variant where the header has none of [`Column::OF_VARIANTS`].
const BESIDE_VARIANTS: [Column; 4] = [Column::Grams, Column::Quantity, Column::CompareAt, Column::Cost];

impl FileProduct {
    /// The product of these rows, of which there is at least one.
    pub(super) fn of(columns: Arc<Columns>, rows: &[Row], scattered: bool) -> FileProduct {
        let makes_variants: &[Column] = match columns.has_any(&Column::OF_VARIANTS) {
            true => &Column::OF_VARIANTS,
            false => &BESIDE_VARIANTS,
        };
        let is_variant = |row: &Row| makes_variants.iter().any(|column| !row.cell(*column).is_empty());
        let titled = rows.iter().position(|row| !row.cell(Column::Title).is_empty());
        let own = titled.or_else(|| rows.iter().position(is_variant)).unwrap_or_default();
        let mut product = FileProduct::titled(Arc::clone(&columns), &rows[own], scattered);
        product.check_identity(&rows[own]);
        product.status = product.status(&rows[own]);
        product.option_names = (0..limits::OPTIONS).map(|at| option_name(rows, own, at)).collect();
        let has_variants = columns.has_any(makes_variants) || columns.has_any(&[Column::Tracker, Column::Policy]);
        for (index, row) in rows.iter().enumerate() {
            if is_variant(row) || has_variants && index == own {
                product.variant(row);
            }
            product.image(row);
            for error in &row.errors {
                product.push(error.clone());
            }
        }
        if rows.iter().any(|row| row.joined) {
            product.notes.push("Quebras de linha e tabulações em textos de uma só linha viraram espaços.".to_owned());
        }
        product.images.sort_by_key(|image| image.position.unwrap_or(u32::MAX));
        product
    }

    /// The product as its own row has it.
    fn titled(columns: Arc<Columns>, row: &Row, scattered: bool) -> FileProduct {
        let handle = row.cell(Column::Handle).to_owned();
        FileProduct {
            slug: slug_of(&handle),
            handle,
            row: row.number,
            description: row.filled(Column::Body),
            errors: Vec::new(),
            notes: Vec::new(),
            columns,
            name: row.cell(Column::Title).to_owned(),
            vendor: row.filled(Column::Vendor),
            tags: tags_of(row.cell(Column::Tags)),
            category_name: row.filled(Column::Type),
            status: None,
            seo: SeoBody { title: row.filled(Column::SeoTitle), description: row.filled(Column::SeoDescription) },
            option_names: Vec::new(),
            variants: Vec::new(),
            images: Vec::new(),
            scattered,
        }
    }

    fn check_identity(&mut self, own: &Row) {
        let row = self.row;
        if self.handle.is_empty() {
            self.error(row, Column::Handle, "A linha não tem Handle.");
        } else if self.slug.is_none() {
            self.error(row, Column::Handle, "O Handle precisa de letras ou números.");
        } else if !own.is_literal(Column::Handle)
            && let Err(detail) = cells::code(&self.handle)
        {
            self.error(row, Column::Handle, detail);
        }
        if self.name.is_empty() && self.columns.has(Column::Title) {
            self.error(row, Column::Title, "A primeira linha do produto precisa do nome.");
        }
        if self.category_name.as_ref().is_some_and(|name| !TYPE.holds(name)) {
            self.error(row, Column::Type, TYPE.too_long());
        }
    }

    /// Published unless `Published` says no or `Status` says anything but active; nothing if both are empty or missing.
    fn status(&mut self, row: &Row) -> Option<StatusBody> {
        let published = self.read(row, Column::Published, cells::truth);
        let status = self.read(row, Column::Status, cells::status);
        match status {
            Some(cells::Said::Unlisted) => self
                .notes
                .push("O status unlisted (fora das listas) não existe aqui: o produto ficou como rascunho.".to_owned()),
            Some(cells::Said::Archived) => {
                self.notes.push("O produto arquivado ficou como rascunho.".to_owned());
            }
            Some(cells::Said::Active | cells::Said::Draft) | None => {}
        }
        if published.is_none() && status.is_none() {
            return None;
        }
        let shown = published.unwrap_or(true) && status.is_none_or(|status| status == cells::Said::Active);
        Some(if shown { StatusBody::Published } else { StatusBody::Draft })
    }

    fn variant(&mut self, row: &Row) {
        if self.variants.len() == limits::VARIANTS {
            self.error(row.number, Column::Price, product::VARIANTS.too_long());
            return;
        }
        if self.columns.has(Column::Price) && row.cell(Column::Price).is_empty() {
            self.error(row.number, Column::Price, refusals::PRICE_MISSING);
        }
        let body = VariantBody {
            sku: self.code(row, Column::Sku),
            barcode: self.code(row, Column::Barcode),
            price: self.read(row, Column::Price, cells::price),
            compare_at_price: self.read(row, Column::CompareAt, cells::price),
            cost: self.read(row, Column::Cost, cells::price),
            weight_grams: self.read(row, Column::Grams, cells::grams),
            stock: self.read(row, Column::Quantity, cells::count),
            tracked: self.tracked(row),
            ..VariantBody::default()
        };
        let values = (0..limits::OPTIONS).map(|at| row.cell(Column::OptionValue(at)).to_owned()).collect();
        self.variants.push(FileVariant { row: row.number, values, body });
    }

    /// True if stock is counted: not where nobody tracks it, nor where what is sold out goes on being sold. `None`
    /// where the file does not say.
    fn tracked(&mut self, row: &Row) -> Option<bool> {
        let goes_on = self.read(row, Column::Policy, cells::goes_on);
        let tracker = self.columns.has(Column::Tracker).then(|| !row.cell(Column::Tracker).is_empty());
        match (tracker, goes_on) {
            (_, Some(true)) => Some(false),
            (Some(tracker), _) => Some(tracker),
            (None, Some(false)) => Some(true),
            (None, None) => None,
        }
    }

    fn image(&mut self, row: &Row) {
        let position = self.read(row, Column::ImagePosition, cells::position);
        let alt = row.filled(Column::ImageAlt);
        if alt.as_ref().is_some_and(|alt| !image::ALT.holds(alt)) {
            self.error(row.number, Column::ImageAlt, image::ALT.too_long());
        }
        let own = (Column::ImageSrc, position, alt);
        // A variant's image is usually one of the product's; where it is not, it comes after those with a place.
        for (column, position, alt) in [own, (Column::VariantImage, None, None)] {
            let src = row.cell(column);
            let known = self.images.iter().position(|image| image.src == src);
            match known {
                _ if src.is_empty() => {}
                _ if !IMAGE_URL.holds(src) => {
                    self.error(row.number, column, IMAGE_URL.too_long());
                }
                Some(at) => {
                    let known = &mut self.images[at];
                    known.position = known.position.or(position);
                    known.alt = known.alt.take().or(alt);
                }
                None if self.images.len() == limits::IMAGES => {
                    self.error(row.number, column, image::IMAGES.too_long());
                }
                None => self.images.push(FileImage { src: src.to_owned(), position, alt }),
            }
        }
    }

    /// A cell's value; none if it is empty or wrong, and a wrong one is noted.
    fn read<T>(&mut self, row: &Row, column: Column, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        let text = row.cell(column);
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.error(row.number, column, detail);
                None
            }
        }
    }

    /// A code: as it is written where its cell says so, else as it was before a spreadsheet took it for a number.
    fn code(&mut self, row: &Row, column: Column) -> Option<String> {
        if row.is_literal(column) { row.filled(column) } else { self.read(row, column, cells::code) }
    }

    pub(super) fn error(&mut self, row: u64, column: Column, detail: impl Into<String>) {
        self.push(RowError { row, column: column.name(), detail: detail.into() });
    }

    fn push(&mut self, error: RowError) {
        // A product with a column shifted in 2,048 rows needs no 2,048 sentences.
        const MOST: usize = 50;
        if self.errors.len() < MOST {
            self.errors.push(error);
        }
    }
}

/// The tags of a cell, between commas. One between quotes that has commas itself is what [`tags_cell`] has written.
pub(super) fn tags_of(cell: &str) -> Vec<String> {
    let (mut tags, mut rest) = (Vec::new(), Some(cell));
    while let Some(text) = rest {
        let (tag, after) = quoted_tag(text.trim_start()).unwrap_or_else(|| match text.split_once(',') {
            Some((tag, after)) => (tag.trim().to_owned(), Some(after)),
            None => (text.trim().to_owned(), None),
        });
        if !tag.is_empty() {
            tags.push(tag);
        }
        rest = after;
    }
    tags
}

/// Tags as a cell, from which [`tags_of`] reads the same: one with a comma stands between quotes, and so does one that begins with such.
pub(super) fn tags_cell(tags: &[String]) -> String {
    let written = |tag: &String| match tag.contains(',') || tag.starts_with('"') {
        true => format!("\"{}\"", tag.replace('"', "\"\"")),
        false => tag.clone(),
    };
    tags.iter().map(written).collect::<Vec<_>>().join(", ")
}

/// The tag between quotes with which a text begins, and what comes after its comma. Quotes that need not be there are the tag's own, as
/// Shopify has them.
fn quoted_tag(text: &str) -> Option<(String, Option<&str>)> {
    let mut rest = text.strip_prefix('"')?;
    let mut tag = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        tag.push_str(before);
        rest = after.trim_start();
        let Some(again) = after.strip_prefix('"') else { break };
        tag.push('"');
        rest = again;
    }
    let is_whole = rest.is_empty() || rest.starts_with(',');
    let is_needed = tag.contains(',') || tag.starts_with('"');
    (is_whole && is_needed).then(|| (tag.trim().to_owned(), rest.strip_prefix(',')))
}

/// An option's name: as the product's own row has it, else the first row that does.
fn option_name(rows: &[Row], own: usize, at: usize) -> String {
    let name = |row: &Row| row.filled(Column::OptionName(at));
    name(&rows[own]).or_else(|| rows.iter().find_map(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f07_tags_come_back_as_they_were_and_foreign_ones_are_read_as_ever() {
        for tags in [&["a", "b, c"][..], &["\"a", "b\""], &["\"a, b\"", "24\" tv"], &[], &[",", "\"\""]] {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            assert_eq!(tags_of(&tags_cell(&tags)), tags, "{}", tags_cell(&tags));
        }
        for (foreign, tags) in [
            ("a, b ,,c", &["a", "b", "c"][..]),
            ("\"promo\", 24\" tv", &["\"promo\"", "24\" tv"]),
            ("\"a, b", &["\"a", "b"]),
            ("\"a, b\" c", &["\"a", "b\" c"]),
        ] {
            assert_eq!(tags_of(foreign), tags, "{foreign}");
        }
    }
}
