//! A shard's fields, and how a product or a category becomes a document of them.

use std::collections::BTreeSet;

use tantivy::{
    TantivyDocument, Term,
    schema::{FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{PreTokenizedString, Token},
};

use super::{analysis, codes::Codes, joined, plurals};
use crate::search::{CategoryDocument, Entity, Lack, ProductDocument, Status};

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
    pub const LACKS: &str = "lacks";
    pub const NAME_SORT: &str = "name_sort";
}

/// The kinds of terms in [`Fields::terms`], each a term's first byte. All kinds share one field because each field
/// has a dictionary of its own, and a commit of one product spends most of its time on making dictionaries.
pub mod place {
    /// A folded word of the name.
    pub const NAME: u8 = b'n';
    /// A folded word of a tag, the vendor or an option's value.
    pub const TAGS: u8 = b't';
    /// A folded word of the description.
    pub const DESCRIPTION: u8 = b'd';
    /// The key of such a word, which its singular and plural share, where it is not the word itself.
    pub const NAME_KEY: u8 = b'N';
    pub const TAGS_KEY: u8 = b'T';
    pub const DESCRIPTION_KEY: u8 = b'D';
    /// The key of neighbours of the name and so on, written as one word; see `joined`.
    pub const NAME_JOINED: u8 = b'1';
    pub const TAGS_JOINED: u8 = b'2';
    pub const DESCRIPTION_JOINED: u8 = b'3';
    /// A whole code, and what begins at a separator within one; see `codes`.
    pub const CODE: u8 = b's';
    pub const CODE_PART: u8 = b'S';
    /// The folded words of the whole name.
    pub const WHOLE_NAME: u8 = b'w';
    /// The whole name as written, but for letter case and blanks.
    pub const NAME_AS_WRITTEN: u8 = b'x';
    /// The category's id.
    pub const CATEGORY: u8 = b'c';
    /// The product's id.
    pub const ID: u8 = b'i';
    /// Terms of a category's document: its id, a folded word of its name, the key of such a word or of neighbours,
    /// and the id of the category above it.
    pub const CATEGORY_ID: u8 = b'I';
    pub const CATEGORY_WORD: u8 = b'k';
    pub const CATEGORY_KEY: u8 = b'K';
    pub const CATEGORY_ABOVE: u8 = b'A';
    /// The term that every category's document has.
    pub const IS_CATEGORY: u8 = b'C';
}

/// The three places of a text: for its words, their keys, and its joined neighbours.
struct Places {
    words: u8,
    keys: u8,
    joined: u8,
    /// True if neighbours are joined that only blanks part.
    phrases: bool,
    /// True if a word that is its own key has a term as that, too.
    keys_of_all: bool,
}

const IN_NAME: Places =
    Places { words: place::NAME, keys: place::NAME_KEY, joined: place::NAME_JOINED, phrases: true, keys_of_all: false };
const IN_TAGS: Places = Places { words: place::TAGS, keys: place::TAGS_KEY, joined: place::TAGS_JOINED, ..IN_NAME };
const IN_DESCRIPTION: Places = Places {
    words: place::DESCRIPTION,
    keys: place::DESCRIPTION_KEY,
    joined: place::DESCRIPTION_JOINED,
    phrases: false,
    ..IN_NAME
};
/// A category's name has few words, and one place for all that is looked up whole.
const IN_CATEGORY: Places = Places {
    words: place::CATEGORY_WORD,
    keys: place::CATEGORY_KEY,
    joined: place::CATEGORY_KEY,
    keys_of_all: true,
    ..IN_NAME
};

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
    lacks: Field,
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
        lacks: builder.add_u64_field(column::LACKS, number()),
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

/// The bit that stands for a lack in its column.
pub fn lack_bit(lack: Lack) -> u64 {
    match lack {
        Lack::Picture => 1,
        Lack::Weight => 2,
        Lack::Stock => 4,
    }
}

/// The status column's value in the document of a category, which no product has.
const CATEGORY_CODE: u64 = 2;

/// True if a status column's value is a product's.
pub fn is_product(code: u64) -> bool {
    code != CATEGORY_CODE
}

/// The terms that a whole name is found by: its folded words, then the name as written but for case and blanks, so that
/// "Maçã" comes before "Maca" for who types the accents.
pub fn whole_name(name: &str) -> [String; 2] {
    let words = analysis::texts(name);
    [term(place::WHOLE_NAME, &words.join(" ")), term(place::NAME_AS_WRITTEN, &collapse(&name.to_lowercase()))]
}

