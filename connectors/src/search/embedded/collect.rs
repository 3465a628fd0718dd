//! One pass over the documents that match the text: the exact total, the best hits behind a cursor, and the facets.
//!
//! Filters that facets leave out (categories, prices) are therefore checked here and not in the query. Memory is bounded by
//! the page's size, however deep the cursor is.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashMap, HashSet},
    io,
    sync::Arc,
};

use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError,
    collector::{Collector, SegmentCollector},
    columnar::{Column, ColumnValues, StrColumn, TermOrdHit},
    fastfield::FastFieldReaders,
};

use super::{
    cursor::{Cursor, SortKey},
    schema::{RANK_BITS, RANK_SHORT, column, lack_bit, status_code},
};
use crate::search::{Lack, PRICE_BANDS, Sort, Status};

/// The order, filters and page of a pass.
pub struct Plan {
    pub sort: Sort,
    /// True if the query gives scores that matter.
    pub scored: bool,
    /// True if short names come first among equals: they say more precisely what was asked for.
    pub short_first: bool,
    /// Hits at or before this are not collected; they count in the total all the same.
    pub after: Option<Cursor>,
    /// Most hits to keep; one more than the page shows if there is a next page.
    pub keep: usize,
    /// The code of the only status wanted.
    pub status: Option<u64>,
    /// The bit of what products must lack.
    pub lacking: Option<u64>,
    /// The only categories wanted, as the column spells them.
    pub categories: Option<HashSet<String>>,
    pub min_price: Option<i64>,
    pub max_price: Option<i64>,
    pub facets: bool,
}

/// The result of a pass: total, best hits and facets.
#[derive(Default)]
pub struct Found {
    pub total: u64,
    /// The best hits in order, at most [`Plan::keep`].
    pub hits: Vec<FoundHit>,
    pub categories: HashMap<String, u64>,
    pub prices: [u64; PRICE_BANDS.len()],
    pub drafts: u64,
    /// Published products per [`Lack::ALL`].
    pub lacking: [u64; Lack::ALL.len()],
}

/// A hit with what its cursor needs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundHit {
    pub at: Cursor,
    pub version: i64,
    pub address: DocAddress,
}

impl Collector for Plan {
    type Fruit = Found;
    type Child = Pass;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Pass> {
        Pass::new(self, segment, reader)
    }

    fn requires_scoring(&self) -> bool {
        self.scored && self.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<io::Result<Found>>) -> tantivy::Result<Found> {
        let mut all = Found::default();
        for fruit in fruits {
            let fruit = fruit.map_err(|error| TantivyError::IoError(Arc::new(error)))?;
            all.total += fruit.total;
            all.hits.extend(fruit.hits);
            for (category, count) in fruit.categories {
                *all.categories.entry(category).or_default() += count;
            }
            for (sum, count) in all.prices.iter_mut().zip(fruit.prices) {
                *sum += count;
            }
            all.drafts += fruit.drafts;
            for (sum, count) in all.lacking.iter_mut().zip(fruit.lacking) {
                *sum += count;
            }
        }
        all.hits.sort_unstable();
        all.hits.truncate(self.keep);
        Ok(all)
    }
}

/// The pass over one segment.
pub struct Pass {
    segment: SegmentOrdinal,
    filter: Filter,
    order: Order,
    best: BinaryHeap<Candidate>,
    keep: usize,
    found: Found,
    /// Products per category ordinal; empty if no facets are wanted.
    category_counts: Vec<u64>,
    facets: bool,
    /// True if prices and categories of matches need not be looked at.
    unfiltered: bool,
}

impl Pass {
    fn new(plan: &Plan, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let filter = Filter::new(plan, columns)?;
        let categories = filter.category_names.as_ref().map_or(0, |column| column.dictionary().num_terms());
        Ok(Self {
            segment,
            order: Order::new(plan, columns)?,
            filter,
            best: BinaryHeap::new(),
            keep: plan.keep,
            found: Found::default(),
            category_counts: if plan.facets { vec![0; categories] } else { Vec::new() },
            facets: plan.facets,
            unfiltered: !plan.facets
                && plan.categories.is_none()
                && plan.min_price.is_none()
                && plan.max_price.is_none(),
        })
    }

