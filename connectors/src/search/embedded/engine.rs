//! Answering a query from one open shard. Everything here blocks, for micro- to milliseconds.

use std::collections::{HashMap, HashSet};

use feira_schemas::ids::{CategoryId, ProductId};
use tantivy::{
    DocSet, Searcher, TERMINATED, TantivyDocument,
    query::{BooleanQuery, Occur, Query},
    schema::{IndexRecordOption, Value},
};
use uuid::Uuid;

use super::{
    analysis,
    collect::{Found, Plan},
    cursor::{self, Cursor},
    lexicon::Lexicon,
    parsed::ParsedText,
    query,
    schema::{column, is_product, lack_bit, status_code},
    shard::OpenShard,
};
use crate::search::{
    Entity, Facets, Hit, MAX_LIMIT, PRICE_BANDS, Position, PriceBand, SearchPage, SearchQuery, ShardError, ShardId,
    Sort, Suggestion,
};

/// Names looked at per suggestion wanted, as products may share a name.
const NAMES_PER_SUGGESTION: usize = 4;
/// More would not be read by anybody.
const MAX_SUGGESTIONS: usize = 50;

/// An error of the library, or of the question.
pub enum Failure {
    Library(tantivy::TantivyError),
    Question(ShardError),
}

impl From<tantivy::TantivyError> for Failure {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Library(error)
    }
}
impl From<ShardError> for Failure {
    fn from(error: ShardError) -> Self {
        Self::Question(error)
    }
}

/// The page that a query asks for.
pub fn search(shard: &OpenShard, id: ShardId, asked: &SearchQuery) -> Result<SearchPage, Failure> {
    let fingerprint = cursor::fingerprint(id, asked);
    let limit = asked.limit.min(MAX_LIMIT);
    let text = ParsedText::parse(asked.text.as_deref().unwrap_or_default());
    let plan = Plan {
        sort: asked.sort,
        scored: text.is_some(),
        short_first: text.as_ref().is_some_and(ParsedText::has_words),
        after: decode_cursor(asked, fingerprint)?,
        keep: if limit == 0 { 0 } else { limit + 1 },
        status: asked.status.map(status_code),
        lacking: asked.lacking.map(lack_bit),
        // Without facets the index itself leaves other categories out, see `index_query`.
        categories: asked
            .categories
            .as_ref()
            .filter(|_| asked.facets)
            .map(|ids| ids.iter().map(ToString::to_string).collect()),
        min_price: asked.min_price,
        max_price: asked.max_price,
        facets: asked.facets,
    };
    let (searcher, position) = shard.searcher();
    let found = match index_query(shard, &searcher, asked, text.as_ref())? {
        Some(query) => searcher.search(&query, &plan)?,
        None => Found::default(),
    };
    Ok(page(found, asked, limit, fingerprint, position))
}

/// The page of a tenant that has no shard here; a bad cursor is refused all the same.
pub fn search_nothing(id: ShardId, asked: &SearchQuery) -> Result<SearchPage, ShardError> {
    let fingerprint = cursor::fingerprint(id, asked);
    decode_cursor(asked, fingerprint)?;
    Ok(page(Found::default(), asked, 0, fingerprint, None))
}

fn decode_cursor(asked: &SearchQuery, fingerprint: [u8; 8]) -> Result<Option<Cursor>, ShardError> {
    let cursor = asked.after.as_deref().map(|text| Cursor::decode(text, fingerprint)).transpose()?;
    let by_name = asked.sort == Sort::Name;
    match &cursor {
        Some(Cursor { key: cursor::SortKey::Text(_), .. }) if !by_name => Err(ShardError::BadCursor),
        Some(Cursor { key: cursor::SortKey::Number(_), .. }) if by_name => Err(ShardError::BadCursor),
        _ => Ok(cursor),
    }
}

/// The query for what is asked; none where nothing can be found.
fn index_query(
    shard: &OpenShard,
    searcher: &Searcher,
    asked: &SearchQuery,
    text: Option<&ParsedText>,
) -> tantivy::Result<Option<Box<dyn Query>>> {
    let words = match text.filter(|text| text.has_words()) {
        Some(text) => query::search(&shard.fields, &Lexicon::new(searcher, shard.fields.terms)?, text)?,
        None => Some(query::all(&shard.fields, text)),
    };
    let Some(words) = words else { return Ok(None) };
    // Facets count what other categories hold, so their documents must be seen; else the index leaves them out.
    match &asked.categories {
        Some(categories) if !asked.facets => {
            let wanted = query::in_categories(&shard.fields, categories);
            Ok(Some(Box::new(BooleanQuery::new(vec![(Occur::Must, words), (Occur::Must, wanted)]))))
        }
        _ => Ok(Some(words)),
    }
}

