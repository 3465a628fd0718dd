//! Shopify's product file (CSV) as a stream of products.
//!
//! The rows of one handle stand together: the first carries the product and its first variant, each further one a variant, a
//! picture or both. A handle that comes again after other products is refused: written as an update it would remove the
//! variants of its first rows without a word. What is wrong is said per product, with the row a spreadsheet shows.

mod cells;
mod columns;
mod text;

use std::{collections::HashMap, iter::Peekable};

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter};
use feira_schemas::{
    catalogue::{OptionBody, ProductBody, SeoBody, StatusBody, VariantBody, is_slug, slugify},
    limits,
    problem::FieldError,
};

use columns::{Column, Columns};
pub use text::Encoding;
use text::Rows;

/// Why a file can't be read at all (pt-BR, for the merchant).
#[derive(Debug, thiserror::Error)]
pub enum ShopifyError {
    /// An Excel workbook was sent.
    #[error(
        "Este arquivo é uma planilha do Excel. Salve-a como «CSV UTF-8 (delimitado por vírgulas)» e envie de novo."
    )]
    Spreadsheet,
    /// Neither UTF-8, UTF-16 nor Windows-1252.
    #[error("Este arquivo não é um texto CSV.")]
    NotText,
    /// UTF-8 with broken bytes.
    #[error("O arquivo é UTF-8, mas tem bytes estragados perto da linha {row}. Exporte-o de novo.")]
    Damaged {
        /// The first line with such a byte.
        row: usize,
    },
    /// No text.
    #[error("O arquivo está vazio.")]
    Empty,
    /// A quoted cell that runs to the end of the file.
    #[error("As aspas abertas na linha {row} nunca se fecham.")]
    OpenQuote {
        /// Where it opens.
        row: u64,
    },
    /// Not a product file of Shopify.
    #[error("O cabeçalho não é o de um arquivo de produtos da Shopify; falta: {names}.")]
    MissingColumns {
        /// The columns, comma-separated.
        names: String,
    },
    /// The CSV reader gave up.
    #[error("O arquivo não pôde ser lido como CSV.")]
    Csv(#[from] csv::Error),
}

/// What is wrong with one cell or row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row a spreadsheet shows; the header is 1.
    pub row: u64,
    /// The column's name in Shopify's export; empty when the whole row is meant.
    pub column: &'static str,
    /// pt-BR: what is wrong and what to do.
    pub detail: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.column {
            "" => write!(f, "linha {}: {}", self.row, self.detail),
            column => write!(f, "linha {}, coluna {column}: {}", self.row, self.detail),
        }
    }
}

/// A picture that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportImage {
    /// Its address.
    pub src: String,
    /// Its place as the file says; pictures are already in that order.
    pub position: Option<u32>,
    /// What it shows.
    pub alt: Option<String>,
}

/// A product of the file. One with errors must not be imported; its other fields hold what could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportProduct {
    /// As the file has it.
    pub handle: String,
    /// Its first row.
    pub row: u64,
    /// The handle is its slug. The description is as written: clean it before use.
    pub product: ProductBody,
    /// From `Type`; to be made if the shop has none of this name.
    pub category_name: Option<String>,
    /// In order, each address once, at most [`limits::IMAGES`].
    pub images: Vec<ImportImage>,
    /// The row of each variant, for errors found later.
    pub variant_rows: Vec<u64>,
    /// What is wrong.
    pub errors: Vec<RowError>,
}

