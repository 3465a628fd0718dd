//! Queries: from the buyer's text to what the index evaluates.
//!
//! Every word must be found, in the name, the tags (with vendor and options), the category, the description, or as a code. How
//! it is found depends on what the shop has of it, word by word, and the first that is there counts alone: the word as written,
//! inflected, or joined with its neighbours; the word as a beginning, where it is the one being typed; the word with typing
//! errors. So "caneca" finds no pens while there are mugs.
//!
//! Scores are constants per way a word was found instead of BM25, for three reasons: the order "name before tags before
//! description, exact before near" holds always instead of mostly; two replicas, whose segments differ, give the same order;
//! and a merge in the background can't move hits between two pages of a cursor. As all words must match, the weights of
//! rare words that BM25 would add could hardly change an order anyway.
//!
//! The text is never parsed by a query language: whatever is neither letter nor digit only separates words.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use feira_schemas::ids::CategoryId;
use tantivy::{
    Term,
    query::{BooleanQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    automaton::Pattern,
    codes,
    every::EveryProduct,
    joined::without_thousands,
    lexicon::Lexicon,
    parsed::{ParsedText, Typed},
    plurals,
    schema::{Fields, place, term},
    word::{Points, Way, WordQuery},
};

/// Shorter beginnings are not looked for among joined words: they begin too many.
const SHORTEST_JOINED: usize = 4;

/// Points for a word by the way it was found; a word found in several ways counts as the best of them.
mod points {
    use super::Points;

    /// Found as written, in another inflection, or joined with its neighbours.
    pub const EXACT: Points = 1_000;
    /// Found as the beginning of a longer word.
    pub const BEGINNING: Points = 500;
    /// Found as the beginning of a longer word, with one letter mistyped.
    pub const MISTYPED_BEGINNING: Points = 400;
    /// One letter mistyped.
    pub const ONE_TYPO: Points = 100;
    /// Two letters mistyped.
    pub const TWO_TYPOS: Points = 0;
    /// Points for the place where a word was found; an inflection gives a little less.
    pub const NAME: Points = 60;
    pub const NAME_KEY: Points = 50;
    pub const TAGS: Points = 40;
    pub const TAGS_KEY: Points = 30;
    pub const CATEGORY: Points = 25;
    pub const DESCRIPTION: Points = 20;
    pub const DESCRIPTION_KEY: Points = 10;
    /// Once per query: the words stand next to each other in the name.
    pub const PHRASE: f32 = 100.0;
    /// Once per query: they are the whole name. More than all 16 words can bring together, so that a product's own name
    /// finds this product first.
    pub const WHOLE_NAME: f32 = 50_000.0;
    /// Once per query: and with the same accents and punctuation.
    pub const AS_WRITTEN: f32 = 10_000.0;
}

fn place_points(found: u8) -> Points {
    match found {
        place::NAME | place::CODE => points::NAME,
        place::NAME_KEY | place::NAME_JOINED => points::NAME_KEY,
        place::TAGS => points::TAGS,
        place::TAGS_KEY | place::TAGS_JOINED | place::CODE_PART => points::TAGS_KEY,
        place::CATEGORY => points::CATEGORY,
        place::DESCRIPTION => points::DESCRIPTION,
        place::DESCRIPTION_KEY | place::DESCRIPTION_JOINED => points::DESCRIPTION_KEY,
        _ => 0,
    }
}

/// The places that words are searched in, best first.
struct Scope {
    words: &'static [u8],
    keys: &'static [u8],
    joined: &'static [u8],
    /// True if codes and categories count, too.
    all: bool,
}

const EVERYWHERE: Scope = Scope {
    words: &[place::NAME, place::TAGS, place::DESCRIPTION],
    keys: &[place::NAME_KEY, place::TAGS_KEY, place::DESCRIPTION_KEY],
    joined: &[place::NAME_JOINED, place::TAGS_JOINED, place::DESCRIPTION_JOINED],
    all: true,
};
const IN_NAMES: Scope =
    Scope { words: &[place::NAME], keys: &[place::NAME_KEY], joined: &[place::NAME_JOINED], all: false };

type Clause = (Occur, Box<dyn Query>);
/// A term and what it is worth.
type Worth = (String, Points);

/// Every product: what a text without words means. One whose name is just this punctuation still comes first.
pub fn all(fields: &Fields, text: Option<&ParsedText>) -> Box<dyn Query> {
    let every = Box::new(EveryProduct { terms: fields.terms });
    let Some(text) = text else { return every };
    let mut clauses: Vec<Clause> = vec![(Occur::Must, every)];
    add_name_bonuses(fields, text, &mut clauses);
    Box::new(BooleanQuery::new(clauses))
}

/// Products of any of these categories; adds nothing to scores.
pub fn in_categories(fields: &Fields, categories: &[CategoryId]) -> Box<dyn Query> {
    let ways = categories.iter().map(|id| Way::Term(term(place::CATEGORY, &id.to_string()), 0)).collect();
    scored(word(fields, ways), 0.0)
}

/// The query for a search; none if a word is nothing that the shop has.
pub fn search(fields: &Fields, lexicon: &Lexicon<'_>, text: &ParsedText) -> tantivy::Result<Option<Box<dyn Query>>> {
    let question = Question::new(lexicon, text, &EVERYWHERE)?;
    let mut clauses: Vec<Clause> = Vec::new();
    for index in text.asked() {
        let mut ways = question.whole(index)?;
        if ways.is_empty() {
            ways = question.beginnings(index)?;
        }
        if ways.is_empty() {
            ways = question.mistyped(index)?;
        }
        if ways.is_empty() {
            return Ok(None);
        }
        clauses.push((Occur::Must, word(fields, ways)));
    }
    add_name_bonuses(fields, text, &mut clauses);
    Ok(Some(Box::new(BooleanQuery::new(clauses))))
}

/// The query for suggestions: names that hold all words, the last of them as a beginning. With `forgiving`, the last may
/// be mistyped too. None if a word is nothing that names have.
pub fn suggest(
    fields: &Fields,
    lexicon: &Lexicon<'_>,
    text: &ParsedText,
    forgiving: bool,
) -> tantivy::Result<Option<Box<dyn Query>>> {
    let question = Question::new(lexicon, text, &IN_NAMES)?;
    let mut clauses: Vec<Clause> = Vec::new();
    for (index, typed) in text.words.iter().enumerate() {
        let ways = if index + 1 < text.words.len() {
            question.before_typed(index)?
        } else if forgiving && allowed_edits(&typed.text) > 0 {
            vec![mistyped_beginning(&typed.text)?]
        } else {
            let mut ways: Vec<Way> =
                question.there(vec![exact(place::NAME, &typed.text)])?.into_iter().map(as_way).collect();
            ways.extend(question.beginnings(index)?);
            ways
        };
        if ways.is_empty() {
            return Ok(None);
        }
        clauses.push((Occur::Must, word(fields, ways)));
    }
    add_name_bonuses(fields, text, &mut clauses);
    Ok(Some(Box::new(BooleanQuery::new(clauses))))
}

/// A text, and what a shop has of it.
struct Question<'a> {
    lexicon: &'a Lexicon<'a>,
    text: &'a ParsedText,
    scope: &'static Scope,
    codes: Vec<(Range<usize>, String)>,
    /// Words that are something together (one word, or a code), with the terms that are there. Each of them is found by it:
    /// a document that has it has them all.
    together: Vec<(Range<usize>, Vec<Worth>)>,
}

