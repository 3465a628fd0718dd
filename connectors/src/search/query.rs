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

use feira_schemas::ids::CategoryId;
use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    analysis,
    automaton::Pattern,
    schema::{Fields, place, sku_key, term, whole_name},
    word::{Points, Way, WordQuery},
};

/// What follows is ignored: a product's name has at most 255 characters, so a whole name always fits.
const MAX_TEXT_CHARS: usize = 256;
/// Words that follow are ignored: each costs a walk through three dictionaries.
const MAX_WORDS: usize = 16;

/// Points for a word by the way it was found; a word found in several ways counts as the best of them.
mod points {
    use super::Points;

    /// Found as written, or in another inflection.
    pub const EXACT: Points = 1_000;
    /// Found as the beginning of a longer word.
    pub const BEGINNING: Points = 500;
    /// Found as the beginning of a longer word, with one letter mistyped.
    pub const MISTYPED_BEGINNING: Points = 400;
    /// One letter mistyped.
    pub const ONE_TYPO: Points = 100;
    /// Two letters mistyped.
    pub const TWO_TYPOS: Points = 0;
    /// Where it was found, for an inflection a little less.
    pub const NAME: Points = 60;
    pub const NAME_STEM: Points = 50;
    pub const TAGS: Points = 40;
    pub const TAGS_STEM: Points = 30;
    pub const DESCRIPTION: Points = 20;
    pub const DESCRIPTION_STEM: Points = 10;
    /// Once per query: the words stand next to each other in the name.
    pub const PHRASE: f32 = 100.0;
    /// Once per query: they are the whole name. More than all 16 words can bring together, so that a product's own name
    /// finds this product first.
    pub const WHOLE_NAME: f32 = 50_000.0;
    /// Once per query: and with the same accents and punctuation.
    pub const AS_WRITTEN: f32 = 10_000.0;
}

/// The places that words are searched in, folded and stemmed, best first.
const FOLDED: [u8; 3] = [place::NAME, place::TAGS, place::DESCRIPTION];
const STEMMED: [u8; 3] = [place::NAME_STEM, place::TAGS_STEM, place::DESCRIPTION_STEM];

fn place_points(found: u8) -> Points {
    match found {
        place::NAME | place::SKU => points::NAME,
        place::NAME_STEM => points::NAME_STEM,
        place::TAGS => points::TAGS,
        place::TAGS_STEM => points::TAGS_STEM,
        place::DESCRIPTION => points::DESCRIPTION,
        place::DESCRIPTION_STEM => points::DESCRIPTION_STEM,
        _ => 0,
    }
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
    let mut clauses: Vec<Clause> = vec![(Occur::Must, scored(Box::new(AllQuery), 0.0))];
    add_name_bonuses(fields, text, &mut clauses);
    Box::new(BooleanQuery::new(clauses))
}

/// Products of any of these categories; adds nothing to scores.
pub fn in_categories(fields: &Fields, categories: &[CategoryId]) -> Box<dyn Query> {
    let ways = categories.iter().map(|id| Way::Term(term(place::CATEGORY, &id.to_string()), 0)).collect();
    scored(word(fields, ways), 0.0)
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
    if text.chunks.len() < 2 {
        return Ok(words);
    }
    // A SKU may contain blanks, and then only the text as a whole is it.
    Ok(best_of(words, word(fields, vec![exact(place::SKU, &text.sku)])))
}

/// The query for suggestions: names that hold all words, the last of them as a beginning. With `forgiving`, the last may
/// be mistyped too.
pub fn suggest(fields: &Fields, text: &ParsedText, forgiving: bool) -> tantivy::Result<Box<dyn Query>> {
    let words: Vec<&String> = text.chunks.iter().flat_map(|chunk| &chunk.words).collect();
    let mut clauses: Vec<Clause> = Vec::new();
    for (index, typed) in words.iter().enumerate() {
        let ways = if index + 1 < words.len() {
            whole_word(&FOLDED[..1], &STEMMED[..1], typed)?
        } else if forgiving && allowed_edits(typed) > 0 {
            vec![mistyped_beginning(typed)?]
        } else {
            vec![exact(place::NAME, typed), beginning(place::NAME, typed)]
        };
        clauses.push((Occur::Must, word(fields, ways)));
    }
    add_name_bonuses(fields, text, &mut clauses);
    Ok(Box::new(BooleanQuery::new(clauses)))
}