impl ImportProduct {
    /// Gives an error of the product's rules (a JSON Pointer into the body) its row and column.
    pub fn locate(&self, error: &FieldError) -> RowError {
        let mut parts = error.pointer.trim_start_matches('/').split('/');
        let (top, index, field) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let variant = index.and_then(|index| index.parse::<usize>().ok()).and_then(|at| self.variant_rows.get(at));
        let (row, name) = match (top, variant) {
            ("variants", Some(row)) => (*row, field.unwrap_or_default()),
            ("seo", _) => (self.row, index.unwrap_or_default()),
            _ => (self.row, top),
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
}

/// A file whose header is understood.
#[derive(Debug)]
pub struct ShopifyFile {
    text: String,
    /// How it was written.
    pub encoding: Encoding,
}

impl ShopifyFile {
    /// Decodes an upload. Nothing of its rows is looked at yet.
    pub fn open(upload: &[u8]) -> Result<ShopifyFile, ShopifyError> {
        let (text, encoding) = text::decode(upload)?;
        Ok(ShopifyFile { text, encoding })
    }

    /// The products, read one after another; only the rows of one product are held at a time.
    pub fn products(&self) -> Result<Products<'_>, ShopifyError> {
        let (body, skipped) = text::without_separator_line(&self.text);
        let delimiter = text::delimiter(body);
        let rows = Rows::find(body, delimiter)?;
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(body.as_bytes());
        let columns = Columns::find(reader.headers()?)?;
        Ok(Products { body, skipped, rows, columns, records: reader.into_records().peekable(), seen: HashMap::new() })
    }
}

/// The products of a file, in its order.
pub struct Products<'t> {
    body: &'t str,
    /// Lines before the header, which count as rows.
    skipped: u64,
    rows: Rows,
    columns: Columns,
    records: Peekable<StringRecordsIntoIter<&'t [u8]>>,
    /// Slugs so far, with their first row.
    seen: HashMap<String, u64>,
}

impl Iterator for Products<'_> {
    type Item = Result<ImportProduct, ShopifyError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.next()? {
                Ok(record) if record.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(record) => return Some(self.product(record)),
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}

impl Products<'_> {
    fn product(&mut self, first: StringRecord) -> Result<ImportProduct, ShopifyError> {
        let handle = self.columns.cell(&first, Column::Handle).to_owned();
        let mut draft = Draft::new(&self.columns, &first, &handle, self.row(&first));
        // A row without handle belongs to nobody, so it stands alone and is refused alone.
        while !handle.is_empty() {
            let same = |next: &Result<StringRecord, csv::Error>| {
                next.as_ref().is_ok_and(|next| self.columns.cell(next, Column::Handle) == handle)
            };
            let Some(record) = self.records.next_if(same) else { break };
            let record = record?;
            let row = self.row(&record);
            draft.add(&self.columns, &record, row);
        }
        let mut product = draft.finish();
        if let Some(slug) = &product.product.slug {
            if let Some(before) = self.seen.get(slug) {
                let detail = format!(
                    "O produto «{handle}» já apareceu na linha {before}. Deixe juntas todas as linhas de um produto."
                );
                product.errors.push(RowError { row: product.row, column: Column::Handle.name(), detail });
            } else {
                self.seen.insert(slug.clone(), product.row);
            }
        }
        Ok(product)
    }

    /// The record's row. The reader's position lies before the empty lines it skips.
    fn row(&self, record: &StringRecord) -> u64 {
        let from = record.position().map_or(0, |position| position.byte() as usize);
        let rest = self.body.get(from..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.skipped + self.rows.number(from + blank)
    }
}

/// A product while its rows come in.
struct Draft {
    product: ImportProduct,
    option_names: [String; limits::OPTIONS],
    variants: Vec<(Vec<String>, VariantBody)>,
}

impl Draft {
    fn new(columns: &Columns, first: &StringRecord, handle: &str, row: u64) -> Draft {
        let cell = |column| columns.cell(first, column);
        let filled = |column| Some(cell(column).to_owned()).filter(|text| !text.is_empty());
        let slug = if is_slug(handle) { handle.to_owned() } else { slugify(handle) };
        let seo = SeoBody { title: filled(Column::SeoTitle), description: filled(Column::SeoDescription) };
        let product = ProductBody {
            name: cell(Column::Title).to_owned(),
            slug: Some(slug).filter(|slug| !slug.is_empty()),
            description: filled(Column::Body),
            vendor: filled(Column::Vendor),
            tags: cell(Column::Tags)
                .split(',')
                .map(|tag| tag.trim().to_owned())
                .filter(|tag| !tag.is_empty())
                .collect(),
            seo: Some(seo).filter(|seo| *seo != SeoBody::default()),
            ..ProductBody::default()
        };
        let mut draft = Draft {
            product: ImportProduct {
                handle: handle.to_owned(),
                row,
                product,
                category_name: filled(Column::Type),
                images: Vec::new(),
                variant_rows: Vec::new(),
                errors: Vec::new(),
            },
            option_names: std::array::from_fn(|at| cell(Column::OptionName(at)).to_owned()),
            variants: Vec::new(),
        };
        draft.check_identity(row);
        draft.product.product.status = draft.status(columns, first, row);
        draft.variant(columns, first, row);
        draft.image(columns, first, row);
        draft.overflow(columns, first, row);
        draft
    }

