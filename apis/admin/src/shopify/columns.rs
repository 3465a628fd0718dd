//! The columns of Shopify's file, by the names of its exports and of its newer template, and the cells of a row.

use std::borrow::Cow;

use csv::StringRecord;
use feira_schemas::{
    problem::FieldError,
    text::{Lines, composed, forbidden},
};

use super::{
    cells,
    errors::{RowError, ShopifyError},
};

/// A column that is read; all others are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Handle,
    Title,
    Body,
    Vendor,
    Type,
    Tags,
    Published,
    Status,
    OptionName(usize),
    OptionValue(usize),
    Sku,
    Grams,
    Tracker,
    Policy,
    Quantity,
    Price,
    CompareAt,
    Cost,
    Barcode,
    ImageSrc,
    ImagePosition,
    ImageAlt,
    VariantImage,
    SeoTitle,
    SeoDescription,
}

use Column::*;

/// Each column with the name of the export and, where it differs, that of the newer template. Compared without case.
const NAMES: [(Column, &str, &str); 29] = [
    (Handle, "Handle", "URL handle"),
    (Title, "Title", ""),
    (Body, "Body (HTML)", "Description"),
    (Vendor, "Vendor", ""),
    (Type, "Type", ""),
    (Tags, "Tags", ""),
    (Published, "Published", "Published on online store"),
    (Status, "Status", ""),
    (OptionName(0), "Option1 Name", ""),
    (OptionName(1), "Option2 Name", ""),
    (OptionName(2), "Option3 Name", ""),
    (OptionValue(0), "Option1 Value", ""),
    (OptionValue(1), "Option2 Value", ""),
    (OptionValue(2), "Option3 Value", ""),
    (Sku, "Variant SKU", "SKU"),
    (Grams, "Variant Grams", "Weight value (grams)"),
    (Tracker, "Variant Inventory Tracker", "Inventory tracker"),
    (Policy, "Variant Inventory Policy", "Continue selling when out of stock"),
    (Quantity, "Variant Inventory Qty", "Inventory quantity"),
    (Price, "Variant Price", "Price"),
    (CompareAt, "Variant Compare At Price", "Compare-at price"),
    (Cost, "Cost per item", ""),
    (Barcode, "Variant Barcode", "Barcode"),
    (ImageSrc, "Image Src", "Product image URL"),
    (ImagePosition, "Image Position", ""),
    (ImageAlt, "Image Alt Text", ""),
    (VariantImage, "Variant Image", "Variant image URL"),
    (SeoTitle, "SEO Title", ""),
    (SeoDescription, "SEO Description", ""),
];

impl Column {
    /// The name in messages: that of the export.
    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(column, ..)| *column == self).map_or("", |(_, name, _)| name)
    }

    /// The columns that make a row a variant, other than the product's own row, if any has something in it: else the
    /// row holds an image alone.
    pub(super) const OF_VARIANTS: [Column; 6] = [OptionValue(0), OptionValue(1), OptionValue(2), Price, Sku, Barcode];

    /// True if the column holds codes: a spreadsheet takes some for numbers, and writes them otherwise.
    pub(super) fn is_code(self) -> bool {
        matches!(self, Handle | Sku | Barcode)
    }

    fn lines(self) -> Lines {
        if matches!(self, Body | SeoDescription) { Lines::Several } else { Lines::One }
    }

    /// A cell as it was meant: spreadsheets mark digits that are to stay text.
    fn unwrapped(self, cell: &str) -> &str {
        let bare = cells::unwrapped(cell);
        match self {
            Sku | Barcode | Handle | Grams | Quantity | Price | CompareAt | Cost | ImagePosition => bare,
            OptionValue(_) if bare.starts_with(|first: char| first.is_ascii_digit()) => bare,
            _ => cell,
        }
    }
}

/// The place of each column in this file.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    places: Vec<(Column, usize)>,
    count: usize,
}

/// A row of the file: its cells as they were meant.
#[derive(Debug)]
pub(super) struct Row {
    /// The number that a spreadsheet shows.
    pub(super) number: u64,
    cells: Vec<(Column, String)>,
    /// Columns whose cells are marked, so that what they say is meant as it is written.
    literal: Vec<Column>,
    /// Cells that can't be taken.
    pub(super) errors: Vec<RowError>,
    /// True if a text of one line had line breaks or tabs, which are spaces now.
    pub(super) joined: bool,
}

impl Row {
    /// The trimmed cell of a column; empty if the file lacks the column or the row ends before it.
    pub(super) fn cell(&self, column: Column) -> &str {
        self.cells.iter().find(|(known, _)| *known == column).map_or("", |(_, cell)| cell)
    }

    /// True if the cell of a column is meant as it is written, whatever it looks like.
    pub(super) fn is_literal(&self, column: Column) -> bool {
        self.literal.contains(&column)
    }

