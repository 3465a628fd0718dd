//! Limit of a search: tantivy alone in this process, one index of one merged segment, its own query types and collectors.
//!
//! The limit does the same work as Feira: every word must be found in name, tags or description, as written or nearly
//! so (one edit from four letters, two from eight), the last one also as a beginning; the best 24, the exact total,
//! and counts per category and band of price. Analysis is tantivy's own for Portuguese.

use serde_json::Value;
use tantivy::{
    Index, IndexReader, Order, TantivyDocument, Term,
    aggregation::{AggregationCollector, agg_req::Aggregations},
    collector::{Count, TopDocs},
    query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, RangeQuery, TermQuery},
    schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer},
};

use crate::common::catalogue::{PRICES, Question};

/// The best settings that were found, printed with the result.
pub const SETTINGS: &str = "one segment, memory-mapped, field norms off, fuzzy automata only where a word is long enough, \
                            facets by one aggregation";
const ANALYSIS: &str = "portuguese";
/// Hits of a page.
const PAGE: usize = 24;

/// A catalogue in an index of its own.
pub struct Bare {
    reader: IndexReader,
    analysis: TextAnalyzer,
    name: Field,
    tags: Field,
    description: Field,
    price: Field,
    counted: Aggregations,
    _folder: tempfile::TempDir,
}

impl Bare {
    /// Indexes products as their merchants write them, each with its category's name.
    pub fn index(products: impl Iterator<Item = (Value, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut schema = Schema::builder();
        let text = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(ANALYSIS)
                .set_index_option(IndexRecordOption::Basic)
                .set_fieldnorms(false),
        );
        let name = schema.add_text_field("name", text.clone());
        let tags = schema.add_text_field("tags", text.clone());
        let description = schema.add_text_field("description", text);
        let category = schema.add_text_field("category", STRING | FAST);
        let price = schema.add_i64_field("price", INDEXED | FAST);
        let index = Index::create_in_dir(folder.path(), schema.build()).unwrap();
        let analysis = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(RemoveLongFilter::limit(40))
            .filter(LowerCaser)
            .filter(AsciiFoldingFilter)
            .filter(Stemmer::new(Language::Portuguese))
            .build();
        index.tokenizers().register(ANALYSIS, analysis.clone());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 256 << 20).unwrap();
        for (product, of) in products {
            let mut document = TantivyDocument::default();
            document.add_text(name, product["name"].as_str().unwrap());
            for tag in product["tags"].as_array().unwrap() {
                document.add_text(tags, tag.as_str().unwrap());
            }
            document.add_text(description, product["description"].as_str().unwrap());
            document.add_text(category, of);
            document.add_i64(price, product["variants"][0]["price"]["amount"].as_i64().unwrap());
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let segments = index.searchable_segment_ids().unwrap();
        if segments.len() > 1 {
            writer.merge(&segments).wait().unwrap();
        }
        writer.wait_merging_threads().unwrap();
        let reader = index.reader().unwrap();
        assert_eq!(reader.searcher().segment_readers().len(), 1);
        Self { reader, analysis, name, tags, description, price, counted: counted(), _folder: folder }
    }

    /// The first page: how many were found in all, and how many are on it.
    pub fn search(&mut self, question: &Question) -> (usize, usize) {
        let searcher = self.reader.searcher();
        let query = self.query(question);
        let facets = AggregationCollector::from_aggs(self.counted.clone(), Default::default());
        let top = TopDocs::with_limit(PAGE);
        let (total, shown) = if question.by_price {
            let top = top.order_by_fast_field::<i64>("price", Order::Asc);
            let (total, top, _) = searcher.search(&query, &(Count, top, facets)).unwrap();
            (total, top.len())
        } else {
            let (total, top, _) = searcher.search(&query, &(Count, top.order_by_score(), facets)).unwrap();
            (total, top.len())
        };
        (total, shown)
    }

    fn query(&mut self, question: &Question) -> BooleanQuery {
        let mut words = Vec::new();
        self.analysis.token_stream(&question.text).process(&mut |token| words.push(token.text.clone()));
        let last = words.len().saturating_sub(1);
        let mut all: Vec<(Occur, Box<dyn Query>)> = words
            .iter()
            .enumerate()
            // "de" is in nearly every name and says nothing.
            .filter(|(_, word)| word.len() > 2)
            .map(|(at, word)| (Occur::Must, Box::new(self.word(word, at == last)) as Box<dyn Query>))
            .collect();
        if question.by_price {
            let term = |amount| std::ops::Bound::Included(Term::from_field_i64(self.price, amount));
            all.push((Occur::Must, Box::new(RangeQuery::new(term(PRICES.0), term(PRICES.1)))));
        }
        BooleanQuery::new(all)
    }

    fn word(&self, word: &str, last: bool) -> BooleanQuery {
        let edits = match word.chars().count() {
            ..4 => 0,
            4..8 => 1,
            _ => 2,
        };
        let mut ways: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for (field, boost) in [(self.name, 9.0), (self.tags, 3.0), (self.description, 1.0)] {
            let term = Term::from_field_text(field, word);
            let exact = Box::new(TermQuery::new(term.clone(), IndexRecordOption::Basic));
            ways.push((Occur::Should, Box::new(BoostQuery::new(exact, boost * 2.0))));
            if last {
                let near = Box::new(FuzzyTermQuery::new_prefix(term, edits, true));
                ways.push((Occur::Should, Box::new(BoostQuery::new(near, boost))));
            } else if edits > 0 {
                let near = Box::new(FuzzyTermQuery::new(term, edits, true));
                ways.push((Occur::Should, Box::new(BoostQuery::new(near, boost))));
            }
        }
        BooleanQuery::new(ways)
    }
}

/// The facets that a page counts beside its hits.
fn counted() -> Aggregations {
    serde_json::from_value(serde_json::json!({
        "categories": {"terms": {"field": "category", "size": 100}},
        "prices": {"range": {"field": "price", "ranges": [
            {"to": 5_000}, {"from": 5_000, "to": 10_000}, {"from": 10_000, "to": 20_000}, {"from": 20_000, "to": 50_000},
            {"from": 50_000, "to": 100_000}, {"from": 100_000}
        ]}}
    }))
    .unwrap()
}