    fn offer(&mut self, doc: DocId, score: Score) {
        let full = self.best.len() == self.keep;
        let worst = if full { self.best.peek().map_or(0, |worst| worst.key) } else { u64::MAX };
        // Most matches are beaten by their score alone; their columns need not be read.
        if self.order.least_key(score) > worst {
            return;
        }
        let key = self.order.key(doc, score);
        if key > worst || self.keep == 0 {
            return;
        }
        let candidate = Candidate { key, product: self.order.product(doc), doc };
        if !self.order.is_behind_cursor(&candidate) {
            return;
        }
        if full {
            if self.best.peek().is_none_or(|worst| candidate >= *worst) {
                return;
            }
            self.best.pop();
        }
        self.best.push(candidate);
    }

    fn count_facets(&mut self, price: i64, in_prices: bool, category: u64, in_categories: bool) {
        if in_prices && let Some(count) = self.category_counts.get_mut(category as usize) {
            *count += 1;
        }
        let band = PRICE_BANDS.partition_point(|from| *from <= price);
        if in_categories && band > 0 {
            self.found.prices[band - 1] += 1;
        }
    }

    fn count_state(&mut self, doc: DocId) {
        let status = self.filter.status.get_val(doc);
        if status == status_code(Status::Draft) {
            self.found.drafts += 1;
        }
        if status == status_code(Status::Published) {
            let lacks = self.filter.lacks.get_val(doc);
            for (count, lack) in self.found.lacking.iter_mut().zip(Lack::ALL) {
                *count += u64::from(lacks & lack_bit(lack) != 0);
            }
        }
    }

    fn finish(mut self) -> io::Result<Found> {
        let best = std::mem::take(&mut self.best).into_sorted_vec();
        let keys = self.order.sort_keys(&best)?;
        for (candidate, key) in best.iter().zip(keys) {
            self.found.hits.push(FoundHit {
                at: Cursor { key, product: candidate.product },
                version: self.order.version.get_val(candidate.doc),
                address: DocAddress::new(self.segment, candidate.doc),
            });
        }
        if let Some(column) = &self.filter.category_names {
            let counted = self.category_counts.iter().enumerate().filter(|(_, count)| **count > 0);
            let (ordinals, counts): (Vec<u64>, Vec<u64>) =
                counted.map(|(ordinal, count)| (ordinal as u64, *count)).unzip();
            let categories = texts(column, &ordinals)?.into_iter().zip(counts);
            self.found.categories = categories.filter(|(category, _)| !category.is_empty()).collect();
        }
        Ok(self.found)
    }
}

impl SegmentCollector for Pass {
    type Fruit = io::Result<Found>;

    fn collect(&mut self, doc: DocId, score: Score) {
        if !self.filter.has_status(doc) || !self.filter.has_lack(doc) {
            return;
        }
        if self.unfiltered {
            self.found.total += 1;
            return self.offer(doc, score);
        }
        let price = self.filter.price.get_val(doc);
        let in_prices = self.filter.has_price(price);
        let category = self.filter.category_of(doc);
        let in_categories = self.filter.has_category(category);
        if in_prices && in_categories {
            self.found.total += 1;
            self.offer(doc, score);
        }
        if self.facets {
            self.count_facets(price, in_prices, category, in_categories);
            if in_prices && in_categories {
                self.count_state(doc);
            }
        }
    }

    fn harvest(self) -> io::Result<Found> {
        self.finish()
    }
}

/// The filters of a plan over one segment's columns.
struct Filter {
    status: Arc<dyn ColumnValues<u64>>,
    wanted_status: Option<u64>,
    lacks: Arc<dyn ColumnValues<u64>>,
    wanted_lack: Option<u64>,
    price: Arc<dyn ColumnValues<i64>>,
    min_price: i64,
    max_price: i64,
    /// The ordinal of each document's category; the empty name stands for none.
    category: Arc<dyn ColumnValues<u64>>,
    category_names: Option<StrColumn>,
    /// The wanted category ordinals, by ordinal; `None` if all are wanted, with or without a category.
    wanted_categories: Option<Vec<bool>>,
}

impl Filter {
    fn new(plan: &Plan, columns: &FastFieldReaders) -> tantivy::Result<Self> {
        let category_names = columns.str(column::CATEGORY)?;
        let wanted_categories = match &plan.categories {
            Some(wanted) => Some(wanted_ordinals(wanted, category_names.as_ref())?),
            None => None,
        };
        Ok(Self {
            status: columns.column_first_or_default(column::STATUS)?,
            wanted_status: plan.status,
            lacks: columns.column_first_or_default(column::LACKS)?,
            wanted_lack: plan.lacking,
            price: columns.column_first_or_default(column::PRICE)?,
            min_price: plan.min_price.unwrap_or(i64::MIN),
            max_price: plan.max_price.unwrap_or(i64::MAX),
            category: ordinals(category_names.as_ref()),
            category_names,
            wanted_categories,
        })
    }

