//! From what the buyer typed to what the index evaluates.
//!
//! Every word must be found, in the name, the tags (with the vendor), the description, or as a SKU. Scores are
//! constants per way a word was found instead of BM25, for three reasons: the order "exact before typo, name before tags
//! before description" holds always instead of mostly; two replicas, whose segments differ, give the same order; and a
//! merge in the background can't move hits between two pages of a cursor. As all words must match, the weights of
//! rare words that BM25 would add could hardly change an order anyway.
//!
//! The text is never parsed by a query language: whatever is neither letter nor digit only separates words.

use std::sync::Arc;

use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    analysis,
    automaton::{Pattern, PatternQuery},
    schema::{Fields, Searched, sku_key, whole_name},
};

/// What follows is ignored: a product's name has at most 255 characters, so a whole name always fits.
const MAX_TEXT_CHARS: usize = 256;
/// Words that follow are ignored: each costs a walk through three dictionaries.
const MAX_WORDS: usize = 16;

/// Points for a word by the way it was found; a word found in several ways counts as the best of them.
mod points {
    /// Found as written, or in another inflection (a little less, by [`INFLECTED`]).
    pub const EXACT: f32 = 1_000.0;
    /// Found as the beginning of a longer word.
    pub const BEGINNING: f32 = 500.0;
    /// One letter mistyped.
    pub const ONE_TYPO: f32 = 50.0;
    /// Two letters mistyped.
    pub const TWO_TYPOS: f32 = 0.0;
    /// Where it was found.
    pub const NAME: f32 = 40.0;
    pub const TAGS: f32 = 20.0;
    pub const DESCRIPTION: f32 = 1.0;
    /// What an inflection loses: never enough to fall behind the next field.
    pub const INFLECTED: f32 = -5.0;
    /// Once per query: the words stand next to each other in the name.
    pub const PHRASE: f32 = 100.0;
    /// Once per query: they are the whole name. More than all 16 words can bring together, so that a product's own name
    /// finds this product first.
    pub const WHOLE_NAME: f32 = 50_000.0;
    /// Once per query: and with the same accents and punctuation.
    pub const AS_WRITTEN: f32 = 10_000.0;
}

/// One blank-separated part of the text.
struct Chunk {
    /// As a SKU would be written.
    sku: String,
    /// Its folded words; more than one if there is punctuation inside.
    words: Vec<String>,
}

/// What the buyer typed, taken apart.
pub struct ParsedText {
    chunks: Vec<Chunk>,
    /// The text as a whole name, see [`whole_name`].
    whole: [String; 2],
    sku: String,
    /// Whether words were left out behind the limit, so that the last one is not the one being typed.
    cut: bool,
}

impl ParsedText {
    /// Takes a text apart; `None` if it is blank, and so matches everything.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.char_indices().nth(MAX_TEXT_CHARS).map_or(text.len(), |(at, _)| at);
        let text = text[..end].trim();
        let mut analyzer = analysis::folded();
        let mut left = MAX_WORDS;
        let mut cut = false;
        let mut chunks = Vec::new();
        for part in text.split_whitespace() {
            let mut words = analysis::tokens(&mut analyzer, part);
            cut |= words.len() > left;
            words.truncate(left);
            left -= words.len();
            if !words.is_empty() {
                chunks.push(Chunk { sku: sku_key(part), words });
            }
        }
        (!text.is_empty()).then(|| Self { chunks, whole: whole_name(text), sku: sku_key(text), cut })
    }

    /// Whether there is a word in it; a text of punctuation alone matches everything.
    pub fn has_words(&self) -> bool {
        !self.chunks.is_empty()
    }
}

type Clause = (Occur, Box<dyn Query>);

/// Everything: what a text without words means. A product whose name is just this punctuation still comes first.
pub fn all(fields: &Fields, text: Option<&ParsedText>) -> Box<dyn Query> {
    let Some(text) = text else { return Box::new(AllQuery) };
    let mut clauses: Vec<Clause> = vec![(Occur::Must, unscored(Box::new(AllQuery)))];
    add_name_bonuses(fields, text, &mut clauses);
    Box::new(BooleanQuery::new(clauses))
}