    fn check_identity(&mut self, row: u64) {
        if self.product.handle.is_empty() {
            self.error(row, Column::Handle, "A linha não tem Handle.");
        } else if self.product.product.slug.is_none() {
            self.error(row, Column::Handle, "O Handle precisa de letras ou números.");
        }
        if self.product.product.name.is_empty() {
            self.error(row, Column::Title, "A primeira linha do produto precisa do nome.");
        }
        if self.product.category_name.as_ref().is_some_and(|name| name.chars().count() > limits::NAME_CHARS) {
            self.error(row, Column::Type, "O tipo, que se torna categoria, pode ter até 255 caracteres.");
        }
    }

    fn add(&mut self, columns: &Columns, record: &StringRecord, row: u64) {
        /// What makes a row a variant; a row with none of them holds only a picture.
        const OF_VARIANTS: [Column; 5] =
            [Column::OptionValue(0), Column::OptionValue(1), Column::OptionValue(2), Column::Price, Column::Sku];
        if OF_VARIANTS.iter().any(|column| !columns.cell(record, *column).is_empty()) {
            self.variant(columns, record, row);
        }
        self.image(columns, record, row);
        self.overflow(columns, record, row);
    }

    /// Published unless `Published` says no or `Status` says draft or archived; both may be empty or missing.
    fn status(&mut self, columns: &Columns, record: &StringRecord, row: u64) -> StatusBody {
        let published = self.read(columns, record, row, Column::Published, cells::truth).unwrap_or(true);
        let active = match columns.cell(record, Column::Status).to_lowercase().as_str() {
            "" | "active" => true,
            "draft" | "archived" => false,
            other => {
                let detail = format!("«{other}» não é active, draft nem archived.");
                self.error(row, Column::Status, detail);
                false
            }
        };
        if published && active { StatusBody::Published } else { StatusBody::Draft }
    }

    fn variant(&mut self, columns: &Columns, record: &StringRecord, row: u64) {
        if self.variants.len() == limits::VARIANTS {
            self.error(row, Column::Price, "Um produto pode ter até 2.048 variantes.");
            return;
        }
        let filled = |column| Some(columns.cell(record, column).to_owned()).filter(|text| !text.is_empty());
        if columns.cell(record, Column::Price).is_empty() {
            self.error(row, Column::Price, "Informe o preço da variante.");
        }
        let variant = VariantBody {
            sku: filled(Column::Sku),
            barcode: filled(Column::Barcode),
            price: self.read(columns, record, row, Column::Price, cells::price),
            compare_at_price: self.read(columns, record, row, Column::CompareAt, cells::price),
            cost: self.read(columns, record, row, Column::Cost, cells::price),
            weight_grams: self.read(columns, record, row, Column::Grams, cells::grams),
            stock: self.read(columns, record, row, Column::Quantity, cells::count),
            ..VariantBody::default()
        };
        let values = (0..limits::OPTIONS).map(|at| columns.cell(record, Column::OptionValue(at)).to_owned()).collect();
        self.variants.push((values, variant));
        self.product.variant_rows.push(row);
    }

