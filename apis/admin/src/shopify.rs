//! Shopify's product file (CSV) as a stream of products, and products as its rows.
//!
//! A product's rows are those of its handle, wherever they stand: who sorts a file in a spreadsheet scatters them. One of them, that
//! with the title, carries the product; each with an option value, a price or a code is a variant, and any may name an image.
//! A file is laid over what the shop has as merchants mean it: what its header does not name stays, an empty cell in a column that
//! is there clears. What is wrong is said per product, with the row a spreadsheet shows.

mod cells;
mod columns;
mod draft;
mod errors;
mod over;
mod text;
mod told;
mod written;

use std::{collections::HashMap, io::Cursor, sync::Arc};

use bytes::Bytes;
use csv::{Position, Reader, ReaderBuilder, StringRecord};

use cells::slug_of;
use columns::Columns;
pub use draft::FileProduct;
pub use errors::{RowError, ShopifyError};
pub use over::{ImportProduct, Quantity};
pub use text::Encoding;
use text::Rows;
pub(super) use told::listed;
pub(super) use written::{Written, header, line};

/// A file whose header is understood.
#[derive(Debug)]
pub struct ShopifyFile {
    text: Bytes,
    /// The file's text encoding.
    pub encoding: Encoding,
}

impl ShopifyFile {
    /// Decodes an upload. Nothing of its rows is looked at yet.
    pub fn open(upload: &Bytes) -> Result<ShopifyFile, ShopifyError> {
        let (text, encoding) = text::decode(upload)?;
        Ok(ShopifyFile { text, encoding })
    }

    /// The products in the order of their first rows. All of the file is read once to know which rows are whose, of which their
    /// places alone are kept; then each product's rows are read again, and only those of one product are held at a time.
    pub fn products(&self) -> Result<Products, ShopifyError> {
        let (body, skipped) = text::without_separator_line(&self.text);
        let delimiter = text::delimiter(&body);
        let rows = Rows::find(&body, delimiter)?;
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(Cursor::new(body.clone()));
        let columns = Arc::new(Columns::find(reader.headers()?)?);
        let groups = grouped(&mut reader, &columns)?;
        Ok(Products { body, skipped, rows, columns, reader, groups: groups.into_iter() })
    }
}

/// The offsets in bytes at which the rows of one product begin.
#[derive(Debug, Default)]
struct Group {
    rows: Vec<u64>,
    /// Rows of others stand between them.
    scattered: bool,
}

/// The rows of each product. Two handles that make one slug are one product; a row without a handle belongs to nobody, so it stands
/// alone and is refused alone.
fn grouped(reader: &mut Reader<Cursor<Bytes>>, columns: &Columns) -> Result<Vec<Group>, ShopifyError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut record = StringRecord::new();
    let mut last = None;
    while reader.read_record(&mut record)? {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let handle = columns.handle(&record);
        let place = match slug_of(&handle).unwrap_or_else(|| handle.to_string()) {
            key if key.is_empty() => None,
            key => Some(*known.entry(key).or_insert(groups.len())),
        };
        let place = place.unwrap_or(groups.len());
        if place == groups.len() {
            groups.push(Group::default());
        }
        groups[place].scattered |= !groups[place].rows.is_empty() && last != Some(place);
        groups[place].rows.push(record.position().map_or(0, Position::byte));
        last = Some(place);
    }
    Ok(groups)
}

/// The products of a file.
pub struct Products {
    body: Bytes,
    /// Lines before the header, which count as rows.
    skipped: u64,
    rows: Rows,
    columns: Arc<Columns>,
    reader: Reader<Cursor<Bytes>>,
    groups: std::vec::IntoIter<Group>,
}

impl Iterator for Products {
    type Item = Result<FileProduct, ShopifyError>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.groups.next()?;
        Some(self.product(&group))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.groups.size_hint()
    }
}

impl ExactSizeIterator for Products {}

impl Products {
    fn product(&mut self, group: &Group) -> Result<FileProduct, ShopifyError> {
        let mut rows = Vec::with_capacity(group.rows.len());
        let mut record = StringRecord::new();
        for at in &group.rows {
            let mut position = Position::new();
            position.set_byte(*at);
            self.reader.seek(position)?;
            self.reader.read_record(&mut record)?;
            rows.push(self.columns.row(&record, self.number(*at)));
        }
        Ok(FileProduct::of(Arc::clone(&self.columns), &rows, group.scattered))
    }

    /// The number of the row that begins here. The reader's position lies before the empty lines it skips.
    fn number(&self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.body.get(from..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.skipped + self.rows.number(from + blank)
    }
}

#[cfg(test)]
mod tests;