    fn has_status(&self, doc: DocId) -> bool {
        self.wanted_status.is_none_or(|wanted| self.status.get_val(doc) == wanted)
    }

    fn has_lack(&self, doc: DocId) -> bool {
        self.wanted_lack.is_none_or(|wanted| self.lacks.get_val(doc) & wanted != 0)
    }

    fn has_price(&self, price: i64) -> bool {
        (self.min_price..=self.max_price).contains(&price)
    }

    fn category_of(&self, doc: DocId) -> u64 {
        self.category.get_val(doc)
    }

    fn has_category(&self, category: u64) -> bool {
        let wanted = self.wanted_categories.as_ref();
        wanted.is_none_or(|wanted| wanted.get(category as usize).copied().unwrap_or_default())
    }
}

/// The ordinals of a text column that has a value for every document.
fn ordinals(column: Option<&StrColumn>) -> Arc<dyn ColumnValues<u64>> {
    column.map_or_else(|| Column::build_empty_column(0), |column| column.ords().clone()).first_or_default_col(0)
}

/// The texts of ascending ordinals. All at once, because the dictionary is compressed in blocks and each call unpacks one.
fn texts(column: &StrColumn, ordinals: &[u64]) -> io::Result<Vec<String>> {
    let mut texts = Vec::with_capacity(ordinals.len());
    let all = column.dictionary().sorted_ords_to_term_cb(ordinals, |text| {
        texts.push(String::from_utf8_lossy(text).into_owned());
    })?;
    if all { Ok(texts) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "an ordinal has no text")) }
}

fn wanted_ordinals(wanted: &HashSet<String>, column: Option<&StrColumn>) -> io::Result<Vec<bool>> {
    let Some(column) = column else { return Ok(Vec::new()) };
    let mut ordinals = vec![false; column.dictionary().num_terms()];
    for category in wanted {
        if let Some(ordinal) = column.dictionary().term_ord(category.as_bytes())?
            && let Some(slot) = ordinals.get_mut(ordinal as usize)
        {
            *slot = true;
        }
    }
    Ok(ordinals)
}

/// A hit that may make it into the page. The heap's top is the worst one.
struct Candidate {
    key: u64,
    product: u128,
    doc: DocId,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.key, self.product).cmp(&(other.key, other.product))
    }
}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Candidate {}

/// The order of hits within one segment, as numbers of which the smaller comes first.
struct Order {
    sort: SegmentSort,
    id_high: Arc<dyn ColumnValues<u64>>,
    id_low: Arc<dyn ColumnValues<u64>>,
    version: Arc<dyn ColumnValues<i64>>,
    after: After,
}

/// The place where the page begins in this segment.
enum After {
    Start,
    /// Behind this key and product.
    Hit(u64, u128),
    /// At this key: names of another segment fall between two of this one's.
    Key(u64),
}

enum SegmentSort {
    /// By score, then by those bits of the rank.
    Relevance(Arc<dyn ColumnValues<u64>>, u64),
    Ascending(Arc<dyn ColumnValues<i64>>),
    Descending(Arc<dyn ColumnValues<i64>>),
    Featured(Arc<dyn ColumnValues<bool>>, Arc<dyn ColumnValues<i64>>),
    /// By the ordinal of the folded name, which is in the order of the names themselves.
    Name(Arc<dyn ColumnValues<u64>>, Option<StrColumn>),
}