/// A condition that adds nothing to scores.
pub fn unscored(condition: Box<dyn Query>) -> Box<dyn Query> {
    scored(condition, 0.0)
}

/// The query for a search.
pub fn search(fields: &Fields, text: &ParsedText) -> tantivy::Result<Box<dyn Query>> {
    // Words without meaning are not asked for, unless there is nothing else.
    let empty = |chunk: &Chunk| chunk.words.iter().all(|word| analysis::is_stop_word(word));
    let all_empty = text.chunks.iter().all(empty);
    let mut clauses: Vec<Clause> = Vec::new();
    for (index, chunk) in text.chunks.iter().enumerate() {
        if all_empty || !empty(chunk) {
            let typing = !text.cut && index + 1 == text.chunks.len();
            clauses.push((Occur::Must, chunk_query(fields, chunk, typing)?));
        }
    }
    add_name_bonuses(fields, text, &mut clauses);
    let words: Box<dyn Query> = Box::new(BooleanQuery::new(clauses));
    // A SKU may contain blanks, and then only the text as a whole is it.
    let sku = scored(term(fields.sku, &text.sku), points::EXACT + points::NAME);
    Ok(best_of(if text.chunks.len() > 1 { vec![words, sku] } else { vec![words] }))
}

/// The query for suggestions: names that hold all words, the last of them as a beginning. With `forgiving`, the last may
/// be mistyped too.
pub fn suggest(fields: &Fields, text: &ParsedText, forgiving: bool) -> tantivy::Result<Box<dyn Query>> {
    let words: Vec<&String> = text.chunks.iter().flat_map(|chunk| &chunk.words).collect();
    let mut clauses: Vec<Clause> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if index + 1 < words.len() {
            clauses.push((Occur::Must, best_of(found_in(fields.name, points::NAME, word)?)));
            continue;
        }
        let edits = if forgiving { allowed_edits(word).min(1) } else { 0 };
        let mut ways = vec![scored(pattern(fields.name.folded, Pattern::beginning(word, edits)?), points::BEGINNING)];
        ways.push(scored(term(fields.name.folded, word), points::EXACT));
        clauses.push((Occur::Must, best_of(ways)));
    }
    add_name_bonuses(fields, text, &mut clauses);
    Ok(Box::new(BooleanQuery::new(clauses)))
}

/// A chunk is found as a SKU, or by all its words.
fn chunk_query(fields: &Fields, chunk: &Chunk, typing: bool) -> tantivy::Result<Box<dyn Query>> {
    let mut ways = vec![scored(term(fields.sku, &chunk.sku), points::EXACT + points::NAME)];
    if typing {
        ways.push(scored(pattern(fields.sku, Pattern::beginning(&chunk.sku, 0)?), points::BEGINNING));
    }
    if let [word] = chunk.words.as_slice() {
        ways.extend(word_ways(fields, word, typing)?);
        return Ok(best_of(ways));
    }
    let mut clauses: Vec<Clause> = Vec::new();
    for (index, word) in chunk.words.iter().enumerate() {
        let typing = typing && index + 1 == chunk.words.len();
        clauses.push((Occur::Must, best_of(word_ways(fields, word, typing)?)));
    }
    ways.push(Box::new(BooleanQuery::new(clauses)));
    Ok(best_of(ways))
}

/// Every way one word can be found.
fn word_ways(fields: &Fields, word: &str, typing: bool) -> tantivy::Result<Vec<Box<dyn Query>>> {
    let places = [(fields.name, points::NAME), (fields.tags, points::TAGS), (fields.description, points::DESCRIPTION)];
    let mut ways = Vec::new();
    for (field, place) in places {
        ways.extend(found_in(field, place, word)?);
    }
    if typing {
        let beginning = Arc::new(Pattern::beginning(word, 0)?);
        for (field, place) in places {
            ways.push(scored(shared(field.folded, &beginning), points::BEGINNING + place));
        }
    }
    Ok(ways)
}