/// A chunk is found as a SKU, or by all its words.
fn chunk_query(fields: &Fields, chunk: &Chunk, typing: bool) -> tantivy::Result<Box<dyn Query>> {
    let mut sku = vec![exact(place::SKU, &chunk.sku)];
    if typing {
        sku.push(beginning(place::SKU, &chunk.sku));
    }
    if let [only] = chunk.words.as_slice() {
        sku.extend(word_ways(only, typing)?);
        return Ok(word(fields, sku));
    }
    let mut clauses: Vec<Clause> = Vec::new();
    for (index, part) in chunk.words.iter().enumerate() {
        let typing = typing && index + 1 == chunk.words.len();
        clauses.push((Occur::Must, word(fields, word_ways(part, typing)?)));
    }
    Ok(best_of(Box::new(BooleanQuery::new(clauses)), word(fields, sku)))
}

/// Every way one word can be found.
fn word_ways(word: &str, typing: bool) -> tantivy::Result<Vec<Way>> {
    let mut ways = whole_word(&FOLDED, &STEMMED, word)?;
    if typing {
        ways.extend(FOLDED.map(|place| beginning(place, word)));
    }
    Ok(ways)
}

/// The ways a whole word can be found in these places: as written, inflected, mistyped.
fn whole_word(folded: &[u8], stemmed: &[u8], word: &str) -> tantivy::Result<Vec<Way>> {
    let mut ways: Vec<Way> = folded.iter().map(|place| exact(*place, word)).collect();
    ways.extend(mistyped(folded, word)?);
    // A typo may meet an inflection ("canneca" for "canecas"), so stems are compared too, by their own length.
    for stem in analysis::tokens(&mut analysis::stemmed(), word) {
        ways.extend(stemmed.iter().map(|place| exact(*place, &stem)));
        ways.extend(mistyped(stemmed, &stem)?);
    }
    Ok(ways)
}

fn exact(place: u8, text: &str) -> Way {
    Way::Term(term(place, text), points::EXACT + place_points(place))
}

fn beginning(place: u8, text: &str) -> Way {
    Way::Beginning(term(place, text), points::BEGINNING + place_points(place))
}

fn mistyped(places: &[u8], word: &str) -> tantivy::Result<Option<Way>> {
    let (close, far) = (points::ONE_TYPO, points::TWO_TYPOS);
    let edits = allowed_edits(word);
    if edits == 0 {
        return Ok(None);
    }
    let pattern = Pattern::near(places, word, edits)?;
    let closer = if edits > 1 { Some(Pattern::near(places, word, 1)?) } else { None };
    Ok(Some(Way::Like { pattern, closer, close, far, places: place_points }))
}

fn mistyped_beginning(word: &str) -> tantivy::Result<Way> {
    let pattern = Pattern::beginning(&FOLDED[..1], word, 1)?;
    let points = points::MISTYPED_BEGINNING;
    Ok(Way::Like { pattern, closer: None, close: points, far: points, places: place_points })
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
        let terms = words.iter().map(|word| Term::from_field_text(fields.name, word)).collect();
        clauses.push((Occur::Should, scored(Box::new(PhraseQuery::new(terms)), points::PHRASE)));
    }
    for (whole, points) in text.whole.iter().zip([points::WHOLE_NAME, points::AS_WRITTEN]) {
        let term = Term::from_field_text(fields.terms, whole);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        clauses.push((Occur::Should, scored(Box::new(query), points)));
    }
}

fn word(fields: &Fields, ways: Vec<Way>) -> Box<dyn Query> {
    Box::new(WordQuery { field: fields.terms, ways: Arc::new(ways) })
}

fn scored(query: Box<dyn Query>, points: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, points))
}

fn best_of(one: Box<dyn Query>, other: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(DisjunctionMaxQuery::new(vec![one, other]))
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
        let places = [NAME, NAME_STEM, TAGS, TAGS_STEM, DESCRIPTION, DESCRIPTION_STEM];
        assert!(places.is_sorted_by(|better, worse| better > worse));
        let ways = [EXACT, BEGINNING, MISTYPED_BEGINNING, ONE_TYPO, TWO_TYPOS];
        for pair in ways.windows(2) {
            assert!(pair[0] + DESCRIPTION_STEM > pair[1] + NAME, "the way comes before the place");
        }
        // Whole points below 2^24 add up in an f32 without rounding, in any order.
        let all_words = f32::from(EXACT + NAME) * MAX_WORDS as f32 + PHRASE;
        assert!(WHOLE_NAME > all_words && all_words + WHOLE_NAME + AS_WRITTEN < 16_777_216.0);
    }
}
