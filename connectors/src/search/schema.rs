//! A shard's fields, and how a product becomes a document of them.

use std::collections::BTreeSet;

use feira_schemas::ids::ProductId;
use tantivy::{
    TantivyDocument, Term,
    schema::{FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{PreTokenizedString, Token},
};

use super::{ProductDocument, Status, analysis};

/// Names of the columns that hits are filtered, sorted and counted by.
pub mod column {
    pub const ID_HIGH: &str = "id_high";
    pub const ID_LOW: &str = "id_low";
    pub const VERSION: &str = "version";
    pub const CATEGORY: &str = "category";
    pub const STATUS: &str = "status";
    pub const PRICE: &str = "price";
    pub const RANK: &str = "rank";
    pub const FEATURED: &str = "featured";
    pub const CREATED_AT: &str = "created_at";
    pub const SALES: &str = "sales";
    pub const NAME_SORT: &str = "name_sort";
}

/// What a term of [`Fields::terms`] is: its first byte. All kinds share one field because each field has a dictionary
/// of its own, and a commit of one product spends most of its time on making dictionaries.
pub mod place {
    /// A folded word of the name.
    pub const NAME: u8 = b'n';
    /// A folded word of a tag or the vendor.
    pub const TAGS: u8 = b't';
    /// A folded word of the description.
    pub const DESCRIPTION: u8 = b'd';
    /// A stemmed word of the name.
    pub const NAME_STEM: u8 = b'N';
    /// A stemmed word of a tag or the vendor.
    pub const TAGS_STEM: u8 = b'T';
    /// A stemmed word of the description.
    pub const DESCRIPTION_STEM: u8 = b'D';
    /// A SKU, see [`super::sku_key`].
    pub const SKU: u8 = b's';
    /// The folded words of the whole name.
    pub const WHOLE_NAME: u8 = b'w';
    /// The whole name as written, but for letter case and blanks.
    pub const NAME_AS_WRITTEN: u8 = b'x';
    /// The category's id.
    pub const CATEGORY: u8 = b'c';
    /// The product's id.
    pub const ID: u8 = b'i';
}

/// Every field of a shard.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// Everything that a product is found by, see [`place`].
    pub terms: Field,
    /// The name's folded words with their positions, for phrases.
    pub name: Field,
    /// Kept for suggestions alone: hits come from cards.
    pub shown_name: Field,
    pub shown_slug: Field,
    category: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    status: Field,
    price: Field,
    rank: Field,
    featured: Field,
    created_at: Field,
    sales: Field,
    name_sort: Field,
}

/// The schema of every shard. A change of it, or of the analysis, is a new generation.
pub fn build() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let number = || NumericOptions::default() | FAST;
    let fields = Fields {
        terms: builder.add_text_field("terms", indexed("raw", IndexRecordOption::Basic)),
        name: builder.add_text_field("name", indexed(analysis::FOLDED, IndexRecordOption::WithFreqsAndPositions)),
        category: builder.add_text_field(column::CATEGORY, TextOptions::default() | FAST),
        shown_name: builder.add_text_field("shown_name", STORED),
        shown_slug: builder.add_text_field("shown_slug", STORED),
        id_high: builder.add_u64_field(column::ID_HIGH, number()),
        id_low: builder.add_u64_field(column::ID_LOW, number()),
        version: builder.add_i64_field(column::VERSION, number()),
        status: builder.add_u64_field(column::STATUS, number()),
        price: builder.add_i64_field(column::PRICE, number()),
        rank: builder.add_u64_field(column::RANK, number()),
        featured: builder.add_bool_field(column::FEATURED, number()),
        created_at: builder.add_i64_field(column::CREATED_AT, number()),
        sales: builder.add_i64_field(column::SALES, number()),
        name_sort: builder.add_text_field(column::NAME_SORT, TextOptions::default() | FAST),
    };
    (builder.build(), fields)
}

/// Scores are constants (see `query`), so lengths of fields would be dead weight.
fn indexed(tokenizer: &str, record: IndexRecordOption) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(false),
    )
}

/// The number that stands for a status in its column.
pub fn status_code(status: Status) -> u64 {
    match status {
        Status::Draft => 0,
        Status::Published => 1,
    }
}

/// A SKU as it is looked up: any letter case, blanks collapsed.
pub fn sku_key(sku: &str) -> String {
    collapse(&sku.to_lowercase())
}