    fn image(&mut self, columns: &Columns, record: &StringRecord, row: u64) {
        let position = self.read(columns, record, row, Column::ImagePosition, cells::position);
        let alt = Some(columns.cell(record, Column::ImageAlt).to_owned()).filter(|alt| !alt.is_empty());
        if alt.as_ref().is_some_and(|alt| alt.chars().count() > limits::ALT_CHARS) {
            self.error(row, Column::ImageAlt, "O texto alternativo pode ter até 500 caracteres.");
        }
        let own = (Column::ImageSrc, position, alt);
        // A variant's picture is usually one of the product's; where it is not, it comes after those with a place.
        for (column, position, alt) in [own, (Column::VariantImage, None, None)] {
            let src = columns.cell(record, column);
            let known = self.product.images.iter().position(|image| image.src == src);
            match known {
                _ if src.is_empty() => {}
                _ if src.chars().count() > limits::URL_CHARS => {
                    self.error(row, column, "O endereço da imagem pode ter até 2.048 caracteres.");
                }
                Some(at) => {
                    let known = &mut self.product.images[at];
                    known.position = known.position.or(position);
                    known.alt = known.alt.take().or(alt);
                }
                None if self.product.images.len() == limits::IMAGES => {
                    self.error(row, column, "Um produto pode ter até 250 imagens.");
                }
                None => self.product.images.push(ImportImage { src: src.to_owned(), position, alt }),
            }
        }
    }

    fn overflow(&mut self, columns: &Columns, record: &StringRecord, row: u64) {
        if columns.overflows(record) {
            let detail = "A linha tem mais colunas que o cabeçalho; um texto com vírgula precisa de aspas.".to_owned();
            self.push(RowError { row, column: "", detail });
        }
    }

    /// A cell's value; none if it is empty or wrong, and a wrong one is noted.
    fn read<T>(
        &mut self,
        columns: &Columns,
        record: &StringRecord,
        row: u64,
        column: Column,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = columns.cell(record, column);
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.error(row, column, detail);
                None
            }
        }
    }

    fn error(&mut self, row: u64, column: Column, detail: impl Into<String>) {
        self.push(RowError { row, column: column.name(), detail: detail.into() });
    }

    fn push(&mut self, error: RowError) {
        // A product with a column shifted in 2,048 rows needs no 2,048 sentences.
        const MOST: usize = 50;
        if self.product.errors.len() < MOST {
            self.product.errors.push(error);
        }
    }

    fn finish(mut self) -> ImportProduct {
        self.product.images.sort_by_key(|image| image.position.unwrap_or(u32::MAX));
        if !self.has_no_options() {
            self.set_options();
        }
        let variants = std::mem::take(&mut self.variants);
        self.product.product.variants = variants.into_iter().map(|(_, variant)| variant).collect();
        self.product
    }

    /// One variant called `Default Title` is Shopify's way to say that there are no options.
    fn has_no_options(&self) -> bool {
        let [(values, _)] = self.variants.as_slice() else { return false };
        let name = self.option_names[0].as_str();
        let only_first = values[1..].iter().all(String::is_empty);
        only_first && matches!((name, values[0].as_str()), ("Title", "Default Title") | ("", "" | "Default Title"))
    }

    fn set_options(&mut self) {
        let names = self.option_names.clone();
        for (at, name) in names.iter().enumerate() {
            let mut option = OptionBody { name: name.clone(), values: Vec::new() };
            // Spellings that differ in case are one value, the first one's; the product's rules would call them doubles.
            let mut spellings: HashMap<String, String> = HashMap::new();
            for index in 0..self.variants.len() {
                let value = self.variants[index].0[at].clone();
                let row = self.product.variant_rows[index];
                match (name.is_empty(), value.is_empty()) {
                    (true, true) => {}
                    (true, false) => {
                        self.error(row, Column::OptionName(at), format!("O valor «{value}» não tem o nome da opção."));
                    }
                    (false, true) => self.error(row, Column::OptionValue(at), format!("Falta o valor de «{name}».")),
                    (false, false) => {
                        let spelling = spellings.entry(value.to_lowercase()).or_insert_with(|| {
                            option.values.push(value.clone());
                            value
                        });
                        self.variants[index].1.options.insert(name.clone(), spelling.clone().into());
                    }
                }
            }
            if !name.is_empty() {
                self.product.product.options.push(option);
            }
        }
    }
}

#[cfg(test)]
mod tests;
