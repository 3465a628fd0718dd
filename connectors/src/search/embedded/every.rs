//! Every product of a shard: all documents but the few that say what a category is called.

use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
    schema::{Field, IndexRecordOption},
};

use super::schema::{place, term};

/// All products, each scored zero.
#[derive(Debug, Clone)]
pub struct EveryProduct {
    pub terms: Field,
}

impl Query for EveryProduct {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for EveryProduct {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let index = reader.inverted_index(self.terms)?;
        let mut categories = Vec::new();
        if let Some(info) = index.terms().get(term(place::IS_CATEGORY, ""))? {
            let mut postings = index.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            while !postings.docs().is_empty() {
                categories.extend_from_slice(postings.docs());
                postings.advance();
            }
        }
        Ok(Box::new(AllBut::new(reader.max_doc(), categories)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Err(TantivyError::InvalidArgument(format!("document {doc} does not match")));
        }
        Ok(Explanation::new("every product", 0.0))
    }
}

/// All documents but some, in order.
struct AllBut {
    doc: DocId,
    end: DocId,
    /// The documents left out, in ascending order.
    without: Vec<DocId>,
    /// The first of `without` that is not before `doc`.
    next: usize,
}

impl AllBut {
    fn new(end: DocId, without: Vec<DocId>) -> Self {
        let mut all = Self { doc: 0, end, without, next: 0 };
        all.settle();
        all
    }

    /// Goes on from a document that may have to be left out.
    fn settle(&mut self) {
        while self.without.get(self.next).is_some_and(|left_out| *left_out == self.doc) {
            self.next += 1;
            self.doc += 1;
        }
        if self.doc >= self.end {
            self.doc = TERMINATED;
        }
    }
}

impl DocSet for AllBut {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.doc += 1;
            self.settle();
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target > self.doc {
            self.doc = target;
            self.next += self.without[self.next..].partition_point(|left_out| *left_out < target);
            self.settle();
        }
        self.doc
    }

    fn fill_buffer(&mut self, buffer: &mut [DocId; COLLECT_BLOCK_BUFFER_LEN]) -> usize {
        let next_hole = self.without.get(self.next).copied().unwrap_or(self.end);
        let whole = self.doc != TERMINATED && self.doc + COLLECT_BLOCK_BUFFER_LEN as DocId <= next_hole.min(self.end);
        if whole {
            for (slot, doc) in buffer.iter_mut().zip(self.doc..) {
                *slot = doc;
            }
            self.doc += COLLECT_BLOCK_BUFFER_LEN as DocId;
            self.settle();
            return COLLECT_BLOCK_BUFFER_LEN;
        }
        let mut filled = 0;
        while filled < COLLECT_BLOCK_BUFFER_LEN && self.doc != TERMINATED {
            buffer[filled] = self.doc;
            filled += 1;
            self.advance();
        }
        filled
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.end.saturating_sub(self.without.len() as u32)
    }
}

impl Scorer for AllBut {
    fn score(&mut self) -> Score {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_advancing(mut all: AllBut) -> Vec<DocId> {
        let mut found = Vec::new();
        while all.doc() != TERMINATED {
            found.push(all.doc());
            all.advance();
        }
        assert_eq!((all.advance(), all.seek(TERMINATED)), (TERMINATED, TERMINATED));
        found
    }

    #[test]
    fn all_but_some_come_in_order_by_any_means() {
        for (end, without) in [
            (0, vec![]),
            (5, vec![]),
            (64, vec![]),
            (200, vec![]),
            (200, vec![0, 1, 70, 199]),
            (130, vec![64, 128]),
            (3, vec![0, 1, 2]),
        ] {
            let expected: Vec<DocId> = (0..end).filter(|doc| !without.contains(doc)).collect();
            assert_eq!(by_advancing(AllBut::new(end, without.clone())), expected);
            let mut all = AllBut::new(end, without.clone());
            let mut filled = Vec::new();
            let mut buffer = [0; COLLECT_BLOCK_BUFFER_LEN];
            loop {
                let count = all.fill_buffer(&mut buffer);
                filled.extend_from_slice(&buffer[..count]);
                if count < buffer.len() {
                    break;
                }
            }
            assert_eq!(filled, expected);
            for target in 0..=end {
                let next = expected.iter().copied().find(|doc| *doc >= target).unwrap_or(TERMINATED);
                assert_eq!(AllBut::new(end, without.clone()).seek(target), next);
            }
        }
    }
}