/// The text of a term of [`Fields::terms`].
pub fn term(place: u8, text: &str) -> String {
    // A document has hundreds of them, which `format!` would take half as long again to write.
    let mut term = String::with_capacity(1 + text.len());
    term.push(char::from(place));
    term.push_str(text);
    term
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Fields {
    /// The term that a document is replaced and removed by.
    pub fn id_term(&self, id: Entity) -> Term {
        let text = match id {
            Entity::Product(id) => term(place::ID, &id.to_string()),
            Entity::Category(id) => term(place::CATEGORY_ID, &id.to_string()),
        };
        Term::from_field_text(self.terms, &text)
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
        document.add_u64(self.lacks, product.lacks.iter().fold(0, |bits, lack| bits | lack_bit(*lack)));
        document.add_text(self.name_sort, analysis::fold(&product.name));
        document
    }

    /// The document of a category. It is found by nothing that products are found by; the columns that every document has
    /// are empty.
    pub fn category_document(&self, category: &CategoryDocument) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_pre_tokenized_text(self.terms, category_terms(category));
        document.add_text(self.category, "");
        let (high, low) = category.category_id.uuid().as_u64_pair();
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        document.add_i64(self.version, category.version);
        document.add_u64(self.status, CATEGORY_CODE);
        document.add_i64(self.price, 0);
        document.add_u64(self.rank, 0);
        document.add_bool(self.featured, false);
        document.add_i64(self.created_at, 0);
        document.add_i64(self.sales, 0);
        document.add_u64(self.lacks, 0);
        document.add_text(self.name_sort, "");
        document
    }
}

/// The bits of a [`rank`] that say how short the name is.
pub const RANK_SHORT: u64 = 0x7f << 32;
/// The number of bits of a rank.
pub const RANK_BITS: u32 = 40;

/// A product's rank, which orders equally good matches, the larger the better, in one column instead of three,
/// because each is read per match. From the top: 1 bit available, 7 bits shortness of the name in words, 32 bits
/// sales.
fn rank(product: &ProductDocument) -> u64 {
    let words = analysis::words(&product.name).len() as u64;
    let sales = u64::from(u32::try_from(product.sales.max(0)).unwrap_or(u32::MAX));
    (u64::from(product.available) << 39) | ((127 - words.min(127)) << 32) | sales
}

/// Every term of a product, each once: how often a word occurs doesn't count.
fn terms(product: &ProductDocument) -> PreTokenizedString {
    let mut terms = BTreeSet::from(whole_name(&product.name));
    terms.insert(term(place::ID, &product.product_id.to_string()));
    terms.extend(product.category.map(|id| term(place::CATEGORY, &id.to_string())));
    let codes = Codes::of(&product.skus, &product.barcodes);
    terms.extend(codes.whole.iter().map(|code| term(place::CODE, code)));
    terms.extend(codes.parts.iter().map(|part| term(place::CODE_PART, part)));
    add_words(&mut terms, &IN_NAME, &product.name);
    for text in product.tags.iter().chain(&product.vendor).chain(&product.option_values) {
        add_words(&mut terms, &IN_TAGS, text);
    }
    add_words(&mut terms, &IN_DESCRIPTION, &product.description);
    pre_tokenized(terms)
}

fn category_terms(category: &CategoryDocument) -> PreTokenizedString {
    let id = term(place::CATEGORY_ID, &category.category_id.to_string());
    let mut terms = BTreeSet::from([id, term(place::IS_CATEGORY, "")]);
    terms.extend(category.above.map(|id| term(place::CATEGORY_ABOVE, &id.to_string())));
    add_words(&mut terms, &IN_CATEGORY, &category.name);
    pre_tokenized(terms)
}

fn add_words(terms: &mut BTreeSet<String>, places: &Places, text: &str) {
    let words = analysis::words(text);
    for word in &words {
        terms.insert(term(places.words, &word.text));
        // Most words are their own key, and are looked up as that, too: half of the terms.
        let key = plurals::key(&word.text);
        if places.keys_of_all || key != word.text {
            terms.insert(term(places.keys, &key));
        }
        let parts = joined::number_parts(&word.text).into_iter().map(str::to_owned);
        let numbers = parts.chain(joined::without_thousands(&word.text));
        terms.extend(numbers.map(|number| term(places.joined, &number)));
    }
    let joined = joined::joined(&words, places.phrases);
    terms.extend(joined.iter().map(|joined| term(places.joined, &plurals::key(&joined.text))));
}

fn pre_tokenized(terms: BTreeSet<String>) -> PreTokenizedString {
    let tokens = terms.into_iter().enumerate().map(|(position, text)| Token { text, position, ..Token::default() });
    PreTokenizedString { text: String::new(), tokens: tokens.collect() }
}

#[cfg(test)]
mod tests {
    use feira_schemas::ids::ProductId;

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
            option_values: Vec::new(),
            skus: Vec::new(),
            barcodes: Vec::new(),
            description: String::new(),
            category: None,
            status: Status::Published,
            price: 0,
            available,
            featured: false,
            created_at: 0,
            sales,
            lacks: Vec::new(),
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