/// The ways a whole word can be found in one field: as written, inflected, mistyped.
fn found_in(field: Searched, place: f32, word: &str) -> tantivy::Result<Vec<Box<dyn Query>>> {
    let mut ways = vec![scored(term(field.folded, word), points::EXACT + place)];
    let stems = analysis::tokens(&mut analysis::stemmed(), word);
    for stem in &stems {
        ways.push(scored(term(field.stemmed, stem), points::EXACT + place + points::INFLECTED));
    }
    // A typo may meet an inflection ("canneca" for "canecas"), so stems are compared too, by their own length.
    let forms = std::iter::once((field.folded, word)).chain(stems.iter().map(|stem| (field.stemmed, stem.as_str())));
    for (field, form) in forms {
        for edits in 1..=allowed_edits(form) {
            let points = if edits == 1 { points::ONE_TYPO } else { points::TWO_TYPOS };
            ways.push(scored(pattern(field, Pattern::near(form, edits)?), points + place));
        }
    }
    Ok(ways)
}

/// How many typos a word may have: short words would turn into each other.
fn allowed_edits(word: &str) -> u8 {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

fn add_name_bonuses(fields: &Fields, text: &ParsedText, clauses: &mut Vec<Clause>) {
    let words: Vec<&String> = text.chunks.iter().flat_map(|chunk| &chunk.words).collect();
    if words.len() > 1 {
        let terms = words.iter().map(|word| Term::from_field_text(fields.name.folded, word)).collect();
        clauses.push((Occur::Should, scored(Box::new(PhraseQuery::new(terms)), points::PHRASE)));
    }
    for (whole, points) in text.whole.iter().zip([points::WHOLE_NAME, points::AS_WRITTEN]) {
        clauses.push((Occur::Should, scored(term(fields.whole, whole), points)));
    }
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn pattern(field: Field, pattern: Pattern) -> Box<dyn Query> {
    shared(field, &Arc::new(pattern))
}

fn shared(field: Field, pattern: &Arc<Pattern>) -> Box<dyn Query> {
    Box::new(PatternQuery { field, pattern: Arc::clone(pattern) })
}

fn scored(query: Box<dyn Query>, points: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, points))
}

fn best_of(mut ways: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match ways.pop() {
        Some(only) if ways.is_empty() => only,
        Some(last) => {
            ways.push(last);
            Box::new(DisjunctionMaxQuery::new(ways))
        }
        None => Box::new(BooleanQuery::new(Vec::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        ParsedText::parse(text)
            .map(|parsed| parsed.chunks.into_iter().flat_map(|c| c.words).collect())
            .unwrap_or_default()
    }

    #[test]
    fn text_without_words_matches_everything() {
        for text in ["", "   ", "!!!", "\" OR *:* (", "\0\u{7}", "—…"] {
            let has_letters = text.contains("OR");
            assert_eq!(ParsedText::parse(text).is_some_and(|parsed| parsed.has_words()), has_letters, "{text:?}");
        }
    }

    #[test]
    fn text_is_bounded_in_characters_and_words() {
        assert_eq!(words(&"ab ".repeat(500)).len(), MAX_WORDS);
        assert_eq!(words(&"é".repeat(5_000)).concat().chars().count(), 64);
        assert_eq!(words(&format!("{} tail", "x ".repeat(MAX_TEXT_CHARS))).len(), MAX_WORDS);
    }

    #[test]
    fn points_keep_their_order() {
        use points::*;
        let places = [NAME, TAGS, DESCRIPTION];
        for pair in places.windows(2) {
            assert!(pair[0] + INFLECTED > pair[1]);
        }
        assert!(EXACT + DESCRIPTION + INFLECTED > BEGINNING + NAME);
        assert!(BEGINNING > ONE_TYPO + NAME && ONE_TYPO > TWO_TYPOS + NAME);
        // Whole points below 2^24 add up in an f32 without rounding, in any order.
        let most = (EXACT + NAME).mul_add(MAX_WORDS as f32, PHRASE) + WHOLE_NAME + AS_WRITTEN;
        assert!(most < 16_777_216.0);
        assert!(WHOLE_NAME > (EXACT + NAME).mul_add(MAX_WORDS as f32, PHRASE));
    }
}