fn page(
    mut found: Found,
    asked: &SearchQuery,
    limit: usize,
    fingerprint: [u8; 8],
    position: Option<Position>,
) -> SearchPage {
    let more = found.hits.len() > limit;
    found.hits.truncate(limit);
    let next = found.hits.last().filter(|_| more).map(|last| last.at.encode(fingerprint));
    SearchPage {
        total: found.total,
        hits: found
            .hits
            .iter()
            .map(|hit| Hit { product_id: product_id(hit.at.product), version: hit.version })
            .collect(),
        next,
        facets: asked.facets.then(|| facets(&found)),
        position,
    }
}

fn facets(found: &Found) -> Facets {
    let mut categories: Vec<_> =
        found.categories.iter().filter_map(|(id, count)| Some((id.parse::<CategoryId>().ok()?, *count))).collect();
    categories.sort_unstable_by(|(left_id, left), (right_id, right)| right.cmp(left).then(left_id.cmp(right_id)));
    let ends = PRICE_BANDS.iter().skip(1).copied().map(Some).chain([None]);
    let bands = PRICE_BANDS.iter().zip(ends).zip(found.prices);
    let prices = bands.map(|((from, to), count)| PriceBand { from: *from, to, count }).collect();
    Facets { categories, prices, drafts: found.drafts, lacking: found.lacking }
}

fn product_id(id: u128) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(id))
}

/// Names that complete what was typed, best first, each once.
pub fn suggest(shard: &OpenShard, text: &str, limit: usize) -> tantivy::Result<Vec<Suggestion>> {
    let limit = limit.min(MAX_SUGGESTIONS);
    let Some(text) = ParsedText::parse(text).filter(|text| limit > 0 && text.has_words()) else {
        return Ok(Vec::new());
    };
    let (searcher, _) = shard.searcher();
    let plan = Plan {
        sort: Sort::Relevance,
        scored: true,
        short_first: true,
        after: None,
        keep: limit * NAMES_PER_SUGGESTION,
        status: None,
        lacking: None,
        categories: None,
        min_price: None,
        max_price: None,
        facets: false,
    };
    let lexicon = Lexicon::new(&searcher, shard.fields.terms)?;
    let ask = |forgiving| match query::suggest(&shard.fields, &lexicon, &text, forgiving)? {
        Some(query) => searcher.search(&query, &plan),
        None => Ok(Found::default()),
    };
    let mut found = ask(false)?;
    if found.total == 0 {
        found = ask(true)?;
    }
    suggestions(shard, &searcher, &found, limit)
}

fn suggestions(
    shard: &OpenShard,
    searcher: &Searcher,
    found: &Found,
    limit: usize,
) -> tantivy::Result<Vec<Suggestion>> {
    let mut seen = HashSet::new();
    let mut suggestions = Vec::new();
    for hit in &found.hits {
        if suggestions.len() == limit {
            break;
        }
        let document: TantivyDocument = searcher.doc(hit.address)?;
        let stored = |field| document.get_first(field).and_then(|value| value.as_str()).map(str::to_owned);
        if let Some(text) = stored(shard.fields.shown_name)
            && seen.insert(analysis::fold(&text))
        {
            suggestions
                .push(Suggestion { text, slug: stored(shard.fields.shown_slug).filter(|slug| !slug.is_empty()) });
        }
    }
    Ok(suggestions)
}

/// Every product in the shard with its version, by ascending id.
pub fn ids(shard: &OpenShard) -> tantivy::Result<Vec<(ProductId, i64)>> {
    let (searcher, _) = shard.searcher();
    let mut ids = Vec::new();
    for segment in searcher.segment_readers() {
        let columns = segment.fast_fields();
        let high = columns.column_first_or_default::<u64>(column::ID_HIGH)?;
        let low = columns.column_first_or_default::<u64>(column::ID_LOW)?;
        let version = columns.column_first_or_default::<i64>(column::VERSION)?;
        let status = columns.column_first_or_default::<u64>(column::STATUS)?;
        let products = segment.doc_ids_alive().filter(|doc| is_product(status.get_val(*doc)));
        ids.extend(products.map(|doc| {
            let id = (u128::from(high.get_val(doc)) << 64) | u128::from(low.get_val(doc));
            (product_id(id), version.get_val(doc))
        }));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// The versions of those of the products and categories that are in the shard.
pub fn versions(shard: &OpenShard, entities: &[Entity]) -> tantivy::Result<HashMap<Entity, i64>> {
    let (searcher, _) = shard.searcher();
    let mut versions = HashMap::with_capacity(entities.len());
    for segment in searcher.segment_readers() {
        let terms = segment.inverted_index(shard.fields.terms)?;
        let version = segment.fast_fields().column_first_or_default::<i64>(column::VERSION)?;
        for entity in entities {
            let id = shard.fields.id_term(*entity);
            let Some(mut documents) = terms.read_postings(&id, IndexRecordOption::Basic)? else { continue };
            while documents.doc() != TERMINATED {
                let document = documents.doc();
                if segment.alive_bitset().is_none_or(|alive| alive.is_alive(document)) {
                    versions.insert(*entity, version.get_val(document));
                }
                documents.advance();
            }
        }
    }
    Ok(versions)
}
