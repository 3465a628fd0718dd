//! The lexicon of a shop, the words it has: look-ups in the dictionaries of a shard, before any document is looked
//! at.
//!
//! A word is there if a product that is shown has it, whatever a question filters by, so that totals, facets and pages of one
//! question agree. Terms of deleted documents stay in a dictionary until their segment is merged; they don't count.

use std::{collections::BTreeSet, sync::Arc};

use feira_schemas::ids::CategoryId;
use tantivy::{
    InvertedIndexReader, Searcher, SegmentReader,
    postings::TermInfo,
    schema::{Field, IndexRecordOption},
};
use uuid::Uuid;

use super::{
    automaton::Pattern,
    schema::{column, place, term},
};

/// The dictionaries of one shard as it is now.
pub struct Lexicon<'a> {
    segments: Vec<(&'a SegmentReader, Arc<InvertedIndexReader>)>,
}

/// The end of the range of terms that begin with `beginning`, exclusive: no UTF-8 text has the byte 0xff.
pub fn end_of(beginning: &str) -> Vec<u8> {
    [beginning.as_bytes(), &[0xff]].concat()
}

impl<'a> Lexicon<'a> {
    /// The lexicon of `terms`, the field that holds everything products are found by.
    pub fn new(searcher: &'a Searcher, terms: Field) -> tantivy::Result<Self> {
        let mut segments = Vec::new();
        for segment in searcher.segment_readers() {
            segments.push((segment, segment.inverted_index(terms)?));
        }
        Ok(Self { segments })
    }

    /// True if any document that is not deleted has this term.
    pub fn has(&self, term: &str) -> tantivy::Result<bool> {
        for (segment, index) in &self.segments {
            if let Some(info) = index.terms().get(term)?
                && is_alive(segment, index, &info)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if any document that is not deleted has a term that begins with `beginning`.
    pub fn has_beginning(&self, beginning: &str) -> tantivy::Result<bool> {
        for (segment, index) in &self.segments {
            let mut terms = index.terms().range().ge(beginning).lt(end_of(beginning)).into_stream()?;
            while terms.advance() {
                if is_alive(segment, index, terms.value())? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The categories that have this term, and those below them; none if no product is in any.
    pub fn categories(&self, term: &str) -> tantivy::Result<BTreeSet<CategoryId>> {
        let mut named = BTreeSet::new();
        for (segment, index) in &self.segments {
            if let Some(info) = index.terms().get(term)? {
                add_documents(segment, index, &info, &mut named)?;
            }
        }
        self.if_filled(named)
    }

    /// The categories named by any term that begins with `beginning`, with all categories below them.
    pub fn categories_beginning(&self, beginning: &str) -> tantivy::Result<BTreeSet<CategoryId>> {
        let mut named = BTreeSet::new();
        for (segment, index) in &self.segments {
            let mut terms = index.terms().range().ge(beginning).lt(end_of(beginning)).into_stream()?;
            while terms.advance() {
                add_documents(segment, index, terms.value(), &mut named)?;
            }
        }
        self.if_filled(named)
    }

    /// The terms of a pattern that any document has.
    pub fn like(&self, pattern: &Pattern) -> tantivy::Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for (segment, index) in &self.segments {
            let mut terms = index.terms().search(pattern).into_stream()?;
            while terms.advance() {
                if is_alive(segment, index, terms.value())? {
                    found.extend(str::from_utf8(terms.key()).ok().map(str::to_owned));
                }
            }
        }
        Ok(found)
    }

    /// The `named` categories and all below them; none if no product is in any.
    fn if_filled(&self, named: BTreeSet<CategoryId>) -> tantivy::Result<BTreeSet<CategoryId>> {
        let mut open: Vec<CategoryId> = named.iter().copied().collect();
        // A set, so that moves which met half-way can't turn the walk into a circle.
        let mut all = named;
        while let Some(above) = open.pop() {
            let mut below = BTreeSet::new();
            let term = term(place::CATEGORY_ABOVE, &above.to_string());
            for (segment, index) in &self.segments {
                if let Some(info) = index.terms().get(&term)? {
                    add_documents(segment, index, &info, &mut below)?;
                }
            }
            open.extend(below.into_iter().filter(|id| all.insert(*id)));
        }
        // Those without products find nothing; only where none has any the word is not there.
        for id in &all {
            if self.has(&term(place::CATEGORY, &id.to_string()))? {
                return Ok(all);
            }
        }
        Ok(BTreeSet::new())
    }
}

fn is_alive(segment: &SegmentReader, index: &InvertedIndexReader, info: &TermInfo) -> tantivy::Result<bool> {
    // More documents than are deleted at all: one of them is alive, whichever they are.
    if info.doc_freq > segment.num_deleted_docs() {
        return Ok(true);
    }
    let Some(alive) = segment.alive_bitset() else { return Ok(info.doc_freq > 0) };
    let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    while !postings.docs().is_empty() {
        if postings.docs().iter().any(|document| alive.is_alive(*document)) {
            return Ok(true);
        }
        postings.advance();
    }
    Ok(false)
}

/// Adds the categories whose documents have a term.
fn add_documents(
    segment: &SegmentReader,
    index: &InvertedIndexReader,
    info: &TermInfo,
    found: &mut BTreeSet<CategoryId>,
) -> tantivy::Result<()> {
    let columns = segment.fast_fields();
    let high = columns.column_first_or_default::<u64>(column::ID_HIGH)?;
    let low = columns.column_first_or_default::<u64>(column::ID_LOW)?;
    let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    while !postings.docs().is_empty() {
        for document in postings.docs() {
            if segment.alive_bitset().is_none_or(|alive| alive.is_alive(*document)) {
                let (high, low) = (high.get_val(*document), low.get_val(*document));
                found.insert(CategoryId::from_uuid(Uuid::from_u64_pair(high, low)));
            }
        }
        postings.advance();
    }
    Ok(())
}