impl<'a> Question<'a> {
    fn new(lexicon: &'a Lexicon<'a>, text: &'a ParsedText, scope: &'static Scope) -> tantivy::Result<Self> {
        let codes = if scope.all { text.codes() } else { Vec::new() };
        let mut question = Self { lexicon, text, scope, codes, together: Vec::new() };
        for joined in &text.joined {
            let key = plurals::key(&joined.text);
            let mut terms = question.there(question.by_key(&key))?;
            terms.extend(question.categories_named(&key)?);
            question.together.push((joined.words.clone(), terms));
        }
        for (words, code) in &question.codes {
            let whole = [Some(code.as_str()), codes::without_zeros(code)].into_iter().flatten();
            let mut candidates: Vec<Worth> = whole.map(|code| exact(place::CODE, code)).collect();
            if codes::is_part(code) {
                candidates.push(exact(place::CODE_PART, code));
            }
            let terms = question.there(candidates)?;
            question.together.push((words.clone(), terms));
        }
        question.together.retain(|(_, terms)| !terms.is_empty());
        Ok(question)
    }

    /// The ways to find a word as it is: as written, inflected, or together with its neighbours.
    fn whole(&self, index: usize) -> tantivy::Result<Vec<Way>> {
        let typed = &self.text.words[index];
        let mut candidates: Vec<Worth> = self.scope.words.iter().map(|place| exact(*place, &typed.text)).collect();
        candidates.extend(self.by_key(&typed.key));
        if let Some(number) = without_thousands(&typed.text) {
            candidates.extend(self.by_key(&number));
        }
        let mut terms = self.there(candidates)?;
        terms.extend(self.categories_named(&typed.key)?);
        let together = self.together.iter().filter(|(words, _)| words.contains(&index));
        terms.extend(together.flat_map(|(_, terms)| terms.iter().cloned()));
        Ok(terms.into_iter().map(as_way).collect())
    }

