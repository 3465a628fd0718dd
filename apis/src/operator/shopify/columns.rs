//! The columns of Shopify's file, by the names of its exports and of its newer template.

use csv::StringRecord;

use super::ShopifyError;

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
const NAMES: [(Column, &str, &str); 27] = [
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
}

/// Where each column stands in this file.
#[derive(Debug)]
pub(super) struct Columns {
    places: Vec<(Column, usize)>,
    count: usize,
}

impl Columns {
    /// Finds the columns in the header; without handle, title and price the file is not Shopify's.
    pub(super) fn find(header: &StringRecord) -> Result<Columns, ShopifyError> {
        let place =
            |name: &str| header.iter().position(|cell| !name.is_empty() && cell.trim().eq_ignore_ascii_case(name));
        let places: Vec<(Column, usize)> = NAMES
            .iter()
            .filter_map(|(column, name, newer)| place(name).or_else(|| place(newer)).map(|place| (*column, place)))
            .collect();
        let missing: Vec<&str> = [Handle, Title, Price]
            .into_iter()
            .filter(|wanted| !places.iter().any(|(column, _)| column == wanted))
            .map(Column::name)
            .collect();
        if missing.is_empty() {
            Ok(Columns { places, count: header.len() })
        } else {
            Err(ShopifyError::MissingColumns { names: missing.join(", ") })
        }
    }

    /// The trimmed cell of a column; empty if the file lacks the column or the row ends before it.
    pub(super) fn cell<'r>(&self, record: &'r StringRecord, column: Column) -> &'r str {
        let place = self.places.iter().find(|(known, _)| *known == column);
        place.and_then(|(_, place)| record.get(*place)).unwrap_or_default().trim()
    }

    /// Whether a row holds text beyond the last column: usually a comma in a text without quotes, which shifts every cell.
    pub(super) fn overflows(&self, record: &StringRecord) -> bool {
        record.iter().skip(self.count).any(|cell| !cell.trim().is_empty())
    }
}
