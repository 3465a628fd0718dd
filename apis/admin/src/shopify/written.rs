//! Products of the shop as rows of Shopify's file. What is written here is read by the import as the same products.

use std::borrow::Cow;

use csv::Writer;
use feira_schemas::{
    api::image::image_url,
    ids::VariantId,
    money::Money,
    records::{
        admin::{Product, Variant},
        catalogue::{Image, ImageStatus, ProductStatus},
    },
};

use super::{
    cells::{coded, marked},
    columns::Column::{self, *},
    draft::tags_cell,
};

/// The columns of an export, in the order of Shopify's own.
const COLUMNS: [Column; 28] = [
    Handle,
    Title,
    Body,
    Vendor,
    Type,
    Tags,
    Published,
    OptionName(0),
    OptionValue(0),
    OptionName(1),
    OptionValue(1),
    OptionName(2),
    OptionValue(2),
    Sku,
    Grams,
    Tracker,
    Quantity,
    Policy,
    Price,
    CompareAt,
    Barcode,
    ImageSrc,
    ImagePosition,
    ImageAlt,
    SeoTitle,
    SeoDescription,
    Cost,
    Status,
];

/// A product and what its rows say of it beside its own record.
pub(crate) struct Written<'a> {
    /// The product.
    pub product: &'a Product,
    /// The category's name.
    pub category: Option<&'a str>,
    /// Pieces on hand of variants that are counted, where they are written; one that is not named has none.
    pub on_hand: Option<&'a [(VariantId, i64)]>,
    /// The beginning of the shop's addresses, without a slash at the end.
    pub origin: &'a str,
}

/// The header of an export.
pub(crate) fn header() -> Result<Vec<u8>, csv::Error> {
    lines([COLUMNS.map(|column| Cow::Borrowed(column.name()))])
}

/// Cells as a line of CSV, each of which no spreadsheet takes for a formula.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, csv::Error> {
    lines([cells.into_iter().map(marked).collect::<Vec<_>>()])
}

fn lines<'a, R>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item = Cow<'a, str>>,
{
    let mut bytes = Vec::new();
    let mut writer = Writer::from_writer(&mut bytes);
    for row in rows {
        writer.write_record(row.into_iter().map(|cell| cell.into_owned()))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

impl Written<'_> {
    /// The product's rows: each holds a variant, an image, or both. The first one has the product's own texts.
    pub(crate) fn rows(&self) -> Result<Vec<u8>, csv::Error> {
        let images: Vec<(&Image, String)> =
            self.product.images.iter().filter_map(|image| Some((image, self.address(image)?))).collect();
        let count = self.product.variants.len().max(images.len()).max(1);
        let cell = |column: Column, at: usize| -> Cow<'static, str> {
            let text = self.cell(column, at, &images);
            let cell = if column.is_code() { coded(&text) } else { marked(&text) };
            Cow::Owned(cell.into_owned())
        };
        let row = |at: usize| COLUMNS.map(|column| cell(column, at));
        lines((0..count).map(row))
    }

    fn cell(&self, column: Column, at: usize, images: &[(&Image, String)]) -> String {
        let own = |text: String| if at == 0 { text } else { String::new() };
        let variant = self.product.variants.get(at);
        match column {
            Handle => self.product.slug.clone(),
            Title | Body | Vendor | Type | Tags | Published | Status | SeoTitle | SeoDescription | OptionName(_) => {
                own(self.of_product(column))
            }
            OptionValue(_) | Sku | Grams | Tracker | Policy | Quantity | Price | CompareAt | Cost | Barcode => {
                variant.map(|variant| self.of_variant(column, variant)).unwrap_or_default()
            }
            ImageSrc | ImagePosition | ImageAlt | VariantImage => images
                .get(at)
                .map(|(image, address)| match column {
                    ImageSrc => address.clone(),
                    ImagePosition => (at + 1).to_string(),
                    ImageAlt => image.alt.clone().unwrap_or_default(),
                    _ => String::new(),
                })
                .unwrap_or_default(),
        }
    }

    fn of_product(&self, column: Column) -> String {
        let product = self.product;
        let is_published = product.status == ProductStatus::Published;
        let seo = product.seo.as_ref();
        match column {
            Title => product.name.clone(),
            Body => product.description.trim().to_owned(),
            Vendor => product.vendor.clone().unwrap_or_default(),
            Type => self.category.unwrap_or_default().to_owned(),
            Tags => tags_cell(&product.tags),
            Published => if is_published { "TRUE" } else { "FALSE" }.to_owned(),
            Status => if is_published { "active" } else { "draft" }.to_owned(),
            SeoTitle => seo.and_then(|seo| seo.title.clone()).unwrap_or_default(),
            SeoDescription => seo.and_then(|seo| seo.description.clone()).unwrap_or_default(),
            OptionName(0) if product.options.is_empty() => "Title".to_owned(),
            OptionName(at) => product.options.get(at).map(|option| option.name.clone()).unwrap_or_default(),
            _ => String::new(),
        }
    }

    fn of_variant(&self, column: Column, variant: &Variant) -> String {
        let whole = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let price = |money: Option<Money>| money.map(decimal).unwrap_or_default();
        match column {
            OptionValue(0) if self.product.options.is_empty() => "Default Title".to_owned(),
            OptionValue(at) => variant.options.get(at).cloned().unwrap_or_default(),
            Sku => variant.sku.clone().unwrap_or_default(),
            Barcode => variant.barcode.clone().unwrap_or_default(),
            Grams => whole(variant.weight_grams),
            // The word with which Shopify says that it counts the pieces itself.
            Tracker => if variant.tracked { "shopify" } else { "" }.to_owned(),
            Policy => "deny".to_owned(),
            Quantity => whole(self.on_hand(variant)),
            Price => price(Some(variant.price)),
            CompareAt => price(variant.compare_at_price),
            Cost => price(variant.cost),
            _ => String::new(),
        }
    }

    /// Pieces on hand; none where they are not counted, or not written.
    fn on_hand(&self, variant: &Variant) -> Option<i64> {
        let all = self.on_hand.filter(|_| variant.tracked)?;
        let known = all.iter().find(|(known, _)| *known == variant.variant_id);
        Some(known.map_or(0, |(_, pieces)| *pieces).max(0))
    }

    /// The address at which an image came in, else the one at which the shop shows it.
    fn address(&self, image: &Image) -> Option<String> {
        let shown = || format!("{}{}", self.origin, image_url(self.product.product_id, image));
        image.source_url.clone().or_else(|| (image.status == ImageStatus::Ready).then(shown))
    }
}

/// The amount as Shopify writes it: `1299.90`.
fn decimal(money: Money) -> String {
    format!("{}.{:02}", money.amount / 100, money.amount % 100)
}