    /// The cell, if something is in it.
    pub(super) fn filled(&self, column: Column) -> Option<String> {
        Some(self.cell(column).to_owned()).filter(|cell| !cell.is_empty())
    }
}

impl Columns {
    /// Finds the columns in the header. A file with a handle and anything else says something of products; which of its columns a
    /// new product must have is known only where one is met.
    pub(super) fn find(header: &StringRecord) -> Result<Columns, ShopifyError> {
        let place =
            |name: &str| header.iter().position(|cell| !name.is_empty() && cell.trim().eq_ignore_ascii_case(name));
        let places: Vec<(Column, usize)> = NAMES
            .iter()
            .filter_map(|(column, name, newer)| place(name).or_else(|| place(newer)).map(|place| (*column, place)))
            .collect();
        let has_handle = places.iter().any(|(column, _)| *column == Handle);
        let missing: Vec<&str> = match (has_handle, places.len()) {
            (true, 2..) => return Ok(Columns { places, count: header.len() }),
            (false, _) => [Handle, Title, Price]
                .into_iter()
                .filter(|wanted| !places.iter().any(|(column, _)| column == wanted))
                .map(Column::name)
                .collect(),
            (true, _) => vec![Title.name(), Price.name()],
        };
        Err(ShopifyError::MissingColumns { names: missing.join(", ") })
    }

    /// True if the header has this column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.places.iter().any(|(known, _)| *known == column)
    }

    /// True if the header has one of these.
    pub(super) fn has_any(&self, columns: &[Column]) -> bool {
        columns.iter().any(|column| self.has(*column))
    }

    /// The handle of a record, which is read before all else.
    pub(super) fn handle<'r>(&self, record: &'r StringRecord) -> Cow<'r, str> {
        let place = self.places.iter().find(|(known, _)| *known == Handle);
        let cell = place.and_then(|(_, place)| record.get(*place)).unwrap_or_default();
        composed(Handle.unwrapped(cell.trim()))
    }

    /// The cells of a record: letters as one sign each, without a spreadsheet's marks, and what no text may hold told apart.
    pub(super) fn row(&self, record: &StringRecord, number: u64) -> Row {
        let cells = Vec::with_capacity(self.places.len());
        let mut row = Row { number, cells, literal: Vec::new(), errors: Vec::new(), joined: false };
        for (column, place) in &self.places {
            let cell = record.get(*place).unwrap_or_default().trim();
            let coded = if column.is_code() { cells::uncoded(cell) } else { None };
            let literal = coded.or_else(|| cells::unmarked(cell));
            if literal.is_some() {
                row.literal.push(*column);
            }
            let cell = composed(literal.unwrap_or_else(|| column.unwrapped(cell)));
            let is_break = |letter: char| matches!(letter, '\n' | '\r' | '\t');
            let cell = if column.lines() == Lines::One && cell.contains(is_break) {
                row.joined = true;
                cell.split(is_break).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            } else {
                cell.into_owned()
            };
            if let Some(detail) = forbidden(&cell, column.lines()) {
                row.errors.push(RowError { row: number, column: column.name(), detail });
            }
            row.cells.push((*column, cell));
        }
        if record.iter().skip(self.count).any(|cell| !cell.trim().is_empty()) {
            // Usually a comma in a text without quotes, which shifts every cell.
            let detail = "A linha tem mais colunas que o cabeçalho; um texto com vírgula precisa de aspas.".to_owned();
            row.errors.push(RowError { row: number, column: "", detail });
        }
        row
    }
}

/// Gives an error of the product's rules (a JSON Pointer into the body) its row and column. `variants` are the rows of the body's
/// variants, `row` is the product's own.
pub(super) fn located(error: &FieldError, row: u64, variants: &[u64]) -> RowError {
    let mut parts = error.pointer.trim_start_matches('/').split('/');
    let (top, index, field) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let variant = index.and_then(|index| index.parse::<usize>().ok()).and_then(|at| variants.get(at));
    let (row, name) = match (top, variant) {
        ("variants", Some(row)) => (*row, field.unwrap_or_default()),
        ("seo", _) => (row, index.unwrap_or_default()),
        _ => (row, top),
    };
    let column = match (top, name) {
        ("seo", "title") => Column::SeoTitle.name(),
        ("seo", _) => Column::SeoDescription.name(),
        (_, "name") => Column::Title.name(),
        (_, "slug") => Column::Handle.name(),
        (_, "description") => Column::Body.name(),
        (_, "vendor") => Column::Vendor.name(),
        (_, "tags") => Column::Tags.name(),
        (_, "price") => Column::Price.name(),
        (_, "compare_at_price") => Column::CompareAt.name(),
        (_, "cost") => Column::Cost.name(),
        (_, "sku") => Column::Sku.name(),
        (_, "barcode") => Column::Barcode.name(),
        (_, "weight_grams") => Column::Grams.name(),
        (_, "stock") => Column::Quantity.name(),
        _ => "",
    };
    RowError { row, column, detail: error.detail.clone() }
}