    /// The ways to find a word as the beginning of a longer one: the one being typed, and codes, which are long.
    fn beginnings(&self, index: usize) -> tantivy::Result<Vec<Way>> {
        let text = &self.text.words[index].text;
        let typed = self.is_being_typed(index);
        let mut candidates = self.joined_beginning(index);
        candidates.extend(self.code_beginnings(index));
        if typed {
            candidates.extend(self.scope.words.iter().map(|place| beginning(*place, text)));
        }
        let mut ways = self.there_beginning(candidates)?;
        if typed && self.scope.all {
            let named = self.lexicon.categories_beginning(&term(place::CATEGORY_WORD, text))?;
            ways.extend(in_any(named, points::BEGINNING).map(as_way));
        }
        // What a word begins, it begins joined with others, too; only where it begins none is that looked for.
        if ways.is_empty() && typed && text.len() >= SHORTEST_JOINED {
            let joined = self.scope.joined.iter().map(|place| beginning(*place, text));
            ways = self.there_beginning(joined.collect())?;
        }
        Ok(ways)
    }

    /// The ways to find a word with typing errors. An error may meet an inflection ("canneca" for "canecas"), so keys are
    /// compared too, by their own length.
    fn mistyped(&self, index: usize) -> tantivy::Result<Vec<Way>> {
        let Typed { text, key, .. } = &self.text.words[index];
        let of_categories = |place| if self.scope.all { Some(place) } else { None };
        let words: Vec<u8> = self.scope.words.iter().copied().chain(of_categories(place::CATEGORY_WORD)).collect();
        let keys = self.scope.keys.iter().chain(self.scope.words).copied();
        let keys: Vec<u8> = keys.chain(of_categories(place::CATEGORY_KEY)).collect();
        let mut near = self.near(&keys, key)?;
        if key != text {
            near.extend(self.near(&words, text)?);
        }
        // Neighbours joined are many, so that they are gone through only for what is nothing else.
        if near.is_empty() {
            near = self.near(&[place::NAME_JOINED], key)?;
        }
        Ok(near.into_iter().map(as_way).collect())
    }

    /// The terms in these places that are a word but for typing errors.
    fn near(&self, places: &[u8], word: &str) -> tantivy::Result<Vec<Worth>> {
        let edits = allowed_edits(word);
        if edits == 0 {
            return Ok(Vec::new());
        }
        let terms = self.lexicon.like(&Pattern::near(places, word, edits)?)?;
        let closer = if edits > 1 && !terms.is_empty() { Some(Pattern::near(places, word, 1)?) } else { None };
        let mut near = Vec::with_capacity(terms.len());
        for text in terms {
            let close = closer.as_ref().is_none_or(|closer| closer.matches(text.as_bytes()));
            let way = if close { points::ONE_TYPO } else { points::TWO_TYPOS };
            match text.as_bytes().first() {
                Some(&(place::CATEGORY_WORD | place::CATEGORY_KEY)) => {
                    near.extend(in_any(self.lexicon.categories(&text)?, way));
                }
                Some(&found) => near.push((text, way + place_points(found))),
                None => {}
            }
        }
        Ok(near)
    }

    /// The ways to find a word that others follow, of which the last is being typed and may belong to it.
    fn before_typed(&self, index: usize) -> tantivy::Result<Vec<Way>> {
        let mut ways = self.whole(index)?;
        ways.extend(self.there_beginning(self.joined_beginning(index))?);
        if ways.is_empty() { self.mistyped(index) } else { Ok(ways) }
    }

    fn is_being_typed(&self, index: usize) -> bool {
        !self.text.cut && index + 1 == self.text.words.len()
    }

    /// Beginnings of words that a word may be joined with those behind it, up to the one being typed.
    fn joined_beginning(&self, index: usize) -> Vec<Worth> {
        let count = self.text.words.len();
        let joined = self.text.joined.iter().filter(|joined| joined.words.contains(&index));
        let typed = joined.filter(|joined| !self.text.cut && joined.words.end == count);
        typed.flat_map(|joined| self.scope.words.iter().map(|place| beginning(*place, &joined.text))).collect()
    }

