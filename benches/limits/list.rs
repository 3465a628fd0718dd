//! Limit of a panel's list: tantivy alone in this process, one index of one merged segment, one query of its own for each question, with
//! the exact total and the ids of a page.

use serde_json::Value;
use tantivy::{
    DocAddress, Index, IndexReader, Order, Searcher, TantivyDocument, Term,
    collector::{Count, TopDocs},
    query::{AllQuery, Query, TermQuery},
    schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TEXT, Value as _},
};

/// The best settings that were found, printed with the result.
pub const SETTINGS: &str =
    "one segment, memory-mapped, a term for a word and for a category, the newest by a fast field";
/// Products of a page.
const PAGE: usize = 24;

/// A catalogue in an index of its own.
pub struct Bare {
    reader: IndexReader,
    id: Field,
    name: Field,
    category: Field,
    _folder: tempfile::TempDir,
}

impl Bare {
    /// Indexes products as their merchants write them, each with its category's name, the newest last.
    pub fn index(products: impl Iterator<Item = (Value, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut schema = Schema::builder();
        let id = schema.add_text_field("id", STORED);
        let name = schema.add_text_field("name", TEXT);
        let category = schema.add_text_field("category", STRING);
        let made = schema.add_i64_field("made", FAST);
        let index = Index::create_in_dir(folder.path(), schema.build()).unwrap();
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 256 << 20).unwrap();
        for ((product, of), number) in products.zip(0_i64..) {
            let mut document = TantivyDocument::default();
            document.add_text(id, product["slug"].as_str().unwrap());
            document.add_text(name, product["name"].as_str().unwrap());
            document.add_text(category, of);
            document.add_i64(made, number);
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let segments = index.searchable_segment_ids().unwrap();
        if segments.len() > 1 {
            writer.merge(&segments).wait().unwrap();
        }
        writer.wait_merging_threads().unwrap();
        let reader = index.reader().unwrap();
        Self { reader, id, name, category, _folder: folder }
    }

    /// The newest products.
    pub fn list(&self) {
        self.newest(&AllQuery);
    }

    /// The products that have this word in their names.
    pub fn search(&self, word: &str) {
        let searcher = self.reader.searcher();
        let (total, top) =
            searcher.search(&term(self.name, word), &(Count, TopDocs::with_limit(PAGE).order_by_score())).unwrap();
        self.read(&searcher, total, top.into_iter().map(|(_, at)| at));
    }

    /// The newest products of the category of this name.
    pub fn filter(&self, category: &str) {
        self.newest(&term(self.category, category));
    }

    fn newest(&self, query: &dyn Query) {
        let searcher = self.reader.searcher();
        let newest = TopDocs::with_limit(PAGE).order_by_fast_field::<i64>("made", Order::Desc);
        let (total, top) = searcher.search(query, &(Count, newest)).unwrap();
        self.read(&searcher, total, top.into_iter().map(|(_, at)| at));
    }

    /// Reads the ids of a page.
    fn read(&self, searcher: &Searcher, total: usize, page: impl Iterator<Item = DocAddress>) {
        let read = page.filter(|at| {
            let document: TantivyDocument = searcher.doc(*at).unwrap();
            document.get_first(self.id).is_some_and(|id| id.as_str().is_some())
        });
        assert_eq!(read.count(), total.min(PAGE));
        assert!(total > 0, "a question finds something");
    }
}

fn term(field: Field, text: &str) -> TermQuery {
    TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic)
}
