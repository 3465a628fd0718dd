//! Finding one word in every place and spelling at once.
//!
//! A word is looked for in a dozen ways. Asking the library for a disjunction of as many queries costs some 250 ns per
//! matching document; walking the dictionary once and writing the best points of each document into an array costs a
//! tenth of that, and lets the ways share their walk.

use std::{fmt, sync::Arc};

use tantivy::{
    DocId, DocSet, InvertedIndexReader, Score, SegmentReader, TERMINATED, TantivyError,
    postings::TermInfo,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
    schema::{Field, IndexRecordOption},
};

use super::{automaton::Pattern, lexicon::end_of};

/// The points that a way of finding a word is worth.
pub type Points = u16;

/// One way of finding a word.
pub enum Way {
    /// By this term.
    Term(String, Points),
    /// By every term that begins like this.
    Beginning(String, Points),
    /// By every term of this pattern.
    Like(Pattern, Points),
}

/// Documents in which a word is found in any of several ways, each with the points of the best one.
#[derive(Clone)]
pub struct WordQuery {
    pub field: Field,
    pub ways: Arc<Vec<Way>>,
}

impl fmt::Debug for WordQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WordQuery({} ways)", self.ways.len())
    }
}

impl Query for WordQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for WordQuery {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let index = reader.inverted_index(self.field)?;
        let mut found = Found::new(reader.max_doc());
        for way in self.ways.iter() {
            collect(&index, way, &mut found)?;
        }
        Ok(Box::new(found.into_scorer(boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Err(TantivyError::InvalidArgument(format!("document {doc} does not match")));
        }
        Ok(Explanation::new("word", scorer.score()))
    }
}

fn collect(index: &InvertedIndexReader, way: &Way, found: &mut Found) -> tantivy::Result<()> {
    match way {
        Way::Term(term, points) => {
            if let Some(info) = index.terms().get(term)? {
                found.add(index, &info, *points)?;
            }
        }
        Way::Beginning(beginning, points) => {
            let mut terms = index.terms().range().ge(beginning).lt(end_of(beginning)).into_stream()?;
            while terms.advance() {
                found.add(index, terms.value(), *points)?;
            }
        }
        Way::Like(pattern, points) => {
            let mut terms = index.terms().search(pattern).into_stream()?;
            while terms.advance() {
                found.add(index, terms.value(), *points)?;
            }
        }
    }
    Ok(())
}

/// The points of every document of a segment, and a bit for each that has any: the array is large and mostly zero, and
/// never touched where no bit is set.
struct Found {
    points: Vec<Points>,
    bits: Vec<u64>,
    count: u32,
}

impl Found {
    fn new(max_doc: DocId) -> Self {
        let documents = max_doc as usize;
        Self { points: vec![0; documents], bits: vec![0; documents.div_ceil(64)], count: 0 }
    }

    fn add(&mut self, index: &InvertedIndexReader, term: &TermInfo, points: Points) -> tantivy::Result<()> {
        let mut postings = index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
        while !postings.docs().is_empty() {
            for doc in postings.docs() {
                let slot = &mut self.points[*doc as usize];
                *slot = points.max(*slot);
                let word = &mut self.bits[*doc as usize / 64];
                let bit = 1 << (doc % 64);
                self.count += u32::from(*word & bit == 0);
                *word |= bit;
            }
            postings.advance();
        }
        Ok(())
    }

    fn into_scorer(self, boost: Score) -> FoundScorer {
        let mut scorer = FoundScorer { found: self, doc: 0, boost };
        scorer.doc = scorer.next_from(0);
        scorer
    }
}

/// Goes through the documents that were found, in order.
struct FoundScorer {
    found: Found,
    doc: DocId,
    boost: Score,
}

impl FoundScorer {
    /// The first document found that is not before `doc`.
    fn next_from(&self, doc: DocId) -> DocId {
        let first = doc as usize / 64;
        let Some(word) = self.found.bits.get(first) else { return TERMINATED };
        let rest = word & (u64::MAX << (doc % 64));
        if rest != 0 {
            return (first * 64) as DocId + rest.trailing_zeros();
        }
        match self.found.bits[first + 1..].iter().position(|word| *word != 0) {
            Some(skipped) => {
                let next = first + 1 + skipped;
                (next * 64) as DocId + self.found.bits[next].trailing_zeros()
            }
            None => TERMINATED,
        }
    }
}

impl DocSet for FoundScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.doc = self.next_from(self.doc + 1);
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target > self.doc {
            self.doc = self.next_from(target);
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.found.count
    }
}

impl Scorer for FoundScorer {
    fn score(&mut self) -> Score {
        self.found.points.get(self.doc as usize).copied().map_or(0.0, Score::from) * self.boost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_in_order_with_their_points() {
        let mut found = Found::new(300);
        for (doc, points) in [(0, 7), (63, 1), (64, 2), (130, 3), (299, 9)] {
            found.bits[doc / 64] |= 1 << (doc % 64);
            found.points[doc] = points;
        }
        let mut scorer = found.into_scorer(2.0);
        let mut seen = Vec::new();
        while scorer.doc() != TERMINATED {
            seen.push((scorer.doc(), scorer.score()));
            scorer.advance();
        }
        assert_eq!(seen, [(0, 14.0), (63, 2.0), (64, 4.0), (130, 6.0), (299, 18.0)]);
        assert_eq!((scorer.advance(), scorer.seek(TERMINATED)), (TERMINATED, TERMINATED));
    }

    #[test]
    fn seeking_skips_to_the_next_document() {
        let mut found = Found::new(200);
        found.bits[0] = 1 << 5;
        found.bits[2] = 1 << 1;
        let mut scorer = found.into_scorer(1.0);
        assert_eq!((scorer.doc(), scorer.seek(5), scorer.seek(6), scorer.seek(130)), (5, 5, 129, TERMINATED));
        assert_eq!(Found::new(0).into_scorer(1.0).doc(), TERMINATED);
    }
}