    /// Beginnings of codes that a word may belong to. Digits say that a code is meant wherever it stands.
    fn code_beginnings(&self, index: usize) -> Vec<Worth> {
        let count = self.text.words.len();
        let around = self.codes.iter().filter(|(words, _)| words.contains(&index));
        let meant = around.filter(|(words, code)| codes::is_part(code) || (words.end == count && !self.text.cut));
        let mut candidates = Vec::new();
        for (_, code) in meant.filter(|(_, code)| code.len() >= codes::SHORTEST) {
            candidates.push(beginning(place::CODE, code));
            if codes::is_part(code) {
                candidates.push(beginning(place::CODE_PART, code));
            }
        }
        candidates
    }

    /// A key as words have it, as words that are their own key do, and as neighbours joined.
    fn by_key(&self, key: &str) -> Vec<Worth> {
        let own = self.scope.words.iter().zip(self.scope.keys);
        let own = own.map(|(word, as_key)| (term(*word, key), points::EXACT + place_points(*as_key)));
        let others = self.scope.keys.iter().chain(self.scope.joined).map(|place| exact(*place, key));
        own.chain(others).collect()
    }

    fn categories_named(&self, key: &str) -> tantivy::Result<Vec<Worth>> {
        if !self.scope.all {
            return Ok(Vec::new());
        }
        let named = self.lexicon.categories(&term(place::CATEGORY_KEY, key))?;
        Ok(in_any(named, points::EXACT).collect())
    }

    fn there(&self, candidates: Vec<Worth>) -> tantivy::Result<Vec<Worth>> {
        let mut there = Vec::new();
        for (term, points) in candidates {
            if self.lexicon.has(&term)? {
                there.push((term, points));
            }
        }
        Ok(there)
    }

    fn there_beginning(&self, candidates: Vec<Worth>) -> tantivy::Result<Vec<Way>> {
        let mut there = Vec::new();
        for (term, points) in candidates {
            if self.lexicon.has_beginning(&term)? {
                there.push(Way::Beginning(term, points));
            }
        }
        Ok(there)
    }
}

fn exact(place: u8, text: &str) -> Worth {
    (term(place, text), points::EXACT + place_points(place))
}

fn beginning(place: u8, text: &str) -> Worth {
    (term(place, text), points::BEGINNING + place_points(place))
}

fn in_any(categories: BTreeSet<CategoryId>, way: Points) -> impl Iterator<Item = Worth> {
    let points = way + place_points(place::CATEGORY);
    categories.into_iter().map(move |id| (term(place::CATEGORY, &id.to_string()), points))
}

fn as_way((term, points): Worth) -> Way {
    Way::Term(term, points)
}

fn mistyped_beginning(word: &str) -> tantivy::Result<Way> {
    let pattern = Pattern::beginning(IN_NAMES.words, word, 1)?;
    Ok(Way::Like(pattern, points::MISTYPED_BEGINNING + points::NAME))
}

/// The number of typos that a word may have: short words would turn into each other.
fn allowed_edits(word: &str) -> u8 {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

fn add_name_bonuses(fields: &Fields, text: &ParsedText, clauses: &mut Vec<Clause>) {
    if text.words.len() > 1 {
        let terms = text.words.iter().map(|word| Term::from_field_text(fields.name, &word.text)).collect();
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

#[cfg(test)]
mod tests {
    use super::{super::parsed, *};

    #[test]
    fn points_keep_their_order() {
        use points::*;
        let places = [NAME, NAME_KEY, TAGS, TAGS_KEY, CATEGORY, DESCRIPTION, DESCRIPTION_KEY];
        assert!(places.is_sorted_by(|better, worse| better > worse));
        let ways = [EXACT, BEGINNING, MISTYPED_BEGINNING, ONE_TYPO, TWO_TYPOS];
        for pair in ways.windows(2) {
            assert!(pair[0] + DESCRIPTION_KEY > pair[1] + NAME, "the way comes before the place");
        }
        // Whole points below 2^24 add up in an f32 without rounding, in any order.
        let all_words = f32::from(EXACT + NAME) * parsed::MAX_WORDS as f32 + PHRASE;
        assert!(WHOLE_NAME > all_words && all_words + WHOLE_NAME + AS_WRITTEN < 16_777_216.0);
    }
}
