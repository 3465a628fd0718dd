//! A shard's fields, and how a product becomes a document of them.

use tantivy::{
    TantivyDocument, Term,
    schema::{
        BytesOptions, FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing,
        TextOptions,
    },
};

use super::{ProductDocument, Status, analysis};
use feira_schemas::ids::{CategoryId, ProductId};

/// Names of the columns that hits are filtered, sorted and counted by.
pub mod column {
    pub const ID_HIGH: &str = "id_high";
    pub const ID_LOW: &str = "id_low";
    pub const VERSION: &str = "version";
    pub const CATEGORY: &str = "category";
    pub const STATUS: &str = "status";
    pub const PRICE: &str = "price";
    pub const AVAILABLE: &str = "available";
    pub const FEATURED: &str = "featured";
    pub const CREATED_AT: &str = "created_at";
    pub const SALES: &str = "sales";
    pub const NAME_SORT: &str = "name_sort";
    pub const NAME_WORDS: &str = "name_words";
}

/// A text that is searched in two forms.
#[derive(Debug, Clone, Copy)]
pub struct Searched {
    pub folded: Field,
    pub stemmed: Field,
}

/// Every field of a shard.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    pub id: Field,
    pub name: Searched,
    /// Tags and the vendor.
    pub tags: Searched,
    pub description: Searched,
    pub sku: Field,
    /// The whole name as one term, folded and as written: see [`whole_name`].
    pub whole: Field,
    pub category: Field,
    /// Kept for suggestions alone: hits come from cards.
    pub shown_name: Field,
    pub shown_slug: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    status: Field,
    price: Field,
    available: Field,
    featured: Field,
    created_at: Field,
    sales: Field,
    name_sort: Field,
    name_words: Field,
}

/// The schema of every shard. A change of it, or of the analysis, is a new generation.
pub fn build() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let mut searched = |name: &str, record| Searched {
        folded: builder.add_text_field(name, indexed(analysis::FOLDED, record)),
        stemmed: builder.add_text_field(&format!("{name}_stem"), indexed(analysis::STEMMED, IndexRecordOption::Basic)),
    };
    // Positions serve the phrase in the name; nothing else needs more than "is it there", see `query`.
    let name = searched("name", IndexRecordOption::WithFreqsAndPositions);
    let tags = searched("tags", IndexRecordOption::Basic);
    let description = searched("description", IndexRecordOption::Basic);
    let raw = || indexed("raw", IndexRecordOption::Basic);
    let number = || NumericOptions::default() | FAST;
    let fields = Fields {
        name,
        tags,
        description,
        id: builder.add_bytes_field("id", BytesOptions::default() | INDEXED),
        sku: builder.add_text_field("sku", raw()),
        whole: builder.add_text_field("whole", raw()),
        category: builder.add_text_field(column::CATEGORY, raw() | FAST),
        shown_name: builder.add_text_field("shown_name", STORED),
        shown_slug: builder.add_text_field("shown_slug", STORED),
        id_high: builder.add_u64_field(column::ID_HIGH, number()),
        id_low: builder.add_u64_field(column::ID_LOW, number()),
        version: builder.add_i64_field(column::VERSION, number()),
        status: builder.add_u64_field(column::STATUS, number()),
        price: builder.add_i64_field(column::PRICE, number()),
        available: builder.add_bool_field(column::AVAILABLE, number()),
        featured: builder.add_bool_field(column::FEATURED, number()),
        created_at: builder.add_i64_field(column::CREATED_AT, number()),
        sales: builder.add_i64_field(column::SALES, number()),
        name_sort: builder.add_text_field(column::NAME_SORT, TextOptions::default() | FAST),
        name_words: builder.add_u64_field(column::NAME_WORDS, number()),
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
/// "Maçã" comes before "Maca" for who types the accents. The prefixes keep the two apart.
pub fn whole_name(name: &str) -> [String; 2] {
    let words = analysis::tokens(&mut analysis::folded(), name);
    [format!("w:{}", words.join(" ")), format!("x:{}", collapse(&name.to_lowercase()))]
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Fields {
    /// The term that a product is replaced and removed by.
    pub fn id_term(&self, id: ProductId) -> Term {
        Term::from_field_bytes(self.id, id.uuid().as_bytes())
    }

    /// The term of a category's products.
    pub fn category_term(&self, id: CategoryId) -> Term {
        Term::from_field_text(self.category, &id.to_string())
    }

    /// The document of a product.
    pub fn document(&self, product: &ProductDocument) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_bytes(self.id, product.product_id.uuid().as_bytes());
        let (high, low) = product.product_id.uuid().as_u64_pair();
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        self.add_texts(&mut document, product);
        if let Some(category) = product.category {
            document.add_text(self.category, category.to_string());
        }
        document.add_i64(self.version, product.version);
        document.add_u64(self.status, status_code(product.status));
        document.add_i64(self.price, product.price);
        document.add_bool(self.available, product.available);
        document.add_bool(self.featured, product.featured);
        document.add_i64(self.created_at, product.created_at);
        document.add_i64(self.sales, product.sales);
        document
    }

    fn add_texts(&self, document: &mut TantivyDocument, product: &ProductDocument) {
        for field in [self.name.folded, self.name.stemmed, self.shown_name] {
            document.add_text(field, &product.name);
        }
        document.add_text(self.shown_slug, &product.slug);
        document.add_text(self.name_sort, analysis::fold(&product.name));
        let words = analysis::tokens(&mut analysis::folded(), &product.name).len();
        document.add_u64(self.name_words, words as u64);
        for term in whole_name(&product.name) {
            document.add_text(self.whole, term);
        }
        for field in [self.tags.folded, self.tags.stemmed] {
            for text in product.tags.iter().chain(&product.vendor) {
                document.add_text(field, text);
            }
        }
        for field in [self.description.folded, self.description.stemmed] {
            document.add_text(field, &product.description);
        }
        for sku in &product.skus {
            document.add_text(self.sku, sku_key(sku));
        }
    }
}