impl Order {
    fn new(plan: &Plan, columns: &FastFieldReaders) -> tantivy::Result<Self> {
        let sort = match plan.sort {
            Sort::Relevance => {
                let bits = if plan.short_first { u64::MAX } else { !RANK_SHORT };
                SegmentSort::Relevance(columns.column_first_or_default(column::RANK)?, bits)
            }
            Sort::Newest => SegmentSort::Descending(columns.column_first_or_default(column::CREATED_AT)?),
            Sort::PriceAsc => SegmentSort::Ascending(columns.column_first_or_default(column::PRICE)?),
            Sort::PriceDesc => SegmentSort::Descending(columns.column_first_or_default(column::PRICE)?),
            Sort::BestSelling => SegmentSort::Descending(columns.column_first_or_default(column::SALES)?),
            Sort::Featured => SegmentSort::Featured(
                columns.column_first_or_default(column::FEATURED)?,
                columns.column_first_or_default(column::CREATED_AT)?,
            ),
            Sort::Name => {
                let names = columns.str(column::NAME_SORT)?;
                SegmentSort::Name(ordinals(names.as_ref()), names)
            }
        };
        Ok(Self {
            after: After::new(plan.after.as_ref(), &sort)?,
            sort,
            id_high: columns.column_first_or_default(column::ID_HIGH)?,
            id_low: columns.column_first_or_default(column::ID_LOW)?,
            version: columns.column_first_or_default(column::VERSION)?,
        })
    }

    /// No document with this score has a smaller key.
    fn least_key(&self, score: Score) -> u64 {
        match &self.sort {
            SegmentSort::Relevance(..) => relevance_key(score, (1 << RANK_BITS) - 1),
            _ => 0,
        }
    }

    fn key(&self, doc: DocId, score: Score) -> u64 {
        match &self.sort {
            SegmentSort::Relevance(rank, bits) => relevance_key(score, rank.get_val(doc) & bits),
            SegmentSort::Ascending(values) => tantivy::i64_to_u64(values.get_val(doc)),
            SegmentSort::Descending(values) => !tantivy::i64_to_u64(values.get_val(doc)),
            SegmentSort::Featured(featured, created_at) => {
                // Times lie far below 2^62 µs, so one bit of the key is free for the group.
                let newest = i64::MAX.saturating_sub(created_at.get_val(doc).max(0)).cast_unsigned();
                newest | (u64::from(!featured.get_val(doc)) << 63)
            }
            SegmentSort::Name(ordinals, _) => ordinals.get_val(doc),
        }
    }

    fn product(&self, doc: DocId) -> u128 {
        (u128::from(self.id_high.get_val(doc)) << 64) | u128::from(self.id_low.get_val(doc))
    }

    fn is_behind_cursor(&self, candidate: &Candidate) -> bool {
        match self.after {
            After::Start => true,
            After::Hit(key, product) => (candidate.key, candidate.product) > (key, product),
            After::Key(key) => candidate.key >= key,
        }
    }

    /// The keys of sorted candidates as all segments understand them.
    fn sort_keys(&self, candidates: &[Candidate]) -> io::Result<Vec<SortKey>> {
        let keys = candidates.iter().map(|candidate| candidate.key);
        match &self.sort {
            SegmentSort::Name(_, Some(names)) => {
                Ok(texts(names, &keys.collect::<Vec<_>>())?.into_iter().map(SortKey::Text).collect())
            }
            SegmentSort::Name(_, None) => Ok(keys.map(|_| SortKey::Text(String::new())).collect()),
            _ => Ok(keys.map(SortKey::Number).collect()),
        }
    }
}

impl After {
    fn new(cursor: Option<&Cursor>, sort: &SegmentSort) -> io::Result<Self> {
        let Some(Cursor { key, product }) = cursor else { return Ok(Self::Start) };
        Ok(match (key, sort) {
            (SortKey::Number(key), _) => Self::Hit(*key, *product),
            (SortKey::Text(name), SegmentSort::Name(_, Some(names))) => {
                match names.dictionary().term_ord_or_next(name.as_bytes())? {
                    TermOrdHit::Exact(ordinal) => Self::Hit(ordinal, *product),
                    TermOrdHit::Next(ordinal) => Self::Key(ordinal),
                }
            }
            (SortKey::Text(_), _) => Self::Start,
        })
    }
}

/// 24 bits of score above the bits of the rank, turned so that the best is the smallest. Scores are whole points (see
/// `query`) and far below 2^24.
fn relevance_key(score: Score, rank: u64) -> u64 {
    let score = (score.max(0.0) as u64).min((1 << 24) - 1);
    !((score << RANK_BITS) | rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relevance_is_score_before_rank() {
        let most = (1 << RANK_BITS) - 1;
        let ordered = [
            relevance_key(f32::INFINITY, 0),
            relevance_key(1_001.0, 0),
            relevance_key(1_000.0, most),
            relevance_key(1_000.0, most - 1),
            relevance_key(0.0, most),
            relevance_key(-1.0, 0),
        ];
        assert!(ordered.is_sorted_by(|better, worse| better < worse), "{ordered:?}");
    }
}