/// The terms that a whole name is found by: its folded words, then the name as written but for case and blanks, so that
/// "Maçã" comes before "Maca" for who types the accents.
pub fn whole_name(name: &str) -> [String; 2] {
    let words = analysis::tokens(&mut analysis::folded(), name);
    [term(place::WHOLE_NAME, &words.join(" ")), term(place::NAME_AS_WRITTEN, &collapse(&name.to_lowercase()))]
}

/// The text of a term of [`Fields::terms`].
pub fn term(place: u8, text: &str) -> String {
    format!("{}{text}", char::from(place))
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Fields {
    /// The term that a product is replaced and removed by.
    pub fn id_term(&self, id: ProductId) -> Term {
        Term::from_field_text(self.terms, &term(place::ID, &id.to_string()))
    }

    /// The document of a product.
    pub fn document(&self, product: &ProductDocument) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_pre_tokenized_text(self.terms, terms(product));
        document.add_text(self.name, &product.name);
        document.add_text(self.shown_name, &product.name);
        document.add_text(self.shown_slug, &product.slug);
        // Every document has a value, if only an empty one: a column without gaps is read without looking gaps up.
        document.add_text(self.category, product.category.map(|id| id.to_string()).unwrap_or_default());
        let (high, low) = product.product_id.uuid().as_u64_pair();
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        document.add_i64(self.version, product.version);
        document.add_u64(self.status, status_code(product.status));
        document.add_i64(self.price, product.price);
        document.add_u64(self.rank, rank(product));
        document.add_bool(self.featured, product.featured);
        document.add_i64(self.created_at, product.created_at);
        document.add_i64(self.sales, product.sales);
        document.add_text(self.name_sort, analysis::fold(&product.name));
        document
    }
}

/// The bits of a [`rank`] that say how short the name is.
pub const RANK_SHORT: u64 = 0x7f << 32;
/// How many bits a rank has.
pub const RANK_BITS: u32 = 40;

/// What orders equally good matches, the larger the better, in one column instead of three, because each is read per
/// match. From the top: 1 bit available, 7 bits shortness of the name in words, 32 bits sales.
fn rank(product: &ProductDocument) -> u64 {
    let words = analysis::tokens(&mut analysis::folded(), &product.name).len() as u64;
    let sales = u64::from(u32::try_from(product.sales.max(0)).unwrap_or(u32::MAX));
    (u64::from(product.available) << 39) | ((127 - words.min(127)) << 32) | sales
}

/// Every term of a product, each once: how often a word occurs doesn't count.
fn terms(product: &ProductDocument) -> PreTokenizedString {
    let mut terms = BTreeSet::from(whole_name(&product.name));
    terms.insert(term(place::ID, &product.product_id.to_string()));
    terms.extend(product.category.map(|id| term(place::CATEGORY, &id.to_string())));
    terms.extend(product.skus.iter().map(|sku| term(place::SKU, &sku_key(sku))));
    let (mut folded, mut stemmed) = (analysis::folded(), analysis::stemmed());
    let mut add = |places: [u8; 2], text: &str| {
        terms.extend(analysis::tokens(&mut folded, text).iter().map(|word| term(places[0], word)));
        terms.extend(analysis::tokens(&mut stemmed, text).iter().map(|stem| term(places[1], stem)));
    };
    add([place::NAME, place::NAME_STEM], &product.name);
    for text in product.tags.iter().chain(&product.vendor) {
        add([place::TAGS, place::TAGS_STEM], text);
    }
    add([place::DESCRIPTION, place::DESCRIPTION_STEM], &product.description);
    let tokens = terms.into_iter().enumerate().map(|(position, text)| Token { text, position, ..Token::default() });
    PreTokenizedString { text: String::new(), tokens: tokens.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_is_available_then_short_name_then_sales() {
        let product = |available, name: &str, sales| ProductDocument {
            product_id: ProductId::from_uuid(uuid::Uuid::nil()),
            version: 1,
            slug: String::new(),
            name: name.to_owned(),
            vendor: None,
            tags: Vec::new(),
            skus: Vec::new(),
            description: String::new(),
            category: None,
            status: Status::Published,
            price: 0,
            available,
            featured: false,
            created_at: 0,
            sales,
        };
        let ranks = [
            product(true, "Bola", 0),
            product(true, "Bola azul", i64::MAX),
            product(true, "Bola azul", 7),
            product(true, &"palavra ".repeat(120), 7),
            product(false, "Bola", 7),
            product(false, "Bola", -7),
        ]
        .map(|product| rank(&product));
        assert!(ranks.is_sorted_by(|better, worse| better > worse), "{ranks:?}");
        assert!(ranks[0] < 1 << RANK_BITS);
    }
}
